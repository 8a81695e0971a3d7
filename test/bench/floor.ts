/**
 * The least number of calls of a first load, as docs/bench/sync.md words it: per level of the tree ⌈n/batch⌉ creates, what cannot be batched, the reads
 * that a first load needs, and set-up, of which at most 12 calls count.
 */
import type { GeneratedItem } from './generated-plan.ts';
import type { BenchTool, LoggedRequest } from './stage.ts';

const MOST_SET_UP = 12;
/** Rows of a create call, and records of a page of the feed of changes. */
const CREATE_BATCH: Readonly<Record<BenchTool, number>> = { jira: 50, notion: 1, hubspot: 100 };
/** Records of one read by id (Jira, HubSpot) or by marker (Notion). */
const ECHO_BATCH = 100;
const FEED_PAGE: Readonly<Record<BenchTool, number>> = { jira: 100, notion: 100, hubspot: 200 };
/** Kinds that a tool shows, by its shipped mapping. */
const SHOWN: Readonly<Record<BenchTool, readonly GeneratedItem['kind'][]>> = {
  jira: ['phase', 'deliverable', 'task'],
  notion: ['phase', 'deliverable', 'task'],
  hubspot: ['task'],
};

export interface Floor {
  readonly creates: number;
  /** Jira's links: one call each. */
  readonly links: number;
  readonly reads: number;
  /** Reads of what our own writes' hints name. */
  readonly echoes: number;
  readonly setUp: number;
  readonly all: number;
}

/** Items that a tool shows. */
export function shownItems(tool: BenchTool, items: readonly GeneratedItem[]): readonly GeneratedItem[] {
  return items.filter(({ kind }) => SHOWN[tool].includes(kind));
}

/** The floor of a tool; set-up is what was called before the first create and asks for no record. */
export function floorOf(tool: BenchTool, items: readonly GeneratedItem[], requests: readonly LoggedRequest[]): Floor {
  const shown = shownItems(tool, items);
  const levels = [...Map.groupBy(shown, ({ kind }) => kind).values()];
  const creates = levels.reduce((sum, level) => sum + Math.ceil(level.length / CREATE_BATCH[tool]), 0);
  const links = tool === 'jira' ? shown.filter(({ dependsOn }) => dependsOn !== null).length : 0;
  // The empty tool is listed once, and what was made passes the feed of changes once. Jira answers a create with ids and HubSpot without the values that it
  // fills in by itself, so that each batch is read back; Notion answers with the page.
  const readBack = tool === 'notion' ? 0 : creates;
  // Links are written after the issue is there: the history says whether somebody else was there too. One read for each batch that has any.
  const histories = tool === 'jira' ? Math.ceil(links === 0 ? 0 : (levels.at(-1)?.length ?? 0) / CREATE_BATCH.jira) : 0;
  const reads = 1 + Math.ceil(shown.length / FEED_PAGE[tool]) + readBack + histories;
  // Each write comes back as a hint, which carries nothing: what it names is read, a hundred records a call.
  const echoes = Math.ceil(shown.length / ECHO_BATCH);
  const setUp = Math.min(MOST_SET_UP, setUpOf(requests));
  return { creates, links, reads, echoes, setUp, all: creates + links + reads + echoes + setUp };
}

/** Calls that ask what the tool calls things: neither a record nor a listing of records. */
function setUpOf(requests: readonly LoggedRequest[]): number {
  return requests.filter(({ operation }) => operation !== null && !ABOUT_RECORDS.test(operation)).length;
}

const ABOUT_RECORDS = /\bissues?( link)?$|changelogs?$|transitions?$|\bpage|query|objects?$/;
