/** HubSpot's companies as routing needs them: found by what a lead tells, and written to by change sets only. */
import type { Operation, RecordRef } from '@lockstep/domain/crm/change-set.ts';
import type { AccountKeys, CrmAccount } from '@lockstep/domain/routing/match.ts';
import type { RoutingCrm, ShownAssignment } from '@lockstep/domain/routing/routing-crm.port.ts';
import type { StageValues } from '@lockstep/domain/routing/stage.ts';
import { createCrmClient } from './client.ts';
import type { CrmClient, SearchGroup } from './client.ts';
import type { HubSpotCrmOptions } from './connector.ts';
import { BATCH } from './reading.ts';
import { readStages } from './stages.ts';

const COMPANIES = 'companies';
/** Of HubSpot's own schema of companies. */
const PROPERTIES = ['name', 'domain', 'hs_additional_domains', 'phone', 'country', 'hs_parent_company_id'] as const;
/** HubSpot takes 100 values of an `IN`. */
const MOST_VALUES = 100;

/** HubSpot's own lifecycle stages. Source: knowledge base, "Use contact and company lifecycle stages". */
const LIFECYCLE: StageValues = {
  MQL: ['marketingqualifiedlead'],
  SQL: ['salesqualifiedlead'],
  opportunity: ['opportunity', 'customer', 'evangelist'],
};

/** `values`: of the property `lifecyclestage`, by stage. */
export function createHubSpotRouting(connectionId: string, options: HubSpotCrmOptions, values: StageValues = LIFECYCLE): RoutingCrm {
  const client = createCrmClient(options);
  const recordOf = (recordId: string): RecordRef => ({ connectionId, object: COMPANIES, recordId });
  return {
    connectionId,
    accounts: (keys) => accountsBy(client, keys),
    recordOf,
    async ownerOf({ recordId }) {
      const { answer } = await client.read({ object: COMPANIES, ids: [recordId], properties: ['hubspot_owner_id'] });
      return answer.results[0]?.properties['hubspot_owner_id'] || null;
    },
    operationsFor: (shown) => operationsFor(connectionId, shown, options.clock().toISOString()),
    stages: (cursor) => readStages({ client, connectionId, values, cursor, nowMs: options.clock().getTime() }),
  };
}

async function accountsBy(client: CrmClient, keys: AccountKeys): Promise<readonly CrmAccount[]> {
  const groups = groupsFor(keys);
  if (groups.length === 0) return [];
  const { answer: search } = await client.search({ object: COMPANIES, groups, properties: PROPERTIES, sortBy: 'hs_object_id' });
  const found = search.results.map(accountOf);
  const known = new Set(found.map(({ accountId }) => accountId));
  const parents = [...new Set(found.flatMap(({ parentId }) => (parentId === null || known.has(parentId) ? [] : [parentId])))].slice(
    0,
    BATCH,
  );
  if (parents.length === 0) return found;
  const { answer } = await client.read({ object: COMPANIES, ids: parents, properties: PROPERTIES });
  return [...found, ...answer.results.map(accountOf)];
}

/** Names are compared by the matcher; here the longest word of each narrows down. */
function groupsFor({ domains, phones, names }: AccountKeys): readonly SearchGroup[] {
  const anyOf = (propertyName: string, values: readonly string[]): readonly SearchGroup[] =>
    values.length === 0 ? [] : [[{ propertyName, operator: 'IN', values: values.slice(0, MOST_VALUES) }]];
  const words = names.flatMap((name) =>
    name
      .split(' ')
      .toSorted((a, b) => b.length - a.length)
      .slice(0, 1),
  );
  const named = [...new Set(words)].slice(0, 2).map((value): SearchGroup => [{ propertyName: 'name', operator: 'CONTAINS_TOKEN', value }]);
  return [...anyOf('domain', domains), ...anyOf('phone', phones), ...named];
}

function accountOf({
  id,
  properties,
}: {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null | undefined>>;
}): CrmAccount {
  const text = (name: (typeof PROPERTIES)[number]): string | null => properties[name] || null;
  const domains = [text('domain'), ...(text('hs_additional_domains')?.split(';') ?? [])];
  return {
    accountId: id,
    name: text('name') ?? '',
    domains: domains.flatMap((domain) => domain ?? []),
    phones: text('phone') === null ? [] : [text('phone') ?? ''],
    country: text('country'),
    parentId: text('hs_parent_company_id'),
    groupIds: [],
  };
}

/** Owner, and a task with the reason and the due time; for a company that HubSpot does not have, the company too. */
function operationsFor(connectionId: string, shown: ShownAssignment, nowIso: string): readonly Operation[] {
  const { record, domain, companyName, ownerId, title, why, deadlineIso } = shown;
  const company: Operation =
    record === null
      ? {
          ...{ kind: 'create', connectionId, object: COMPANIES, associations: [] },
          fields: { ...(domain === null ? {} : { domain }), name: companyName ?? domain ?? title, hubspot_owner_id: ownerId },
        }
      : { kind: 'assign-owner', target: record, fields: { hubspot_owner_id: ownerId } };
  const task: Operation = {
    ...{ kind: 'create-task', connectionId, object: 'tasks' },
    fields: {
      hs_task_subject: title,
      hs_task_body: why.join('<br>'),
      hs_task_status: 'NOT_STARTED',
      hubspot_owner_id: ownerId,
      // HubSpot wants one of every task.
      hs_timestamp: deadlineIso ?? nowIso,
    },
    associations: [{ to: record ?? { connectionId, object: COMPANIES, createdBy: 0 }, label: null }],
  };
  return [company, task];
}
