/**
 * Telling people of change sets: what is owed to whom is on record first, and is then tried one channel at a time until one has it (R8's order: Slack, then mail).
 * The row says what was tried: where a channel can be looked through, nothing is sent twice.
 */
import type { OwedSetNotice, SetNotice, SetNoticeAttempt } from '@lockstep/domain/crm/notice.ts';
import { concernedBy, noticeIdOf, untilOf, wordsOf } from '@lockstep/domain/crm/notice.ts';
import type { ChangeSetReader } from '@lockstep/domain/crm/change-set-store.port.ts';
import { firstAttempt, nextAttempt } from '@lockstep/domain/routing/delivery.ts';
import type { FailedDelivery } from '@lockstep/domain/routing/delivery.ts';
import { CHANNELS } from '@lockstep/domain/routing/messenger.port.ts';
import type { Channel, Messenger, NoticeReader } from '@lockstep/domain/routing/messenger.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { allSteps, chunks, setOf } from './environment.ts';
import type { CrmEngine } from './environment.ts';
import { verdictOn } from './judging.ts';

/** What telling works on. */
export interface Telling {
  readonly engine: Pick<CrmEngine, 'store' | 'policies'>;
  /** By channel; one that is missing reaches nobody. */
  readonly messengers: Readonly<Partial<Record<Channel, Messenger>>>;
  /** Where somebody can be reached; null for somebody without an address. */
  readonly readerOf: (person: string) => NoticeReader | null;
}

export interface NoticeToOwe {
  readonly changeSetId: string;
  readonly notice: SetNotice;
  /** When it was asked for first: the same where it is asked for again. */
  readonly askedAt: string;
}

export interface Owed {
  /** People whom the notice concerns. */
  readonly concerned: number;
  /** Of these, who has an address. */
  readonly reachable: number;
}

/** Puts a notice on record for everybody whom it concerns and who has an address. Idempotent: the same notice is owed to a person once. */
export async function oweNotice({ engine, readerOf }: Telling, { changeSetId, notice, askedAt }: NoticeToOwe, now: string): Promise<Owed> {
  const principals = engine.policies.principals();
  return engine.store.transaction(async (tx) => {
    const set = await setOf(tx, changeSetId);
    const approvals = await tx.approvals(changeSetId);
    const steps = await allSteps(tx, changeSetId);
    const people = concernedBy({ notice, set, approvals, principals });
    const reachable = people.filter((person) => readerOf(person) !== null);
    const { approvers } = await verdictOn(engine, tx, set, steps, now);
    const words = wordsOf(notice, { set, steps, approvers });
    const noticeId = noticeIdOf(notice, set, { approvals, principals, askedAt });
    const fresh = { attempt: null, triedSince: null, settledAt: null, outcome: null, receipt: null };
    const row = { noticeId, changeSetId, notice, words, owedSince: now, until: untilOf(notice, set, now), ...fresh };
    await tx.oweSetNotices(reachable.map((person) => ({ ...row, person })));
    return { concerned: people.length, reachable: reachable.length };
  });
}

/** Somebody whom no channel reaches at the moment; it is tried again. Ids and codes. */
export interface Untold {
  readonly changeSetId: string;
  readonly notice: SetNotice;
  readonly code: string;
}

export interface ToldRound {
  /** Notices that were delivered in this round. */
  readonly told: number;
  /** A round through all channels was in vain, or the time to tell it is up. */
  readonly untold: readonly Untold[];
  /** When the next attempt is due; null where nothing is owed. */
  readonly nextAt: string | null;
}

/** Of one round; what is behind them is due at once. */
const MOST_DUE = 200;
/** People who are told at a time. */
const AT_ONCE = 16;

/** Tries everything that is due, and answers when to come again. What fails on a channel is on record and no error; what breaks on one row is thrown after the others. */
export async function tellDue(telling: Telling, now: string): Promise<ToldRound> {
  const due = await telling.engine.store.snapshot((reader) => reader.dueSetNotices(now, MOST_DUE));
  const tried: PromiseSettledResult<Settled>[] = [];
  for (const some of chunks(due, AT_ONCE)) tried.push(...(await Promise.allSettled(some.map((owed) => tellOne(telling, owed, now)))));
  const settled = tried.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  const nextAt = await telling.engine.store.snapshot((reader) => reader.nextSetNoticeAt());
  return {
    told: settled.filter(({ owed }) => owed.outcome === 'told').length,
    untold: settled.flatMap(({ owed: { changeSetId, notice }, inVain }) =>
      inVain === null ? [] : [{ changeSetId, notice, code: inVain }],
    ),
    nextAt,
  };
}

interface Settled {
  readonly owed: OwedSetNotice;
  /** The last code, where a round through all channels was in vain or the time is up. */
  readonly inVain: string | null;
}

async function tellOne(telling: Telling, owed: OwedSetNotice, now: string): Promise<Settled> {
  const { store } = telling.engine;
  if (await store.snapshot((reader) => isMoot(telling, reader, owed))) return settle(telling, { ...owed, outcome: 'moot' }, now, null);
  if (Date.parse(now) >= Date.parse(owed.until)) return settle(telling, { ...owed, outcome: 'late' }, now, 'LATE');
  const nowMs = Date.parse(now);
  let current = owed;
  let attempt: SetNoticeAttempt = owed.attempt ?? firstAttempt(CHANNELS[0], nowMs);
  for (;;) {
    const tried = await tryChannel(telling, current, attempt, now);
    current = tried.owed;
    if (tried.failed === null) return settle(telling, { ...current, outcome: 'told' }, now, null);
    const next = nextAttempt(attempt, tried.failed, nowMs, CHANNELS);
    const isRoundOver = next.attempts === 0 && next.channel === CHANNELS[0];
    if (next.nextMs > nowMs) {
      await store.transaction((tx) => tx.saveSetNotice({ ...current, attempt: next }));
      return { owed: current, inVain: isRoundOver ? tried.failed.code : null };
    }
    attempt = next;
  }
}

async function settle({ engine }: Telling, owed: OwedSetNotice, now: string, inVain: string | null): Promise<Settled> {
  await engine.store.transaction((tx) => tx.saveSetNotice({ ...owed, settledAt: now }));
  return { owed, inVain };
}

/** A question that is not asked any more, or a set that somebody has taken over meanwhile. */
async function isMoot({ engine }: Telling, reader: ChangeSetReader, owed: OwedSetNotice): Promise<boolean> {
  const { changeSetId, notice, noticeId } = owed;
  const set = await setOf(reader, changeSetId);
  if (notice === 'needs-operator' || notice === 'needs-operator-still')
    return (await reader.leaseHolders()).every((holder) => holder.changeSetId !== changeSetId);
  if (notice !== 'approval-asked') return false;
  const approvals = await reader.approvals(changeSetId);
  const asked = { approvals, principals: engine.policies.principals(), askedAt: owed.owedSince };
  return set.state !== 'awaiting-approval' || noticeIdOf(notice, set, asked) !== noticeId;
}

interface Tried {
  readonly owed: OwedSetNotice;
  /** Null where it is delivered. */
  readonly failed: Pick<FailedDelivery, 'code' | 'retryAfterMs'> | null;
}

/**
 * One attempt. That it is made is on record before, so that one whose end nobody has seen is looked up before anything is sent again; mail cannot be looked
 * through, and sends the letter under the same Message-ID.
 */
async function tryChannel(telling: Telling, owed: OwedSetNotice, attempt: SetNoticeAttempt, now: string): Promise<Tried> {
  const reader = telling.readerOf(owed.person);
  const messenger = telling.messengers[attempt.channel];
  if (reader === null || messenger === undefined) return { owed, failed: { code: 'NotFound', retryAfterMs: null } };
  const tried = { ...owed, attempt, triedSince: owed.triedSince ?? now };
  await telling.engine.store.transaction((tx) => tx.saveSetNotice(tried));
  try {
    const { noticeId: key, words: notice, triedSince: triedSinceIso } = owed;
    return { owed: { ...tried, receipt: await messenger.post({ key, reader, notice, triedSinceIso }) }, failed: null };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { owed: tried, failed: { code: error.code, retryAfterMs: error.retryAfterMs } };
  }
}
