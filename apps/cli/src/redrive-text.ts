/** What waits for a person and what becomes of it, in words. */
import type { ParkedCause, ParkedList, ParkedThing, RedriveAnswer } from '@lockstep/api/redrive-schemas.ts';
import { counted, visible } from './output.ts';
import type { Output } from './output.ts';

/** Things that a preview names; `--json` has more. */
const MOST_NAMED = 20;

const NOUNS: Readonly<Record<ParkedCause['kind'], string>> = {
  write: 'write',
  field: 'field',
  record: 'record',
  comment: 'comment',
};

const LEFT: Readonly<Record<keyof ParkedCause['left'], string>> = {
  held: 'held by a breaker',
  'under-way': 'to be read again already',
  'not-configured': 'of a connection that is not configured',
};

export function parkedText({ causes, more, total }: ParkedList, output: Output): string {
  if (total === 0) return 'Nothing waits.';
  const rest =
    more.causes === 0
      ? ''
      : ` ${more.causes} more causes with ${counted(more.things, 'thing')} are not shown: narrow it with --connection.`;
  return [
    ...causes.flatMap((cause) => [...causeLines(cause, output), '']),
    `${counted(total, 'thing')} waiting, of ${counted(causes.length + more.causes, 'cause')}.${rest}`,
  ].join('\n');
}

/** One cause: how many, what for, since when, one of them, and what to do. */
export function causeLines(cause: ParkedCause, output: Output): readonly string[] {
  const { causeId, connectionId, kind, code, count, words, oldest, example, remedy } = cause;
  return [
    `${output.paint('bold', causeId)}  ${visible(connectionId)}  ${counted(count, NOUNS[kind])}  ${visible(code)}`,
    `  ${visible(words)}`,
    `  since ${oldest}, for example ${thingText(example)}`,
    ...(example.message === words ? [] : [`    ${visible(example.message)}`]),
    ...leftLines(cause),
    `  → ${remedy}`,
  ];
}

function leftLines({ left }: ParkedCause): readonly string[] {
  return (Object.keys(LEFT) as (keyof ParkedCause['left'])[]).flatMap((reason) =>
    left[reason] === 0 ? [] : [`  left alone: ${left[reason]}, ${LEFT[reason]}`],
  );
}

/** How people know it: the title of its item, else its id. */
export function thingText({ kind, title, itemId, remoteId, field, id }: ParkedThing): string {
  const name = title === null ? (itemId ?? remoteId ?? id) : `"${title}" (${itemId ?? id})`;
  return visible(kind === 'field' && field !== null ? `${field} of ${name}` : name);
}

/** What would be, or is, driven. */
export function redriveText(answer: RedriveAnswer, output: Output): string {
  const { dryRun, driven, causes, things, closed } = answer;
  const by = causes.flatMap((cause) => {
    const left = Object.values(cause.left).reduce((sum, one) => sum + one, 0);
    const share = `  ${visible(cause.connectionId)}: ${counted(cause.count - left, NOUNS[cause.kind])}, ${visible(cause.words)}`;
    return [...(cause.count === left ? [] : [share]), ...leftLines(cause).map((line) => `${line} (${visible(cause.connectionId)})`)];
  });
  const named = things.slice(0, MOST_NAMED).map((thing) => `    ${visible(thing.connectionId)} ${NOUNS[thing.kind]}: ${thingText(thing)}`);
  return [
    driven === 0 ? 'Nothing to drive.' : `${counted(driven, 'thing')} ${dryRun ? 'would be driven again' : 'driven again'}:`,
    ...by,
    ...(dryRun ? named : []),
    ...(dryRun && driven > named.length && named.length > 0 ? [`    and ${driven - named.length} more; --json names up to 1,000`] : []),
    ...closed.map((one) => output.paint('yellow', `  ${closedText(one)}`)),
    ...(dryRun ? ['Dry run: nothing was driven; --yes does it.'] : []),
  ].join('\n');
}

/** Why nothing is driven at a connection before a person opens it. */
export function closedText({ connectionId, gate, isBroken }: RedriveAnswer['closed'][number]): string {
  const id = visible(connectionId);
  if (isBroken) return `${id}: its credentials are refused; renew them, then \`lockstep resume ${id}\``;
  if (gate === 'paused') return `${id}: paused; go on with \`lockstep resume ${id}\``;
  return `${id}: waits for a plan; look at \`lockstep plan ${id}\`, then \`lockstep apply\``;
}
