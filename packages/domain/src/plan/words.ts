/**
 * The words by which a plan's parts are known: what a heading announces, what a column holds, what a bold label says. In lower case, without numbers,
 * marks and emoji; a plan in other words than the customer's is read by the same tables.
 */
import type { FieldName, ItemKind } from '../backlog/item.ts';

/** Column heads that name the items of a table, and their kind. `anywhere`: also where the column is not among the first three. */
const ITEM_COLUMNS: Readonly<Record<string, ItemKind>> = {
  task: 'task',
  tasks: 'task',
  'task name': 'task',
  'work item': 'task',
  subtask: 'subtask',
  'sub-task': 'subtask',
  deliverable: 'deliverable',
  deliverables: 'deliverable',
  artifact: 'deliverable',
  artefact: 'deliverable',
  gate: 'gate',
  'exit gate': 'gate',
  'task variation': 'motionVariant',
  variation: 'motionVariant',
  variant: 'motionVariant',
  ritual: 'ritual',
  ceremony: 'ritual',
  meeting: 'ritual',
  loop: 'loop',
  'feedback loop': 'loop',
  epic: 'epic',
  group: 'group',
  'task group': 'group',
  workstream: 'group',
  metric: 'metric',
  kpi: 'metric',
  phase: 'phase',
  stage: 'phase',
};

/** Where several columns could name the items, the first of these kinds does; the others are fields or parents. */
const NAMING_ORDER: readonly ItemKind[] = [
  'subtask',
  'task',
  'deliverable',
  'motionVariant',
  'gate',
  'ritual',
  'loop',
  'group',
  'epic',
  'phase',
  'metric',
];

/** Column heads and bold labels of fields. */
const FIELD_WORDS: Readonly<Record<string, FieldName | 'id'>> = {
  owner: 'owner',
  owners: 'owner',
  responsible: 'owner',
  accountable: 'owner',
  lead: 'owner',
  dri: 'owner',
  dependencies: 'dependencies',
  dependency: 'dependencies',
  'depends on': 'dependencies',
  'blocked by': 'dependencies',
  needs: 'dependencies',
  prerequisites: 'dependencies',
  'definition of done': 'definitionOfDone',
  dod: 'definitionOfDone',
  'done when': 'definitionOfDone',
  'acceptance criteria': 'definitionOfDone',
  'verification metric': 'metric',
  'metric to verify': 'metric',
  'success metric': 'metric',
  'success metrics': 'metric',
  metric: 'metric',
  metrics: 'metric',
  measure: 'metric',
  'measured by': 'metric',
  kpi: 'metric',
  target: 'metric',
  'entry criteria': 'entryCriteria',
  'entry criterion': 'entryCriteria',
  'starts when': 'entryCriteria',
  'exit criteria': 'exitCriteria',
  'exit criterion': 'exitCriteria',
  'ends when': 'exitCriteria',
  cadence: 'cadence',
  frequency: 'cadence',
  rhythm: 'cadence',
  when: 'cadence',
  duration: 'duration',
  length: 'duration',
  time: 'duration',
  attendees: 'attendees',
  participants: 'attendees',
  who: 'attendees',
  purpose: 'purpose',
  objective: 'purpose',
  goal: 'purpose',
  why: 'purpose',
  motion: 'motion',
  tools: 'tools',
  tooling: 'tools',
  tool: 'tools',
  description: 'description',
  notes: 'description',
  id: 'id',
};

/** Column heads that name what an item belongs to. */
const PARENT_COLUMNS: ReadonlySet<string> = new Set(['phase', 'stage', 'milestone', 'epic', 'group', 'workstream', 'task group', 'parent']);

const NUMBERED_PHASE = /^(?:phase|stage|milestone)\s+(?:\d+|[ivx]+|[a-z])\b/;

/** What a heading announces by its own words. */
export type HeadingRole = 'phase' | 'epic' | 'group' | 'phases' | 'loops' | 'metrics' | 'checks' | null;

/** Reads a heading; `text` is its Markdown. */
export function roleOfHeading(text: string): HeadingRole {
  const words = plainWords(text);
  if (NUMBERED_PHASE.test(words)) return 'phase';
  if (/^epic\b(?!s)/.test(words)) return 'epic';
  if (/^(?:task group|workstream)\b(?!s)/.test(words)) return 'group';
  if (/\bphases\b/.test(words)) return 'phases';
  if (/\bloops\b/.test(words)) return 'loops';
  if (/\b(?:metrics|kpis?)\b/.test(words)) return 'metrics';
  if (/\b(?:checklists?|checks|criteria|gates?|review)\b/.test(words)) return 'checks';
  return null;
}

/** How a table is read: the kind of its items and what each column holds. Null for a table of something else. */
export interface TableReading {
  readonly kind: ItemKind;
  readonly columns: readonly (FieldName | 'id' | null)[];
}

/** Reads a table's head. A table is one of items where one of its first three columns names them and another column is known too. */
export function readHead(heads: readonly string[]): TableReading | null {
  const words = heads.map(plainWords);
  const naming = NAMING_ORDER.flatMap((kind) => {
    const column = words.findIndex((word, index) => index < 3 && ITEM_COLUMNS[word] === kind);
    return column < 0 || (isWeak(kind) && column > (words[0] === 'id' ? 1 : 0)) ? [] : [{ kind, column }];
  })[0];
  if (naming === undefined) return null;
  const taken = new Set<string>(['title']);
  const columns = words.map((word, index) => {
    if (index === naming.column) return 'title' as const;
    const isParent = naming.kind === 'subtask' ? word === 'task' : naming.kind !== 'phase' && PARENT_COLUMNS.has(word);
    const field = isParent ? 'parent' : (FIELD_WORDS[word] ?? null);
    if (field === null || taken.has(field)) return null;
    taken.add(field);
    return field;
  });
  const known = columns.filter((column) => column !== null && column !== 'title' && column !== 'id');
  return known.length === 0 ? null : { kind: naming.kind, columns };
}

/** These words head columns of many tables: they name items only at the front. */
function isWeak(kind: ItemKind): boolean {
  return kind === 'metric' || kind === 'phase' || kind === 'epic' || kind === 'group';
}

/** The field that a bold label announces ("Objective"), or null. */
export function fieldOfLabel(label: string): FieldName | null {
  const field = FIELD_WORDS[plainWords(label)];
  return field === undefined || field === 'id' ? null : field;
}

/** True for the label of a paragraph that is a gate ("Exit Gate"). */
export function isGateLabel(label: string): boolean {
  return /(?:^|\s)gate$/.test(plainWords(label)) || /^gate\b/.test(plainWords(label));
}

/** Lower case, without Markdown's marks, a leading number ("B.", "D.1", "3)") and what is not a letter or a digit at either end. */
export function plainWords(text: string): string {
  const plain = text
    .replaceAll(/[*_`~#]/g, '')
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .trim();
  const unnumbered = plain.replace(/^(?:[a-z]?\d+(?:\.\d+)*[.)]?|[a-z](?:\.\d+)+[.)]?|[a-z][.)])\s+/, '');
  return unnumbered.replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N})]+$/gu, '');
}

/** The words before the colon: "Phase 1" of "Phase 1: Launch (Weeks 9–16)". What people write when they name a phase. */
export function labelOf(title: string): string {
  const colon = title.indexOf(':');
  return (colon > 0 ? title.slice(0, colon) : title).trim();
}
