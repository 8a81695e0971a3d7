/** The store of change sets, on a real PostgreSQL. */
import type { ChangeSet, RecordRef, Step } from '@lockstep/domain/crm/change-set.ts';
import { recordKey } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSetStore } from '@lockstep/domain/crm/change-set-store.port.ts';
import { expect, test } from 'vitest';
import { createChangeSetStore } from './change-set-store.ts';
import { latch, NOW, recordStatements, useTestStore } from './testing.ts';

const database = useTestStore();
const LATER = '2026-11-24T10:00:00.000Z';
const open = (): ChangeSetStore => createChangeSetStore({ pool: database.pool, workspaceId: database.workspaceId() });
const ref = (recordId: string): RecordRef => ({ connectionId: 'hubspot', object: 'contacts', recordId });

function aSet(changeSetId: string, rest: Partial<ChangeSet> = {}): ChangeSet {
  return {
    ...{
      changeSetId,
      kind: 'bulk',
      requestedBy: 'ops',
      actorKind: 'human',
      requestedAt: NOW,
      reason: 'a test',
      confidence: null,
      rollsBack: [],
    },
    ...{
      steps: 0,
      state: 'planned',
      end: null,
      cause: null,
      diffHash: null,
      policyVersion: null,
      approvalExpiresAt: null,
      deadlineAt: null,
    },
    updatedAt: NOW,
    ...rest,
  };
}

function aStep(changeSetId: string, ordinal: number, rest: Partial<Step> = {}): Step {
  return {
    ...{
      changeSetId,
      ordinal,
      reversibility: 'A',
      state: 'planned',
      after: null,
      createdId: null,
      sentAt: null,
      doneAt: null,
      undoneAt: null,
    },
    operation: { kind: 'set-fields', target: ref(`r${ordinal}`), fields: { jobtitle: null, company: 'x' } },
    before: { presence: 'present', fields: { jobtitle: null }, revision: null, readAt: NOW },
    finding: null,
    ...rest,
  };
}

test('sets, steps, kept fields and approvals come back as they were saved, nulls included', async () => {
  const store = open();
  const set = aSet('a', { rollsBack: ['x'], confidence: 0.7, diffHash: 'h' });
  const steps = [
    aStep('a', 0),
    aStep('a', 1, { finding: { code: 'GONE', message: 'm', fields: [] }, undoes: { changeSetId: 'x', ordinal: 3 } }),
  ];
  const kept = {
    changeSetId: 'a',
    step: { changeSetId: 'x', ordinal: 3 },
    field: 'jobtitle',
    code: 'CONFLICT_HUMAN',
    message: 'm',
    before: null,
  } as const;
  const whole = { ...kept, ours: false, now: 7, by: '42', at: NOW, notedAt: NOW };
  const approval = {
    changeSetId: 'a',
    approver: 'lead',
    decision: 'approve',
    diffHash: 'h',
    policyVersion: 'p',
    at: NOW,
    voidedAt: null,
  } as const;
  await store.transaction(async (tx) => {
    await tx.saveChangeSet(set);
    await tx.saveSteps(steps);
    await tx.saveKept([whole, { ...whole, field: null }]);
    // Another value is another edit; the same one again is not.
    await tx.saveKept([{ ...whole, now: 8 }]);
    await tx.saveKept([whole, { ...whole, field: null }, { ...whole, now: 8 }]);
    await tx.addApproval(approval);
  });
  await store.snapshot(async (reader) => {
    expect(await reader.changeSet('a')).toEqual(set);
    expect(await reader.steps('a', { from: 0, limit: 10 })).toEqual(steps);
    expect(await reader.kept('a', 10)).toEqual([whole, { ...whole, field: null }, { ...whole, now: 8 }]);
    expect(await reader.approvals('a')).toEqual([approval]);
  });
  await store.transaction((tx) => tx.voidApprovals('a', LATER));
  expect(await store.snapshot((reader) => reader.approvals('a'))).toEqual([{ ...approval, voidedAt: LATER }]);
});

test('C1: the database itself refuses a step that is sent without its before-image; C3: an end without an end', async () => {
  const store = open();
  await expect(store.transaction((tx) => tx.saveSteps([aStep('a', 0, { state: 'sending', before: null })]))).rejects.toThrow('check');
  await expect(store.transaction((tx) => tx.saveChangeSet(aSet('a', { state: 'ended' })))).rejects.toThrow('check');
  await expect(store.transaction((tx) => tx.saveChangeSet(aSet('a', { end: 'committed' })))).rejects.toThrow('check');
});

test('C10: leases are taken all or none, once for a set, and given back together', async () => {
  const store = open();
  const take = (set: string, ...ids: string[]) => store.transaction((tx) => tx.acquireLeases(set, ids.map(ref), NOW));
  expect(await take('a', 'r2', 'r1', 'r1')).toEqual([]);
  expect(await take('a', 'r1', 'r2')).toEqual([]);
  expect(await take('b', 'r0', 'r1', 'r3')).toEqual([{ record: ref('r1'), heldBy: 'a' }]);
  expect(await take('c', 'r0', 'r3')).toEqual([]);
  await store.transaction((tx) => tx.touchLeases('a', LATER));
  expect(await store.snapshot((reader) => reader.leaseHolders())).toEqual([
    { changeSetId: 'a', since: NOW, seenAt: LATER },
    { changeSetId: 'c', since: NOW, seenAt: NOW },
  ]);
  await store.transaction((tx) => tx.releaseLeases('a'));
  expect(await take('b', 'r1', 'r2')).toEqual([]);
});

test('C10: of two sets that want the same records in other orders at once one gets them all', async () => {
  const store = open();
  const gate = latch();
  const first = store.transaction(async (tx) => {
    const held = await tx.acquireLeases('a', ['r1', 'r2', 'r3'].map(ref), NOW);
    gate.open();
    await database.blocked(1);
    return held;
  });
  await gate.opened;
  const second = store.transaction((tx) => tx.acquireLeases('b', ['r3', 'r2', 'r1', 'r0'].map(ref), NOW));
  expect(await first).toEqual([]);
  expect((await second).map(({ heldBy }) => heldBy)).toEqual(['a', 'a', 'a']);
  expect(await store.transaction((tx) => tx.acquireLeases('c', [ref('r0')], NOW))).toEqual([]);
});

test('case 48: every id under which a record was known leads to its newest one, and finds its steps', async () => {
  const store = open();
  await store.transaction(async (tx) => {
    await tx.saveNewId(ref('r0'), 'second', NOW);
    await tx.saveNewId(ref('second'), 'third', LATER);
    await tx.saveChangeSet(aSet('a', { state: 'ended', end: 'committed' }));
    await tx.saveSteps([aStep('a', 0, { state: 'done', doneAt: NOW })]);
  });
  await store.snapshot(async (reader) => {
    const newest = await reader.currentIds(['r0', 'second', 'third', 'r9'].map(ref));
    expect([...newest]).toEqual([
      [recordKey(ref('r0')), 'third'],
      [recordKey(ref('second')), 'third'],
    ]);
    for (const id of ['r0', 'second', 'third']) expect(await reader.doneSteps({ record: ref(id) }, 10)).toHaveLength(1);
    expect(await reader.doneSteps({ record: ref('r9') }, 10)).toEqual([]);
  });
});

test('C9 C10: done steps of ended sets, latest first, by set, actor and time', async () => {
  const store = open();
  const done = { state: 'done', doneAt: NOW } as const;
  await store.transaction(async (tx) => {
    await tx.saveChangeSet(aSet('a', { state: 'ended', end: 'committed' }));
    await tx.saveChangeSet(aSet('b', { state: 'ended', end: 'committed', requestedBy: 'agent' }));
    await tx.saveChangeSet(aSet('c', { state: 'applying' }));
    await tx.saveSteps([
      aStep('a', 0, done),
      aStep('a', 1, done),
      aStep('a', 2, { state: 'kept' }),
      aStep('b', 0, { ...done, doneAt: LATER }),
      aStep('c', 0, done),
    ]);
  });
  const found = (selection: Parameters<Parameters<Parameters<ChangeSetStore['snapshot']>[0]>[0]['doneSteps']>[0]) =>
    store.snapshot(async (reader) =>
      (await reader.doneSteps(selection, 10)).map(({ changeSetId, ordinal }) => `${changeSetId}/${ordinal}`),
    );
  expect(await found({})).toEqual(['b/0', 'a/1', 'a/0']);
  expect(await found({ changeSetIds: ['a', 'c'] })).toEqual(['a/1', 'a/0']);
  expect(await found({ actor: 'agent' })).toEqual(['b/0']);
  expect(await found({ to: LATER })).toEqual(['a/1', 'a/0']);
});

test('case 55: records that other sets of the actor have touched today or hold approved, each once', async () => {
  const store = open();
  await store.transaction(async (tx) => {
    await tx.saveChangeSet(aSet('a', { state: 'ended', end: 'committed' }));
    await tx.saveChangeSet(aSet('b', { state: 'waiting-for-records' }));
    await tx.saveChangeSet(aSet('c', { state: 'planned' }));
    await tx.saveSteps([
      aStep('a', 0, { state: 'done', sentAt: LATER, doneAt: LATER }),
      aStep('a', 1, { state: 'done', sentAt: NOW, doneAt: NOW }),
      aStep('b', 0),
      aStep('b', 5),
      aStep('c', 7),
    ]);
  });
  const count = (since: string, except: string) => store.snapshot((reader) => reader.recordsTouchedSince({ actor: 'ops', since, except }));
  expect(await count(NOW, '')).toBe(3);
  expect(await count(LATER, '')).toBe(2);
  expect(await count(NOW, 'b')).toBe(2);
});

test('workspaces do not see each other', async () => {
  const [one, other] = [open(), open()];
  await one.transaction(async (tx) => {
    await tx.saveChangeSet(aSet('a'));
    await tx.saveSteps([aStep('a', 0)]);
    await tx.acquireLeases('a', [ref('r0')], NOW);
  });
  await other.snapshot(async (reader) => {
    expect(await reader.changeSet('a')).toBeNull();
    expect(await reader.stepsByRef([{ changeSetId: 'a', ordinal: 0 }])).toEqual([]);
    expect(await reader.leaseHolders()).toEqual([]);
  });
  expect(await other.transaction((tx) => tx.acquireLeases('b', [ref('r0')], NOW))).toEqual([]);
});

test('one round trip for any number of steps, kept fields and leases', async () => {
  const recording = recordStatements(database.pool);
  const store = createChangeSetStore({ pool: recording.pool, workspaceId: database.workspaceId() });
  const many = Array.from({ length: 150 }, (_, ordinal) => aStep('a', ordinal));
  await store.transaction(async (tx) => {
    await tx.saveSteps(many);
    await tx.acquireLeases(
      'a',
      many.map(({ ordinal }) => ref(`r${ordinal}`)),
      NOW,
    );
    await tx.currentIds(many.map(({ ordinal }) => ref(`r${ordinal}`)));
    await tx.stepsByRef(many);
    await tx.recordsOf('a');
  });
  expect(recording.statements).toHaveLength(5);
});

test('C11 how sets stand: those that are open by state, and those that need an operator until their records are free', async () => {
  const store = open();
  const earlier = '2026-11-24T08:00:00.000Z';
  const nothing = { open: {}, oldestAwaitingSince: null, needOperator: 0, oldestNeedSince: null, owedNotices: 0, oldestOwedAt: null };
  expect(await store.snapshot((tx) => tx.standing())).toEqual(nothing);
  await store.transaction(async (tx) => {
    await tx.saveChangeSet(aSet('planned'));
    await tx.saveChangeSet(aSet('asked', { state: 'awaiting-approval', requestedAt: LATER }));
    await tx.saveChangeSet(aSet('asked-first', { state: 'awaiting-approval', requestedAt: earlier }));
    await tx.saveChangeSet(aSet('done', { state: 'ended', end: 'committed' }));
    for (const [id, updatedAt] of [
      ['stuck', NOW],
      ['stuck-first', earlier],
      ['taken-over', earlier],
    ] as const)
      await tx.saveChangeSet(aSet(id, { state: 'ended', end: 'needs-operator', updatedAt }));
    await tx.acquireLeases('done', [ref('r0')], NOW);
    await tx.acquireLeases('stuck', [ref('r1'), ref('r2')], NOW);
    await tx.acquireLeases('stuck-first', [ref('r3')], NOW);
    await tx.acquireLeases('taken-over', [ref('r4')], NOW);
    await tx.releaseLeases('taken-over');
  });
  expect(await store.snapshot((tx) => tx.standing())).toEqual({
    ...nothing,
    ...{ open: { planned: 1, 'awaiting-approval': 2 }, oldestAwaitingSince: earlier, needOperator: 2, oldestNeedSince: earlier },
  });
});
