/** The calls that change sets make: records of any object, their owners and associations. Same way out, version and error table as the backlog's. */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import type { z } from 'zod';
import { hubspotCalls, VERSION } from '../client.ts';
import type { HubSpotClientOptions } from '../client.ts';
import * as wire from './wire.ts';

const OWNERS = `/crm/owners/${VERSION}`;
const PRIVATE_APP = '/oauth/v2/private-apps/get/access-token-info';
const OAUTH_APP = '/oauth/v1/access-tokens';
/** Owners of one page; HubSpot gives no more. */
const OWNERS_ON_PAGE = 500;

export interface RecordsRequest {
  readonly object: string;
  /** At most 100, 50 with history. */
  readonly ids: readonly string[];
  readonly properties: readonly string[];
  /** Ids are values of this unique property. */
  readonly idProperty?: string;
  readonly history?: readonly string[];
  readonly archived?: boolean;
  /** Reads what was just written. */
  readonly isAfterWrite?: boolean;
}

/** Tests that all hold; at most five groups of six. */
export type SearchGroup = readonly (
  | { readonly propertyName: string; readonly operator: 'IN'; readonly values: string[] }
  | { readonly propertyName: string; readonly operator: 'CONTAINS_TOKEN' | 'GTE' | 'GT' | 'EQ'; readonly value: string }
)[];

export interface SearchRequest {
  readonly object: string;
  readonly groups: readonly SearchGroup[];
  readonly properties: readonly string[];
  /** Ascending. */
  readonly sortBy: string;
}

/** Records of one page of a search. */
export const SEARCH_PAGE = 100;

export interface Answered<T> {
  readonly answer: T;
  /** By HubSpot's clock where it tells it, else by ours; ISO. Never later than what the answer shows. */
  readonly at: string;
}

/** All reject with `ConnectorError` only. */
export type CrmClient = ReturnType<typeof createCrmClient>;

export function createCrmClient(options: HubSpotClientOptions) {
  const { tokens, call } = hubspotCalls({ ...options, words: 'codes' });
  const get = async <S extends z.ZodType>(schema: S, path: string, place = path): Promise<z.infer<S>> =>
    (await call(schema, { method: 'GET', path, place, isReading: true })).answer;
  const post = async <S extends z.ZodType>(schema: S, sent: Sent): Promise<Answered<z.infer<S>>> => {
    const askedAt = options.clock().toISOString();
    const { answer, answeredAtMs } = await call(schema, { method: 'POST', place: sent.path, ...sent });
    return { answer, at: startOf(answer) ?? (answeredAtMs === null ? askedAt : new Date(answeredAtMs).toISOString()) };
  };
  return {
    fields: async (object: string) => (await get(wire.fieldsSchema, `/crm/properties/${VERSION}/${encodeURIComponent(object)}`)).results,
    owners: (after: string | null) =>
      get(wire.ownersSchema, `${OWNERS}?limit=${OWNERS_ON_PAGE}${after === null ? '' : `&after=${encodeURIComponent(after)}`}`, OWNERS),
    /** Reads from the primary store; ids without a record are left out of the results. */
    read: ({ object, ids, properties, idProperty, history = [], archived = false, isAfterWrite = false }: RecordsRequest) => {
      const place = `${objectsOf(object)}/batch/read`;
      const body = {
        inputs: ids.map((id) => ({ id })),
        properties: [...properties],
        propertiesWithHistory: [...history],
        ...(idProperty === undefined ? {} : { idProperty }),
      };
      const lane = isAfterWrite ? ('after' as const) : ('rest' as const);
      return post(wire.recordsSchema, { path: `${place}?archived=${archived}`, place, body, isReading: true, lane });
    },
    /** The first page of records that any of the groups takes. Lags behind writes by seconds. */
    search: ({ object, groups, properties, sortBy }: SearchRequest) => {
      const filterGroups = groups.map((filters) => ({ filters: filters.map((filter) => ({ ...filter })) }));
      const body = { filterGroups, properties: [...properties], limit: SEARCH_PAGE, sorts: [sortBy] };
      return post(wire.recordsSchema, { path: `${objectsOf(object)}/search`, body, isReading: true, lane: 'search' });
    },
    /** At most 100 inputs. A 207 is an answer like any other: its `errors` belong to inputs. */
    write: (object: string, operation: 'create' | 'update' | 'archive', inputs: readonly Json[]) =>
      post(wire.recordsSchema, { path: `${objectsOf(object)}/batch/${operation}`, body: { inputs: [...inputs] }, isReading: false }),
    labels: async (from: string, to: string) => (await get(wire.labelsSchema, `${associationsOf(from, to)}/labels`)).results,
    /** At most 1,000 inputs; `after` goes on where a record's page ended. */
    associated: async (from: string, to: string, inputs: readonly { readonly id: string; readonly after?: string }[]) => {
      const body = { inputs: inputs.map((input) => ({ ...input })) };
      return (await post(wire.associatedSchema, { path: `${associationsOf(from, to)}/batch/read`, body, isReading: true })).answer.results;
    },
    /** At most 2,000 inputs, each with the types that are put there or taken away. */
    link: (from: string, to: string, operation: 'create' | 'labels/archive', inputs: readonly Json[]) =>
      post(wire.linkedSchema, { path: `${associationsOf(from, to)}/batch/${operation}`, body: { inputs: [...inputs] }, isReading: false }),
    /** The app that the token belongs to, as the history names it. Source: access token information of private apps, and of OAuth v1. */
    appId: async () => {
      const token = await tokens.current();
      if (typeof options.credentials.accessToken === 'string')
        return String((await post(wire.identitySchema, { path: PRIVATE_APP, body: { tokenKey: token }, isReading: true })).answer.appId);
      const told = get(wire.identitySchema, `${OAUTH_APP}/${encodeURIComponent(token)}`, OAUTH_APP).catch((error: unknown) => {
        // What fails on the way names its address, and this one has the token in it.
        if (!(error instanceof ConnectorError)) throw error;
        throw new ConnectorError(
          error.code,
          `HubSpot GET ${OAUTH_APP}: expected to be told the app of the access token, was not`,
          detailsOf(error),
        );
      });
      return String((await told).appId);
    },
  };
}

interface Sent {
  readonly path: string;
  readonly place?: string;
  readonly body: { readonly [key: string]: Json };
  readonly isReading: boolean;
  readonly lane?: 'rest' | 'after' | 'search';
}

const objectsOf = (object: string): string => `/crm/objects/${VERSION}/${encodeURIComponent(object)}`;
const associationsOf = (from: string, to: string): string =>
  `/crm/associations/${VERSION}/${encodeURIComponent(from)}/${encodeURIComponent(to)}`;

function startOf(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null || !('startedAt' in answer) || typeof answer.startedAt !== 'string') return null;
  const atMs = Date.parse(answer.startedAt);
  return Number.isNaN(atMs) ? null : new Date(atMs).toISOString();
}

const detailsOf = ({ status, retryAfterMs }: ConnectorError): { status?: number; retryAfterMs?: number } => ({
  ...(status === null ? {} : { status }),
  ...(retryAfterMs === null ? {} : { retryAfterMs }),
});

/** Runs work over a list in pieces of a size, one after the other. */
export async function inPieces<T, R>(values: readonly T[], size: number, work: (piece: readonly T[]) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < values.length; start += size) results.push(await work(values.slice(start, start + size)));
  return results;
}

/** Null where HubSpot refuses; what cannot be reached now is no refusal. */
export async function unlessRefused<T>(asking: Promise<T>): Promise<T | null> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof ConnectorError && (error.code === 'Invalid' || error.code === 'NotFound' || error.code === 'Forbidden'))
      return null;
    throw error;
  }
}
