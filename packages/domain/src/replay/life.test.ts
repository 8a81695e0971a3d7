import { describe, expect, it } from 'vitest';
import { moveReplay } from './life.ts';
import type { ReplayEvent } from './life.ts';
import type { ReplayState } from './replay.ts';

const STATES: readonly ReplayState[] = ['planned', 'awaiting-approval', 'running', 'paused', 'ended'];
const EVENTS: readonly ReplayEvent[] = ['go', 'asked', 'rejected', 'expired', 'paused', 'resumed', 'stopped', 'finished'];

/** Every way to somewhere; what is not here leads nowhere. */
const WAYS: readonly (readonly [ReplayState, ReplayEvent, string])[] = [
  ['planned', 'go', 'running'],
  ['planned', 'asked', 'awaiting-approval'],
  ['planned', 'stopped', 'ended stopped'],
  ['awaiting-approval', 'go', 'running'],
  ['awaiting-approval', 'rejected', 'ended rejected'],
  ['awaiting-approval', 'expired', 'ended expired'],
  ['awaiting-approval', 'stopped', 'ended stopped'],
  ['running', 'paused', 'paused'],
  ['running', 'expired', 'ended expired'],
  ['running', 'stopped', 'ended stopped'],
  ['running', 'finished', 'ended done'],
  ['paused', 'resumed', 'running'],
  ['paused', 'expired', 'ended expired'],
  ['paused', 'stopped', 'ended stopped'],
];

describe('the life of a replay', () => {
  it.each(STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const)))('81 %s, %s', (state, event) => {
    const moved = moveReplay(state, event);
    const way = moved === null ? null : [moved.state, moved.end].filter((part) => part !== null).join(' ');
    expect(way).toBe(WAYS.find(([from, by]) => from === state && by === event)?.[2] ?? null);
  });
});
