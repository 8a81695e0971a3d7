/** The store of replays, on a real PostgreSQL. */
import type { Replay, ReplayTarget } from '@lockstep/domain/replay/replay.ts';
import type { ReplayStore } from '@lockstep/domain/replay/replay-store.port.ts';
import { expect, test } from 'vitest';
import { createChangeSetStore } from './change-set-store.ts';
import { createReplayStore } from './replay-store.ts';
import { createRoutingStore } from './routing-store.ts';
import { aCrmWrite, aLead, aNotice, anAccount, anOffer, inOne } from './routing.fixture.ts';
import { createStore } from './store.ts';
import { anItem, aWrite, NOW, recordStatements, useTestStore } from './testing.ts';

const database = useTestStore();
const LATER = '2026-11-24T10:00:00.000Z';
const open = (): ReplayStore => createReplayStore({ pool: database.pool, workspaceId: database.workspaceId() });

function aReplay(replayId: string, rest: Partial<Replay> = {}): Replay {
  return {
    ...{ replayId, requestedBy: 'ops', actorKind: 'human', requestedAt: NOW, reason: 'a test', updatedAt: NOW },
    ...{ selection: { by: 'query', query: 'ExecutionStatus = "Failed"' }, point: { at: 'failing-activity' } },
    ...{ batchSize: 10, perSecond: 0.5, targets: 2, state: 'planned', end: null, planHash: 'hash', reasons: [] },
    ...{ approvalExpiresAt: null, approver: null, decidedAt: null, acceptedUnsafe: [] },
    ...rest,
  };
}

function aTarget(replayId: string, ordinal: number, rest: Partial<ReplayTarget> = {}): ReplayTarget {
  return {
    ...{ replayId, ordinal, workflowId: `change-set/w/cs-${ordinal}`, workflowType: 'changeSet', runId: `run-${ordinal}`, resetEventId: 4 },
    effects: [{ activity: 'applyBatch', shown: 1, doneByKey: 1, willRun: 0, unsafe: 0 }],
    ...{ state: 'planned', code: null, newRunId: null, settledAt: null },
    ...rest,
  };
}

test('a replay and its targets come back as they were saved, newest first, page by page', async () => {
  const store = open();
  const first = aReplay('rp-1');
  const asked = aReplay('rp-2', { state: 'awaiting-approval', reasons: ['MANY_TARGETS'], approvalExpiresAt: LATER, requestedAt: LATER });
  const targets = [aTarget('rp-1', 0), aTarget('rp-1', 1)];
  await store.transaction(async (tx) => {
    await tx.saveReplay(first);
    await tx.saveReplay(asked);
    await tx.saveTargets(targets);
    await tx.saveTargets([]);
  });
  const reset = aTarget('rp-1', 1, { state: 'reset', newRunId: 'run-1-again', settledAt: LATER });
  await store.transaction((tx) => tx.saveTargets([reset]));
  await store.snapshot(async (reader) => {
    expect(await reader.replay('rp-1')).toEqual(first);
    expect(await reader.replay('rp-none')).toBeNull();
    expect(await reader.replays({ limit: 10 })).toEqual([asked, first]);
    expect(await reader.replays({ limit: 10, before: 'rp-2' })).toEqual([first]);
    expect(await reader.replays({ limit: 10, states: ['awaiting-approval', 'running'] })).toEqual([asked]);
    expect(await reader.targets('rp-1', { from: 1, limit: 5 })).toEqual([reset]);
    expect(await reader.targetsIn('rp-1', ['planned', 'resetting'], 5)).toEqual([targets[0]]);
    expect(await reader.targetCounts('rp-1')).toEqual({ planned: 1, reset: 1 });
  });
});

test('81 what people were asked about does not run without a yes, nor with that of the one who asked; the database itself refuses it', async () => {
  const store = open();
  const save = (rest: Partial<Replay>) => store.transaction((tx) => tx.saveReplay(aReplay('rp-1', rest)));
  const asked = { reasons: ['MANY_TARGETS'], approvalExpiresAt: LATER };
  await expect(save({ ...asked, state: 'running' })).rejects.toThrow('check constraint');
  await expect(save({ ...asked, state: 'running', approver: 'ops', decidedAt: NOW })).rejects.toThrow('check constraint');
  await expect(save({ state: 'ended' })).rejects.toThrow('check constraint');
  await save({ ...asked, state: 'running', approver: 'lead', decidedAt: NOW });
});

test('a workflow stands in a replay once, and what is settled says how', async () => {
  const store = open();
  const save = (...targets: ReplayTarget[]) => store.transaction((tx) => tx.saveTargets(targets));
  await save(aTarget('rp-1', 0));
  await expect(save(aTarget('rp-1', 1, { workflowId: 'change-set/w/cs-0' }))).rejects.toThrow('replay_targets_once');
  await expect(save(aTarget('rp-1', 1, { state: 'reset', settledAt: NOW }))).rejects.toThrow('check constraint');
  await expect(save(aTarget('rp-1', 1, { state: 'skipped', settledAt: NOW }))).rejects.toThrow('check constraint');
});

test("81 the store's word on many workflows is one statement each, and of its own workspace", async () => {
  const workspaceId = database.workspaceId();
  const place = { pool: database.pool, workspaceId };
  const store = createReplayStore(place);
  await createChangeSetStore(place).transaction(async (tx) => {
    await tx.saveChangeSet({
      ...{ changeSetId: 'cs-1', kind: 'bulk', requestedBy: 'ops', actorKind: 'human', requestedAt: NOW, reason: 'x', confidence: null },
      ...{ rollsBack: [], steps: 2, state: 'applying', end: null, cause: null, diffHash: null, policyVersion: null },
      ...{ approvalExpiresAt: null, deadlineAt: null, updatedAt: NOW },
    });
    const target = { connectionId: 'hubspot', object: 'contacts', recordId: '1' };
    const step = { changeSetId: 'cs-1', operation: { kind: 'archive', target }, reversibility: 'A', after: null, createdId: null } as const;
    const rest = { sentAt: null, doneAt: null, undoneAt: null, finding: null } as const;
    const before = { presence: 'present', fields: {}, revision: null, readAt: NOW } as const;
    await tx.saveSteps([
      { ...step, ...rest, before, ordinal: 0, state: 'done' },
      { ...step, ...rest, before, ordinal: 1, state: 'planned' },
    ]);
    const words = { title: 'x', why: [], score: null, deadlineIso: null, link: null, buttons: [] };
    const owed = { noticeId: 'cs-1/rejected', changeSetId: 'cs-1', notice: 'rejected', words, owedSince: NOW, until: NOW } as const;
    const fresh = { attempt: null, triedSince: null, settledAt: null, outcome: null, receipt: null };
    await tx.oweSetNotices([
      { ...owed, ...fresh, person: 'lena' },
      { ...owed, ...fresh, person: 'hugo' },
    ]);
  });
  const backlog = createStore(place);
  await backlog.transaction(async (tx) => {
    await tx.saveItems([anItem('i-1'), anItem('i-2')], NOW);
    await tx.oweWrites([aWrite('i-1'), aWrite('i-2')], NOW);
    await tx.claimWrites('jira', 1, NOW);
  });
  await inOne(createRoutingStore(place), async (tx) => {
    await tx.saveAccount(anAccount('a-1'));
    await tx.saveLead(aLead('lead-1', { accountId: 'a-1' }));
    await tx.saveOffer(anOffer('offer-1', { leadId: 'lead-1' }));
    await tx.oweNotices([
      aNotice('lead-1/offer/1', { leadId: 'lead-1', deliveredAt: NOW }),
      aNotice('lead-1/warn/1', { leadId: 'lead-1', triedSince: NOW }),
      aNotice('lead-1/remind/1', { leadId: 'lead-1' }),
      aNotice('lead-10/remind/1', { leadId: 'lead-10' }),
    ]);
    await tx.oweWrite(aCrmWrite('route-1', { leadId: 'lead-1' }));
  });
  const found = await store.snapshot(async (reader) => ({
    sets: await reader.setCounts(['cs-1', 'cs-none']),
    outboxes: await reader.outboxCounts(['jira', 'notion']),
    accounts: await reader.accountCounts(['a-1', 'a-none']),
  }));
  expect([...found.sets]).toEqual([['cs-1', { state: 'applying', steps: { done: 1, planned: 1 }, notices: 2 }]]);
  expect([...found.outboxes]).toEqual([['jira', { owed: 1, sending: 1 }]]);
  expect([...found.accounts]).toEqual([['a-1', { delivered: 1, tried: 1, owed: 1, writesStarted: 0, writesOwed: 1 }]]);
  await open().snapshot(async (reader) => expect((await reader.setCounts(['cs-1'])).size).toBe(0));
  const many = Array.from({ length: 150 }, (_, index) => `id-${index}`);
  const recording = recordStatements(database.pool);
  await createReplayStore({ pool: recording.pool, workspaceId }).snapshot(async (reader) => {
    await reader.setCounts(many);
    await reader.outboxCounts(many);
    await reader.accountCounts(many);
  });
  expect(recording.statements).toHaveLength(3);
});
