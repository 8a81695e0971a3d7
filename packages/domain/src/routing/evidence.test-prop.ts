import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tracked } from './event.fixture.ts';
import type { ProductEvent } from './event.ts';
import { mergeEvidence, traitsOf } from './evidence.ts';

/** Few ids and times, so that deliveries of one event differ and times are the same. */
const delivery: fc.Arbitrary<ProductEvent> = fc
  .record({
    messageId: fc.constantFrom('a', 'b', 'c', 'd'),
    type: fc.constantFrom('track' as const, 'identify' as const, 'group' as const),
    minute: fc.nat({ max: 5 }),
    latency: fc.nat({ max: 3 }),
    plan: fc.constantFrom('free', 'team'),
    isBackfill: fc.boolean(),
  })
  .map(({ messageId, type, minute, latency, plan, isBackfill }) =>
    tracked({
      messageId,
      type,
      occurredAt: `2026-10-01T00:0${minute}:00.000Z`,
      receivedAt: `2026-10-01T01:0${latency}:00.000Z`,
      values: { plan },
      isBackfill,
    }),
  );
const deliveries = fc.array(delivery, { maxLength: 12 });

describe('R7 evidence is a set', () => {
  it('R7 case 12 case 13 any order of arrival, any number of deliveries, any cut into parts: the same evidence, one a message id', () => {
    fc.assert(
      fc.property(
        deliveries.chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }), fc.nat())),
        ([events, shuffled, cut]) => {
          const merged = mergeEvidence(events);
          const [head, tail] = [shuffled.slice(0, cut % 13), shuffled.slice(cut % 13)];
          expect(mergeEvidence(shuffled)).toEqual(merged);
          expect(mergeEvidence(mergeEvidence(tail), mergeEvidence(head), tail)).toEqual(merged);
          expect(new Set(merged.map(({ messageId }) => messageId)).size).toBe(merged.length);
          expect(new Set(events.map(({ messageId }) => messageId)).size).toBe(merged.length);
        },
      ),
    );
  });

  it('R7 case 13 traits are the latest word by the time it was said, in whatever order it came', () => {
    const said = (messageId: string, minute: number, type: 'identify' | 'group', values: ProductEvent['values']): ProductEvent =>
      tracked({ messageId, type, occurredAt: `2026-10-01T00:0${minute}:00.000Z`, values });
    const events = [
      said('late', 4, 'identify', { plan: 'team', city: 'Bonn' }),
      said('early', 1, 'identify', { plan: 'free', seats: 3 }),
      said('group', 2, 'group', { city: 'Berlin' }),
      said('to come', 9, 'group', { city: 'Paris' }),
    ];
    const at = '2026-10-01T00:05:00Z';
    expect(traitsOf(events, at)).toEqual({ plan: 'team', seats: 3, city: 'Berlin' });
    expect(traitsOf([...events].toReversed(), at)).toEqual(traitsOf(events, at));
    expect(traitsOf(events, '2026-10-01T00:01:00+00:00')).toEqual({ plan: 'free', seats: 3 });
  });

  it('R7 case 12 of two copies of one moment the one received first stands', () => {
    const [first, second] = [
      tracked({ messageId: 'm', email: 'z@acme.com', receivedAt: '2026-10-02T00:00:00.000Z' }),
      tracked({ messageId: 'm', email: 'a@acme.com', receivedAt: '2026-10-03T00:00:00.000Z' }),
    ];
    expect(mergeEvidence([second, first])).toEqual([first]);
    expect(mergeEvidence([first, second])).toEqual([first]);
  });

  it('R7 case 29 what came live stands before its imported copy', () => {
    const [live, copy] = [
      tracked({ messageId: 'm', occurredAt: '2026-10-02T00:00:00.000Z' }),
      tracked({ messageId: 'm', isBackfill: true }),
    ];
    expect(mergeEvidence([copy, live])).toEqual([live]);
    expect(mergeEvidence([live, copy])).toEqual([live]);
  });
});
