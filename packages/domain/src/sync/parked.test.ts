import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { causeKey, drivenOf, HELD_BY_BREAKER, PARKED_KINDS, tallyCauses, wordsOf } from './parked.ts';
import type { ParkedThing } from './parked.ts';
import { remedyOf } from './parked-remedy.ts';

const thing = (id: string, change: Partial<ParkedThing> = {}): ParkedThing => ({
  ...{
    kind: 'write',
    connectionId: 'jira',
    id,
    itemId: id,
    remoteId: null,
    field: null,
    code: 'Invalid',
    message: 'owner: expected a user',
    attempts: 1,
  },
  ...{ since: '2026-11-24T09:00:00.000Z', isUnderWay: false, ...change },
});

describe('the words of a cause', () => {
  it.each([
    ['GROW-9: expected a type that the mapping names', '#: expected a type that the mapping names'],
    ['task: expected an issue type "Taks" in the project, found none', 'task: expected an issue type "…" in the project, found none'],
    ['owner: Jira refuses it: maria@growth.example is no user', 'owner: Jira refuses it: # is no user'],
    ['01k2abc, 01k2abd and 01k2abe: got 3 of them', '#, …: got # of them'],
    ['a,  b\n c', 'a, b c'],
    ['', ''],
  ])('K08 %j is %j', (message, words) => {
    expect(wordsOf(message)).toBe(words);
  });

  it('K08 are the same however often they are taken, and never long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 500 }), (message) => {
        const words = wordsOf(message);
        expect(words.length).toBeLessThanOrEqual(300);
        expect(words.isWellFormed()).toBe(true);
        expect(words.length < 300 ? wordsOf(words) : words).toBe(words);
      }),
    );
  });

  it('K08 two ids make no two causes, two codes or kinds do', () => {
    const [a, b] = [thing('a', { message: 'GROW-1: no' }), thing('b', { message: 'GROW-2: no', connectionId: 'notion' })];
    expect(causeKey(a)).toBe(causeKey(b));
    expect(causeKey({ ...a, code: 'Forbidden' })).not.toBe(causeKey(a));
    expect(causeKey({ ...a, kind: 'comment' })).not.toBe(causeKey(a));
  });
});

describe('a tally of causes', () => {
  const tallied = (things: readonly ParkedThing[]) => {
    const tally = tallyCauses(causeKey);
    for (const one of things) tally.add(one, one.code === HELD_BY_BREAKER ? 'held' : one.isUnderWay ? 'under-way' : null);
    return tally.causes();
  };

  it('K08 counts by connection and cause, the most first, with the one that has waited longest as the example', () => {
    const causes = tallied([
      thing('1', { connectionId: 'notion' }),
      thing('2', { since: '2026-11-24T08:00:00.000Z' }),
      thing('3'),
      thing('4', { code: HELD_BY_BREAKER }),
      thing('5', { isUnderWay: true }),
    ]);
    expect(causes).toMatchObject([
      {
        connectionId: 'jira',
        code: 'Invalid',
        count: 3,
        left: { 'under-way': 1 },
        oldest: '2026-11-24T08:00:00.000Z',
        example: { id: '2' },
      },
      { connectionId: 'jira', code: HELD_BY_BREAKER, count: 1, left: { held: 1 } },
      { connectionId: 'notion', count: 1, left: {} },
    ]);
    expect(causes.map(drivenOf)).toEqual([2, 0, 1]);
  });

  it('K08 gives the same causes in whatever order the things come', () => {
    const any = fc.record({
      kind: fc.constantFrom(...PARKED_KINDS),
      connectionId: fc.constantFrom('jira', 'notion'),
      code: fc.constantFrom('Invalid', 'Forbidden', HELD_BY_BREAKER),
      message: fc.constantFrom('GROW-1: no', 'GROW-2: no', 'never'),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (changes) => {
        const things = changes.map((change, index) => thing(String(index), { ...change, since: new Date(index).toISOString() }));
        expect(tallied(things.toReversed())).toEqual(tallied(things));
        expect(tallied(things).reduce((sum, { count }) => sum + count, 0)).toBe(things.length);
      }),
    );
  });
});

it.each(PARKED_KINDS)('K08 there is something to do about every cause of kind %s', (kind) => {
  for (const code of ['Invalid', 'Forbidden', 'unmapped-kind', 'NoSuchCode', '']) expect(remedyOf({ kind, code })).not.toBe('');
  expect(remedyOf({ kind, code: HELD_BY_BREAKER })).toContain('--approve-deletes');
});
