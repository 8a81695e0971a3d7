/**
 * Notion's API through @notionhq/client, over a transport of ours: requests and paths are the SDK's; time-outs, budget, errors and the check of answers
 * are ours. The SDK's retries are off, and so is its logging.
 */
import { Client, isHTTPResponseError, isNotionClientError } from '@notionhq/client';
import type {
  CreateCommentParameters,
  CreatePageParameters,
  QueryDataSourceParameters,
  UpdateCommentParameters,
  UpdatePageParameters,
} from '@notionhq/client';
import type { AccountWatch } from '@lockstep/domain/sync/account-watch.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { z } from 'zod';
import { createBudget, retryAfterMs } from '../http/budget.ts';
import { createTransport, serverFailure } from '../http/transport.ts';
import * as wire from './wire.ts';

/** The version that this connector speaks: `in_trash`, data sources. The SDK's own default is older. */
const NOTION_VERSION = '2026-03-11';
/** Given to the SDK, whose own timer only stops the waiting: ours comes first and ends the request. */
const SDK_GRACE_MS = 5_000;

export interface NotionCredentials {
  /** `https://api.notion.com` */
  readonly baseUrl: string;
  readonly token: string;
}

export interface NotionClientOptions {
  readonly credentials: NotionCredentials;
  readonly requestTimeoutMs: number;
  readonly clock: () => Date;
  /** Told of what goes out, and of the calls that are left. */
  readonly watch?: AccountWatch;
}

export interface QueryRequest {
  readonly filter: unknown;
  /** Which of the two times orders the answer, oldest first. */
  readonly sort: 'created_time' | 'last_edited_time';
  readonly startCursor: string | null;
  readonly inTrash: boolean;
}

export interface QueryAnswer {
  readonly pages: readonly wire.Page[];
  readonly nextCursor: string | null;
  /** The vendor stopped at its limit of results: there are more, and no cursor leads to them. */
  readonly isIncomplete: boolean;
  /** The server's clock when it answered, epoch milliseconds; null where it did not say. */
  readonly servedAtMs: number | null;
}

/** Values to set, by property id. */
export type Properties = Readonly<Record<string, unknown>>;

/** The calls that the connector makes. All reject with `ConnectorError` only. */
export type NotionClient = ReturnType<typeof createNotionClient>;

export const PAGE_SIZE = 100;
const READING_POSTS = /\/v1\/(search|data_sources\/[^/]+\/query)$/;
const isReading = (method: string, url: string): boolean => method === 'GET' || READING_POSTS.test(new URL(url).pathname);

/** The server's clock as its last answer shows it; null where it did not say. */
function servedClock() {
  let last: number | null = null;
  return {
    observe: (response: Response): void => {
      const servedAt = Date.parse(response.headers.get('date') ?? '');
      last = Number.isNaN(servedAt) ? null : servedAt;
    },
    servedAtMs: (): number | null => last,
  };
}

export function createNotionClient(options: NotionClientOptions) {
  const { credentials, clock } = options;
  const budget = createBudget(() => clock().getTime(), Math.random, options.watch);
  const { observe, servedAtMs } = servedClock();
  const shared = {
    vendor: 'Notion',
    budget,
    timeoutMs: options.requestTimeoutMs,
    observe,
    ...(options.watch === undefined ? {} : { watch: options.watch }),
  };
  const transport = createTransport(shared, isReading);
  const sdk = new Client({
    auth: credentials.token,
    baseUrl: credentials.baseUrl.replace(/\/+$/, ''),
    notionVersion: NOTION_VERSION,
    timeoutMs: options.requestTimeoutMs + SDK_GRACE_MS,
    retry: false,
    logger: () => undefined,
    fetch: (url, init) => transport(url, init),
  });
  const call = async <S extends z.ZodType>(request: Call, schema: S, send: () => Promise<unknown>): Promise<z.infer<S>> => {
    let answer: unknown;
    try {
      answer = await send();
    } catch (error) {
      throw failureOf(error, request, (header) => budget.refused(retryAfterMs(header, clock().getTime())));
    }
    budget.passed();
    return parsed(schema, answer, request);
  };
  const read = (place: string): Call => ({ place, isReading: true, hasCursor: false });
  const write = (place: string): Call => ({ place, isReading: false, hasCursor: false });
  return {
    self: () => call(read('GET users/me'), wire.selfSchema, () => sdk.users.me({})),
    /** Data sources whose title holds these words, at most `PAGE_SIZE`. */
    async findDataSources(title: string): Promise<readonly wire.DataSource[]> {
      const { results } = await call(read('POST search'), wire.querySchema, () =>
        sdk.search({ query: title, filter: { property: 'object', value: 'data_source' }, page_size: PAGE_SIZE }),
      );
      return results.flatMap((result) => wire.dataSourceSchema.safeParse(result).data ?? []);
    },
    dataSource: (id: string) =>
      call(read('GET data_sources/{id}'), wire.dataSourceSchema, () => sdk.dataSources.retrieve({ data_source_id: id })),
    async query(dataSourceId: string, request: QueryRequest): Promise<QueryAnswer> {
      const body = queryBody(request);
      const place = { place: 'POST data_sources/{id}/query', isReading: true, hasCursor: request.startCursor !== null };
      const answer = await call(place, wire.querySchema, () => sdk.dataSources.query({ ...body, data_source_id: dataSourceId }));
      return {
        pages: answer.results.flatMap((result) => (isPage(result) ? parsed(wire.pageSchema, result, place) : [])),
        nextCursor: answer.has_more ? (answer.next_cursor ?? null) : null,
        isIncomplete: answer.request_status?.type === 'incomplete',
        servedAtMs: servedAtMs(),
      };
    },
    ...pageCalls(sdk, { call, read, write }),
    ...commentCalls(sdk, { call, read, write }),
  };
}

interface Calling {
  readonly call: <S extends z.ZodType>(request: Call, schema: S, send: () => Promise<unknown>) => Promise<z.infer<S>>;
  readonly read: (place: string) => Call;
  readonly write: (place: string) => Call;
}

function pageCalls(sdk: Client, { call, read, write }: Calling) {
  return {
    page: (id: string) => call(read('GET pages/{id}'), wire.pageSchema, () => sdk.pages.retrieve({ page_id: id })),
    propertyItems: (pageId: string, propertyId: string, cursor: string | null) =>
      call(read('GET pages/{id}/properties/{id}'), wire.propertyItemsSchema, () =>
        sdk.pages.properties.retrieve({
          page_id: pageId,
          property_id: propertyId,
          page_size: PAGE_SIZE,
          ...(cursor === null ? {} : { start_cursor: cursor }),
        }),
      ),
    createPage: (dataSourceId: string, properties: Properties) =>
      call(write('POST pages'), wire.partialPageSchema.loose(), () =>
        sdk.pages.create({ parent: { type: 'data_source_id', data_source_id: dataSourceId }, properties } as CreatePageParameters),
      ),
    updatePage: (id: string, change: { readonly properties: Properties } | { readonly in_trash: boolean }) =>
      call(write('PATCH pages/{id}'), wire.partialPageSchema.loose(), () =>
        sdk.pages.update({ page_id: id, ...change } as UpdatePageParameters),
      ),
  };
}

function commentCalls(sdk: Client, { call, read, write }: Calling) {
  return {
    comments: (pageId: string, cursor: string | null) =>
      call(read('GET comments'), wire.commentListSchema, () =>
        sdk.comments.list({ block_id: pageId, page_size: PAGE_SIZE, ...(cursor === null ? {} : { start_cursor: cursor }) }),
      ),
    createComment: (pageId: string, runs: readonly unknown[]) =>
      call(write('POST comments'), wire.commentSchema, () =>
        sdk.comments.create({ parent: { page_id: pageId }, rich_text: runs } as CreateCommentParameters),
      ),
    updateComment: (commentId: string, runs: readonly unknown[]) =>
      call(write('PATCH comments/{id}'), wire.commentSchema, () =>
        sdk.comments.update({ comment_id: commentId, rich_text: runs } as UpdateCommentParameters),
      ),
    removeComment: async (commentId: string) => {
      await call(write('DELETE comments/{id}'), z.looseObject({}), () => sdk.comments.delete({ comment_id: commentId }));
    },
  };
}

function queryBody(request: QueryRequest): Omit<QueryDataSourceParameters, 'data_source_id'> {
  const body = {
    sorts: [{ timestamp: request.sort, direction: 'ascending' }],
    page_size: PAGE_SIZE,
    result_type: 'page',
    ...(request.filter === null ? {} : { filter: request.filter }),
    ...(request.startCursor === null ? {} : { start_cursor: request.startCursor }),
    ...(request.inTrash ? { in_trash: true } : {}),
  };
  return body as Omit<QueryDataSourceParameters, 'data_source_id'>;
}

/** Whether an entry is a page with its properties; data sources and pages without read permission are not. */
function isPage(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'properties' in result && 'object' in result && result.object === 'page';
}

interface Call {
  /** Method and path without ids, for messages. */
  readonly place: string;
  readonly isReading: boolean;
  /** The request goes on from a cursor: what is wrong with it then is the cursor, since the same request without one had passed. */
  readonly hasCursor: boolean;
}

type Refused = (retryAfter: string | null) => number;

function failureOf(error: unknown, call: Call, refused: Refused): ConnectorError {
  if (error instanceof ConnectorError) return error;
  if (isNotionClientError(error) && isHTTPResponseError(error)) {
    const headers = error.headers instanceof Headers ? error.headers : new Headers();
    const isThrottled = error.status === 429 || error.status === 529;
    const waitMs = isThrottled ? refused(headers.get('retry-after')) : null;
    return notionFailure({ status: error.status, code: error.code, message: error.message }, call, waitMs);
  }
  // The answer was no JSON, or the SDK gave up waiting.
  const message = `Notion ${call.place}: expected a JSON answer, got ${error instanceof Error ? error.name : 'something else'}`;
  return new ConnectorError(call.isReading ? 'Transient' : 'OutcomeUnknown', message, { cause: error });
}

/** Notion's answers, named by consequence. 404 also means "not shared with the connection" there. Source: developers.notion.com/reference/status-codes. */
export function notionFailure(
  answer: { readonly status: number; readonly code: string; readonly message: string },
  call: Call,
  waitMs: number | null,
): ConnectorError {
  const { status } = answer;
  const message = `Notion ${call.place}: HTTP ${status} ${answer.code}: ${withoutValues(answer.message)}`;
  if (waitMs !== null) return new ConnectorError('Throttled', message, { status, retryAfterMs: waitMs });
  if (status === 401) return new ConnectorError('AuthRevoked', message, { status });
  if (status === 403) return new ConnectorError('Forbidden', message, { status });
  if (status === 404) return new ConnectorError('NotFound', message, { status });
  if (status === 409) return new ConnectorError('Conflict', message, { status });
  if (status >= 500) return serverFailure('Notion', call.place, status, call.isReading);
  return new ConnectorError(call.hasCursor ? 'CursorInvalid' : 'Invalid', message, { status });
}

const MOST_MESSAGE = 300;

/** Notion quotes what it refuses; a message of ours holds nobody's content. */
function withoutValues(message: string): string {
  const bare = message.replaceAll(/instead was `[^`]*`/g, 'got another');
  return bare.length > MOST_MESSAGE ? `${bare.slice(0, MOST_MESSAGE)}…` : bare;
}

function parsed<S extends z.ZodType>(schema: S, value: unknown, call: Call): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ConnectorError(
    call.isReading ? 'Invalid' : 'OutcomeUnknown',
    `Notion ${call.place}: expected the documented shape, got another at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  );
}
