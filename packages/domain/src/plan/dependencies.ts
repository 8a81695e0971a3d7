/**
 * The words of a dependency column → the items that they name beyond doubt.
 *
 * A phrase names an item by its id, by its whole title (also with a word of its state: "… locked"), or by words: at least two words that say what it is about, all of which stand in the title of
 * exactly one earlier item. A task is preferred to a deliverable of the same words (the task makes the deliverable). One word alone, a word that stands in
 * no such title ("all", "2×", "license") or two titles that both fit leave the phrase what it is: words. A link that is missing costs a person a click; a
 * false one misleads.
 */
import type { Plan, PlanItem } from './plan.ts';
import { labelOf } from './words.ts';

/** A phrase that names an item, and by what. */
export interface DependencyMatch {
  /** As the plan words it. */
  readonly words: string;
  /** Index of the item that must be done first. */
  readonly item: number;
  readonly reason: DependencyReason;
}

export type DependencyReason = 'id' | 'title' | 'words';

/** For a person: why the phrase was taken for the item. */
export const REASON_TEXT: Readonly<Record<DependencyReason, string>> = {
  id: 'the plan gives the id',
  title: 'these are the words of its title',
  words: 'all of these words stand in its title, and in that of no other earlier item',
};

export interface Dependencies {
  readonly matches: readonly DependencyMatch[];
  /** Phrases that name no item beyond doubt. */
  readonly text: readonly string[];
}

/** They say in what state something must be, not what it is. */
const STATES: ReadonlySet<string> = new Set([
  'approved',
  'complete',
  'completed',
  'configured',
  'defined',
  'done',
  'finished',
  'in',
  'is',
  'launched',
  'live',
  'locked',
  'place',
  'published',
  'ready',
  'shipped',
  'signed',
  'off',
  'validated',
  'well',
  'working',
]);
const SMALL_WORDS: ReadonlySet<string> = new Set([
  'a',
  'an',
  'and',
  'are',
  'at',
  'by',
  'for',
  'from',
  'has',
  'of',
  'on',
  'or',
  'the',
  'to',
  'via',
  'with',
]);
/** Kinds that a dependency can name, the preferred one first. */
const NAMED_KINDS: readonly (readonly PlanItem['kind'][])[] = [['task', 'subtask'], ['deliverable'], ['gate', 'epic', 'group']];
const LEAST_WORDS = 2;
const ID = /^(?:T|CHK)\d{2,5}[a-z]?$|^[A-Z]{2,8}-\d{1,6}$/;
const IDS_IN_TITLE =
  /\(?\bdepends on:?\s+((?:(?:T|CHK)\d{2,5}[a-z]?|[A-Z]{2,8}-\d{1,6})(?:\s*(?:,|and|&|\+)\s*(?:(?:T|CHK)\d{2,5}[a-z]?|[A-Z]{2,8}-\d{1,6}))*)/i;

/** Resolves one item's dependencies: those of its column, and ids that its title names ("depends on T012, T014"). Never names the item itself. */
export function resolveDependencies(plan: Plan, item: PlanItem): Dependencies {
  const index = indexOf(plan);
  const matches: DependencyMatch[] = [];
  const text: string[] = [];
  const { dependencies, title } = item.fields;
  for (const phrase of typeof dependencies === 'string' ? phrasesOf(index, dependencies) : []) {
    const match = matchPhrase(plan, index, item, phrase);
    if (match === null) text.push(phrase);
    else if (matches.every((known) => known.item !== match.item)) matches.push(match);
  }
  const inTitle = typeof title === 'string' ? (IDS_IN_TITLE.exec(title)?.[1] ?? '') : '';
  for (const id of inTitle.split(/[\s,&+]+/)) {
    const match = ID.test(id) ? byId(index, item, id) : null;
    if (match !== null && matches.every((known) => known.item !== match.item)) matches.push(match);
  }
  return { matches, text };
}

/** The whole text where it is a title, else its parts. */
function phrasesOf(index: TitleIndex, text: string): readonly string[] {
  if (titledBy(index, text, false).length > 0) return [text];
  return text
    .split(/[;\n]|,(?=\s)|\s\+\s|\s&\s/)
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== '');
}

function matchPhrase(plan: Plan, index: TitleIndex, item: PlanItem, phrase: string): DependencyMatch | null {
  const id = phrase.replaceAll(/[`*\s]/g, '');
  if (ID.test(id)) return byId(index, item, id);
  const titled = titledBy(index, phrase, true).filter((other) => other.index !== item.index);
  const tasks = titled.filter((other) => other.kind === 'task');
  const [exact] = tasks.length === 1 ? tasks : titled;
  if (exact !== undefined && (tasks.length === 1 || titled.length === 1)) return { words: phrase, item: exact.index, reason: 'title' };
  if (titled.length > 0) return null;
  return byWords(plan, index, item, phrase);
}

function byId(index: TitleIndex, item: PlanItem, id: string): DependencyMatch | null {
  const target = index.byId.get(id);
  return target === undefined || target.index === item.index ? null : { words: id, item: target.index, reason: 'id' };
}

function byWords(plan: Plan, index: TitleIndex, item: PlanItem, phrase: string): DependencyMatch | null {
  const wanted = telling(phrase);
  if (wanted.length < LEAST_WORDS) return null;
  const containing = containingAll(index, wanted).flatMap((other) => plan.items[other] ?? []);
  for (const kinds of NAMED_KINDS) {
    const fitting = containing.filter((other) => kinds.includes(other.kind) && isEarlier(other, item));
    const [only] = fitting;
    if (fitting.length > 1) return null;
    if (only !== undefined) return { words: phrase, item: only.index, reason: 'words' };
  }
  return null;
}

/** A plan is written in the order of work: what must be done first stands above, or belongs to a phase above. */
function isEarlier(other: PlanItem, item: PlanItem): boolean {
  if (other.index === item.index) return false;
  const phase = (of: PlanItem): number => of.parent ?? -1;
  if (other.block === item.block && other.kind === item.kind) return other.index < item.index;
  return phase(other) >= 0 && phase(other) <= phase(item);
}

/** Titles by what they can be named by. Built once for a plan. */
interface TitleIndex {
  readonly byId: ReadonlyMap<string, PlanItem>;
  /** By the words of the whole title. */
  readonly byTitle: ReadonlyMap<string, readonly PlanItem[]>;
  /** Phases by the words before the colon. */
  readonly byLabel: ReadonlyMap<string, readonly PlanItem[]>;
  /** Word → indices of the items whose titles have it. */
  readonly byWord: ReadonlyMap<string, ReadonlySet<number>>;
}

const indices = new WeakMap<Plan, TitleIndex>();

function indexOf(plan: Plan): TitleIndex {
  const known = indices.get(plan) ?? buildIndex(plan);
  indices.set(plan, known);
  return known;
}

function buildIndex(plan: Plan): TitleIndex {
  const byTitle = new Map<string, PlanItem[]>();
  const byLabel = new Map<string, PlanItem[]>();
  const byWord = new Map<string, Set<number>>();
  for (const item of plan.items) {
    const { title } = item.fields;
    if (typeof title !== 'string') continue;
    const words = wordsOf(title);
    put(byTitle, words.join(' '), item);
    if (item.kind === 'phase') put(byLabel, wordsOf(labelOf(title)).join(' '), item);
    for (const word of words) byWord.set(word, (byWord.get(word) ?? new Set()).add(item.index));
  }
  const ids = new Map(plan.items.flatMap((item) => (item.explicitId === null ? [] : [[item.explicitId, item] as const])));
  return { byId: ids, byTitle, byLabel, byWord };
}

function put(map: Map<string, PlanItem[]>, key: string, item: PlanItem): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [item]);
  else known.push(item);
}

/** Items of which the phrase is the title, word for word; `inState`: or the title with words of its state ("messaging matrix locked"). */
function titledBy(index: TitleIndex, phrase: string, inState: boolean): readonly PlanItem[] {
  const all = wordsOf(phrase);
  const words = all.join(' ');
  const stateless = all.filter((word) => !STATES.has(word));
  const found = new Set([
    ...(words === '' ? [] : [...(index.byTitle.get(words) ?? []), ...(index.byLabel.get(words) ?? [])]),
    ...(inState && stateless.length >= LEAST_WORDS ? (index.byTitle.get(stateless.join(' ')) ?? []) : []),
  ]);
  return [...found].sort((left, right) => left.index - right.index);
}

/** Indices of the items whose titles have all of the words, in order. */
function containingAll(index: TitleIndex, wanted: readonly string[]): readonly number[] {
  const [fewest, ...others] = wanted
    .map((word) => index.byWord.get(word) ?? new Set<number>())
    .sort((left, right) => left.size - right.size);
  return fewest === undefined ? [] : [...fewest].filter((item) => others.every((other) => other.has(item)));
}

/** The words that say what a phrase is about. */
function telling(phrase: string): readonly string[] {
  return [...new Set(wordsOf(phrase).filter((word) => !STATES.has(word) && !SMALL_WORDS.has(word)))];
}

/** In lower case, plurals as singulars; `#1` and `50+` stay what they are. */
function wordsOf(text: string): readonly string[] {
  return [
    ...text
      .normalize('NFKC')
      .toLowerCase()
      .matchAll(/#?[\p{L}\p{N}]+[+×%]?/gu),
  ].map(([word]) => (word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word));
}
