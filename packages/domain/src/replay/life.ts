/** The life of a replay as a total table: from any state, by anything that happens, to one state or nowhere. */
import type { ReplayEnd, ReplayState } from './replay.ts';

export type ReplayEvent =
  /** The policy lets it go, or somebody has approved exactly this plan. */
  | 'go'
  /** The policy asks for a person. */
  | 'asked'
  | 'rejected'
  /** Nobody has answered in time, or the answer has run out. */
  | 'expired'
  | 'paused'
  | 'resumed'
  /** Somebody ends it: what was set back stays so, the rest is left alone. */
  | 'stopped'
  /** Every target is settled. */
  | 'finished';

type Cell = Exclude<ReplayState, 'ended'> | { readonly end: ReplayEnd } | null;

const NOWHERE = {
  go: null,
  asked: null,
  rejected: null,
  expired: null,
  paused: null,
  resumed: null,
  stopped: null,
  finished: null,
} as const satisfies Readonly<Record<ReplayEvent, Cell>>;

const STOPPED = { stopped: { end: 'stopped' } } as const;

const TABLE: Readonly<Record<ReplayState, Readonly<Record<ReplayEvent, Cell>>>> = {
  planned: { ...NOWHERE, ...STOPPED, go: 'running', asked: 'awaiting-approval' },
  'awaiting-approval': { ...NOWHERE, ...STOPPED, go: 'running', rejected: { end: 'rejected' }, expired: { end: 'expired' } },
  // An approval counts for its time, also where a replay was paused meanwhile.
  running: { ...NOWHERE, ...STOPPED, paused: 'paused', expired: { end: 'expired' }, finished: { end: 'done' } },
  paused: { ...NOWHERE, ...STOPPED, resumed: 'running', expired: { end: 'expired' } },
  ended: NOWHERE,
};

/** Where a replay stands after an event. Null: it does not move. An end is never left. */
export function moveReplay(state: ReplayState, event: ReplayEvent): { readonly state: ReplayState; readonly end: ReplayEnd | null } | null {
  const cell = TABLE[state][event];
  if (cell === null) return null;
  return typeof cell === 'string' ? { state: cell, end: null } : { state: 'ended', end: cell.end };
}
