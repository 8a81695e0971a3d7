/**
 * Random histories against the real thing: the document and three tools over HTTP, a real PostgreSQL, people, faults, kills and races. A failure prints its
 * seed and shrinks; `LOCKSTEP_REAL_HISTORIES` sets how many (5,000 in `npm run test:long`), `LOCKSTEP_SEED` which.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { useTestStore } from '@lockstep/store/testing.ts';
import { History, Saboteur } from './history.ts';
import type { Happening } from './history.ts';
import { expectLaws } from './laws.ts';
import { createWorld } from './world.ts';
import type { ConnectionId } from './world.ts';

const RUNS = Number(process.env['LOCKSTEP_REAL_HISTORIES'] ?? 300);
const LONGEST_MS = 3 * 3_600_000;
const TITLES = ['Dig the trenches', 'Order the saplings'];
const PLAN = `# Orchard

## Backlog

| Phase | Task | Owner | Dependencies | Definition of Done | Metric |
|-------|------|-------|--------------|--------------------|--------|
| **Phase 1** | ${TITLES[0]} | Ann | | A spade deep | 40 metres |
| **Phase 1** | ${TITLES[1]} | Bo | | Delivery note signed | 60 saplings |
`;
const PEERS: readonly (readonly ConnectionId[])[] = [
  ['document', 'jira', 'notion'],
  ['document', 'jira', 'hubspot'],
  ['document', 'jira', 'notion', 'hubspot'],
  ['document', 'jira', 'salesforce'],
  ['document', 'notion', 'hubspot', 'salesforce'],
];

const database = useTestStore();
const at = fc.nat(3);
const task = fc.nat(TITLES.length - 1);
const field = fc.constantFrom('owner' as const, 'metric' as const);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('edit' as const), at, task, field }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('pass' as const), at }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('kill' as const), at, when: fc.constantFrom('before' as const, 'after' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('race' as const), at, task, field }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('fault' as const),
      at,
      kind: fc.constantFrom('lose-request' as const, 'lose-answer' as const, 'throttle' as const),
    }),
  },
);
const history = fc
  .array(happening, { maxLength: 24 })
  .filter((all) => all.filter(({ type }) => type === 'edit' || type === 'race').length <= 12);

describe('random histories on real parts', () => {
  it(`S1 S2 S3 S4 S5 S6 S8 hold over ${RUNS} histories of 3–4 peers with faults, kills and races`, { timeout: LONGEST_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PEERS), fc.boolean(), history, async (connections, isLoaded, happenings) => {
        const saboteur = new Saboteur();
        const world = await createWorld({ store: database.store(), plan: PLAN, connections, wrap: saboteur.wrap });
        if (isLoaded) await world.rest();
        const played = new History(world, saboteur, TITLES);
        for (const one of happenings) await played.happen(one);
        await played.settle();
        await expectLaws(world);
        expect(await played.lost(), 'S2: edits that stand nowhere').toEqual([]);
        await world.close();
      }),
      { numRuns: RUNS, endOnFailure: false },
    );
  });
});
