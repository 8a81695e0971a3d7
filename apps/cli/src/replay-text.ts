/** Replays for people: which workflows, from where, what would happen again outside, and what became of each. */
import type { ApiReplay, ApiReplayEffect, ApiReplayPlan, ApiReplayTarget, ReplayDetail } from '@lockstep/api/replay-schemas.ts';
import { columns, counted, shortened, visible } from './output.ts';
import type { Output } from './output.ts';

const MOST_REASON = 120;
/** Of a hash, enough to tell it from another by eye. */
const HASH_SHOWN = 12;

const CODES: Readonly<Record<NonNullable<ApiReplayTarget['code']>, string>> = {
  OPEN: 'runs',
  DONE: 'is done',
  CANCELLED: 'was cancelled',
  CONTINUED: 'goes on in a next run',
  GONE: 'is not known to Temporal, or not of this workspace',
  FOREIGN: 'is of a type that is not replayed',
  NO_POINT: 'has no such point',
  MOVED: 'has another run since it was planned',
  RESET_BEFORE: 'was set back already',
  NOT_RESETTABLE: 'Temporal refuses the point',
};

const ENDS: Readonly<Record<NonNullable<ApiReplay['end']>, readonly ['green' | 'yellow', string]>> = {
  done: ['green', 'done'],
  stopped: ['yellow', 'stopped: what was set back stays so'],
  rejected: ['yellow', 'rejected: nothing was set back'],
  expired: ['yellow', 'expired: nobody has approved it in time'],
};

const REASONS: Readonly<Record<string, string>> = {
  MANY_TARGETS: 'more workflows than may go without',
  UNSAFE_EFFECTS: 'effects that are not safe',
  AGENT_ASKS: 'an agent asks',
};

/** What a replay would do. */
export function planText({ targets, skipped, effects, unsafe, verdict, point, hash }: ApiReplayPlan, output: Output): string {
  const types = Object.entries(Object.groupBy(targets, ({ workflowType }) => workflowType));
  const head = `Replay of ${counted(targets.length, 'workflow')} ${pointText(point)}`;
  return [
    output.paint('bold', head),
    ...types.map(([type, of]) => `  ${of.length} ${type}`),
    ...(targets.length === 0 ? [] : [`  plan ${hash.slice(0, HASH_SHOWN)}… (\`--plan ${hash}\` holds you to it)`]),
    ...effectLines(effects, unsafe, output),
    ...leftAlone(skipped),
    ...(verdict.decision === 'review' ? ['', approvalText(verdict.reasons, unsafe)] : []),
  ].join('\n');
}

function pointText(point: ApiReplayPlan['point']): string {
  switch (point.at) {
    case 'first-task':
      return 'from the beginning';
    case 'last-good-task':
      return 'from after the last good task';
    case 'failing-activity':
      return 'from before the failing activity';
    case 'event':
      return `from before event ${point.eventId}`;
  }
}

function effectLines(effects: readonly ApiReplayEffect[], unsafe: readonly string[], output: Output): readonly string[] {
  const outside = effects.filter(({ doneByKey, willRun, unsafe: count }) => doneByKey + willRun + count > 0);
  const inside = effects.filter((effect) => !outside.includes(effect)).map(({ activity }) => activity);
  const table = columns(
    ['activity', 'calls again', 'done by its key', 'will run', 'not safe'],
    outside.map((one) => [visible(one.activity), ...[one.shown, one.doneByKey, one.willRun, one.unsafe].map(String)]),
  );
  return [
    ...(outside.length === 0 ? [] : ['', ...table.split('\n').map((line) => `  ${line}`)]),
    ...(inside.length === 0 ? [] : [`  Called again with no effect outside: ${inside.map(visible).join(', ')}`]),
    ...(unsafe.length === 0
      ? []
      : [output.paint('yellow', `  Not safe: ${unsafe.map(visible).join(', ')} may have happened, and nothing can tell`)]),
  ];
}

function leftAlone(skipped: ApiReplayPlan['skipped']): readonly string[] {
  const byCode = Object.entries(Object.groupBy(skipped, ({ code }) => code));
  if (byCode.length === 0) return [];
  return ['', `${counted(skipped.length, 'workflow')} left alone:`, ...byCode.map(([code, of]) => `  ${of.length} ${wordsOf(code)}`)];
}

const wordsOf = (code: string): string => `${code}: ${CODES[code as keyof typeof CODES]}`;

function approvalText(reasons: readonly string[], unsafe: readonly string[]): string {
  const why = reasons.map((reason) => REASONS[reason] ?? reason).join(', ');
  const naming = unsafe.length === 0 ? '' : `, with \`--accept-unsafe ${unsafe.join(' ')}\``;
  return `One person must approve, not the one who asks${naming}: ${why}`;
}

/** How far it is, in one line. */
export function progressText({ replay, counts }: ReplayDetail): string {
  return `${replay.state}: ${countsText(counts)}`;
}

function countsText(counts: ReplayDetail['counts']): string {
  return Object.entries(counts)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}

/** One replay, with the part of its targets that the answer holds. */
export function replayText({ replay, counts, effects, unsafe, targets, next }: ReplayDetail, output: Output): string {
  const { replayId, requestedBy, approver, decidedAt, acceptedUnsafe } = replay;
  const head = `replay ${replayId}`;
  const said = replay.end === 'rejected' ? 'rejected' : 'approved';
  return [
    `${output.paint('bold', head)}: ${counted(replay.targets, 'workflow')} ${pointText(replay.point)}, asked for by ${visible(requestedBy)}`,
    `  ${visible(shortened(replay.reason, MOST_REASON))}`,
    `  ${standing(replay, output)}`,
    ...(replay.state === 'awaiting-approval' ? [`  ${approvalText(replay.reasons, unsafe)}`] : []),
    ...(approver === null ? [] : [`  ${said} by ${visible(approver)} at ${decidedAt ?? ''}${accepted(acceptedUnsafe)}`]),
    `  ${countsText(counts)}`,
    ...effectLines(effects, unsafe, output),
    '',
    ...targets.map(targetLine),
    ...(next === null ? [] : [`  … and ${replay.targets - next} more; \`lockstep replay show ${replayId} --from ${next}\``]),
  ].join('\n');
}

const accepted = (activities: readonly string[]): string =>
  activities.length === 0 ? '' : `, accepting ${activities.map(visible).join(', ')}`;

function standing(replay: ApiReplay, output: Output): string {
  if (replay.end === null)
    return `${replay.state}${replay.approvalExpiresAt === null ? '' : `, approvals count until ${replay.approvalExpiresAt}`}`;
  const [style, words] = ENDS[replay.end];
  return output.paint(style, words);
}

function targetLine({ ordinal, workflowId, resetEventId, state, code, newRunId }: ApiReplayTarget): string {
  const outcome = newRunId === null ? state : `${state}, goes on as run ${newRunId}`;
  return `  ${ordinal + 1}. ${visible(workflowId)} to event ${resetEventId} · ${outcome}${code === null ? '' : ` (${wordsOf(code)})`}`;
}

/** Replays in columns. */
export function replaysText(replays: readonly ApiReplay[]): string {
  if (replays.length === 0) return 'No replays.';
  return columns(
    ['replay', 'workflows', 'asked for by', 'at', 'stands'],
    replays.map((one) => [one.replayId, String(one.targets), visible(one.requestedBy), one.requestedAt, one.end ?? one.state]),
  );
}
