/**
 * The webhooks journal: what happened in the last three days, in order, as files behind signed addresses. One entry a transaction.
 * Source: webhooks-journal 2026-03; the form of a file is third-hand, see DIFFERENCES.md.
 */
import { createHmac } from 'node:crypto';
import type { Hono } from 'hono';
import type { Documents } from '../kernel/database.ts';
import type { VendorEnv } from '../kernel/vendor.ts';
import { allowed } from './access.ts';
import { onlyParameters } from './body.ts';
import type { HubSpotContext } from './body.ts';
import { HubSpotError, notFound } from './errors.ts';
import type { CrmEvent } from './model.ts';
import { traitsOf } from './object-types.ts';
import type { Parts } from './parts.ts';
import { JOURNAL_PATHS } from './parts.ts';
import { CLIENT_SECRET, PORTAL_ID } from './scenario.ts';

const KEPT_MS = 3 * 86_400_000;
const LINK_LIFE_MS = 15 * 60_000;
const FILES = '/webhooks-journal/files';
const SCOPE = 'developer.webhooks_journal.read';

interface Entry {
  readonly offset: number;
  readonly atMs: number;
  readonly events: readonly object[];
}

const ACTIONS: Record<CrmEvent['kind'], string> = {
  creation: 'CREATE',
  propertyChange: 'UPDATE',
  deletion: 'DELETE',
  restore: 'RESTORE',
  merge: 'MERGE',
};

class Journal {
  private readonly documents: Documents;
  private readonly nowMs: () => number;
  private entries: Entry[];
  private last: number;

  constructor(documents: Documents, nowMs: () => number) {
    this.documents = documents;
    this.nowMs = nowMs;
    this.entries = ([...documents.load('journal')] as Entry[]).sort((a, b) => a.offset - b.offset);
    this.last = this.entries.at(-1)?.offset ?? 0;
  }

  append(events: readonly CrmEvent[]): void {
    this.last += 1;
    const entry: Entry = { offset: this.last, atMs: this.nowMs(), events: journalEvents(events) };
    this.entries.push(entry);
    this.documents.put('journal', String(entry.offset), entry);
    this.forget();
  }

  /** The entries that are kept, oldest first. */
  kept(): readonly Entry[] {
    this.forget();
    return this.entries;
  }

  private forget(): void {
    const from = this.entries.findIndex((entry) => entry.atMs > this.nowMs() - KEPT_MS);
    const gone = from === -1 ? this.entries.splice(0) : this.entries.splice(0, from);
    for (const entry of gone) this.documents.remove('journal', String(entry.offset));
  }
}

export function journalRoutes(app: Hono<VendorEnv>, { portal, baseUrl }: Parts, documents: Documents): void {
  const journal = new Journal(documents, () => portal.nowMs());
  portal.onEvents((events) => journal.append(events));
  const answer = (c: HubSpotContext, entry: Entry | undefined): Response => {
    Object.assign(c.env.trace, { operation: 'read journal', effect: 'read', records: entry === undefined ? 0 : 1 });
    if (entry === undefined) return c.body(null, 204);
    const expiresMs = portal.nowMs() + LINK_LIFE_MS;
    const query = new URLSearchParams({ expires: String(expiresMs), signature: signature(entry.offset, expiresMs) });
    return c.json({
      url: `${baseUrl()}${FILES}/${entry.offset}?${query.toString()}`,
      currentOffset: String(entry.offset),
      expiresAt: new Date(expiresMs).toISOString(),
    });
  };
  for (const base of JOURNAL_PATHS) {
    app.get(`${base}/earliest`, (c) => {
      permitted(c);
      return answer(c, journal.kept()[0]);
    });
    app.get(`${base}/latest`, (c) => {
      permitted(c);
      return answer(c, journal.kept().at(-1));
    });
    app.get(`${base}/offset/:offset/next`, (c) => {
      permitted(c);
      const entries = journal.kept();
      const index = entries.findIndex((entry) => String(entry.offset) === c.req.param('offset'));
      if (index === -1) throw notFound();
      return answer(c, entries[index + 1]);
    });
  }
  app.get(`${FILES}/:offset`, (c) => {
    const expiresMs = Number(c.req.query('expires'));
    const offset = Number(c.req.param('offset'));
    const entry = journal.kept().find((each) => each.offset === offset);
    if (entry === undefined) throw notFound();
    if (c.req.query('signature') !== signature(offset, expiresMs) || expiresMs < portal.nowMs())
      throw new HubSpotError(403, 'FORBIDDEN', 'Request has expired');
    return c.json({ offset: String(offset), publishedAt: new Date(entry.atMs).toISOString(), journalEvents: entry.events });
  });
}

function permitted(c: HubSpotContext): void {
  allowed(c, SCOPE);
  onlyParameters(c, 'installPortalId');
}

const signature = (offset: number, expiresMs: number): string =>
  createHmac('sha256', CLIENT_SECRET).update(`${offset}.${expiresMs}`).digest('hex');

/** One event per record and action; the property changes of a record are one update, those of its making are left to a read. */
function journalEvents(events: readonly CrmEvent[]): object[] {
  const made = new Set(events.filter(({ kind }) => kind === 'creation').map(({ objectId }) => objectId));
  const told = events.filter(({ kind, objectId }) => kind !== 'propertyChange' || !made.has(objectId));
  return [...Map.groupBy(told, ({ objectType, objectId, kind }) => `${objectType}/${objectId}/${kind}`).values()].flatMap((group) => {
    const [event] = group;
    if (event === undefined) return [];
    return [
      {
        type: 'object',
        portalId: PORTAL_ID,
        action: ACTIONS[event.kind],
        objectTypeId: traitsOf(event.objectType).typeId,
        objectId: Number(event.objectId),
        occurredAt: new Date(event.atMs).toISOString(),
        changeSource: event.source.sourceType,
        ...(event.kind === 'propertyChange'
          ? { propertyChanges: Object.fromEntries(group.map((each) => [each.propertyName, each.propertyValue])) }
          : {}),
        ...(event.kind === 'merge' ? { mergedObjectIds: (event.mergedIds ?? []).map(Number) } : {}),
      },
    ];
  });
}
