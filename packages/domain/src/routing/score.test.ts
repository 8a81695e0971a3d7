import { describe, expect, it } from 'vitest';
import { decayed, MICRO, microPoints } from './decay.ts';
import { tracked } from './event.fixture.ts';
import type { ProductEvent } from './event.ts';
import { problemText, schemaProblems } from './problem.ts';
import { scoringSchema } from './score.schema.ts';
import { scoreAccount, scoringHash } from './score.ts';
import { SCORING } from './scoring.fixture.ts';

const AT = '2026-10-21T00:00:00.000Z';
const invited = (messageId: string, day: number): ProductEvent =>
  tracked({ messageId, occurredAt: `2026-10-${String(day).padStart(2, '0')}T00:00:00.000Z` });
const imported = (messageId: string, rows: number): ProductEvent =>
  tracked({ messageId, name: 'Data Imported', values: { rows }, occurredAt: AT });

describe('decay', () => {
  it.each([
    [0, 10_000_000],
    [1, 5_000_000],
    [2, 2_500_000],
    [3, 1_250_000],
    [0.5, 7_071_068],
    [1.5, 3_535_534],
    [0.1, 9_330_330],
    [10, 9_766],
    [24, 1],
    [25, 0],
    [64, 0],
    [1e6, 0],
    [-3, 10_000_000],
  ])('10 points after %s half-lives are %s millionths', (halvings, expected) => {
    expect(decayed(10_000_000, halvings * 1_000, 1_000)).toBe(expected);
  });

  it('is the power of two that a long division knows, at a thousand points of the curve', () => {
    for (let step = 0; step <= 1_000; step += 1) {
      const exact = 1e9 * 2 ** (-step / 250);
      expect(Math.abs(decayed(1e9, step, 250) - exact)).toBeLessThanOrEqual(0.5 + 1e-6);
    }
  });

  it('points are whole millionths, whatever their decimals', () => {
    expect([0.1, 0.07, 1.1, 999.99, -8.4].map(microPoints)).toEqual([100_000, 70_000, 1_100_000, 999_990_000, -8_400_000]);
    expect(MICRO).toBe(1_000_000);
  });
});

describe('a score', () => {
  it('is points that halve, with their evidence and fit', () => {
    const score = scoreAccount(
      SCORING,
      [invited('b', 11), invited('a', 1), imported('c', 1_000), imported('d', 999)],
      { industry: 'finance' },
      AT,
    );
    expect(score).toEqual({
      specVersion: 'test-1',
      specHash: scoringHash(SCORING),
      at: AT,
      total: 35.5,
      parts: [
        { id: 'invited', points: 7.5, uncapped: 7.5, evidence: ['a', 'b'] },
        { id: 'big-import', points: 20, uncapped: 20, evidence: ['c'] },
        { id: 'pricing', points: 0, uncapped: 0, evidence: [] },
      ],
      fit: { points: 8, met: [{ id: 'industry', points: 8 }] },
      tier: 'prosumer',
      threshold: 40,
      crossed: false,
      nextCrossing: null,
      flags: [],
    });
  });

  it('decays first and caps then: what is over the cap keeps it filled for longer', () => {
    const events = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => invited(id, 11));
    expect(scoreAccount(SCORING, events, {}, '2026-10-11T00:00:00Z').parts[0]).toMatchObject({ points: 30, uncapped: 60 });
    expect(scoreAccount(SCORING, events, {}, AT).parts[0]).toMatchObject({ points: 30, uncapped: 30 });
    expect(scoreAccount(SCORING, events, {}, '2026-10-31T00:00:00Z').parts[0]).toMatchObject({ points: 15, uncapped: 15 });
  });

  it.each([
    [{}, 'prosumer', 40, false],
    [{ employees: 9 }, 'prosumer', 40, false],
    [{ employees: 10 }, 'smb', 30, true],
    [{ employees: '5000' }, 'enterprise', 20, true],
    [{ employees: 10, plan: 'student' }, 'smb', 30, false],
  ])('30 points with %j: %s, threshold %s, crossed %s', (traits, tier, threshold, crossed) => {
    const events = [1, 2, 3].map((index) => invited(`m${index}`, 21));
    expect(scoreAccount(SCORING, events, traits, AT)).toMatchObject({ tier, threshold, crossed });
  });

  it('tells when it falls below the threshold, to the millisecond', () => {
    const events = [1, 2, 3].map((index) => invited(`m${index}`, 21));
    const traits = { employees: 1_000 };
    const score = scoreAccount(SCORING, events, traits, AT);
    // 30 points are 20 after log2(1.5) half-lives of ten days.
    expect(Math.abs(Date.parse(score.nextCrossing ?? '') - Date.parse(AT) - Math.log2(1.5) * 864e6)).toBeLessThan(100);
    const just = (offsetMs: number): boolean =>
      scoreAccount(SCORING, events, traits, new Date(Date.parse(score.nextCrossing ?? '') + offsetMs).toISOString()).crossed;
    expect([just(-1), just(0)]).toEqual([true, false]);
  });

  it('never falls where fit alone crosses', () => {
    const spec = { ...SCORING, fit: [{ id: 'industry', when: { industry: 'software' }, points: 40 }] };
    expect(scoreAccount(spec, [], { industry: 'software' }, AT)).toMatchObject({ total: 40, crossed: true, nextCrossing: null });
    const events = [invited('m', 21)];
    const less = { ...spec, fit: [{ ...spec.fit[0], id: 'industry', when: {}, points: 39.99 }] };
    expect(scoreAccount(less, events, {}, AT).nextCrossing).toMatch(/^2027-/);
  });

  it('29 the newest event that counts was imported: BACKFILL; one live event after it, and the lead is live', () => {
    const history = [1, 2, 3].map((index) => tracked({ messageId: `h${index}`, isBackfill: true, occurredAt: '2026-10-20T00:00:00.000Z' }));
    expect(scoreAccount(SCORING, history, {}, AT).flags).toEqual(['BACKFILL']);
    expect(scoreAccount(SCORING, [...history, invited('live', 21)], {}, AT).flags).toEqual([]);
    expect(scoreAccount(SCORING, [...history, invited('live before', 19)], {}, AT).flags).toEqual(['BACKFILL']);
    expect(scoreAccount(SCORING, [...history, invited('same moment', 20)], {}, AT).flags).toEqual([]);
    expect(scoreAccount(SCORING, [], {}, AT).flags).toEqual([]);
  });

  it('R6 a spec’s hash is of its content', () => {
    expect(scoringHash(SCORING)).toMatch(/^[0-9a-f]{64}$/);
    expect(scoringHash(JSON.parse(JSON.stringify(SCORING)) as typeof SCORING)).toBe(scoringHash(SCORING));
    expect(scoringHash({ ...SCORING, version: 'test-2' })).not.toBe(scoringHash(SCORING));
  });
});

describe('a scoring spec', () => {
  const problems = (change: Readonly<Record<string, unknown>>): readonly string[] => {
    const value = { ...SCORING, ...change };
    const result = scoringSchema.safeParse(value);
    return result.success ? [] : schemaProblems(result.error.issues, value, { remedy: 'mend it' }).map(problemText);
  };
  const [event] = SCORING.events;

  it.each([
    [{ events: SCORING.events.slice(1) }, 'events: expected 3 to 10 events, got a list of 2'],
    [
      { events: Array.from({ length: 11 }, (_, index) => ({ ...event, id: `e${index}` })) },
      'events: expected 3 to 10 events, got a list of 11',
    ],
    [{ events: [...SCORING.events, event] }, 'events[3].id: expected every id once, got "invited"'],
    [{ events: [{ ...event, cap: 9 }, ...SCORING.events.slice(1)] }, 'events[0].cap: expected a cap that one event fits into, got 9'],
    [{ events: [{ ...event, points: 0.001 }, ...SCORING.events.slice(1)] }, 'events[0].points: expected points with two decimals at most'],
    [{ tiers: { ...SCORING.tiers, smb: { when: {}, threshold: 3 } } }, 'tiers.smb.when: expected a condition'],
    [{ tiers: { ...SCORING.tiers, smb: undefined } }, 'tiers.smb: expected object, got nothing'],
    [{ thresholds: 1 }, 'expected only keys that are known, got "thresholds"'],
  ])('%j does not load', (change, message) => {
    expect(problems(change)[0]).toContain(message);
  });
});
