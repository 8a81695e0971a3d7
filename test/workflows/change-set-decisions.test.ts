/** What `changeSet` decides by itself, on the real Temporal with skipped time; test/workflows/change-set.test.ts has the CRM and the store with it. */
import { expect, test } from 'vitest';
import { ApplicationFailure, CancelledFailure, WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { approveUpdate, changeSetStatusQuery, rejectUpdate, takeOverUpdate } from '@lockstep/workflows/contracts.ts';
import type { ChangeSetActivities, Wait } from '@lockstep/workflows/contracts.ts';
import { SOON } from './harness.ts';
import { smoothly, useScripts } from './change-set-script.ts';
import type { Script } from './change-set-script.ts';
import { skipTime } from './time-skipping.ts';

const scripts = useScripts();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DOWN: Wait = { kind: 'wait', waitMs: null, code: 'Transient' };
const REVIEWED: Partial<ChangeSetActivities> = {
  judgeSet: async (request) => ({ ...(await smoothly().judgeSet(request)), verdict: 'review' }) as never,
};

/** Answers one after another, the last one again and again. */
function inTurn<A>(...answers: readonly A[]): () => Promise<A> {
  let turn = 0;
  return async () => answers[Math.min(turn++, answers.length - 1)] as A;
}

const phase = async ({ handle }: Script) => (await handle.query(changeSetStatusQuery)).phase;
const awaits = (script: Script, expected: string) => expect.poll(() => phase(script), SOON).toBe(expected);
const skip = ({ temporal, handle }: Script, ms: number) => skipTime(temporal, handle.workflowId, ms);
/** The code that an update was turned away with. */
async function refusal(update: Promise<unknown>): Promise<string | null | undefined> {
  const error: unknown = await update.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) return error.cause.type;
  throw new Error('update: expected it to be turned away by its validator', { cause: error });
}

const yes = { approver: 'ann', diffHash: 'diff-1' };

test('C3 a set that policy lets go is judged, leased, read again, applied batch by batch, verified and committed', async () => {
  const script = await scripts.play({
    applyBatch: inTurn({ kind: 'applied', more: true, stop: null }, { kind: 'applied', more: false, stop: null }),
  });
  expect(await script.handle.result()).toEqual({ end: 'committed', cause: null });
  const applied = ['applyBatch', 'applyBatch', 'verifySet', 'commitSet'];
  expect(script.calls).toEqual(['readSet', 'judgeSet', 'acquireLeases', 'refreshSet', ...applied]);
});

test('C6 no write without a policy that allows it', async () => {
  const script = await scripts.play({
    judgeSet: async (request) => ({ ...(await smoothly().judgeSet(request)), verdict: 'deny' }) as never,
  });
  expect(await script.handle.result()).toEqual({ end: 'rolled-back', cause: 'policy' });
  expect(script.calls).not.toContain('applyBatch');
  expect(script.calls.at(-1)).toBe('tellPeople denied');
});

test('C6 an approval is of one exact diff: another hash is turned away, also the one of before the drift', async () => {
  const hashes = inTurn('diff-1', 'diff-2');
  const script = await scripts.play({
    judgeSet: async (request) => ({ ...(await smoothly().judgeSet(request)), verdict: 'review', diffHash: await hashes() }) as never,
    refreshSet: inTurn({ kind: 'refreshed', outcome: 'drifted' }, { kind: 'refreshed', outcome: 'same' }),
  });
  await awaits(script, 'awaiting-approval');
  const { handle } = script;
  expect(await refusal(handle.executeUpdate(approveUpdate, { args: [{ ...yes, diffHash: 'diff-0' }] }))).toBe('OTHER_DIFF');
  expect(await handle.executeUpdate(approveUpdate, { args: [yes] })).toMatchObject({ outcome: 'approved' });
  await expect.poll(async () => (await handle.query(changeSetStatusQuery)).diffHash, SOON).toBe('diff-2');
  await awaits(script, 'awaiting-approval');
  expect(await refusal(handle.executeUpdate(approveUpdate, { args: [yes] }))).toBe('OTHER_DIFF');
  expect(script.calls).not.toContain('applyBatch');
  await handle.executeUpdate(approveUpdate, { args: [{ ...yes, diffHash: 'diff-2' }] });
  expect(await handle.result()).toEqual({ end: 'committed', cause: null });
});

test('case 59 a decision that the rules refuse changes nothing, and the next one may count', async () => {
  const script = await scripts.play({
    ...REVIEWED,
    decideSet: async ({ approver }) =>
      approver === 'bob'
        ? { kind: 'decided', outcome: 'refused', code: 'requester' }
        : { kind: 'decided', outcome: 'approved', code: null },
  });
  await awaits(script, 'awaiting-approval');
  expect(await script.handle.executeUpdate(approveUpdate, { args: [{ ...yes, approver: 'bob' }] })).toMatchObject({ code: 'requester' });
  expect([await phase(script), script.calls.includes('applyBatch')]).toEqual(['awaiting-approval', false]);
  await script.handle.executeUpdate(approveUpdate, { args: [yes] });
  expect(await script.handle.result()).toEqual({ end: 'committed', cause: null });
});

test('C6 a no ends the set without a write', async () => {
  const script = await scripts.play(REVIEWED);
  await awaits(script, 'awaiting-approval');
  expect(await script.handle.executeUpdate(rejectUpdate, { args: [yes] })).toMatchObject({ outcome: 'rejected' });
  expect(await script.handle.result()).toEqual({ end: 'rolled-back', cause: 'rejected' });
  expect(script.calls).not.toContain('applyBatch');
});

test('case 60 nobody answers for four hours: denied and escalated, nothing written; a second before it still counts', async () => {
  const script = await scripts.play(REVIEWED);
  const late = await scripts.play(REVIEWED);
  await Promise.all([awaits(script, 'awaiting-approval'), awaits(late, 'awaiting-approval')]);
  await skip(late, 4 * HOUR_MS - 30_000);
  await late.handle.executeUpdate(approveUpdate, { args: [yes] });
  expect(await late.handle.result()).toEqual({ end: 'committed', cause: null });
  await skip(script, 4 * HOUR_MS);
  expect(await script.handle.result()).toEqual({ end: 'rolled-back', cause: 'expired' });
  expect(script.calls.filter((call) => call.startsWith('apply') || call.startsWith('acquire'))).toEqual([]);
  expect(script.calls.slice(-2)).toEqual(['endSet expired', 'tellPeople approval-expired']);
});

test('C10 records that another set holds are waited for', async () => {
  const script = await scripts.play({
    acquireLeases: inTurn({ kind: 'acquired', heldByOthers: 3 }, { kind: 'acquired', heldByOthers: 0 }),
  });
  await awaits(script, 'waiting-for-records');
  await skip(script, MINUTE_MS);
  expect(await script.handle.result()).toEqual({ end: 'committed', cause: null });
  expect(script.calls.filter((call) => call === 'acquireLeases')).toHaveLength(2);
});

test('case 44 a Retry-After is waited out to the second, neither shorter nor longer', async () => {
  const script = await scripts.play({
    applyBatch: inTurn<Wait | { kind: 'applied'; more: boolean; stop: null }>(
      { kind: 'wait', waitMs: 17 * MINUTE_MS, code: 'Throttled' },
      { kind: 'applied', more: false, stop: null },
    ),
  });
  await expect.poll(() => script.calls.at(-1), SOON).toBe('applyBatch');
  await skip(script, 18 * MINUTE_MS);
  await script.handle.result();
  const [first = 0, second = 0] = script.calledAt.filter((_, index) => script.calls[index] === 'applyBatch');
  expect(second - first).toBeGreaterThanOrEqual(17 * MINUTE_MS);
  expect(second - first).toBeLessThan(17 * MINUTE_MS + 30_000);
});

test('case 40 down beyond the time that it was approved for: it stops, takes back what is done when it can, and asks again', async () => {
  let isBack = false;
  const script = await scripts.play({
    ...REVIEWED,
    applyBatch: async () => ({ ...DOWN, waitMs: 5 * HOUR_MS }),
    compensateBatch: async () => (isBack ? { kind: 'compensated', more: false } : { ...DOWN, waitMs: HOUR_MS }),
  });
  await awaits(script, 'awaiting-approval');
  await script.handle.executeUpdate(approveUpdate, { args: [yes] });
  await awaits(script, 'applying');
  await skip(script, 25 * HOUR_MS);
  await awaits(script, 'compensating');
  isBack = true;
  await skip(script, HOUR_MS);
  expect(await script.handle.result()).toEqual({ end: 'rolled-back', cause: 'deadline' });
  expect(script.calls.slice(-5)).toEqual([
    'compensateBatch deadline',
    'endSet deadline',
    'tellPeople out-of-time',
    'askAgain',
    'tellPeople asked-again',
  ]);
});

test('case 37 C7 inverses that fail for good: the others run, an operator is told at once and every four hours until one takes over', async () => {
  const script = await scripts.play({
    applyBatch: async () => ({ kind: 'applied', more: false, stop: 'refused' }),
    compensateBatch: inTurn({ kind: 'compensated', more: true }, { kind: 'compensated', more: false }),
    endSet: async () => ({ kind: 'ended', end: 'needs-operator' }),
  });
  await awaits(script, 'needs-operator');
  // It says where it stands before it has told anybody.
  await expect.poll(() => script.calls.at(-1), SOON).toBe('tellPeople needs-operator');
  expect(script.calls.slice(-5)).toEqual([
    'compensateBatch refused',
    'compensateBatch refused',
    'endSet refused',
    'tellPeople rolled-back',
    'tellPeople needs-operator',
  ]);
  await skip(script, 8 * HOUR_MS + MINUTE_MS);
  expect(script.calls.filter((call) => call.endsWith('needs-operator-still'))).toHaveLength(2);
  await script.handle.executeUpdate(takeOverUpdate, { args: [{}] });
  expect(await script.handle.result()).toEqual({ end: 'needs-operator', cause: 'refused' });
});

test('case 42 C11 cancelled in mid-step: the step is brought to its end, the inverses run, and it ends as cancelled', async () => {
  const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const script = await scripts.play({
    applyBatch: async () => {
      reached.resolve();
      await released.promise;
      return { kind: 'applied', more: true, stop: null };
    },
  });
  await reached.promise;
  await script.handle.cancel();
  await expect.poll(async () => (await script.handle.query(changeSetStatusQuery)).isCancelled, SOON).toBe(true);
  expect(script.calls.at(-1)).toBe('applyBatch');
  released.resolve();
  const failure: unknown = await script.handle.result().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(WorkflowFailedError);
  expect((failure as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
  expect((await script.handle.describe()).status.name).toBe('CANCELLED');
  expect(script.calls.slice(-3)).toEqual(['compensateBatch cancelled', 'endSet cancelled', 'tellPeople rolled-back']);
});

test('case 42 a wait is cut short by a cancellation, that of a compensation is not', async () => {
  const script = await scripts.play({
    applyBatch: async () => ({ kind: 'wait', waitMs: 10 * HOUR_MS, code: 'QuotaExhausted' }),
    compensateBatch: inTurn<Wait | { kind: 'compensated'; more: boolean }>(
      { ...DOWN, waitMs: HOUR_MS },
      { kind: 'compensated', more: false },
    ),
  });
  await expect.poll(async () => (await script.handle.query(changeSetStatusQuery)).putOff, SOON).toBe(1);
  await script.handle.cancel();
  await awaits(script, 'compensating');
  await script.handle.cancel();
  await skip(script, HOUR_MS + MINUTE_MS);
  await expect(script.handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
  expect(script.calls.filter((call) => call.startsWith('compensate'))).toHaveLength(2);
});

test('case 43 C11 a run that was started to clean up applies nothing; one that is started from the store goes on where it stood', async () => {
  const standing = { kind: 'standing', end: null, cause: null, deadlineAt: null, isReviewed: false } as const;
  const cleaned = await scripts.play({ readSet: async () => ({ ...standing, state: 'applying' }) }, { cleanUp: 'terminated' });
  expect(await cleaned.handle.result()).toEqual({ end: 'rolled-back', cause: 'terminated' });
  expect(cleaned.calls.slice(0, 3)).toEqual(['readSet', 'compensateBatch terminated', 'endSet terminated']);
  const goesOn = await scripts.play({ readSet: async () => ({ ...standing, state: 'applying' }) });
  expect(await goesOn.handle.result()).toEqual({ end: 'committed', cause: null });
  expect(goesOn.calls).toEqual(['readSet', 'applyBatch', 'verifySet', 'commitSet']);
  const ended = await scripts.play({ readSet: async () => ({ ...standing, state: 'ended', end: 'committed' }) });
  expect(await ended.handle.result()).toEqual({ end: 'committed', cause: null });
  expect(ended.calls).toEqual(['readSet']);
});
