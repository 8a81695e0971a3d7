import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from './approval.ts';
import type { JudgeRequest, Verdict } from './approval.ts';
import { policySchema } from './policy.schema.ts';
import { at, CONTACT } from './step.fixture.ts';

type JudgedStep = JudgeRequest['steps'][number];

const approvers = fc.constantFrom(0 as const, 1 as const, 2 as const);
const some = <T>(...all: readonly T[]): fc.Arbitrary<T[] | undefined> =>
  fc.option(fc.subarray([...all], { minLength: 1 }), { nil: undefined });

/** Bands in rising order that never need less: sorted, as the schema wants them. */
const bands = fc
  .array(fc.record({ upTo: fc.integer({ min: 1, max: 60 }), approvers, samplePercent: fc.constantFrom(10, 50, 100) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((all) => {
    const limits = [...new Set(all.map(({ upTo }) => upTo))].sort((left, right) => left - right);
    const asks = all
      .toSorted((left, right) => left.approvers - right.approvers || left.samplePercent - right.samplePercent)
      .slice(0, limits.length);
    return limits.map((upTo, index) => ({ ...asks[index], upTo }));
  });
const rule = fc.record({
  name: fc.constant('rule'),
  kinds: some('bulk' as const, 'rollback' as const),
  actors: some('human' as const, 'agent' as const),
  operations: some('set-fields' as const, 'archive' as const),
  objects: some('contacts', 'deals', '*'),
  deny: fc.integer({ min: 0, max: 9 }).map((die) => die === 0),
  approvers,
  leastConfidence: fc.constantFrom(0, 0.5, 0.7, 1),
  perDay: bands,
});
const policy = fc
  .record({
    fields: fc.subarray([
      { object: 'deals', field: 'amount', as: 'price' },
      { field: 'consent', as: 'irreversible' },
    ]),
    rules: fc.array(rule, { maxLength: 4 }),
  })
  .map((parts) => policySchema.parse({ version: '1', ...JSON.parse(JSON.stringify(parts)) }));
const step: fc.Arbitrary<JudgedStep> = fc
  .record({
    object: fc.constantFrom('contacts', 'deals'),
    recordId: fc.nat(30).map(String),
    field: fc.constantFrom('name', 'amount', 'consent'),
    kind: fc.constantFrom('set-fields' as const, 'set-fields' as const, 'archive' as const),
    reversibility: fc.constantFrom('A' as const, 'B' as const, 'D' as const),
  })
  .map(({ object, recordId, field, kind, reversibility }) => {
    const target = { ...CONTACT, object, recordId };
    return { operation: kind === 'archive' ? { kind, target } : { kind, target, fields: { [field]: 1 } }, reversibility };
  });
const request: fc.Arbitrary<JudgeRequest> = fc.record({
  policy,
  set: fc.record({
    kind: fc.constantFrom('bulk' as const, 'rollback' as const),
    actorKind: fc.constantFrom('human' as const, 'agent' as const),
    confidence: fc.constantFrom(null, 0, 0.5, 0.7, 0.9, 1, 1.7, Number.NaN),
  }),
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
  touchedToday: fc.nat(70),
  now: fc.constant(at(0)),
});

/** How much a verdict asks for: nothing, people by number and by share, or that it is not done at all. */
function strictness({ decision, approvers: people, samplePercent }: Verdict): number {
  return decision === 'deny' ? 10_000 : people * 1_000 + samplePercent;
}

const RUNS = { numRuns: 2_000 };

describe('a random policy', () => {
  it('case 55 never needs less for more records', () => {
    fc.assert(
      fc.property(request, fc.nat(70), (asked, more) => {
        const later = { ...asked, touchedToday: asked.touchedToday + more };
        expect(strictness(judge(later))).toBeGreaterThanOrEqual(strictness(judge(asked)));
      }),
      RUNS,
    );
  });

  it('C6 never needs less for one step more, whatever it is', () => {
    fc.assert(
      fc.property(request, step, (asked, more) => {
        expect(strictness(judge({ ...asked, steps: [...asked.steps, more] }))).toBeGreaterThanOrEqual(strictness(judge(asked)));
      }),
      RUNS,
    );
  });

  it('case 57 never needs less for less confidence that is one', () => {
    const confidence = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(request, confidence, confidence, (asked, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)].map((sure) =>
          strictness(judge({ ...asked, set: { ...asked.set, confidence: sure } })),
        );
        expect(low).toBeGreaterThanOrEqual(high ?? 0);
      }),
      RUNS,
    );
  });

  it('case 58 never lets a price go with less than two people, nor what cannot be taken back with none', () => {
    fc.assert(
      fc.property(request, (asked) => {
        const { decision, approvers: people } = judge(asked);
        const isPriced = asked.policy?.fields.some(({ as }) => as === 'price') === true;
        const prices = asked.steps.filter(
          ({ operation }) =>
            'target' in operation && operation.target.object === 'deals' && 'fields' in operation && 'amount' in operation.fields,
        );
        const least = isPriced && prices.length > 0 ? 2 : asked.steps.some(({ reversibility }) => reversibility === 'D') ? 1 : 0;
        expect(decision === 'deny' || people >= least).toBe(true);
      }),
      RUNS,
    );
  });

  it('C6 gives people for a review and for nothing else', () => {
    fc.assert(
      fc.property(request, (asked) => {
        const { decision, approvers: people, samplePercent } = judge(asked);
        expect([people > 0, samplePercent > 0]).toEqual([decision === 'review', decision === 'review']);
      }),
      RUNS,
    );
  });
});
