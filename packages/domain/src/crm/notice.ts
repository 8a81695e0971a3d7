/**
 * What people are told of change sets: who, in which words, and until when it is worth telling. Pure.
 *
 * The words name kinds of operations, numbers, codes and ids. Values of records, and the reason that somebody has typed, stay where they are (C12, case 78): the
 * command that shows them is in every notice.
 */
import type { Attempt } from '../routing/delivery.ts';
import type { Channel, Notice, NoticeReceipt } from '../routing/messenger.port.ts';
import { mayApprove, recordsOf } from './approval.ts';
import type { Approval, ChangeSet, Operation, Reversibility, Step } from './change-set.ts';
import type { Principal } from './policy.schema.ts';
import { objectOf } from './sensitivity.ts';

/** What people are told of. Forever: histories of workflows and rows of the store hold these. */
export type SetNotice =
  /** Approvers: a diff waits for them. */
  | 'approval-asked'
  /** The requester and the operators: nobody has answered in time, nothing was written (case 60). */
  | 'approval-expired'
  | 'rejected'
  /** The requester: the policy does not allow it. */
  | 'denied'
  /** The requester: the time was up in mid-way, what was done is taken back (case 40). */
  | 'out-of-time'
  | 'asked-again'
  /** The requester: it did not commit. */
  | 'rolled-back'
  /** Operators: inverses have failed for good, the leases are held (C7). */
  | 'needs-operator'
  | 'needs-operator-still';

/** A notice that is owed to one person. A row of the store; `words` stay there and with whoever reads them. */
export interface OwedSetNotice {
  /** From business identity: the same notice for the same question or end, however often it is worked out. */
  readonly noticeId: string;
  readonly changeSetId: string;
  readonly notice: SetNotice;
  /** As the configuration names the person behind accounts. */
  readonly person: string;
  readonly words: Notice;
  readonly owedSince: string;
  /** After it nobody is told any more. */
  readonly until: string;
  /** How far its delivery is; null before the first attempt. */
  readonly attempt: SetNoticeAttempt | null;
  /** The first attempt of all that may have delivered it: from there on a channel is looked through. */
  readonly triedSince: string | null;
  readonly settledAt: string | null;
  /** `moot`: what it asked for was settled before it could be told. `late`: it could not be told in time. Null while it is owed. */
  readonly outcome: 'told' | 'moot' | 'late' | null;
  readonly receipt: NoticeReceipt | null;
}

export type SetNoticeAttempt = Attempt<Channel>;

type Group = 'approvers' | 'requester' | 'operators';

const CONCERNED: Readonly<Record<SetNotice, readonly Group[]>> = {
  'approval-asked': ['approvers'],
  'approval-expired': ['requester', 'operators'],
  rejected: ['requester'],
  denied: ['requester'],
  'out-of-time': ['requester'],
  'asked-again': ['requester'],
  'rolled-back': ['requester'],
  'needs-operator': ['operators'],
  'needs-operator-still': ['operators'],
};

export interface ConcernedRequest {
  readonly notice: SetNotice;
  readonly set: Pick<ChangeSet, 'requestedBy' | 'actorKind' | 'diffHash'>;
  readonly approvals: readonly Approval[];
  /** As they stand now. */
  readonly principals: readonly Principal[];
}

/**
 * The people whom a notice concerns, each once, whatever accounts they have. Nobody is asked to approve what they may not approve (case 59), nor what they have
 * approved already.
 */
export function concernedBy(request: ConcernedRequest): readonly string[] {
  return [...new Set(CONCERNED[request.notice].flatMap((group) => PEOPLE[group](request)))];
}

const PEOPLE: Readonly<Record<Group, (request: ConcernedRequest) => readonly string[]>> = {
  approvers: ({ set, approvals, principals }) => {
    const given = approvals.filter((one) => one.decision === 'approve' && one.voidedAt === null && one.diffHash === set.diffHash);
    const settled = new Set(given.map(({ approver }) => principals.find(({ id }) => id === approver)?.person));
    return principals.flatMap(({ id, person }) =>
      person !== null && mayApprove({ set, approver: { id }, principals }).ok && !settled.has(person) ? [person] : [],
    );
  },
  requester: ({ set, principals }) => principals.filter(({ id }) => id === set.requestedBy).flatMap(peopleBehind),
  operators: ({ principals }) => principals.filter(({ roles }) => roles.includes('operator')).flatMap(peopleBehind),
};

function peopleBehind({ person, members }: Principal): readonly string[] {
  return person === null ? members : [person];
}

/**
 * The same id for the same question or end, whichever run of a workflow tells it. A question is another one for another diff, and where an answer to it has come to
 * count no more; a reminder is one for each instant `askedAt`.
 */
export function noticeIdOf(
  notice: SetNotice,
  set: Pick<ChangeSet, 'changeSetId' | 'requestedBy' | 'actorKind' | 'diffHash'>,
  { approvals, principals, askedAt }: Pick<ConcernedRequest, 'approvals' | 'principals'> & { readonly askedAt: string },
): string {
  const id = `${set.changeSetId}/${notice}`;
  if (notice === 'needs-operator-still') return `${id}/${askedAt}`;
  if (notice !== 'approval-asked') return id;
  const counts = ({ approver, voidedAt }: Approval): boolean =>
    voidedAt === null && mayApprove({ set, approver: { id: approver }, principals }).ok;
  const lost = approvals.filter((one) => one.decision === 'approve' && !counts(one)).length;
  return `${id}/${(set.diffHash ?? '').slice(0, DIGITS)}/${lost}`;
}

/** Of a hash: enough to tell the diffs of one set apart. */
const DIGITS = 12;

export interface NoticeFacts {
  readonly set: ChangeSet;
  readonly steps: readonly Step[];
  /** Of a question: how many different people have to say yes. */
  readonly approvers: number;
}

/** What heads each notice, and what there is to do. */
const HEADS: Readonly<Record<SetNotice, string>> = {
  'approval-asked': 'Your approval is asked for',
  'approval-expired': 'Nobody has approved in time, nothing was written',
  rejected: 'Rejected, nothing was written',
  denied: 'The policy does not allow it',
  'out-of-time': 'Its time was up',
  'asked-again': 'Planned and asked for again',
  'rolled-back': 'It did not commit',
  'needs-operator': 'It needs an operator, its records are reserved until then',
  'needs-operator-still': 'It still needs an operator, its records are reserved until then',
};

const CLASSES: Readonly<Record<Reversibility, string>> = {
  A: 'A, exact',
  B: 'B, exact with a residue',
  C: 'C, compensable only',
  D: 'D, irreversible',
};

/** For a person: what it is, who has asked, how much it is, how far it can be taken back, until when, and the command to run. */
export function wordsOf(notice: SetNotice, { set, steps, approvers }: NoticeFacts): Notice {
  const { changeSetId, requestedBy, actorKind, cause, end, approvalExpiresAt } = set;
  const isQuestion = notice === 'approval-asked';
  return {
    title: `${HEADS[notice]}: change set ${changeSetId}`,
    why: [
      `What: ${timesOf(steps.map(({ operation }) => deedOf(operation)))}`,
      `Asked for by ${requestedBy} (${actorKind})`,
      `${recordsOf(steps)} ${recordsOf(steps) === 1 ? 'record' : 'records'}; can be taken back: ${classesOf(steps)}`,
      ...(isQuestion && approvers > 1 ? [`${approvers} different people have to approve`] : []),
      ...(isQuestion || cause === null ? [] : [`Cause: ${cause}`]),
      ...(isQuestion || end === null ? [] : [`End: ${end}`]),
      ...troublesOf(steps),
      ...commandsFor(notice, changeSetId),
    ],
    score: null,
    deadlineIso: isQuestion ? approvalExpiresAt : null,
    link: null,
    buttons: [],
  };
}

function deedOf(operation: Operation): string {
  const { connectionId } = 'target' in operation ? operation.target : operation;
  return `${operation.kind} on ${objectOf(operation)} of ${connectionId}`;
}

/** The worst first. */
function classesOf(steps: readonly Step[]): string {
  const classes = counted(steps.map(({ reversibility }) => reversibility)).toSorted(([left], [right]) => (left < right ? 1 : -1));
  const [only] = classes;
  if (classes.length === 1 && only !== undefined) return `class ${CLASSES[only[0]]}`;
  return classes.map(([one, count]) => `${count} × class ${CLASSES[one]}`).join(', ');
}

/** What stands in the way of an end that is clean: by code, never in the CRM's words. */
function troublesOf(steps: readonly Step[]): readonly string[] {
  const codesOf = (state: Step['state'], words: string): readonly string[] => {
    const codes = steps.flatMap((step) => (step.state === state ? [step.finding?.code ?? 'UNKNOWN'] : []));
    return codes.length === 0 ? [] : [`${words}: ${timesOf(codes)}`];
  };
  return [...codesOf('refused', 'Refused by the CRM'), ...codesOf('stuck', 'Could not be taken back')];
}

function commandsFor(notice: SetNotice, id: string): readonly string[] {
  const show = `Look at it: \`lockstep crm show ${id}\``;
  switch (notice) {
    case 'approval-asked':
      return [show, `Say yes: \`lockstep crm approve ${id}\``, `Say no: \`lockstep crm reject ${id}\``];
    case 'asked-again':
      return [show, 'Find the new set: `lockstep crm list`'];
    case 'needs-operator':
    case 'needs-operator-still':
      return [
        show,
        `Once the cause is removed in the CRM: \`lockstep rollback ${id} --apply --wait\``,
        `Once its records are set right by hand: \`lockstep crm cancel ${id}\``,
      ];
    default:
      return [show];
  }
}

/** `LOCKED × 2, GONE × 1`, the most frequent first. */
function timesOf(all: readonly string[]): string {
  return counted(all)
    .map(([one, count]) => `${one} × ${count}`)
    .join(', ');
}

function counted<T>(all: readonly T[]): readonly (readonly [T, number])[] {
  const counts = new Map<T, number>();
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].toSorted(([, left], [, right]) => right - left);
}

/** How long an end is worth telling; a question is until its expiry. */
const WORTH_MS = 7 * 86_400_000;

/** ISO. */
export function untilOf(notice: SetNotice, set: Pick<ChangeSet, 'approvalExpiresAt'>, now: string): string {
  if (notice === 'approval-asked' && set.approvalExpiresAt !== null) return set.approvalExpiresAt;
  return new Date(Date.parse(now) + WORTH_MS).toISOString();
}
