/** The store's counts → what they say of the keys of a workflow's effects. Pure. */
import type { SetState, StepState } from '../crm/change-set.ts';
import type { Settled } from './effects.ts';

/** Of a change set: where it stands, and its steps by state. */
export interface SetCounts {
  readonly state: SetState;
  readonly steps: Readonly<Partial<Record<StepState, number>>>;
  /** Notices to people that are on record, told or not. */
  readonly notices: number;
}

/** Owed writes of a connection, by state. */
export interface OutboxCounts {
  readonly owed: number;
  readonly sending: number;
}

/** Of all leads of an account: notices and change sets that are owed because of them. */
export interface AccountCounts {
  readonly delivered: number;
  /** Attempted, and not known to be delivered. */
  readonly tried: number;
  readonly owed: number;
  readonly writesStarted: number;
  readonly writesOwed: number;
}

/**
 * `applyBatch` writes steps that are planned and probes those that may have been sent before it sends anything (C5); `compensateBatch` takes back what is done.
 * Which of the two it will be is the set's state to say. A notice that is on record is not put there again.
 */
export function settledSet({ state, steps, notices }: SetCounts): Settled {
  const count = (...states: readonly StepState[]): number => states.reduce((sum, one) => sum + (steps[one] ?? 0), 0);
  const tellPeople = { doneByKey: notices, willRun: 0, unsafe: 0 };
  if (state === 'compensating')
    return { tellPeople, compensateBatch: { doneByKey: count('undoing', 'undone', 'kept'), willRun: count('done', 'sending'), unsafe: 0 } };
  return { tellPeople, applyBatch: { doneByKey: count('done', 'sending', 'kept'), willRun: count('planned'), unsafe: 0 } };
}

/** What was handed over before a crash is looked up by our marker inside the record before it is sent again (S4). */
export function settledOutbox({ owed, sending }: OutboxCounts): Settled {
  return { pushPage: { doneByKey: sending, willRun: owed, unsafe: 0 } };
}

/** A notice that may be on its way is looked for first where every channel can be looked through; by mail nobody can tell. */
export function settledAccount(counts: AccountCounts, canLookUp: boolean): Settled {
  const { delivered, tried, owed, writesStarted, writesOwed } = counts;
  return {
    tell: { doneByKey: delivered + (canLookUp ? tried : 0), willRun: owed, unsafe: canLookUp ? 0 : tried },
    startChangeSet: { doneByKey: writesStarted, willRun: writesOwed, unsafe: 0 },
  };
}
