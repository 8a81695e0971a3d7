/** Evidence in the store is the set that the domain says it is. */
import { mergeEvidence, traitsOf } from '@lockstep/domain/routing/evidence.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { delivered, inOne, LONG_AGO } from './routing.fixture.ts';
import { createRoutingStore } from './routing-store.ts';
import { useTestStore } from './testing.ts';

const database = useTestStore();
const END = '2027-01-01T00:00:00.000Z';

/** Few ids and times, so that copies differ. What a copy holds goes by its times: copies of the same times are the same. */
const delivery = fc
  .record({
    messageId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    minute: fc.nat({ max: 5 }),
    latency: fc.nat({ max: 2 }),
    isBackfill: fc.boolean(),
  })
  .map(({ messageId, minute, latency, isBackfill }) => {
    const type = messageId < 'c' ? 'track' : messageId < 'e' ? 'identify' : 'group';
    const mark = `${messageId}${minute}${latency}${isBackfill}`;
    return delivered({
      ...{ messageId, type, isBackfill },
      occurredAt: `2026-10-01T00:0${minute}:00.000Z`,
      receivedAt: `2026-10-01T01:0${latency}:00.000Z`,
      values: { [minute % 2 === 0 ? 'plan' : 'seats']: mark, [latency === 0 ? 'country' : 'plan']: mark },
    });
  });
const batches = fc.array(fc.array(delivery, { maxLength: 6 }), { maxLength: 5 });

test('R7 case 12 case 13 any order, number and cut of deliveries: the evidence of mergeEvidence, its traits, and a record of each further delivery', async () => {
  await fc.assert(
    fc.asyncProperty(batches, async (parts) => {
      const workspaceId = database.workspaceId();
      const store = createRoutingStore({ pool: database.pool, workspaceId });
      let [fresh, duplicates] = [0, 0];
      for (const part of parts) {
        const accepted = await inOne(store, (tx) => tx.acceptEvents(part));
        fresh += accepted.fresh;
        duplicates += accepted.duplicates;
      }
      const all = parts.flat().map(({ event }) => event);
      const merged = mergeEvidence(all);
      const found = await store.snapshot((reader) => reader.events('a', { since: LONG_AGO, limit: 100 }));
      const tracks = merged.filter(({ type }) => type === 'track');
      expect(found.filter(({ type }) => type === 'track')).toEqual(tracks);
      expect(traitsOf(found, END)).toEqual(traitsOf(all, END));
      const recorded = await database.pool.query(`select from lockstep.product_event_duplicates where workspace_id = $1`, [workspaceId]);
      const further = all.length - merged.length;
      expect([fresh, duplicates, recorded.rowCount]).toEqual([merged.length, further, further]);
    }),
    { numRuns: 150 },
  );
});
