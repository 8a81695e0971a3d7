/** The first load: a backlog is imported while all writes wait, then the plan is applied, and the clock runs until all is written and in step. */
import type { ApiClient } from '@lockstep/api/client.ts';
import { eventually, summary } from '@lockstep/launcher/waiting.ts';
import pg from 'pg';
import type { BareTimes } from './bare.ts';
import { floorOf, shownItems } from './floor.ts';
import type { Floor } from './floor.ts';
import type { GeneratedItem, ImportedItem } from './generated-plan.ts';
import { BENCH_TOOLS } from './stage.ts';
import type { BenchTool, LoggedRequest, Stage } from './stage.ts';
import { atLeastTimesFloor, atMostTimesFloor, row } from './table.ts';
import type { Row } from './table.ts';

const LOAD_MS = 60 * 60_000;
const STATUS_EVERY_MS = 1_000;
/** The most that one import takes. */
const IMPORT_PAGE = 2_000;

export interface FirstLoad {
  readonly rows: readonly Row[];
  /** Tool → operation → calls, for the record. */
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly floors: Readonly<Record<string, Floor>>;
  readonly seconds: { readonly untilWritten: number; readonly untilInStep: number; readonly bare: BareTimes };
}

/** Loads the items and holds what it took against the floor and the bare loop. */
export async function measureFirstLoad(
  stage: Stage,
  items: readonly GeneratedItem[],
  bare: BareTimes,
  say: (line: string) => void,
): Promise<FirstLoad> {
  const { api } = stage;
  await eventually('the empty tools to be read', LOAD_MS, async () =>
    (await api.status()).connections.every(({ lastPulledAt }) => lastPulledAt !== null) ? true : null,
  );
  await importAll(api, items);
  say('the first load');
  const { planId } = await api.plan();
  const startedMs = Date.now();
  await api.apply({ planId });
  await untilLoaded(api, say);
  const untilInStepMs = Date.now() - startedMs;
  await assertComplete(stage, items);
  const requests = await stage.requests(0);
  const lastWriteMs = requests.reduce((last, { effect, at }) => (isWrite(effect) ? Math.max(last, Date.parse(at)) : last), startedMs);
  const ofTool = (tool: BenchTool): readonly LoggedRequest[] => requests.filter((request) => request.tool === tool);
  const floors = Object.fromEntries(BENCH_TOOLS.map((tool) => [tool, floorOf(tool, items, ofTool(tool))]));
  const records = BENCH_TOOLS.reduce((sum, tool) => sum + shownItems(tool, items).length, 0);
  const seconds = { untilWritten: (lastWriteMs - startedMs) / 1_000, untilInStep: untilInStepMs / 1_000, bare };
  const rows = BENCH_TOOLS.map((tool) =>
    row(`first load: calls to ${tool}`, ofTool(tool).length, 'calls', {
      floor: floors[tool]?.all ?? 0,
      goal: atMostTimesFloor(1.1),
    }),
  );
  const against = { floor: records / bare.all, goal: atLeastTimesFloor(0.6) };
  rows.push(
    row('first load: until the last write', records / seconds.untilWritten, 'records/s', against),
    row('first load: until in step, the echoes of all writes read', records / seconds.untilInStep, 'records/s', { floor: against.floor }),
  );
  return { rows, calls: callsByOperation(requests), floors, seconds };
}

/** Asks once a second: the question costs the database something. */
async function untilLoaded(api: ApiClient, say: (line: string) => void): Promise<void> {
  const deadlineMs = Date.now() + LOAD_MS;
  for (let isInStep = false; !isInStep;) {
    if (Date.now() > deadlineMs) throw new Error(`the first load: expected to be in step within ${LOAD_MS / 60_000} minutes, is not`);
    await new Promise((resolve) => setTimeout(resolve, STATUS_EVERY_MS));
    const status = await api.status();
    say(status.connections.map(summary).join('   '));
    isInStep = status.inStep;
  }
}

/** Every dependency stands in Jira and in Notion: a load that leaves something out is no load. */
async function assertComplete({ databaseUrl }: Stage, items: readonly GeneratedItem[]): Promise<void> {
  const wanted = items.filter(({ dependsOn }) => dependsOn !== null).length;
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const { rows } = await database.query<{ tool: string; found: number }>(
    `select connection_id as tool, count(*)::int as found from lockstep.links
     where state = 'linked' and connection_id in ('jira', 'notion') and jsonb_array_length(bases -> 'dependsOn' -> 'remote') = 1 group by connection_id`,
  );
  await database.end();
  for (const tool of ['jira', 'notion']) {
    const found = rows.find((counted) => counted.tool === tool)?.found ?? 0;
    if (found !== wanted) throw new Error(`${tool}: expected ${wanted} dependencies after the first load, got ${found}`);
  }
}

function isWrite(effect: LoggedRequest['effect']): boolean {
  return effect === 'create' || effect === 'update' || effect === 'delete';
}

/** Tool → operation → calls. */
export function callsByOperation(requests: readonly LoggedRequest[]): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const calls: Record<string, Record<string, number>> = {};
  for (const { tool, operation } of requests) {
    const ofTool = (calls[tool] ??= {});
    ofTool[operation ?? 'unknown'] = (ofTool[operation ?? 'unknown'] ?? 0) + 1;
  }
  return calls;
}

/** A level after the other, since children name their parents' ids; the dependencies last. */
async function importAll(api: ApiClient, items: readonly GeneratedItem[]): Promise<void> {
  const ids = new Map<string, string>();
  const learn = async (): Promise<void> => {
    for await (const { itemId, fields } of api.items()) if (typeof fields.title === 'string') ids.set(fields.title, itemId);
  };
  for (const level of Map.groupBy(items, ({ kind }) => kind).values()) {
    await importRows(
      api,
      level.map(({ kind, fields, parent }) => ({
        kind,
        fields: { ...fields, ...(parent === null ? {} : { parent: ids.get(parent) ?? '' }) },
      })),
    );
    await learn();
  }
  await importRows(
    api,
    items.flatMap(({ kind, fields, dependsOn }) =>
      dependsOn === null ? [] : [{ itemId: ids.get(fields['title'] ?? '') ?? '', kind, fields: { dependsOn: [ids.get(dependsOn) ?? ''] } }],
    ),
  );
}

async function importRows(api: ApiClient, rows: readonly ImportedItem[]): Promise<void> {
  for (let start = 0; start < rows.length; start += IMPORT_PAGE) {
    const { problems } = await api.importItems({ items: rows.slice(start, start + IMPORT_PAGE), dryRun: false });
    if (problems.length > 0) throw new Error(`import: expected every row to be taken, got ${problems[0]?.message ?? 'a problem'}`);
  }
}
