/** What there is: versions, resources, limits, and who one is. Source: vendor-apis.md 4, "base/version" and "limits". */
import { did } from './operations.ts';
import type { Operation } from './operations.ts';
import type { Org } from './org.ts';
import type { Usage } from './access.ts';

/** Summer '26. */
const NEWEST = 67;
const OLDEST = 31;
const SEASONS = ["Spring '", "Summer '", "Winter '"];

/** Versions before the oldest listed one are answered too; only those that will be are not. */
export const isVersion = (text: string): boolean => {
  const number = /^v(\d{2})\.0$/.exec(text)?.[1];
  return number !== undefined && Number(number) >= 20 && Number(number) <= NEWEST + 1;
};

/** Answered without a session. */
export function versions(): readonly object[] {
  return Array.from({ length: NEWEST - OLDEST + 1 }, (_, index) => {
    const number = OLDEST + index;
    const year = Math.floor(number / 3) + (number % 3 === 2 ? 5 : 4);
    return { label: `${SEASONS[number % 3] ?? ''}${year}`, url: `/services/data/v${number}.0`, version: `${number}.0` };
  });
}

/** Of those that Salesforce lists, the ones that are told apart by clients. */
const OTHER_LIMITS: Readonly<Record<string, number>> = {
  DailyAsyncApexExecutions: 250_000,
  DailyBulkApiBatches: 15_000,
  DailyBulkV2QueryJobs: 10_000,
  DailyStreamingApiEvents: 10_000,
  DataStorageMB: 5,
  FileStorageMB: 20,
  HourlyPublishedPlatformEvents: 50_000,
};

export function accountOperations(org: Org, usage: Usage, baseUrl: () => string): readonly Operation[] {
  return [
    {
      method: 'GET',
      path: '',
      name: 'resources',
      run: ({ version, session }) => {
        const base = `/services/data/${version}`;
        const names = ['sobjects', 'query', 'queryAll', 'composite', 'limits'];
        const [organization] = org.list(org.schema.object('Organization'));
        const identity = `${baseUrl()}/id/${organization?.id ?? ''}/${session.userId}`;
        return { status: 200, body: { ...Object.fromEntries(names.map((name) => [name, `${base}/${name}`])), identity } };
      },
    },
    {
      method: 'GET',
      path: '/limits',
      name: 'limits',
      run: (call) => {
        did(call.trace, 'read');
        const others = Object.entries(OTHER_LIMITS).map(([name, most]) => [name, { Max: most, Remaining: most }] as const);
        const own = { Max: usage.limit, Remaining: Math.max(0, usage.limit - usage.used) };
        return { status: 200, body: { DailyApiRequests: own, ...Object.fromEntries(others) } };
      },
    },
    {
      method: 'GET',
      path: '/limits/recordCount',
      name: 'record counts',
      run: (call) => {
        const names = call.query.get('sObjects')?.split(',') ?? org.schema.objects.map(({ name }) => name);
        const sObjects = names.flatMap((name) => {
          const object = org.schema.find(name.trim());
          return object === undefined ? [] : [{ count: org.list(object).length, name: object.name }];
        });
        did(call.trace, 'read', sObjects.length);
        return { status: 200, body: { sObjects } };
      },
    },
  ];
}

/** Who a session is, as OpenID and as the older identity service have it. */
export function identityOf(org: Org, userId: string, baseUrl: string): Record<string, unknown> {
  const user = org.any(userId)?.values ?? {};
  const [organization] = org.list(org.schema.object('Organization'));
  const orgId = organization?.id ?? '';
  return {
    ...{ sub: `${baseUrl}/id/${orgId}/${userId}`, id: `${baseUrl}/id/${orgId}/${userId}`, user_id: userId, organization_id: orgId },
    ...{ username: user['Username'], preferred_username: user['Username'], display_name: user['Name'], name: user['Name'] },
    ...{ email: user['Email'], active: user['IsActive'], user_type: 'STANDARD', asserted_user: true },
    urls: { rest: `${baseUrl}/services/data/v{version}/`, sobjects: `${baseUrl}/services/data/v{version}/sobjects/` },
  };
}
