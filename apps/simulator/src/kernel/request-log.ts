/** The request log: what every client asked of every tool. Counts of creates, updates and calls come from here, never from our own side. */
import type { Database } from './database.ts';
import type { Effect, Tool } from './vendor.ts';

export interface LoggedRequest {
  readonly seq: number;
  readonly tool: Tool;
  /** ISO instant of the simulator's clock. */
  readonly at: string;
  readonly method: string;
  /** With its query, without credentials. */
  readonly path: string;
  readonly operation: string | null;
  readonly account: string | null;
  readonly status: number;
  readonly effect: Effect;
  readonly records: number;
  readonly durationMs: number;
  /** The fault that was injected, or null. */
  readonly fault: string | null;
}

export interface RequestFilter {
  readonly tool?: string;
  readonly account?: string;
  /** Only requests after this sequence number. */
  readonly after?: number;
}

/** What one account did at one tool. */
export interface RequestCounts {
  readonly calls: number;
  readonly creates: number;
  readonly updates: number;
  readonly deletes: number;
}

export interface RequestLog {
  record(entry: Omit<LoggedRequest, 'seq'>): void;
  list(filter: RequestFilter, limit: number): readonly LoggedRequest[];
  counts(filter: RequestFilter): RequestCounts;
  /** The last sequence number given; 0 before the first. */
  lastSeq(): number;
}

const WHERE = `where (:tool is null or tool = :tool) and (:account is null or account = :account) and seq > :after`;

export function createRequestLog(database: Database): RequestLog {
  const insert = database.sqlite.prepare(
    `insert into request (tool, at, method, path, operation, account, status, effect, records, duration_ms, fault)
     values (:tool, :at, :method, :path, :operation, :account, :status, :effect, :records, :durationMs, :fault)`,
  );
  const list = database.sqlite.prepare(`select * from request ${WHERE} order by seq limit :limit`);
  const counts = database.sqlite.prepare(
    `select count(*) calls, coalesce(sum(case effect when 'create' then records end), 0) creates,
      coalesce(sum(case effect when 'update' then records end), 0) updates, coalesce(sum(case effect when 'delete' then records end), 0) deletes
     from request ${WHERE}`,
  );
  const last = database.sqlite.prepare('select coalesce(max(seq), 0) seq from request');
  const bound = (filter: RequestFilter): Record<string, string | number | null> => ({
    tool: filter.tool ?? null,
    account: filter.account ?? null,
    after: filter.after ?? 0,
  });
  return {
    record: (entry) => void insert.run({ ...entry }),
    list: (filter, limit) =>
      list
        .all({ ...bound(filter), limit })
        .map(({ duration_ms: durationMs, ...row }) => ({ ...row, durationMs }) as unknown as LoggedRequest),
    counts: (filter) => ({ ...counts.get(bound(filter)) }) as unknown as RequestCounts,
    lastSeq: () => Number(last.get()?.['seq'] ?? 0),
  };
}
