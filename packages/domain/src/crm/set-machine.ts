/** The life of a change set as a total table: from any state, by anything that happens, to one state or nowhere (C3). */
import type { SetEnd, SetState, StepState } from './change-set.ts';

export type SetEvent =
  /** The policy lets it go, or all who were asked have approved this diff. */
  | 'go'
  /** The policy asks for people, or for more of them. */
  | 'asked'
  /** A before-image has moved, or an approval has become void: judged anew, with the diff of now (C6). */
  | 'drifted'
  /** It holds its leases and its before-images stand: from here on it writes. */
  | 'begun'
  /** Every step is done. */
  | 'applied'
  /** Every record shows what was written. */
  | 'verified'
  /** Refused, rejected, expired, cancelled, out of time …: what is done is taken back, which before the first write is nothing. */
  | 'stopped'
  /** Nothing of it is left. */
  | 'taken-back'
  /** What is left is named: edits of others, what people were told, what cannot be undone. */
  | 'taken-back-with-residue'
  /** An inverse has failed for good, or an outcome stays unclear (C7). */
  | 'stuck';

/** Where an event leads; null where it cannot happen or comes too late, and nothing changes. */
type Cell = Exclude<SetState, 'ended'> | { readonly end: SetEnd } | null;

const NOWHERE = {
  go: null,
  asked: null,
  drifted: null,
  begun: null,
  applied: null,
  verified: null,
  stopped: null,
  'taken-back': null,
  'taken-back-with-residue': null,
  stuck: null,
} as const satisfies Readonly<Record<SetEvent, Cell>>;

const TABLE: Readonly<Record<SetState, Readonly<Record<SetEvent, Cell>>>> = {
  planned: { ...NOWHERE, go: 'waiting-for-records', asked: 'awaiting-approval', drifted: 'planned', stopped: 'compensating' },
  'awaiting-approval': {
    ...NOWHERE,
    go: 'waiting-for-records',
    asked: 'awaiting-approval',
    drifted: 'planned',
    stopped: 'compensating',
  },
  'waiting-for-records': {
    ...NOWHERE,
    go: 'waiting-for-records',
    asked: 'awaiting-approval',
    drifted: 'planned',
    begun: 'applying',
    stopped: 'compensating',
  },
  // Once it writes, it does not go back to people: it goes on or is taken back.
  applying: { ...NOWHERE, begun: 'applying', applied: 'verifying', stopped: 'compensating' },
  verifying: { ...NOWHERE, applied: 'verifying', verified: { end: 'committed' }, stopped: 'compensating' },
  compensating: {
    ...NOWHERE,
    stopped: 'compensating',
    'taken-back': { end: 'rolled-back' },
    'taken-back-with-residue': { end: 'rolled-back-with-residue' },
    stuck: { end: 'needs-operator' },
  },
  ended: NOWHERE,
};

/** Where a set stands after an event. Null: it does not move. An end is never left. */
export function moveSet(state: SetState, event: SetEvent): { readonly state: SetState; readonly end: SetEnd | null } | null {
  const cell = TABLE[state][event];
  if (cell === null) return null;
  return typeof cell === 'string' ? { state: cell, end: null } : { state: 'ended', end: cell.end };
}

/** What a step of this state says of the end of its set: when it is to commit, and when it has been taken back. */
const SAYS: Readonly<Record<StepState, { readonly committing: 'yes' | 'not-yet' | 'no'; readonly takenBack: Outcome | null }>> = {
  planned: { committing: 'not-yet', takenBack: 'taken-back' },
  sending: { committing: 'not-yet', takenBack: null },
  done: { committing: 'yes', takenBack: null },
  refused: { committing: 'no', takenBack: 'taken-back' },
  undoing: { committing: 'no', takenBack: null },
  undone: { committing: 'no', takenBack: 'taken-back' },
  kept: { committing: 'no', takenBack: 'taken-back-with-residue' },
  stuck: { committing: 'no', takenBack: 'stuck' },
};

type Outcome = Extract<SetEvent, 'taken-back' | 'taken-back-with-residue' | 'stuck'>;

const WORST: readonly Outcome[] = ['taken-back', 'taken-back-with-residue', 'stuck'];

/**
 * How a compensation has ended, from how many steps stand in which state; null while steps are left whose effect stands or is not known: there is no end
 * yet. `hasResidue`: a step that was undone has left something, such as a field that somebody else has changed.
 */
export function compensationOutcome(counts: Readonly<Partial<Record<StepState, number>>>, hasResidue: boolean): Outcome | null {
  const said = statesIn(counts).map((state) => SAYS[state].takenBack);
  if (said.includes(null)) return null;
  const worst = Math.max(hasResidue ? 1 : 0, ...said.map((outcome) => (outcome === null ? 0 : WORST.indexOf(outcome))));
  return WORST[worst] ?? 'stuck';
}

/** Whether every step is done, so that the set may be verified and committed. A set without steps has nothing to wait for. */
export function isApplied(counts: Readonly<Partial<Record<StepState, number>>>): boolean {
  return statesIn(counts).every((state) => SAYS[state].committing === 'yes');
}

function statesIn(counts: Readonly<Partial<Record<StepState, number>>>): readonly StepState[] {
  return (Object.keys(counts) as StepState[]).filter((state) => (counts[state] ?? 0) > 0);
}
