/**
 * Block Kit, checked as Slack checks it: known blocks and elements, required members, limits. Source: https://docs.slack.dev/reference/block-kit.
 * What a message of an app is made of is checked in full; kinds that are rarer are known by name, and their members are not looked at.
 */
import { refusedAt, SlackError } from './errors.ts';
import type { SlackError as Refusal } from './errors.ts';
import type { Json } from './model.ts';

const MOST_BLOCKS = 50;
/** All blocks together, as JSON: third-hand (slackapi/bolt-js#2509), not documented. */
const MOST_CHARACTERS = 40_000;
const LIMITS = { section: 3_000, field: 2_000, header: 150, context: 3_000, button: 75, value: 2_000, id: 255, url: 3_000 } as const;
const MOST = { fields: 10, contextElements: 10, actions: 25 } as const;
/** Known, and taken as they are. */
const OTHER_BLOCKS = new Set(['divider', 'image', 'rich_text', 'markdown', 'video', 'file', 'input', 'table', 'call']);
const OTHER_ELEMENTS = new Set([
  ...['image', 'static_select', 'users_select', 'conversations_select', 'channels_select', 'external_select', 'overflow', 'datepicker'],
  ...['timepicker', 'datetimepicker', 'checkboxes', 'radio_buttons', 'multi_static_select', 'multi_users_select'],
]);

/** Throws `invalid_blocks_format` for what is no list of objects, `invalid_blocks` (with its place) for what is in one, `msg_blocks_too_long`. */
export function blocksAt(value: unknown): readonly Json[] {
  if (!Array.isArray(value)) throw new SlackError('invalid_blocks_format');
  const blocks = value as readonly unknown[];
  if (blocks.length > MOST_BLOCKS) throw refused(`no more than ${MOST_BLOCKS} items allowed`, '/blocks');
  const ids = new Set<string>();
  const checked = blocks.map((block, index) => blockAt(block, `/blocks/${index}`, ids));
  if (JSON.stringify(checked).length > MOST_CHARACTERS) throw new SlackError('msg_blocks_too_long');
  return checked;
}

const refused = (problem: string, pointer: string): Refusal => refusedAt('invalid_blocks', problem, pointer);

function objectAt(value: unknown, pointer: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused('must be an object', pointer);
  return value as Json;
}

function listAt(value: unknown, pointer: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw refused('must be an array', pointer);
  if (value.length === 0) throw refused('must have at least 1 item', pointer);
  if (value.length > most) throw refused(`no more than ${most} items allowed`, pointer);
  return value as readonly unknown[];
}

function stringAt(value: unknown, pointer: string, most: number, least = 0): string {
  if (typeof value !== 'string') throw refused('must be a string', pointer);
  if (value.length < least) throw refused(`must be more than ${least - 1} characters`, pointer);
  if (value.length > most) throw refused(`must be less than ${most + 1} characters`, pointer);
  return value;
}

function blockAt(value: unknown, pointer: string, ids: Set<string>): Json {
  const block = objectAt(value, pointer);
  const { type, block_id: id } = block;
  if (typeof type !== 'string') throw refused('missing required field: type', pointer);
  if (id !== undefined) {
    const given = stringAt(id, `${pointer}/block_id`, LIMITS.id);
    if (ids.has(given)) throw refused('block_id must be unique', `${pointer}/block_id`);
    ids.add(given);
  }
  switch (type) {
    case 'section':
      sectionAt(block, pointer);
      break;
    case 'header':
      textObjectAt(block['text'], `${pointer}/text`, LIMITS.header, ['plain_text']);
      break;
    case 'context':
      for (const [index, element] of listAt(block['elements'], `${pointer}/elements`, MOST.contextElements).entries())
        contextElementAt(element, `${pointer}/elements/${index}`);
      break;
    case 'actions':
      actionsAt(block, pointer);
      break;
    default:
      if (!OTHER_BLOCKS.has(type)) throw refused(`unsupported type: ${type.slice(0, 40)}`, `${pointer}/type`);
  }
  // Slack gives a block without an id one of its own.
  return id === undefined ? { ...block, block_id: `b${ids.size}${pointer.split('/').at(-1) ?? ''}` } : block;
}

function sectionAt(block: Json, pointer: string): void {
  if (block['text'] === undefined && block['fields'] === undefined) throw refused('missing required field: text or fields', pointer);
  if (block['text'] !== undefined) textObjectAt(block['text'], `${pointer}/text`, LIMITS.section);
  if (block['fields'] !== undefined)
    for (const [index, field] of listAt(block['fields'], `${pointer}/fields`, MOST.fields).entries())
      textObjectAt(field, `${pointer}/fields/${index}`, LIMITS.field);
  if (block['accessory'] !== undefined) elementAt(block['accessory'], `${pointer}/accessory`, new Set());
}

function actionsAt(block: Json, pointer: string): void {
  const ids = new Set<string>();
  for (const [index, element] of listAt(block['elements'], `${pointer}/elements`, MOST.actions).entries())
    elementAt(element, `${pointer}/elements/${index}`, ids);
}

function contextElementAt(value: unknown, pointer: string): void {
  const element = objectAt(value, pointer);
  if (element['type'] === 'image') return;
  textObjectAt(element, pointer, LIMITS.context);
}

function textObjectAt(value: unknown, pointer: string, most: number, types: readonly string[] = ['plain_text', 'mrkdwn']): void {
  const text = objectAt(value, pointer);
  if (typeof text['type'] !== 'string' || !types.includes(text['type']))
    throw refused(`must be one of ${types.join(', ')}`, `${pointer}/type`);
  stringAt(text['text'], `${pointer}/text`, most, 1);
  for (const [name, only] of [
    ['emoji', 'plain_text'],
    ['verbatim', 'mrkdwn'],
  ] as const) {
    if (text[name] === undefined) continue;
    if (typeof text[name] !== 'boolean') throw refused('must be a boolean', `${pointer}/${name}`);
    if (text['type'] !== only) throw refused(`${name} is for ${only} only`, `${pointer}/${name}`);
  }
}

function elementAt(value: unknown, pointer: string, ids: Set<string>): void {
  const element = objectAt(value, pointer);
  const { type, action_id: id } = element;
  if (typeof type !== 'string') throw refused('missing required field: type', pointer);
  if (id !== undefined) {
    const given = stringAt(id, `${pointer}/action_id`, LIMITS.id, 1);
    if (ids.has(given)) throw refused('action_id must be unique', `${pointer}/action_id`);
    ids.add(given);
  }
  if (type !== 'button') {
    if (!OTHER_ELEMENTS.has(type)) throw refused(`unsupported type: ${type.slice(0, 40)}`, `${pointer}/type`);
    return;
  }
  textObjectAt(element['text'], `${pointer}/text`, LIMITS.button, ['plain_text']);
  if (element['value'] !== undefined) stringAt(element['value'], `${pointer}/value`, LIMITS.value);
  if (element['url'] !== undefined) stringAt(element['url'], `${pointer}/url`, LIMITS.url);
  if (element['style'] !== undefined && element['style'] !== 'primary' && element['style'] !== 'danger')
    throw refused('must be one of primary, danger', `${pointer}/style`);
}
