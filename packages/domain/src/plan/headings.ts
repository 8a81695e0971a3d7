/**
 * Headings that are items (phases, epics, groups, loops), and the labelled lines under them: "**Objective:** …" is a field of the heading's item,
 * "**Exit gate:** …" is a gate.
 */
import { draftItem, evened, putField } from './draft.ts';
import type { Draft, DraftItem, Position } from './draft.ts';
import type { Heading, Tree } from './markdown.ts';
import type { Holder, Span } from './plan.ts';
import { trimBlanks } from './text-codec.ts';
import { fieldOfLabel, isGateLabel } from './words.ts';

/** "**Label:** " or "**Label**: " at the beginning of a line. */
const LABEL = /^[ \t]*(?:>[ \t]?)*\*\*([^*\r\n]+?)(?::\*\*|\*\*:)[ \t]*/gm;
const PREFIX = /^(?:epic|task group|workstream)\b[ \t]*[\d.]*[ \t]*[:–—-][ \t]*/i;
const NUMBER = /^(?:[A-Z]?\d+(?:\.\d+)*[.)]?|[A-Z](?:\.\d+)+[.)]?|[A-Z][.)])[ \t]+/;
/** "(Every Monday, 90 min)" at the end of a loop's heading. */
const TIMING = /[ \t]+\(([^()]+)\)$/;
const LENGTH_OF_TIME = /\d\s*(?:min|minutes?|h|hrs?|hours?|days?)\b/i;

/** Where a heading's own text stands, without marks and underlines. */
export function contentOfHeading(tree: Tree, heading: Heading): Span {
  const { start, end } = tree.spanOf(heading);
  const raw = tree.text.slice(start, end);
  const hashes = /^#{1,6}(?:[ \t]+|$)/.exec(raw)?.[0].length;
  const own = hashes === undefined ? raw.replace(/(?:\r\n|\r|\n)[^\r\n]*$/, '') : raw.slice(hashes).replace(/(?:^|[ \t]+)#+[ \t]*$/, '');
  const from = start + (hashes ?? 0);
  return { start: from, end: from + own.length };
}

/** Makes a heading an item. */
export function readHeadingItem(
  draft: Draft,
  kind: 'phase' | 'epic' | 'group' | 'loop',
  heading: Heading,
  position: Position,
): DraftItem | null {
  const { tree } = draft;
  const content = contentOfHeading(tree, heading);
  const raw = tree.text.slice(content.start, content.end);
  if (trimBlanks(raw) === '') return null;
  const item = draftItem(kind, 'heading', tree.spanOf(heading), position, null);
  const lead = kind === 'phase' ? 0 : ((kind === 'loop' ? NUMBER : PREFIX).exec(raw)?.[0].length ?? 0);
  const timing = kind === 'loop' ? TIMING.exec(raw) : null;
  putField(draft, item, 'title', 'line', {
    start: content.start + lead,
    end: timing === null ? content.end : content.start + timing.index,
  });
  if (timing !== null) putTiming(draft, item, content.start + timing.index + timing[0].indexOf('(') + 1, timing[1] ?? '');
  item.text = evened(raw);
  if (typeof item.fields.title !== 'string') return null;
  draft.items.push(item);
  return item;
}

function putTiming(draft: Draft, item: DraftItem, start: number, words: string): void {
  const comma = words.lastIndexOf(',');
  const tail = words.slice(comma + 1);
  if (comma > 0 && LENGTH_OF_TIME.test(tail)) {
    putField(draft, item, 'cadence', 'line', { start, end: start + comma });
    putField(draft, item, 'duration', 'line', { start: start + comma + 1, end: start + words.length });
  } else {
    putField(draft, item, LENGTH_OF_TIME.test(words) ? 'duration' : 'cadence', 'line', { start, end: start + words.length });
  }
}

/**
 * Reads the labelled lines of a paragraph (or of a list's entry): each is a field of the item above, or a gate whose own fields may follow.
 * `outer` is what an edit of a gate takes as its whole.
 */
export function readLabels(draft: Draft, inner: Span, outer: Span, holder: Holder, above: DraftItem | null, position: Position): void {
  const raw = draft.tree.text.slice(inner.start, inner.end);
  const labels = [...raw.matchAll(LABEL)];
  let target = above;
  for (const [index, label] of labels.entries()) {
    const name = label[1] ?? '';
    const end = labels[index + 1]?.index ?? raw.length;
    const value: Span = { start: inner.start + label.index + label[0].length, end: inner.start + end };
    if (isGateLabel(name)) {
      target = readGate(draft, { name, label: { start: inner.start + label.index, end: value.start }, value, outer, holder }, position);
      continue;
    }
    const field = fieldOfLabel(name);
    if (target !== null && field !== null && target.places[field] === undefined) putField(draft, target, field, 'line', value);
  }
}

interface GateText {
  readonly name: string;
  readonly label: Span;
  readonly value: Span;
  readonly outer: Span;
  readonly holder: Holder;
}

function readGate(draft: Draft, gate: GateText, position: Position): DraftItem {
  const item = draftItem('gate', gate.holder, gate.outer, position, null);
  const raw = draft.tree.text.slice(gate.label.start, gate.label.end);
  const start = gate.label.start + raw.indexOf('**') + 2;
  putField(draft, item, 'title', 'line', { start, end: start + gate.name.length });
  putField(draft, item, 'exitCriteria', 'line', gate.value);
  item.text = evened(draft.tree.text.slice(gate.label.start, gate.value.end));
  draft.items.push(item);
  return item;
}
