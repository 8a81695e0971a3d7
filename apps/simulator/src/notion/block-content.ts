/**
 * What a block of each type holds: checks of requests, in the form of an answer.
 * Source: SDK type BlockObjectRequest (@notionhq/client 5.26). Files are external only; what else the vendor takes is refused by name.
 */
import { arrayAt, booleanAt, type Json, objectAt, oneOfAt, onlyKeys, refuse, stringAt } from './check.ts';
import { invalid } from './errors.ts';
import { iconAt } from './icons.ts';
import { idAt } from './ids.ts';
import { API_COLORS, richTextAt } from './rich-text.ts';
import type { MentionNames } from './rich-text.ts';

/** Reads one member of a block's content; undefined where the request leaves it out. */
type Member = (value: unknown, path: string, names: MentionNames) => unknown;

interface BlockType {
  /** Members and how each is read; `first` stands where a new block leaves it out, and a member without it must be given. */
  readonly members: Readonly<Record<string, { readonly read: Member; readonly first?: unknown }>>;
  /** Types that may lie below, `any`, or none. */
  readonly children: readonly string[] | 'any' | 'none';
}

const text = { read: ((value, path, names) => richTextAt(value, path, names)) satisfies Member };
const caption = { ...text, first: [] };
const color = { read: ((value, path) => oneOfAt(value, path, API_COLORS)) satisfies Member, first: 'default' };
const flag = { read: booleanAt as Member, first: false };
const url = { read: ((value, path) => stringAt(value, path, 2000)) satisfies Member };
const icon = { read: ((value, path) => iconAt(value, path)) satisfies Member, first: null };
const external = {
  read: ((value, path) => ({ url: stringAt(objectAt(value, path)['url'], `${path}.url`, 2000) })) satisfies Member,
};

const words = (children: BlockType['children'], more: BlockType['members'] = {}): BlockType => ({
  members: { rich_text: text, color, ...more },
  children,
});
const heading = words('any', { is_toggleable: flag });
const link: BlockType = { members: { url, caption }, children: 'none' };
const media: BlockType = { members: { external, caption }, children: 'none' };
const bare: BlockType = { members: {}, children: 'none' };

const TYPES: Readonly<Record<string, BlockType>> = {
  paragraph: words('any', { icon }),
  heading_1: heading,
  heading_2: heading,
  heading_3: heading,
  heading_4: heading,
  bulleted_list_item: words('any'),
  numbered_list_item: words('any'),
  quote: words('any'),
  toggle: words('any'),
  to_do: words('any', { checked: flag }),
  callout: words('any', { icon }),
  template: { members: { rich_text: text }, children: 'any' },
  code: {
    members: { rich_text: text, caption, language: { read: ((value, path) => stringAt(value, path, 60)) satisfies Member } },
    children: 'none',
  },
  equation: { members: { expression: { read: ((value, path) => stringAt(value, path, 1000)) satisfies Member } }, children: 'none' },
  divider: bare,
  breadcrumb: bare,
  table_of_contents: { members: { color }, children: 'none' },
  bookmark: link,
  embed: link,
  image: media,
  video: media,
  pdf: media,
  audio: media,
  file: {
    members: { ...media.members, name: { read: ((value, path) => stringAt(value, path, 900)) satisfies Member, first: '' } },
    children: 'none',
  },
  column_list: { members: {}, children: ['column'] },
  column: { members: { width_ratio: { read: numberAt, first: undefined } }, children: 'any' },
  table: { members: { table_width: { read: numberAt }, has_column_header: flag, has_row_header: flag }, children: ['table_row'] },
  table_row: {
    members: {
      cells: {
        read: ((value, path, names) =>
          arrayAt(value, path).map((cell, index) => richTextAt(cell, `${path}[${index}]`, names))) satisfies Member,
      },
    },
    children: 'none',
  },
  link_to_page: { members: { page_id: { read: ((value, path) => idAt(value, path)) satisfies Member } }, children: 'none' },
  synced_block: { members: { synced_from: { read: ((value) => value) satisfies Member, first: null } }, children: 'any' },
};

/** Members that say what another member is; the answer has them anyway. */
const MARKED: Readonly<Record<string, string>> = {
  image: 'external',
  video: 'external',
  pdf: 'external',
  audio: 'external',
  file: 'external',
  link_to_page: 'page_id',
};

function numberAt(value: unknown, path: string): number {
  return typeof value === 'number' ? value : refuse(path, 'a number', value);
}

/** A block that a request describes, with what lies below it. */
export interface BlockDraft {
  readonly type: string;
  readonly content: Json;
  readonly children: readonly BlockDraft[];
}

/** How deep blocks may nest in one request. */
const MOST_LEVELS = 2;

/** Reads one block of a request. */
export function blockAt(value: unknown, path: string, names: MentionNames, level = 0): BlockDraft {
  const given = objectAt(value, path);
  const type = Object.keys(TYPES).find((name) => given[name] !== undefined);
  if (type === undefined) {
    const other = typeof given['type'] === 'string' ? given['type'] : Object.keys(given).find((key) => key !== 'object');
    throw invalid(`body failed validation: ${path}.${other ?? 'type'} is not a block type that can be made here (see DIFFERENCES.md).`);
  }
  onlyKeys(given, path, ['object', 'type', type]);
  if (given['type'] !== undefined && given['type'] !== type) refuse(`${path}.type`, `\`"${type}"\``, given['type']);
  const { children, ...members } = objectAt(given[type], `${path}.${type}`);
  const below = TYPES[type]?.children ?? 'none';
  const at = `${path}.${type}.children`;
  if (children !== undefined && (below === 'none' || level === MOST_LEVELS)) refuse(at, 'not present', children);
  const drafts =
    children === undefined ? [] : arrayAt(children, at).map((child, index) => blockAt(child, `${at}[${index}]`, names, level + 1));
  if (Array.isArray(below)) {
    for (const [index, draft] of drafts.entries())
      if (!below.includes(draft.type)) refuse(`${at}[${index}]`, `a ${below.join(' or ')}`, draft.type);
    if (drafts.length === 0) refuse(`${at}.length`, '≥ `1`', 0);
  }
  return { type, content: contentAt(type, members, `${path}.${type}`, names), children: drafts };
}

/** Reads the content of a block; with `old`, what the request leaves out stays. */
export function contentAt(type: string, given: Json, path: string, names: MentionNames, old?: Json): Json {
  const members = TYPES[type]?.members ?? {};
  onlyKeys(given, path, [...Object.keys(members), 'type', 'children']);
  const content: Json = {};
  const marked = MARKED[type];
  if (marked !== undefined) content['type'] = marked;
  for (const [name, member] of Object.entries(members)) {
    if (given[name] !== undefined) content[name] = member.read(given[name], `${path}.${name}`, names);
    else if (old !== undefined) content[name] = old[name];
    else if ('first' in member) content[name] = member.first;
    else refuse(`${path}.${name}`, 'defined', undefined);
  }
  return content;
}

/** Whether an update may name this type at all. */
export function isEditableType(type: string): boolean {
  return TYPES[type] !== undefined;
}
