/**
 * Rich text as Notion takes and answers it: requests name what they need, answers carry full annotations, `plain_text` and `href`.
 * Limits (https://developers.notion.com/reference/request-limits): 100 items, 2000 characters an item, 2000 a URL, 1000 an equation.
 */
import { arrayAt, booleanAt, type Json, objectAt, oneOfAt, onlyKeys, refuse, stringAt } from './check.ts';
import { idAt } from './ids.ts';

const BASE_COLORS = ['default', 'gray', 'brown', 'orange', 'yellow', 'green', 'blue', 'purple', 'pink', 'red'] as const;
/** Colours of text and blocks (SDK type ApiColor). */
export const API_COLORS = [...BASE_COLORS, ...BASE_COLORS.slice(1).map((name) => `${name}_background`), 'default_background'];

export type Annotations = { bold: boolean; italic: boolean; strikethrough: boolean; underline: boolean; code: boolean; color: string };
export type RichText = { type: 'text' | 'mention' | 'equation'; annotations: Annotations; plain_text: string; href: string | null } & Json;

/** What the text of a mention is, and whether it exists; given by the workspace. */
export type MentionNames = { user(id: string): string; page(id: string): string };

const PLAIN: Annotations = { bold: false, italic: false, strikethrough: false, underline: false, code: false, color: 'default' };

/** Rich text of one plain run, or none for an empty string. */
export function plainRichText(content: string): RichText[] {
  if (content === '') return [];
  return [{ type: 'text', text: { content, link: null }, annotations: { ...PLAIN }, plain_text: content, href: null }];
}

/** The plain text of normalised rich text. */
export function plainText(items: readonly RichText[]): string {
  return items.length === 1 ? (items[0]?.plain_text ?? '') : items.map((item) => item.plain_text).join('');
}

function annotations(value: unknown, path: string): Annotations {
  if (value === undefined) return { ...PLAIN };
  const given = objectAt(value, path);
  onlyKeys(given, path, Object.keys(PLAIN));
  const result: Annotations = { ...PLAIN };
  for (const key of ['bold', 'italic', 'strikethrough', 'underline', 'code'] as const) {
    if (given[key] !== undefined) result[key] = booleanAt(given[key], `${path}.${key}`);
  }
  if (given['color'] !== undefined) result.color = oneOfAt(given['color'], `${path}.color`, API_COLORS);
  return result;
}

/** An object with these members at most. */
function memberOf(value: unknown, path: string, allowed: readonly string[]): Json {
  const given = objectAt(value, path);
  onlyKeys(given, path, allowed);
  return given;
}

function textItem(given: Json, path: string): Omit<RichText, 'annotations'> {
  const text = objectAt(given['text'], `${path}.text`);
  onlyKeys(text, `${path}.text`, ['content', 'link']);
  const content = stringAt(text['content'], `${path}.text.content`, 2000);
  let link: { url: string } | null = null;
  if (text['link'] !== undefined && text['link'] !== null) {
    link = { url: stringAt(memberOf(text['link'], `${path}.text.link`, ['url'])['url'], `${path}.text.link.url`, 2000) };
  }
  return { type: 'text', text: { content, link }, plain_text: content, href: link?.url ?? null };
}

function mentionItem(given: Json, path: string, names: MentionNames): Omit<RichText, 'annotations'> {
  const mention = objectAt(given['mention'], `${path}.mention`);
  const [kind = ''] = Object.keys(mention).filter((name) => name !== 'type');
  onlyKeys(mention, `${path}.mention`, ['type', kind]);
  if (mention['type'] !== undefined) oneOfAt(mention['type'], `${path}.mention.type`, [kind]);
  if (mention['user'] !== undefined) {
    const id = idAt(memberOf(mention['user'], `${path}.mention.user`, ['object', 'id'])['id'], `${path}.mention.user.id`);
    return { type: 'mention', mention: { type: 'user', user: { object: 'user', id } }, plain_text: `@${names.user(id)}`, href: null };
  }
  if (mention['page'] !== undefined) {
    const id = idAt(memberOf(mention['page'], `${path}.mention.page`, ['id'])['id'], `${path}.mention.page.id`);
    const href = `https://www.notion.so/${id.replaceAll('-', '')}`;
    return { type: 'mention', mention: { type: 'page', page: { id } }, plain_text: names.page(id), href };
  }
  if (mention['date'] !== undefined) {
    const date = dateAt(mention['date'], `${path}.mention.date`);
    return {
      type: 'mention',
      mention: { type: 'date', date },
      plain_text: date.end ? `${date.start} → ${date.end}` : date.start,
      href: null,
    };
  }
  return refuse(`${path}.mention`, 'a mention of a user, page or date', mention);
}

/** Checks rich text of a request and gives it in the form of an answer; items with empty text are dropped, as at the vendor. */
export function richTextAt(value: unknown, path: string, names: MentionNames): RichText[] {
  const items = arrayAt(value, path).map((element, index): RichText => {
    const at = `${path}[${index}]`;
    const given = objectAt(element, at);
    onlyKeys(given, at, ['type', 'text', 'mention', 'equation', 'annotations', 'plain_text', 'href']);
    const marks = annotations(given['annotations'], `${at}.annotations`);
    if (given['mention'] !== undefined) return { ...mentionItem(given, at, names), annotations: marks } as RichText;
    if (given['equation'] !== undefined) {
      const equation = memberOf(given['equation'], `${at}.equation`, ['expression']);
      const expression = stringAt(equation['expression'], `${at}.equation.expression`, 1000);
      return { type: 'equation', equation: { expression }, annotations: marks, plain_text: expression, href: null };
    }
    return { ...textItem(given, at), annotations: marks } as RichText;
  });
  return items.filter((item) => item.type !== 'text' || item.plain_text !== '');
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;

function dateText(value: unknown, path: string, zone: string | null): string {
  const text = stringAt(value, path);
  const parsed = Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text);
  if (!(DAY.test(text) || INSTANT.test(text)) || Number.isNaN(parsed)) refuse(path, 'a valid ISO 8601 date string', value);
  if (DAY.test(text)) {
    if (new Date(parsed).toISOString().slice(0, 10) !== text) refuse(path, 'a valid ISO 8601 date string', value);
    return text;
  }
  if (zone !== null) return text;
  const offset = /(Z|[+-]\d{2}:?\d{2})$/.exec(text)?.[0];
  if (offset === undefined || offset === 'Z') return `${new Date(offset ? parsed : `${text}Z`).toISOString().slice(0, 23)}+00:00`;
  return `${new Date(parsed + offsetMs(offset)).toISOString().slice(0, 23)}${offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset}`;
}

function offsetMs(offset: string): number {
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** A date value: days stay as they are, instants are answered with milliseconds and an offset, as recorded Notion answers are. */
export function dateAt(value: unknown, path: string): { start: string; end: string | null; time_zone: string | null } {
  const given = objectAt(value, path);
  onlyKeys(given, path, ['start', 'end', 'time_zone']);
  const zoneGiven = given['time_zone'];
  const time_zone = zoneGiven === undefined || zoneGiven === null ? null : stringAt(zoneGiven, `${path}.time_zone`);
  const start = dateText(given['start'], `${path}.start`, time_zone);
  const end = given['end'] === undefined || given['end'] === null ? null : dateText(given['end'], `${path}.end`, time_zone);
  if (end !== null && Date.parse(end) < Date.parse(start)) refuse(`${path}.end`, 'on or after start', given['end']);
  return { start, end, time_zone };
}
