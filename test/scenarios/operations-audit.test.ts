/** K09: drift that no event tells of is found by the full scan, merged, and reported. */
import { expect, it } from 'vitest';
import { explain } from '@lockstep/engine/why.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { conflictsOf, expectLaws, itemTitled } from './laws.ts';
import { createWorld } from './world.ts';

const database = useTestStore();
const DIG = 'Dig the trenches';
const PICK = 'Pick the apples';

it('K09 D07 an edit that the feed does not show is found by the full scan and reported: item, field, both values and when it was seen first', async () => {
  // A feed that never shows this record: as after an import that leaves the time of the last edit as it was.
  let hidden: string | null = null;
  const world = await createWorld({
    store: database.store(),
    connections: ['document', 'notion'],
    wrap: (connectionId, connector) =>
      connectionId !== 'notion'
        ? connector
        : {
            ...connector,
            pulls: {
              ...connector.pulls,
              async pull(request) {
                const page = await connector.pulls.pull(request);
                return request.mode === 'full' ? page : { ...page, records: page.records.filter(({ remoteId }) => remoteId !== hidden) };
              },
            },
          },
  });
  await world.rest();
  await world.rest({ full: true });
  hidden = (await world.one('notion', DIG)).id;
  await world.people.notion.edit(hidden, { metric: '55 metres' });
  await world.people.notion.edit((await world.one('notion', PICK)).id, { metric: '130 crates' });
  await world.rest();
  const { itemId, fields } = await itemTitled(world, DIG);
  expect(fields.metric).toBe('40 metres');
  const scannedAt = world.workspace.now();
  await world.pass('notion', { full: true });
  const report = [
    {
      ...{ kind: 'drift', state: 'recorded', connectionId: 'notion', itemId, remoteId: hidden, field: 'metric' },
      ...{ canonicalValue: '40 metres', remoteValue: '55 metres', baseValue: '40 metres' },
    },
  ];
  expect((await explain(world.workspace, itemId))?.conflicts).toMatchObject(report);
  // The other edit came by the feed: it is nobody's drift.
  expect(await conflictsOf(world)).toMatchObject(report);
  expect((await conflictsOf(world))[0]?.raisedAt).toSatisfy((raisedAt) => String(raisedAt) >= scannedAt);
  await expectLaws(world, [
    { title: DIG, field: 'metric', value: '55 metres' },
    { title: PICK, field: 'metric', value: '130 crates' },
  ]);
  expect(await conflictsOf(world)).toHaveLength(1);
});
