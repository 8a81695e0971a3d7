import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIELDS, World } from './interleaving-model.ts';
import type { Ability, Edit, Field, Happening } from './interleaving-model.ts';

// The domain knows no Node; its tests may be told how many interleavings to play.
declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

const RUNS = Number(process.env['LOCKSTEP_HISTORIES'] ?? 2_000);

/** Few values, so that people set what we have set, and what stood before. */
const value = fc.constantFrom('v0', 'v1', 'v2', 'v3');
const edit: fc.Arbitrary<Edit> = fc.record({ field: fc.constantFrom<Field>(...FIELDS), value });
const sending = {
  fate: fc.constantFrom('ok' as const, 'ok' as const, 'lost' as const, 'unseen' as const),
  between: fc.option(edit, { freq: 3 }),
  after: fc.option(edit, { freq: 2 }),
};
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('edit' as const), edit }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('write' as const),
      fields: fc.dictionary(fc.constantFrom(...FIELDS), value, { minKeys: 1, maxKeys: 3 }),
      ...sending,
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('undo' as const), step: fc.nat(20), ...sending }) },
);
const interleaving = fc.array(happening, { maxLength: 25 });

function abilities(hasHistory: boolean, tellsClock = true): fc.Arbitrary<Ability> {
  return fc.record({
    hasHistory: fc.constant(hasHistory),
    hasPrecondition: fc.boolean(),
    recordsSame: fc.boolean(),
    aheadSeconds: fc.constantFrom(0, 0, 1, -1, 40, -40),
    tellsClock: fc.constant(tellsClock),
  });
}

function play(ability: Ability, happenings: readonly Happening[]): World {
  const world = new World(ability);
  for (const one of happenings) world.happen(one);
  world.undoAll();
  return world;
}

describe('random interleavings of ours, people and other apps on one record', () => {
  it(`C4 C5 C9 with history, over ${RUNS} of them: no edit of others is overwritten by an undo, and all of ours is taken back (33, 41, 52)`, () => {
    fc.assert(
      fc.property(abilities(true), interleaving, (ability, happenings) => {
        const world = play(ability, happenings);
        expect(world.violations).toEqual([]);
        // An edit that landed between an undo's comparison and its write is on record as a conflict; else every field is as if we had never been.
        const wrong = FIELDS.filter((field) => world.value(field) !== world.foreign(field).value);
        expect(wrong.filter((field) => !world.reported.has(world.foreign(field).by ?? ''))).toEqual([]);
        // Where the CRM refuses a write on a record that has moved, nothing is written over at all.
        expect(ability.hasPrecondition ? world.reported.size + wrong.length : 0).toBe(0);
      }),
      { numRuns: RUNS },
    );
  });

  it(`C4 without history, over ${RUNS} of them: no value of others is overwritten by an undo, and fields that only we have written are as before`, () => {
    fc.assert(
      fc.property(abilities(false), interleaving, (ability, happenings) => {
        const world = play(ability, happenings);
        expect(world.violations).toEqual([]);
        const untouched = FIELDS.filter((field) => world.foreign(field).by === 'initial' && !world.isStuck(field));
        expect(untouched.filter((field) => world.value(field) !== 'v0')).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it(`C4 with history and clocks that differ unseen, over ${RUNS} of them: no edit of others is overwritten by an undo`, () => {
    fc.assert(
      fc.property(abilities(true, false), interleaving, (ability, happenings) => {
        const { violations } = play(ability, happenings);
        expect(violations.filter((violation) => violation.startsWith('C4'))).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });
});
