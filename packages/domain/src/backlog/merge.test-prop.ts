import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Happening, Peer } from './history-model.ts';
import { World } from './history-model.ts';
import type { MergePolicy } from './ownership.ts';

// The domain knows no Node; its tests may be told how many histories to play, and which.
declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

const PEERS: readonly Peer[] = [
  { connectionId: 'plan', hasHistory: true, room: 99 },
  { connectionId: 'jira', hasHistory: true, room: 6 },
  { connectionId: 'notion', hasHistory: false, room: 99 },
  { connectionId: 'hubspot', hasHistory: true, room: 99 },
];
const START = {
  owner: 'owner0',
  dueDate: '2026-01-01',
  priority: 'medium',
  labels: ['label0', 'label1'],
  description: 'one two three four five six seven eight',
};
const RUNS = Number(process.env['LOCKSTEP_HISTORIES'] ?? 2_000);
const MOST_ROUNDS = 200;

const POLICY: MergePolicy = {
  rules: { owner: 'order', dueDate: 'owner:notion', priority: 'manual', labels: 'set', description: 'text' },
  ranks: { plan: 0, jira: 1, notion: 2, hubspot: 3 },
};

/** Every edit carries a token of its own, so that it can be found again. */
function histories(peers: number): fc.Arbitrary<readonly Happening[]> {
  const peer = fc.nat(peers - 1);
  const token = fc.uuid().map((id) => `t${id.slice(0, 13)}`);
  const edit: fc.Arbitrary<Happening> = fc.oneof(
    fc.record({
      type: fc.constant('edit' as const),
      peer,
      field: fc.constantFrom('owner' as const, 'dueDate' as const, 'priority' as const),
      value: token,
    }),
    fc.record({ type: fc.constant('label' as const), peer, add: fc.option(token), removeAt: fc.nat(4) }),
    fc.record({ type: fc.constant('word' as const), peer, at: fc.nat(7), word: token }),
  );
  const pull: fc.Arbitrary<Happening> = fc.record({ type: fc.constant('pull' as const), peer, twice: fc.boolean() });
  const push = fc.record<Happening & { type: 'push' }>({
    type: fc.constant('push' as const),
    peer,
    crash: fc.constantFrom('none' as const, 'none' as const, 'before-write' as const, 'after-write' as const),
    race: fc.option<Happening>(edit, { freq: 4 }),
  });
  return fc
    .array(fc.oneof({ weight: 3, arbitrary: edit }, { weight: 2, arbitrary: pull }, { weight: 3, arbitrary: push }), { maxLength: 30 })
    .filter((history) => history.filter((one) => one.type !== 'pull' && one.type !== 'push').length <= 12);
}

function play(peers: readonly Peer[], history: readonly Happening[]): World {
  const world = new World(peers, POLICY, START);
  for (const happening of history) world.happen(happening);
  return world;
}

const histories34 = fc.constantFrom(3, 4).chain((count) => fc.tuple(fc.constant(PEERS.slice(0, count)), histories(count)));

describe('random histories on the pure merge', () => {
  it(`S1 S2 S3 S5 S6 S8 hold over ${RUNS} histories of 3–4 peers with crashes, lag, duplicates and edits between compare and write`, () => {
    fc.assert(
      fc.property(histories34, ([peers, history]) => {
        const world = play(peers, history);
        expect(world.settle(MOST_ROUNDS), 'S8: rounds').toBeLessThanOrEqual(MOST_ROUNDS);
        expect(world.divergences(), 'S1: peers that differ').toEqual([]);
        expect(world.lost(), 'S2, S6: edits that are nowhere').toEqual([]);
        const writes = world.writes;
        world.settle(MOST_ROUNDS);
        expect(world.writes - writes, 'S3: writes of a second pass').toBe(0);
      }),
      { numRuns: RUNS },
    );
  });

  it('S5 an edit that k connections hold costs k - 1 writes', () => {
    const edit = fc.record({
      type: fc.constant('edit' as const),
      peer: fc.nat(3),
      field: fc.constantFrom('owner' as const, 'dueDate' as const, 'priority' as const),
      value: fc.uuid(),
    });
    fc.assert(
      fc.property(edit, (happening) => {
        const world = play(PEERS, [happening]);
        world.settle(MOST_ROUNDS);
        expect(world.writes).toBe(PEERS.length - 1);
      }),
    );
  });

  it('S1 the order in which concurrent edits arrive does not matter under an order (A08)', () => {
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    const results = orders.map((order) => {
      const world = new World(PEERS.slice(0, 3), POLICY, START);
      for (const peer of [0, 1, 2]) world.happen({ type: 'edit', peer, field: 'owner', value: `owner-of-${peer}` });
      for (const peer of order) world.happen({ type: 'pull', peer, twice: false });
      world.settle(MOST_ROUNDS);
      return world.item.fields.owner;
    });
    expect(new Set(results)).toEqual(new Set(['owner-of-0']));
  });
});
