/**
 * Text ⇄ Notion's rich text. Text is words; rich text is runs of words with marks, links, mentions and equations. What text cannot express is carried
 * unchanged as long as its words stand (law S9): encoding starts from the runs that are there and replaces only what changed between them.
 */
import type { Piece } from './wire.ts';

/** Notion's limits: UTF-16 units of one run, and runs of one value. https://developers.notion.com/reference/request-limits */
export const MOST_UNITS = 2_000;
export const MOST_RUNS = 100;

/** The words of rich text in NFC; null for none. */
export function decodeRichText(pieces: readonly Piece[]): string | null {
  const text = wordsOf(pieces);
  return text === '' ? null : text;
}

export interface EncodedText {
  /** Runs in the form of a request. */
  readonly runs: readonly unknown[];
  /** What could not be carried, in words; null where everything was. */
  readonly loss: string | null;
}

/** Rich text with these words; runs of `before` whose words stand in the text are kept as they are, in their order. */
export function encodeRichText(text: string | null, before: readonly Piece[]): EncodedText {
  if (text === null || text === '') return { runs: [], loss: null };
  const kept = merged(edited(text, before));
  const whole = fitting(kept);
  if (whole !== null) {
    const unwritable = kept.some((run) => run.piece !== null && !isWritable(run.piece));
    return {
      runs: whole.map(requestOf),
      loss: unwritable ? 'expected runs that the API can write, got a link preview; it is a plain link now' : null,
    };
  }
  const plain = fitting([{ text, piece: null }]);
  if (plain !== null)
    return {
      runs: plain.map(requestOf),
      loss: `expected at most ${MOST_RUNS} runs of text, got more; marks and mentions were dropped`,
    };
  const clipped = split({ text, piece: null }).slice(0, MOST_RUNS);
  const units = clipped.reduce((sum, run) => sum + run.text.length, 0);
  return { runs: clipped.map(requestOf), loss: `expected at most ${units} characters, got ${text.length}; the end is cut off` };
}

/** The runs in parts that Notion takes; null where these are too many. Graphemes are only cut where all would not fit otherwise. */
function fitting(runs: readonly Run[]): readonly Run[] | null {
  const parts = runs.flatMap((run) => split(run));
  if (parts.length <= MOST_RUNS) return parts;
  const denser = runs.flatMap((run) => split(run, betweenCodePoints));
  return denser.length <= MOST_RUNS ? denser : null;
}

/** Words with the run that they stand in; null for plain words. */
interface Run {
  readonly text: string;
  readonly piece: Piece | null;
}

const wordsOf = (pieces: readonly Piece[]): string =>
  pieces
    .map((piece) => piece.plain_text)
    .join('')
    .normalize('NFC');

/** The text as runs: what stands before and after the change keeps its runs, and so does every special run whose words stand in between. */
function edited(text: string, before: readonly Piece[]): readonly Run[] {
  const old = placed(before);
  const oldText = old.map((run) => run.text).join('');
  // A mention cannot be cut: one that the change touches is looked for as a whole.
  const uncut = old.filter((run) => !isDivisible(run));
  const common = commonHead(oldText, text);
  const head = uncut.find((run) => run.from < common && common < run.to)?.from ?? common;
  const tailFrom = oldText.length - commonTail(oldText, text, head);
  const tail = uncut.find((run) => run.from < tailFrom && tailFrom < run.to)?.to ?? tailFrom;
  const part = (run: PlacedRun, from: number, to: number): Run[] => {
    const start = Math.max(run.from, from);
    const end = Math.min(run.to, to);
    return end <= start ? [] : [{ piece: run.piece, text: run.text.slice(start - run.from, end - run.from) }];
  };
  const touched = old.find((run) => run.from < head && tail < run.to);
  const special = old.filter((run) => run.piece !== null && run.from >= head && run.to <= tail);
  return [
    ...old.flatMap((run) => part(run, 0, head)),
    ...between(text.slice(head, text.length - (oldText.length - tail)), special, touched?.piece ?? null),
    ...old.flatMap((run) => part(run, tail, oldText.length)),
  ].filter((run) => run.text !== '');
}

interface PlacedRun extends Run {
  readonly from: number;
  readonly to: number;
}

function placed(pieces: readonly Piece[]): readonly PlacedRun[] {
  const runs: PlacedRun[] = [];
  let from = 0;
  for (const piece of pieces) {
    const text = piece.plain_text.normalize('NFC');
    runs.push({ text, piece: isPlain(piece) ? null : piece, from, to: from + text.length });
    from += text.length;
  }
  return runs;
}

/** The changed stretch: special runs whose words stand in it, in their order, with the new words around them in the form of the run that they are in. */
function between(text: string, special: readonly Run[], around: Piece | null): readonly Run[] {
  const runs: Run[] = [];
  let from = 0;
  for (const run of special) {
    const at = standsAt(text, run.text, from);
    if (at === -1) continue;
    runs.push({ text: text.slice(from, at), piece: around }, { text: run.text, piece: run.piece });
    from = at + run.text.length;
  }
  return [...runs, { text: text.slice(from), piece: around }];
}

const LETTER = /[\p{L}\p{N}\p{M}]/u;

/** Where these words stand by themselves, not inside other words; -1 for nowhere. */
function standsAt(text: string, words: string, from: number): number {
  for (let at = text.indexOf(words, from); at !== -1; at = text.indexOf(words, at + 1)) {
    const end = at + words.length;
    const joinsBefore = LETTER.test(text.slice(Math.max(0, at - 1), at)) && LETTER.test(words.slice(0, 1));
    const joinsAfter = LETTER.test(text.slice(end, end + 1)) && LETTER.test(words.slice(-1));
    if (!joinsBefore && !joinsAfter) return at;
  }
  return -1;
}

/** Units at the start that both texts share, never ending inside a surrogate pair. */
function commonHead(left: string, right: string): number {
  const most = Math.min(left.length, right.length);
  let length = 0;
  while (length < most && left.charCodeAt(length) === right.charCodeAt(length)) length += 1;
  return isHighSurrogate(left, length - 1) ? length - 1 : length;
}

function commonTail(left: string, right: string, head: number): number {
  const most = Math.min(left.length, right.length) - head;
  let length = 0;
  while (length < most && left.charCodeAt(left.length - 1 - length) === right.charCodeAt(right.length - 1 - length)) length += 1;
  return isHighSurrogate(left, left.length - length - 1) ? length - 1 : length;
}

function isHighSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd8_00 && unit <= 0xdb_ff;
}

const PLAIN_MARKS = new Set<unknown>([false, 'default']);

function isPlain(piece: Piece): boolean {
  const isMarked = Object.values(piece.annotations ?? {}).some((mark) => !PLAIN_MARKS.has(mark));
  return piece.type === 'text' && !isMarked && (piece.href ?? null) === null;
}

function isDivisible(run: Run): boolean {
  return run.piece === null || run.piece.type === 'text';
}

/** Neighbours of the same form become one run, so that a value does not fall to pieces edit by edit. */
function merged(runs: readonly Run[]): readonly Run[] {
  const joined: Run[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    if (last !== undefined && last.piece === run.piece && isDivisible(run))
      joined[joined.length - 1] = { ...last, text: last.text + run.text };
    else joined.push(run);
  }
  return joined;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Where a stretch that is longer than a run is cut, at most `MOST_UNITS` from its start. */
type Cut = (stretch: string) => number;

const betweenGraphemes: Cut = (stretch) => {
  const across = graphemes.segment(stretch).containing(MOST_UNITS)?.index ?? MOST_UNITS;
  return across > 0 ? across : betweenCodePoints(stretch);
};

const betweenCodePoints: Cut = (stretch) => (isHighSurrogate(stretch, MOST_UNITS - 1) ? MOST_UNITS - 1 : MOST_UNITS);

/** A run in parts of at most `MOST_UNITS`, cut between graphemes where no other way is asked for (I01). */
function split(run: Run, cut: Cut = betweenGraphemes): readonly Run[] {
  if (!isDivisible(run)) return [run];
  const parts: Run[] = [];
  let from = 0;
  while (run.text.length - from > MOST_UNITS) {
    // A stretch that reaches a little over the cut is enough to find the grapheme that lies across it.
    const length = cut(run.text.slice(from, from + MOST_UNITS + 64));
    parts.push({ ...run, text: run.text.slice(from, from + length) });
    from += length;
  }
  parts.push({ ...run, text: run.text.slice(from) });
  return parts;
}

/** Mentions that a request may hold; the others (link previews) are shown by Notion and can only be made there. */
const WRITABLE_MENTIONS: Readonly<Record<string, readonly string[]>> = {
  user: ['id'],
  page: ['id'],
  database: ['id'],
  date: ['start', 'end', 'time_zone'],
  custom_emoji: ['id', 'name', 'url'],
  template_mention: ['type', 'template_mention_date', 'template_mention_user'],
};

function isWritable(piece: Piece): boolean {
  return piece.type === 'text' || piece.type === 'equation' || (piece.type === 'mention' && mentionOf(piece) !== null);
}

function mentionOf(piece: Piece): unknown {
  const mention = piece['mention'];
  if (typeof mention !== 'object' || mention === null || !('type' in mention) || typeof mention.type !== 'string') return null;
  const keys = WRITABLE_MENTIONS[mention.type];
  const target: unknown = Object.entries(mention).find(([key]) => key === mention.type)?.[1];
  if (keys === undefined || typeof target !== 'object' || target === null) return null;
  return { [mention.type]: Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key))) };
}

/** A run as a request names it: answers hold more than requests may. */
function requestOf(run: Run): unknown {
  const { piece } = run;
  if (piece === null) return { type: 'text', text: { content: run.text } };
  const marks = piece.annotations === undefined ? {} : { annotations: piece.annotations };
  if (piece.type === 'equation') return { type: 'equation', equation: piece['equation'], ...marks };
  const mention = piece.type === 'mention' ? mentionOf(piece) : null;
  if (mention !== null) return { type: 'mention', mention, ...marks };
  return { type: 'text', text: { content: run.text, link: linkOf(piece) }, ...marks };
}

function linkOf(piece: Piece): { readonly url: string } | null {
  const text = piece['text'];
  const link = typeof text === 'object' && text !== null && 'link' in text ? text.link : null;
  if (typeof link === 'object' && link !== null && 'url' in link && typeof link.url === 'string') return { url: link.url };
  return typeof piece.href === 'string' ? { url: piece.href } : null;
}

/** What a run holds, without what changes by itself (the name and picture of a mentioned person). For comparing pages. */
export function contentOf(piece: Piece): unknown {
  return [piece.plain_text, requestOf({ text: piece.plain_text, piece: isPlain(piece) ? null : piece })];
}
