/**
 * Options of select, multi_select and status properties: names, ids, colours and how a request refers to one.
 * Facts: names without commas and at most 100 characters; an unknown name on a page creates the option for select and multi_select
 * and is refused for status (https://developers.notion.com/reference/page-property-values, read 2026-11).
 */
import { randomUUID } from 'node:crypto';
import { arrayAt, objectAt, oneOfAt, onlyKeys, refuse, stringAt } from './check.ts';
import { invalid } from './errors.ts';
import type { Option, StatusGroup } from './model.ts';

const COLORS = ['default', 'gray', 'brown', 'orange', 'yellow', 'green', 'blue', 'purple', 'pink', 'red'] as const;

/** A name that an option may have, or the vendor's refusal. */
function optionName(value: unknown, path: string): string {
  const name = stringAt(value, path, 100);
  if (name === '') refuse(`${path}.length`, '≥ `1`', 0);
  if (name.includes(',')) throw invalid(`Invalid select option, commas not allowed: ${name}`);
  return name;
}

/** A new option whose colour follows from its place, as Notion picks one by itself. */
export function newOption(name: string, place: number, color?: string, id: string = randomUUID()): Option {
  return { id, name, color: color ?? COLORS[place % COLORS.length] ?? 'default', description: null };
}

/**
 * Finds the option that `{id}` or `{name}` names among `known`; a new name is added to `added` where `mayCreate`.
 * @throws validation_error for an unknown id, a status without such an option, or a name with a comma
 */
export function resolveOption(value: unknown, path: string, known: readonly Option[], added: Option[], mayCreate: boolean): string {
  const given = objectAt(value, path);
  onlyKeys(given, path, ['id', 'name', 'color', 'description']);
  const all = [...known, ...added];
  if (given['id'] !== undefined) {
    const id = stringAt(given['id'], `${path}.id`);
    const found = all.find((option) => option.id === id);
    if (!found) throw invalid(`Invalid ${mayCreate ? 'select' : 'status'} option. Option with id "${id}" does not exist.`);
    return found.id;
  }
  const raw = stringAt(given['name'], `${path}.name`, 100);
  const found = all.find((option) => option.name === raw) ?? all.find((option) => option.name.toLowerCase() === raw.toLowerCase());
  if (found) return found.id;
  if (!mayCreate) throw invalid(`Invalid status option. Status option "${raw}" does not exist.`);
  const color = given['color'] === undefined ? undefined : oneOfAt(given['color'], `${path}.color`, COLORS);
  const created = newOption(optionName(given['name'], `${path}.name`), all.length, color);
  added.push(created);
  return created.id;
}

/**
 * The option list of a schema request: `{id}` or a known name keeps the option (and renames it by id), others are new,
 * and what the list leaves out is removed.
 */
export function optionsAt(value: unknown, path: string, known: readonly Option[]): Option[] {
  const result: Option[] = [];
  arrayAt(value, path).forEach((element, index) => {
    const at = `${path}[${index}]`;
    const given = objectAt(element, at);
    onlyKeys(given, at, ['id', 'name', 'color', 'description']);
    const color = given['color'] === undefined ? undefined : oneOfAt(given['color'], `${at}.color`, COLORS);
    const name = given['name'] === undefined ? undefined : optionName(given['name'], `${at}.name`);
    const old = known.find((option) => (given['id'] === undefined ? option.name === name : option.id === given['id']));
    if (!old && name === undefined) refuse(`${at}.name`, 'defined', undefined);
    if (old && color !== undefined && color !== old.color) throw invalid(`Cannot update color of select with name: ${old.name}.`);
    const description = typeof given['description'] === 'string' ? given['description'] : (old?.description ?? null);
    const option = old ? { ...old, name: name ?? old.name, description } : { ...newOption(name ?? '', index, color), description };
    if (result.some((other) => other.name === option.name)) throw invalid(`Duplicate select option name: ${option.name}.`);
    result.push(option);
  });
  return result;
}

/** The three groups that Notion gives a new status property; new options go to the first. */
export function statusGroups(options: readonly Option[], old: readonly StatusGroup[] = []): StatusGroup[] {
  const base = old.length > 0 ? old : DEFAULT_GROUPS.map((group) => ({ ...group, id: randomUUID(), option_ids: [] }));
  const ids = new Set(options.map((option) => option.id));
  const groups = base.map((group) => ({ ...group, option_ids: group.option_ids.filter((id) => ids.has(id)) }));
  const grouped = new Set(groups.flatMap((group) => group.option_ids));
  const first = groups[0];
  for (const option of options) if (first && !grouped.has(option.id)) first.option_ids.push(option.id);
  return groups;
}

const DEFAULT_GROUPS = [
  { name: 'To-do', color: 'gray' },
  { name: 'In progress', color: 'blue' },
  { name: 'Complete', color: 'green' },
];
