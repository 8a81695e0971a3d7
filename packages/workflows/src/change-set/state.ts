/** What a run of `changeSet` has in mind, and its decisions: pure. */
import type { SetCause, SetState } from '@lockstep/domain/crm/change-set.ts';
import type { Standing } from './activities.ts';
import type { ChangeSetInput, ChangeSetPhase, ChangeSetStatus, DecisionMessage } from './messages.ts';

/** Of one run. Nothing in it is the only place that knows something: a run that is started from the store goes on as well. */
export interface Progress {
  readonly input: ChangeSetInput;
  phase: ChangeSetPhase;
  diffHash: string | null;
  approvalExpiresAt: string | null;
  deadlineAt: string | null;
  /** It has needed people's approval: they are asked again when its time is up. */
  isReviewed: boolean;
  putOff: number;
  /** What people have said of this diff so far. */
  said: 'nothing' | 'approved' | 'rejected';
  /** Decisions on their way to the store. */
  deciding: number;
  isCancelled: boolean;
  isTakenOver: boolean;
}

export function beginning(input: ChangeSetInput): Progress {
  return {
    input,
    phase: 'judging',
    diffHash: null,
    approvalExpiresAt: null,
    deadlineAt: null,
    isReviewed: false,
    putOff: 0,
    said: 'nothing',
    deciding: 0,
    isCancelled: false,
    isTakenOver: false,
  };
}

export function statusOf(progress: Progress): ChangeSetStatus {
  const { phase, diffHash, approvalExpiresAt, deadlineAt, putOff, isCancelled } = progress;
  return { phase, diffHash, approvalExpiresAt, deadlineAt, putOff, isCancelled };
}

const FIRST_WAIT_MS = 1_000;
/** A set goes on at most so long after its CRM has come back: the rest of 5 minutes is for the writes (case 39). */
const LONGEST_WAIT_MS = 180_000;

/** How long to leave a CRM alone that has put off `times` calls in a row: doubling, unless it asked for a wait of its own. */
export function patienceMs(times: number, askedMs: number | null): number {
  return askedMs ?? Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (times - 1));
}

/** Where a run begins, by what the store says and what it was started for. */
export type Entrance = 'judge' | 'apply' | 'verify' | 'compensate' | 'nothing';

const ENTRANCES: Readonly<Record<SetState, Readonly<Record<'go-on' | 'clean-up', Entrance>>>> = {
  planned: { 'go-on': 'judge', 'clean-up': 'compensate' },
  'awaiting-approval': { 'go-on': 'judge', 'clean-up': 'compensate' },
  'waiting-for-records': { 'go-on': 'judge', 'clean-up': 'compensate' },
  applying: { 'go-on': 'apply', 'clean-up': 'compensate' },
  verifying: { 'go-on': 'verify', 'clean-up': 'compensate' },
  compensating: { 'go-on': 'compensate', 'clean-up': 'compensate' },
  ended: { 'go-on': 'nothing', 'clean-up': 'nothing' },
};

export function entranceOf(standing: Pick<Standing, 'state'>, cleanUp: SetCause | undefined): Entrance {
  return ENTRANCES[standing.state][cleanUp === undefined ? 'go-on' : 'clean-up'];
}

/** Codes of answers that do not count, as `decideSet` has them for its rules. */
export type Objection = 'NOT_WAITING' | 'OTHER_DIFF' | 'EXPIRED';

/** Why an answer does not count, or null. `nowMs` is the workflow's clock. */
export function objectionTo(progress: Progress, { diffHash }: DecisionMessage, nowMs: number): Objection | null {
  if (progress.phase !== 'awaiting-approval' || progress.said !== 'nothing') return 'NOT_WAITING';
  if (nowMs >= Date.parse(progress.approvalExpiresAt ?? '')) return 'EXPIRED';
  return diffHash === progress.diffHash ? null : 'OTHER_DIFF';
}
