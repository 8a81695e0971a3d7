/** The calls that change sets make. Same sessions, way out and error table as the backlog's. */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { DATA, queryPath, salesforceCalls } from '../client.ts';
import type { SubRequest } from '../client.ts';
import type { SessionOptions } from '../sessions.ts';
import * as shared from '../wire.ts';
import type { Row, Save, SubAnswer } from '../wire.ts';
import { createUndelete } from './undelete.ts';
import * as wire from './wire.ts';

export interface Queried {
  readonly rows: readonly Row[];
  /** By Salesforce's clock, to the second; ISO. Never later than what the rows show. */
  readonly at: string;
}

/** All reject with `ConnectorError` only. */
export type CrmClient = ReturnType<typeof createCrmClient>;

export function createCrmClient(options: SessionOptions) {
  const { sessions, org, call } = salesforceCalls(options);
  /** The answer, and the instant at which it was asked for. */
  const timed = async <T>(asking: () => Promise<T>): Promise<{ readonly answer: T; readonly at: string }> => {
    const askedMs = options.clock().getTime();
    const answer = await asking();
    const tookMs = options.clock().getTime() - askedMs;
    return { answer, at: new Date(Math.floor((org.serverTimeMs() - tookMs) / 1_000) * 1_000).toISOString() };
  };
  return {
    /** The user that we are. Throws `Invalid` where Salesforce does not tell it. */
    userId: async (): Promise<string> => {
      const { userId } = await sessions.current();
      if (userId !== null) return userId;
      throw new ConnectorError(
        'Invalid',
        'Salesforce: expected the token to tell its user, it did not: our writes cannot be told from others’',
      );
    },
    describe: (object: string) =>
      call(wire.describeSchema, {
        method: 'GET',
        path: `/sobjects/${object}/describe`,
        place: 'GET sobjects/{object}/describe',
        isReading: true,
      }),
    /** All rows; with `deleted` also those in the recycle bin. */
    query: async (soql: string, { deleted = false } = {}): Promise<Queried> => {
      const rows: Row[] = [];
      const place = `GET ${deleted ? 'queryAll' : 'query'}`;
      const { at } = await timed(async () => {
        for (let path: string | null = queryPath(soql, deleted); path !== null;) {
          const page: QueryPage = await call(shared.querySchema, { method: 'GET', path, place, isReading: true });
          rows.push(...page.records);
          path = page.done ? null : (page.nextRecordsUrl?.replace(DATA, '') ?? null);
        }
      });
      return { rows, at };
    },
    /** At most 25 requests in one call, in their order, each standing for itself. A writing one's failure is each write's. */
    composite: async (subs: readonly SubRequest[]): Promise<{ readonly answers: ReadonlyMap<string, SubAnswer>; readonly at: string }> => {
      const compositeRequest = subs.map(({ path, ...rest }) => ({ ...rest, url: `${DATA}${path}` }));
      const body = { allOrNone: false, compositeRequest };
      const { answer, at } = await timed(() =>
        call(shared.compositeSchema, { method: 'POST', path: '/composite', place: 'POST composite', isReading: false, body }),
      );
      return { answers: new Map(answer.compositeResponse.map((one) => [one.referenceId, one])), at };
    },
    /** Puts at most 200 records into the recycle bin. */
    remove: async (ids: readonly string[]): Promise<{ readonly answer: readonly Save[]; readonly at: string }> =>
      timed(() =>
        call(shared.savesSchema, {
          method: 'DELETE',
          path: `/composite/sobjects?ids=${ids.join(',')}&allOrNone=false`,
          place: 'DELETE composite/sobjects',
          isReading: false,
        }),
      ),
    undelete: createUndelete(options, sessions),
    /** By Salesforce's clock, to the second; ISO. */
    now: () => new Date(Math.floor(org.serverTimeMs() / 1_000) * 1_000).toISOString(),
  };
}

interface QueryPage {
  readonly done: boolean;
  readonly nextRecordsUrl?: string | null | undefined;
  readonly records: readonly Row[];
}

/** Of the 18 characters of an id the last three are a checksum. */
export const keyOf = (id: string): string => id.slice(0, 15);

/** A list in pieces of a size. */
export function pieces<T>(values: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) => values.slice(index * size, (index + 1) * size));
}
