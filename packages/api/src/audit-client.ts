/** The part of the typed client that is about the audit log. */
import type { AuditCheckpoint, AuditPage } from './audit-schemas.ts';

export interface AuditClient {
  /** The log from its beginning, page by page. */
  auditPages(): AsyncGenerator<AuditPage>;
  /** Every checkpoint that the store has, by size. */
  auditCheckpoints(): AsyncGenerator<AuditCheckpoint>;
}

type Get = <T>(path: string, query?: Readonly<Record<string, string | undefined>>) => Promise<T>;

const LIMIT = 5_000;

/** The calls, over the client's own way to get. */
export function auditCalls(get: Get): AuditClient {
  return {
    async *auditPages() {
      let from: number | null = 0;
      while (from !== null) {
        const page: AuditPage = await get('/v1/audit', { from: String(from), limit: String(LIMIT) });
        yield page;
        from = page.next;
      }
    },
    async *auditCheckpoints() {
      let after = 0;
      for (;;) {
        const page: { checkpoints: AuditCheckpoint[] } = await get('/v1/audit/checkpoints', { after: String(after), limit: String(LIMIT) });
        yield* page.checkpoints;
        const last = page.checkpoints.at(-1);
        if (last === undefined) return;
        after = last.size;
      }
    },
  };
}
