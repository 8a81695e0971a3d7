import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation, Step, Target } from './change-set.ts';
import { applied, imageBefore, visible } from './crm-model.ts';
import type { ModelCrm } from './crm-model.ts';
import { inverseOf } from './inverse.ts';
import { at, stepOf } from './step.fixture.ts';

const IDS = ['1', '2', '3'] as const;
const existing = fc.constantFrom(...IDS).map((recordId): Target => ({ connectionId: 'crm', object: 'contacts', recordId }));
/** A record that is there, or one that an earlier step may have made. */
const target: fc.Arbitrary<Target> = fc.oneof(
  { weight: 3, arbitrary: existing },
  { weight: 1, arbitrary: fc.nat(4).map((createdBy): Target => ({ connectionId: 'crm', object: 'contacts', createdBy })) },
);
const value = fc.oneof(fc.constant(null), fc.constantFrom('x', 'y', ''), fc.nat(3), fc.boolean());
const fields = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { maxKeys: 3 });
/** Models know each field of each record: one that was never set is null. */
const whole = fc.record({ a: value, b: value, c: value });
const association = fc.record({ to: target, label: fc.constantFrom(null, 'buyer') });
const made = {
  connectionId: fc.constant('crm'),
  object: fc.constant('contacts'),
  fields: whole,
  associations: fc.array(association, { maxLength: 2 }),
};

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constantFrom('set-fields' as const, 'assign-owner' as const), target, fields }),
  fc.record({ kind: fc.constantFrom('create' as const, 'create-task' as const), ...made }),
  fc.record({ kind: fc.constantFrom('associate' as const, 'dissociate' as const), target, association }),
  fc.record({ kind: fc.constantFrom('archive' as const, 'restore' as const), target }),
);
const crm: fc.Arbitrary<ModelCrm> = fc
  .tuple(
    ...IDS.map((id) =>
      fc.record({ id: fc.constant(id), fields: whole, presence: fc.constantFrom('present' as const, 'archived' as const) }),
    ),
  )
  .map((records) => ({
    records: Object.fromEntries(records.map(({ id, ...record }) => [id, record])),
    associations: ['1|2|', '2|3|buyer'],
  }));

/** The world after the operations, and their steps with before-images. */
function run(start: ModelCrm, operations: readonly Operation[]): { readonly end: ModelCrm; readonly steps: readonly Step[] } {
  let end = start;
  const steps = operations.map((one, ordinal) => {
    const before = imageBefore(end, one, at(ordinal));
    // What is not there cannot be written to: such a step is refused and leaves nothing.
    const isRefused = 'target' in one && before.presence === 'absent';
    if (!isRefused) end = applied(end, one, ordinal);
    return stepOf(one, before, { ordinal, state: isRefused ? 'refused' : 'done' });
  });
  return { end, steps };
}

function takenBack(end: ModelCrm, steps: readonly Step[]): ModelCrm {
  return steps.toReversed().reduce((world, step) => {
    const inverse = step.state === 'refused' ? null : inverseOf(step);
    return inverse === null ? world : applied(world, inverse, step.ordinal);
  }, end);
}

describe('random steps and their inverses', () => {
  it('C2 C7 in reverse order the inverses leave what people saw before (36)', () => {
    fc.assert(
      fc.property(crm, fc.array(operation, { maxLength: 6 }), (start, operations) => {
        const { end, steps } = run(start, operations);
        expect(visible(takenBack(end, steps))).toEqual(visible(start));
      }),
      { numRuns: 1_000 },
    );
  });

  it('C2 an inverse that runs twice is the same as once, and one of a step that never happened changes nothing', () => {
    fc.assert(
      fc.property(crm, operation, (start, one) => {
        const { end, steps } = run(start, [one]);
        const once = takenBack(end, steps);
        expect(takenBack(once, steps)).toEqual(once);
        expect(takenBack(start, steps)).toEqual(start);
      }),
      { numRuns: 1_000 },
    );
  });
});
