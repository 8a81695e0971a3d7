import { describe, expect, it } from 'vitest';
import type { SetState, StepState } from './change-set.ts';
import { compensationOutcome, isApplied, moveSet } from './set-machine.ts';
import type { SetEvent } from './set-machine.ts';

const STATES: readonly SetState[] = [
  'planned',
  'awaiting-approval',
  'waiting-for-records',
  'applying',
  'verifying',
  'compensating',
  'ended',
];
const EVENTS: readonly SetEvent[] = [
  'go',
  'asked',
  'drifted',
  'begun',
  'applied',
  'verified',
  'stopped',
  'taken-back',
  'taken-back-with-residue',
  'stuck',
];

/** Every way to somewhere; what is not here leads nowhere. */
const WAYS: readonly (readonly [SetState, SetEvent, string])[] = [
  ['planned', 'go', 'waiting-for-records'],
  ['planned', 'asked', 'awaiting-approval'],
  ['planned', 'drifted', 'planned'],
  ['planned', 'stopped', 'compensating'],
  ['awaiting-approval', 'go', 'waiting-for-records'],
  ['awaiting-approval', 'asked', 'awaiting-approval'],
  ['awaiting-approval', 'drifted', 'planned'],
  ['awaiting-approval', 'stopped', 'compensating'],
  ['waiting-for-records', 'go', 'waiting-for-records'],
  ['waiting-for-records', 'asked', 'awaiting-approval'],
  ['waiting-for-records', 'drifted', 'planned'],
  ['waiting-for-records', 'begun', 'applying'],
  ['waiting-for-records', 'stopped', 'compensating'],
  ['applying', 'begun', 'applying'],
  ['applying', 'applied', 'verifying'],
  ['applying', 'stopped', 'compensating'],
  ['verifying', 'applied', 'verifying'],
  ['verifying', 'verified', 'ended committed'],
  ['verifying', 'stopped', 'compensating'],
  ['compensating', 'stopped', 'compensating'],
  ['compensating', 'taken-back', 'ended rolled-back'],
  ['compensating', 'taken-back-with-residue', 'ended rolled-back-with-residue'],
  ['compensating', 'stuck', 'ended needs-operator'],
];

function way(state: SetState, event: SetEvent): string | null {
  const moved = moveSet(state, event);
  return moved === null ? null : [moved.state, moved.end].filter((part) => part !== null).join(' ');
}

describe('the life of a set', () => {
  it.each(STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const)))('C3 %s, %s', (state, event) => {
    expect(way(state, event)).toBe(WAYS.find(([from, by]) => from === state && by === event)?.[2] ?? null);
  });

  it('C3 has four ends, reaches each from the beginning, and leaves none', () => {
    const reached = new Set<string>(['planned']);
    for (let size = 0; size < reached.size;) {
      size = reached.size;
      for (const [from, , to] of WAYS) if (reached.has(from)) reached.add(to);
    }
    expect([...reached].filter((place) => place.startsWith('ended ')).sort()).toEqual([
      'ended committed',
      'ended needs-operator',
      'ended rolled-back',
      'ended rolled-back-with-residue',
    ]);
    expect([...reached].filter((place) => !place.startsWith('ended ')).sort()).toEqual(
      STATES.filter((state) => state !== 'ended').toSorted(),
    );
  });

  it('C6 writes only after its leases, and never goes back to people once it has written', () => {
    expect(WAYS.filter(([, , to]) => to === 'applying').map(([from]) => from)).toEqual(['waiting-for-records', 'applying']);
    for (const state of ['applying', 'verifying', 'compensating'] as const)
      for (const event of ['go', 'asked', 'drifted'] as const) expect(moveSet(state, event)).toBeNull();
  });

  it('C3 C11 can be stopped from everywhere but its end', () => {
    for (const state of STATES) expect(way(state, 'stopped')).toBe(state === 'ended' ? null : 'compensating');
  });
});

describe('how a compensation ends', () => {
  it.each<[Partial<Record<StepState, number>>, boolean, string | null]>([
    [{}, false, 'taken-back'],
    [{ planned: 3 }, false, 'taken-back'],
    [{ planned: 2, refused: 1, undone: 2 }, false, 'taken-back'],
    [{ undone: 2 }, true, 'taken-back-with-residue'],
    [{ undone: 1, kept: 1 }, false, 'taken-back-with-residue'],
    [{ undone: 1, kept: 1, stuck: 1 }, true, 'stuck'],
    [{ stuck: 1 }, false, 'stuck'],
    [{ undone: 1, stuck: 0, kept: 0, done: 0 }, false, 'taken-back'],
    [{ undone: 1, done: 1 }, false, null],
    [{ stuck: 1, sending: 1 }, false, null],
    [{ undoing: 1 }, true, null],
  ])('C3 C7 of steps %j with residue %s: %s', (counts, hasResidue, expected) => {
    expect(compensationOutcome(counts, hasResidue)).toBe(expected);
  });

  it.each<[Partial<Record<StepState, number>>, boolean]>([
    [{ done: 5 }, true],
    [{}, true],
    [{ done: 5, planned: 0 }, true],
    ...(['planned', 'sending', 'refused', 'undoing', 'undone', 'kept', 'stuck'] as const).map(
      (state): [Partial<Record<StepState, number>>, boolean] => [{ done: 4, [state]: 1 }, false],
    ),
  ])('C3 steps %j are all done: %s', (counts, expected) => {
    expect(isApplied(counts)).toBe(expected);
  });
});
