/** The forms of an exported backlog. JSON is lossless and can be imported again; CSV and Markdown are for people. */
import type { ApiItem } from '@lockstep/api/schemas.ts';
import { visible } from './output.ts';

/** What Markdown or HTML could be made of. */
const MARKUP = /[\\`*_[\]<>&|~]/g;

type Value = NonNullable<ApiItem['fields'][keyof ApiItem['fields']]> | null;

/** As `lockstep import` reads it. */
export function exportedJson(items: readonly ApiItem[]): { readonly items: readonly Pick<ApiItem, 'itemId' | 'kind' | 'fields'>[] } {
  return { items: items.map(({ itemId, kind, fields }) => ({ itemId, kind, fields })) };
}

/**
 * RFC 4180: CRLF between rows, quotes where a cell needs them. One column for every field that any item has. A cell that a spreadsheet would take for a
 * formula begins with an apostrophe.
 */
export function exportedCsv(items: readonly ApiItem[]): string {
  const names = [...new Set(items.flatMap((item) => fieldsOf(item).map(([name]) => name)))];
  const rows = items.map((item) => {
    const values = new Map(fieldsOf(item));
    return [item.itemId, item.kind, ...names.map((name) => plain(values.get(name) ?? null))];
  });
  return [['itemId', 'kind', ...names], ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string): string {
  const text = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(value) ? `'${spelledOut(value)}` : spelledOut(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Control characters but tabs and line ends: a terminal that the export is printed on must not obey them. */
function spelledOut(text: string): string {
  return text.replace(/[^\P{Cc}\t\r\n]/gu, (character) => visible(character));
}

/** A tree of checkboxes, whose words are words and no markup: children under their parent, items whose parent is not among them at the top. */
export function exportedMarkdown(items: readonly ApiItem[]): string {
  const titles = new Map(items.map((item) => [item.itemId, title(item)]));
  const children = new Map<string | null, ApiItem[]>();
  for (const item of items) {
    const { parent } = item.fields;
    const under = typeof parent === 'string' && titles.has(parent) ? parent : null;
    children.set(under, [...(children.get(under) ?? []), item]);
  }
  const lines: string[] = [];
  const printed = new Set<string>();
  const print = (item: ApiItem, depth: number): void => {
    if (printed.has(item.itemId)) return;
    printed.add(item.itemId);
    lines.push(...itemLines(item, titles).map((line, index) => `${'  '.repeat(depth)}${index === 0 ? '- ' : '  '}${line}`));
    for (const child of children.get(item.itemId) ?? []) print(child, depth + 1);
  };
  for (const item of children.get(null) ?? []) print(item, 0);
  // Whatever hangs in a circle of parents has no top; it is printed all the same.
  for (const item of items) print(item, 0);
  return `${lines.join('\n')}\n`;
}

function itemLines(item: ApiItem, titles: ReadonlyMap<string, string>): readonly string[] {
  const done = item.fields.status === 'done' || item.fields.status === 'cancelled';
  const details = fieldsOf(item)
    .filter(([name, value]) => name !== 'title' && name !== 'parent' && value !== null && value.length > 0)
    .map(([name, value]) => `${name}: ${name === 'dependsOn' ? named(value, titles) : oneLine(plain(value))}`);
  return [`[${done ? 'x' : ' '}] **${title(item)}** (${item.kind})`, ...details.map((detail) => `- ${detail}`)];
}

function named(value: Value, titles: ReadonlyMap<string, string>): string {
  const ids = typeof value === 'string' ? [value] : (value ?? []);
  return ids.map((id) => titles.get(id) ?? oneLine(id)).join('; ');
}

function title(item: ApiItem): string {
  return oneLine(plain(item.fields.title ?? null)) || '(no title)';
}

function oneLine(text: string): string {
  return visible(text.replace(/\s*\r?\n\s*/g, ' / ').replaceAll('\t', ' ')).replace(MARKUP, '\\$&');
}

function plain(value: Value): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : value.join('; ');
}

function fieldsOf(item: ApiItem): readonly (readonly [string, Value])[] {
  return Object.entries(item.fields);
}
