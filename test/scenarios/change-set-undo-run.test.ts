/** Undo of the sync's own writes (`lockstep undo run ID`): the same three-way rule as a rollback. */
import { undoRun } from '@lockstep/engine/crm/undo-run.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { expect, test } from 'vitest';
import { handsOf } from './hands.ts';
import { itemTitled } from './laws.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const database = useTestStore();
const DIG = 'Dig the trenches';

/** A run that took an edit of owner and metric from HubSpot. */
async function editedRun(world: World): Promise<{ readonly runId: string; readonly itemId: string; readonly taskId: string }> {
  await world.rest();
  const { id } = await world.one('hubspot', DIG);
  await world.people.hubspot.edit(id, { owner: 'Wrong', metric: 'Wrong metric' });
  await world.rest();
  const { itemId } = await itemTitled(world, DIG);
  const rows = await world.workspace.store.snapshot((reader) => reader.ledger({ itemId, limit: 100 }));
  const runId = rows.find(({ target, after }) => target === 'canonical' && after.owner === 'Wrong')?.runId;
  return { runId: runId ?? 'none', itemId, taskId: id };
}

test('K07 an undo of a run lists what people have changed since as skipped and restores the rest, in every tool', async () => {
  const world = await createWorld({ store: database.store(), connections: ['document', 'hubspot'] });
  const { runId, taskId } = await editedRun(world);
  const before = { owner: 'Ann + Bo', metric: '40 metres' };
  // A person changes one of the two afterwards.
  await world.people.hubspot.edit(taskId, { owner: 'Dora' });
  await world.rest();
  const plan = await undoRun(world.workspace, runId, { dryRun: true });
  expect(plan).toMatchObject({
    restored: [{ title: DIG, field: 'metric', before: before.metric, ours: 'Wrong metric', now: 'Wrong metric' }],
    skipped: [
      { title: DIG, field: 'owner', before: before.owner, ours: 'Wrong', now: 'Dora', message: expect.stringContaining('hubspot') },
    ],
    owing: [],
  });
  expect((await itemTitled(world, DIG)).fields.metric).toBe('Wrong metric');
  expect(await undoRun(world.workspace, runId, { dryRun: false })).toMatchObject({
    restored: plan.restored,
    owing: ['document', 'hubspot'],
  });
  await world.rest();
  const hands = handsOf(world);
  for (const [place, id] of [
    ['document', DIG],
    ['hubspot', taskId],
  ] as const) {
    expect(await hands.read(place, id, 'metric')).toBe(before.metric);
    expect(await hands.read(place, id, 'owner')).toBe('Dora');
  }
  // Once more there is nothing left to undo; and the undo is a run that can be undone.
  expect(await undoRun(world.workspace, runId, { dryRun: false })).toMatchObject({ restored: [] });
  expect(await undoRun(world.workspace, `undo-${runId}`, { dryRun: true })).toMatchObject({
    restored: [{ field: 'metric', before: 'Wrong metric' }],
  });
});

test('K07 the ledger decides, not the value: a person who has set the very value again keeps it', async () => {
  const world = await createWorld({ store: database.store(), connections: ['document', 'hubspot'] });
  const { runId, taskId } = await editedRun(world);
  for (const owner of ['Dora', 'Wrong']) {
    await world.people.hubspot.edit(taskId, { owner });
    await world.rest();
  }
  expect(await undoRun(world.workspace, runId, { dryRun: true })).toMatchObject({
    restored: [{ field: 'metric' }],
    skipped: [{ field: 'owner', now: 'Wrong' }],
  });
});

test('K07 a run that is not on record is refused by name', async () => {
  const world = await createWorld({ store: database.store(), connections: ['document'] });
  await expect(undoRun(world.workspace, 'nobody', { dryRun: true })).rejects.toMatchObject({ name: 'NotOnRecord' });
});
