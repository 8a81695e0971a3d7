/** Sending what is owed to people, one channel at a time (R8). The row says what was tried: nothing is sent twice where the channel can be looked through. */
import type { OwedNotice } from '@lockstep/domain/routing/lead.ts';
import type { Messenger, NoticeReader } from '@lockstep/domain/routing/messenger.port.ts';
import type { Person } from '@lockstep/domain/routing/roster.schema.ts';
import { personOf } from '@lockstep/domain/routing/roster.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';
import { documentsOf, ownerIdOf } from './environment.ts';
import type { RoutingEngine } from './environment.ts';

export type ToldOutcome =
  | { readonly kind: 'delivered' }
  /** `NotFound` too where there is no such channel, or nobody to read it. */
  | { readonly kind: 'failed'; readonly code: ConnectorErrorCode; readonly retryAfterMs: number | null };

const LOCALE = 'en-GB';

/** Tries a notice on one channel. One that is delivered is not sent again; one whose outcome is unknown is looked up first. */
export async function tell(engine: RoutingEngine, noticeId: string, channel: Messenger['channel'], now: string): Promise<ToldOutcome> {
  const owed = await engine.store.snapshot((reader) => reader.notice(noticeId));
  if (owed === null || owed.deliveredAt !== null) return { kind: 'delivered' };
  const { roster } = documentsOf(engine);
  const person = personOf(roster, owed.memberId);
  const messenger = engine.messengers[channel];
  if (person === null || messenger === undefined) return { kind: 'failed', code: 'NotFound', retryAfterMs: null };
  await save(engine, { ...owed, triedSince: owed.triedSince ?? now });
  try {
    const message = { key: noticeId, reader: readerOf(person), notice: owed.notice, triedSinceIso: owed.triedSince };
    const receipt = await messenger.post(message);
    await save(engine, { ...owed, triedSince: owed.triedSince ?? now, deliveredAt: now, receipt });
    return { kind: 'delivered' };
  } catch (error) {
    if (error instanceof ConnectorError) return { kind: 'failed', code: error.code, retryAfterMs: error.retryAfterMs };
    throw error;
  }
}

async function save(engine: RoutingEngine, notice: OwedNotice): Promise<void> {
  await engine.store.transaction((tx) => tx.saveNotice(notice));
}

function readerOf({ slackUserId, email, zone }: Person): NoticeReader {
  return { slackUserId, email, locale: LOCALE, zone };
}

/** The last channel: a task in the CRM. It goes by a change set of its own, under an id that follows from the notice's. */
export async function tellByTask(engine: RoutingEngine, noticeId: string, now: string): Promise<ToldOutcome> {
  const seen = await engine.store.snapshot(async (reader) => {
    const owed = await reader.notice(noticeId);
    const lead = owed === null ? null : await reader.lead(owed.leadId);
    return { owed, account: lead === null ? null : await reader.account(lead.accountId) };
  });
  const { owed, account } = seen;
  if (owed === null || owed.deliveredAt !== null) return { kind: 'delivered' };
  const { crm } = engine;
  const ownerId = ownerIdOf(engine, documentsOf(engine).roster, owed.memberId);
  if (crm === null || ownerId === null) return { kind: 'failed', code: 'NotFound', retryAfterMs: null };
  const { title, why, deadlineIso } = owed.notice;
  const operations = crm
    .operationsFor({ record: account?.record ?? null, domain: null, companyName: null, ownerId, title, why, deadlineIso })
    .filter(({ kind }) => kind === 'create-task');
  await engine.changeSets.begin({ changeSetId: `tell-${noticeId.replaceAll('/', '-')}`, reason: owed.purpose, operations }, now);
  await save(engine, { ...owed, deliveredAt: now });
  return { kind: 'delivered' };
}
