/**
 * The steady state: people edit one item after the other, in each tool in turn, 150 ms away; how long until the others show it, and what it takes in calls.
 */
import type { ApiItem } from '@lockstep/api/schemas.ts';
import { personInHubSpot } from '@lockstep/launcher/people/hubspot.ts';
import { personInJira } from '@lockstep/launcher/people/jira.ts';
import { personInNotion } from '@lockstep/launcher/people/notion.ts';
import type { Person } from '@lockstep/launcher/people/person.ts';
import { eventually, untilInStep } from '@lockstep/launcher/waiting.ts';
import pg from 'pg';
import { callsByOperation } from './first-load.ts';
import { BENCH_TOOLS } from './stage.ts';
import type { BenchTool, LoggedRequest, Stage } from './stage.ts';
import { atMost, atMostTimesFloor, row } from './table.ts';
import type { Row } from './table.ts';

const ROUND_TRIP_MS = 150;
const VISIBLE_MS = 120_000;
/** Calls of one poll of a tool that shows nothing new: Notion looks into the trash as well. */
const POLL_CALLS: Readonly<Record<BenchTool, number>> = { jira: 1, notion: 2, hubspot: 1 };
/**
 * Reads that one mirrored edit takes at a tool beside the write: the record is compared before it; its history is looked at after it where the tool has one;
 * Jira answers a write with nothing, so that it is read back. And the write comes back as a hint, which carries nothing and is known by value: one read.
 */
const MIRROR_READS: Readonly<Record<BenchTool, number>> = { jira: 4, notion: 2, hubspot: 3 };

export interface EditFigures {
  readonly rows: readonly Row[];
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Added latency of each edit, milliseconds, in the order of the edits. */
  readonly latenciesMs: readonly number[];
}

interface Target {
  readonly itemId: string;
  /** The record's id by tool. */
  readonly records: Readonly<Record<string, string>>;
}

export async function measureEdits(stage: Stage, edits: number, pollIntervalMs: number, say: (line: string) => void): Promise<EditFigures> {
  const { urls } = stage.simulator;
  const people: Readonly<Record<BenchTool, Person>> = {
    jira: await personInJira(urls.jira),
    notion: await personInNotion(urls.notion),
    hubspot: personInHubSpot(urls.hubspot),
  };
  const targets = await someTasks(stage, edits);
  const database = new pg.Client({ connectionString: stage.databaseUrl });
  await database.connect();
  await stage.settings({ latencyMs: ROUND_TRIP_MS });
  const from = await stage.simulator.lastSeq();
  const startedMs = Date.now();
  const latenciesMs: number[] = [];
  for (const [index, target] of targets.entries()) {
    const tool = BENCH_TOOLS[index % BENCH_TOOLS.length] ?? 'jira';
    if (index % 10 === 0) say(`edits: ${index} of ${targets.length}`);
    latenciesMs.push(await editOnce(stage, database, people[tool], target, `Owner ${index}`));
  }
  await untilInStep(stage.api, { timeoutMs: VISIBLE_MS });
  const elapsedMs = Date.now() - startedMs;
  const requests = await stage.requests(from);
  await stage.settings({ latencyMs: 0 });
  await database.end();
  const polls = Math.ceil(elapsedMs / pollIntervalMs);
  const floor =
    BENCH_TOOLS.reduce((sum, tool) => sum + polls * POLL_CALLS[tool], 0) + targets.reduce((sum, _, index) => sum + editFloor(index), 0);
  return { rows: [...latencyRows(latenciesMs), callsRow(requests, floor)], calls: callsByOperation(requests), latenciesMs };
}

/** The edited record is read once; each other tool is written once, with the reads that the write needs. */
function editFloor(index: number): number {
  const others = BENCH_TOOLS.filter((tool) => tool !== BENCH_TOOLS[index % BENCH_TOOLS.length]);
  return 1 + others.reduce((sum, tool) => sum + 1 + MIRROR_READS[tool], 0);
}

function callsRow(requests: readonly LoggedRequest[], floor: number): Row {
  return row('steady state: calls for the edits and the polls meanwhile', requests.length, 'calls', {
    floor,
    goal: atMostTimesFloor(1.25),
  });
}

function latencyRows(latenciesMs: readonly number[]): readonly Row[] {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const percentile = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  const name = (which: string): string => `edit → visible in both other tools, from the hint, ${which}`;
  return [
    row(name('p50'), percentile(0.5), 'ms', { goal: atMost(1_000, 'ms') }),
    row(name('p95'), percentile(0.95), 'ms', { goal: atMost(2_000, 'ms') }),
    row(name('p99'), percentile(0.99), 'ms', { goal: atMost(4_000, 'ms') }),
  ];
}

/** Tasks that all three tools show, spread over the backlog. */
async function someTasks({ api }: Stage, count: number): Promise<readonly Target[]> {
  const tasks: ApiItem[] = [];
  for await (const item of api.items('task')) tasks.push(item);
  const step = Math.max(1, Math.floor(tasks.length / count));
  const chosen = tasks.filter((_, index) => index % step === 0).slice(0, count);
  const targets: Target[] = [];
  for (const { itemId } of chosen) {
    const { links } = await api.why(itemId);
    targets.push({ itemId, records: Object.fromEntries(links.map(({ connectionId, remoteId }) => [connectionId, remoteId])) });
  }
  return targets;
}

/** Edits a record, and waits until both other tools have been written. Milliseconds from the receipt of the hint to the later of the two. */
async function editOnce(stage: Stage, database: pg.Client, person: Person, target: Target, owner: string): Promise<number> {
  const from = await stage.simulator.lastSeq();
  const [before] = (await database.query<{ now: string }>('select clock_timestamp()::text as now')).rows;
  await person.edit(target.records[person.tool] ?? '', { owner });
  const others = BENCH_TOOLS.filter((tool) => tool !== person.tool);
  const visibleMs = await eventually(`"${owner}" to be seen`, VISIBLE_MS, async () => {
    const written = (await stage.requests(from)).filter(({ effect }) => effect === 'update');
    const times = others.map((tool) => written.find((request) => request.tool === tool)?.at);
    return times.includes(undefined) ? null : Math.max(...times.map((at) => Date.parse(at ?? '')));
  });
  const { rows } = await database.query<{ at: number | null }>(
    'select (extract(epoch from min(received_at)) * 1000)::float8 as at from lockstep.inbox where connection_id = $1 and received_at > $2::timestamptz',
    [person.tool, before?.now],
  );
  const hintMs = rows[0]?.at ?? Number.NaN;
  await untilInStep(stage.api, { timeoutMs: VISIBLE_MS });
  return visibleMs - hintMs;
}
