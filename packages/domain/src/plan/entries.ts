/**
 * Lists that hold items: checkboxes (checks; tasks and subtasks where they carry an id or stand under a phase, epic or group), and in a section of
 * metrics the entries of the form "**Name:** what is measured". Other lists are prose, but what is nested in them is looked through.
 */
import type { List, ListItem } from './markdown.ts';
import type { ItemKind } from '../backlog/item.ts';
import { draftItem, evened, putField, requireTitle } from './draft.ts';
import type { Draft, DraftBlock, DraftItem, Position } from './draft.ts';
import type { Span } from './plan.ts';
import type { HeadingRole } from './words.ts';

/** Bullet, brackets and the blanks after them. */
const BOX = /^((?:[-*+]|\d{1,9}[.)])[ \t]+\[)([ \t\r\nxX])\][ \t\r\n]+/;
const BULLET = /^(?:[-*+]|\d{1,9}[.)])[ \t]+/;
/** spec-kit's ids: `T001`, `CHK012`; others where they are set off by a colon (`OPS-12: …`). */
const EXPLICIT_ID = /^(\*\*)?((?:T|CHK)\d{2,5}[a-z]?|[A-Z]{2,8}-\d{1,6}(?=:|\*\*))\1?(?::|(?=\s))[ \t]*/;
/** spec-kit's marks after the id: `[P]`, `[US1]`. */
const MARKS = /^(?:\[[A-Za-z][\w -]{0,11}\][ \t]+)*/;
/** "**Name:** text" or "**Name**: text". */
const LABELLED = /^\*\*([^*]+?)(?::\*\*|\*\*:)(?=[ \t\r\n]|$)/;

/** What the headings above a list make of it. */
export interface ListSetting {
  readonly position: Position;
  /** The nearest role of a heading above, its own or that of one around it. */
  readonly role: HeadingRole;
  /** True where the nearest heading itself is a phase, epic or group, or stands plainly under one. */
  readonly holdsTasks: boolean;
}

/** Reads a list and all that is nested in it. */
export function readList(draft: Draft, list: List, setting: ListSetting, enclosing: DraftItem | null = null): void {
  const blocks = new Map<string, DraftBlock>();
  for (const entry of list.children) {
    const item =
      typeof entry.checked === 'boolean' ? readBox(draft, entry, setting, enclosing) : readMetric(draft, entry, setting, enclosing);
    if (item !== null) {
      const { kind } = item;
      const block = blocks.get(kind) ?? blockOf(draft, list, kind, setting.position, enclosing);
      blocks.set(kind, block);
      block.rows.push(item.span);
      item.block = block;
      draft.items.push(item);
    }
    for (const child of entry.children) if (child.type === 'list') readList(draft, child, setting, item ?? enclosing);
  }
}

function blockOf(draft: Draft, list: List, kind: ItemKind, position: Position, enclosing: DraftItem | null): DraftBlock {
  const block: DraftBlock = {
    form: 'list',
    kind,
    span: draft.tree.spanOf(list),
    columns: [],
    parent: enclosing ?? position.parent,
    section: position.section,
    rows: [],
  };
  draft.blocks.push(block);
  return block;
}

function readBox(draft: Draft, entry: ListItem, setting: ListSetting, enclosing: DraftItem | null): DraftItem | null {
  const span = draft.tree.spanOf(entry);
  const box = BOX.exec(draft.tree.text.slice(span.start, span.end));
  const text = firstText(draft, entry);
  if (box === null || text === null) return null;
  const start = span.start + box[0].length;
  const own = draft.tree.text.slice(start, text.end);
  const id = EXPLICIT_ID.exec(own);
  const kind = kindOfBox(id?.[2] ?? null, setting, enclosing);
  const position: Position = { section: setting.position.section, parent: enclosing ?? setting.position.parent };
  const item = draftItem(kind, 'entry', span, position, null);
  const ticked = (box[2] ?? '').toLowerCase() === 'x';
  const mark = span.start + (box[1] ?? '').length;
  item.places.status = { form: 'box', span: { start: mark, end: mark + 1 }, bold: false };
  item.fields.status = ticked ? 'done' : 'todo';
  item.explicitId = id?.[2] ?? null;
  const afterId = start + (id?.[0].length ?? 0);
  const afterMarks = id === null ? afterId : afterId + (MARKS.exec(draft.tree.text.slice(afterId, text.end))?.[0].length ?? 0);
  putEntryText(draft, item, { start: afterMarks, end: text.end }, 'description');
  item.text = evened(own);
  requireTitle(draft, item);
  return item;
}

function kindOfBox(id: string | null, setting: ListSetting, enclosing: DraftItem | null): ItemKind {
  if (enclosing?.kind === 'task' || enclosing?.kind === 'subtask') return 'subtask';
  if (enclosing?.kind === 'check' || id?.startsWith('CHK') === true) return 'check';
  return id !== null || setting.holdsTasks ? 'task' : 'check';
}

function readMetric(draft: Draft, entry: ListItem, setting: ListSetting, enclosing: DraftItem | null): DraftItem | null {
  if (setting.role !== 'metrics' || enclosing !== null) return null;
  const span = draft.tree.spanOf(entry);
  const bullet = BULLET.exec(draft.tree.text.slice(span.start, span.end));
  const text = firstText(draft, entry);
  if (bullet === null || text === null) return null;
  const start = span.start + bullet[0].length;
  const own = draft.tree.text.slice(start, text.end);
  if (!LABELLED.test(own)) return null;
  const item = draftItem('metric', 'entry', span, setting.position, null);
  putEntryText(draft, item, { start, end: text.end }, 'metric');
  item.text = evened(own);
  requireTitle(draft, item);
  return item;
}

/** "**Name:** rest" gives title and `rest`; anything else is the title. */
function putEntryText(draft: Draft, item: DraftItem, span: Span, rest: 'description' | 'metric'): void {
  const raw = draft.tree.text.slice(span.start, span.end);
  const label = LABELLED.exec(raw);
  if (label === null) {
    putField(draft, item, 'title', 'line', span);
    return;
  }
  const name = label[1] ?? '';
  const nameStart = span.start + 2;
  putField(draft, item, 'title', 'line', { start: nameStart, end: nameStart + name.length });
  putField(draft, item, rest, 'line', { start: span.start + label[0].length, end: span.end });
}

/** Where an entry's own first paragraph stands; null for an entry that begins with something else. */
function firstText(draft: Draft, entry: ListItem): Span | null {
  const [first] = entry.children;
  return first?.type === 'paragraph' ? draft.tree.spanOf(first) : null;
}
