import { describe, expect, it } from 'vitest';
import { tracked } from './event.fixture.ts';
import { firedRules, peakScore } from './peak.ts';
import { SCORING } from './scoring.fixture.ts';

const at = (day: number, hour = 9): string => `2026-10-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00.000Z`;
const invited = (messageId: string, occurredAt: string) => tracked({ messageId, occurredAt });

describe('the highest score of an account', () => {
  const events = [invited('a', at(1)), invited('b', at(2)), invited('c', at(2, 10)), invited('d', at(20))];

  it('is that after its best day, with what gave it points', () => {
    const peak = peakScore(SCORING, events, at(30));
    expect(peak).toMatchObject({ at: at(2, 10), crossed: false });
    expect(peak?.total).toBeGreaterThan(29);
    expect(peak === null ? [] : firedRules(peak)).toEqual(['invited']);
  });

  it('knows nothing of the instant, or of later: no event, and no trait', () => {
    expect(peakScore(SCORING, events, at(2))?.at).toBe(at(1));
    expect(peakScore(SCORING, events, at(1))).toBeNull();
    const said = tracked({ messageId: 't', type: 'identify', name: null, values: { industry: 'software' }, occurredAt: at(3) });
    const before = peakScore(SCORING, [...events, said], at(3));
    expect(before === null ? [] : firedRules(before)).toEqual(['invited']);
    // Known by then: the sum of the later day counts with it.
    expect(peakScore(SCORING, [...events, { ...said, occurredAt: at(1) }], at(3))?.fit.points).toBe(8);
  });
});
