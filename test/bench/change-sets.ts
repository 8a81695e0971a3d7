/** `npm run bench -- change-sets`: the figures of "Numbers to reach" of change sets, with what a bare script needs for the same in the same run. */
import { parseArgs } from 'node:util';
import type { ChangeSetDetail } from '@lockstep/api/change-set-schemas.ts';
import { replaceFile } from '@lockstep/launcher/data.ts';
import { contactsInHubSpot } from '@lockstep/launcher/people/hubspot-contacts.ts';
import { ask } from '@lockstep/launcher/people/person.ts';
import { recordBench } from './record.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { atMost, atMostTimesFloor, row } from './table.ts';
import type { Row } from './table.ts';

const HELP = `npm run bench -- change-sets [--steps N] [--json FILE]

  Starts PostgreSQL, Temporal, the simulator and the worker; changes a field of N contacts in HubSpot (default 1000) by one change set; lets a person edit a
  hundredth of them; plans the rollback and applies it. Beside it, in the same run, a bare loop that reads, writes and reads back the same batches.

  --steps N    steps of the set, 100 to 10000
  --json FILE  write the record { rows: [{ name, value, unit, floor, ratio, goal, ok }] } to this file
`;

/** HubSpot's batch limit. */
const BATCH = 100;
const PAUSE_MS = 100;
/** Of so many contacts a person edits one. */
const EDITED_OF = 100;
const MARIA = '77405866';
const POLICY = { version: 'bench', rules: [{ name: 'people', actors: ['human'] }] };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { steps: { type: 'string', default: '1000' }, json: { type: 'string' }, help: { type: 'boolean', default: false } },
});
const steps = Number(values.steps);
if (values.help) process.stdout.write(HELP);
else if (positionals[0] !== 'change-sets' || !Number.isInteger(steps) || steps < BATCH || steps > 10_000) {
  process.stdout.write(`bench: expected "change-sets" and --steps from ${BATCH} to 10000\n\n${HELP}`);
  process.exitCode = 2;
} else await bench();

async function bench(): Promise<void> {
  await recordBench(values, async (place) => {
    const policy = place.data.file('policy.json');
    replaceFile(policy, JSON.stringify(POLICY));
    const stage = await openStage(place, (config) => ({
      ...config,
      changeSets: { policy, principals: [{ id: 'operator', kind: 'human', person: 'operator', roles: ['operator'] }] },
    }));
    return { rows: await measure(stage), of: { steps } };
  });
}

async function measure(stage: Stage): Promise<readonly Row[]> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const url = stage.simulator.urls.hubspot;
  say(`a person makes ${2 * steps} contacts`);
  const ids = await contacts(url, 'ours', steps);
  const theirs = await contacts(url, 'bare', steps);
  const batches = Math.ceil(steps / BATCH);
  say('the bare loop');
  const bare = await timed(() => bareLoop(url, theirs));

  const plan = await counted(stage, () => stage.api.planChangeSet({ reason: 'a bench', steps: ids.map((id) => step(id)) }));
  say(`planned in ${plan.seconds.toFixed(1)} s, ${plan.calls} calls`);
  const apply = await counted(stage, () => run(stage, plan.value));
  say(`applied in ${apply.seconds.toFixed(1)} s, ${apply.calls} calls: ${apply.value.set.end ?? 'no end'}`);

  const edited = ids.filter((_, index) => index % EDITED_OF === 0);
  await write(url, 'maria', edited, 'by a person');
  const rollback = await counted(stage, () => stage.api.planRollback({ reason: 'a bench', changeSetIds: [plan.value.set.changeSetId] }));
  say(`rollback planned in ${rollback.seconds.toFixed(1)} s, ${rollback.calls} calls`);
  const undone = await counted(stage, () => run(stage, rollback.value));
  const shown = await titles(url, ids);
  const restored = ids.filter((id, index) => index % EDITED_OF !== 0 && shown.get(id) === 'before').length;
  const overwritten = edited.filter((id) => shown.get(id) !== 'by a person').length;
  return [
    row('calls of a set: plan', plan.calls, 'calls', { floor: batches }),
    row('calls of a set: plan, apply and verify', plan.calls + apply.calls, 'calls', { floor: 3 * batches, goal: atMostTimesFloor(1) }),
    row('steps applied and verified', steps / apply.seconds, 'steps/s', { floor: steps / bare }),
    row(`plan of a rollback of ${steps} steps`, rollback.seconds, 's', { goal: atMost(60, 's') }),
    row('rollback applied', steps / undone.seconds, 'steps/s', { floor: steps / bare }),
    row('class-A effects restored', (100 * restored) / (ids.length - edited.length), '%', {
      goal: { text: '100 %', meets: ({ value }) => value === 100 },
    }),
    row('later edits of people overwritten', overwritten, '', { goal: atMost(0, '') }),
  ];
}

function step(id: string) {
  const fields = { jobtitle: 'after' };
  return { place: id, operation: 'set-fields', connectionId: 'hubspot', object: 'contacts', record: { id }, fields } as const;
}

/** Starts a set and waits for its end. */
async function run(stage: Stage, { set }: ChangeSetDetail): Promise<ChangeSetDetail> {
  await stage.api.applyChangeSet(set.changeSetId, set.diffHash ?? '');
  for (;;) {
    const detail = await stage.api.changeSet(set.changeSetId, { limit: 1 });
    if (detail.set.end !== null) return detail;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

/** With what Lockstep asked HubSpot for contacts meanwhile; the backlog's own polls look at tasks. */
async function counted<T>(stage: Stage, work: () => Promise<T>) {
  const after = await stage.simulator.lastSeq();
  const start = performance.now();
  const value = await work();
  const seconds = (performance.now() - start) / 1_000;
  const calls = (await stage.requests(after)).filter(({ tool, path }) => tool === 'hubspot' && path.includes('contacts')).length;
  return { value, seconds, calls };
}

function headersOf(who: 'maria' | 'omar') {
  return { authorization: `Bearer pat-na1-${who}` };
}

function objects(url: string): string {
  return `${url}/crm/objects/2026-03/contacts`;
}

function chunked<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, index) => all.slice(index * BATCH, (index + 1) * BATCH));
}

async function contacts(url: string, word: string, count: number): Promise<readonly string[]> {
  const made: string[] = [];
  const emails = Array.from({ length: count }, (_, index) => `p${index}@${word}.example`);
  for (const piece of chunked(emails)) made.push(...(await contactsInHubSpot(url).create(piece, MARIA)));
  await write(url, 'maria', made, 'before');
  return made;
}

async function write(url: string, who: 'maria' | 'omar', ids: readonly string[], jobtitle: string): Promise<void> {
  for (const piece of chunked(ids)) {
    const inputs = piece.map((id) => ({ id, properties: { jobtitle } }));
    await ask(`${objects(url)}/batch/update`, { method: 'POST', headers: headersOf(who), body: { inputs } });
  }
}

async function titles(url: string, ids: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
  const found = new Map<string, string | null>();
  for (const piece of chunked(ids)) {
    const body = { inputs: piece.map((id) => ({ id })), properties: ['jobtitle'], propertiesWithHistory: [] };
    const page: { results: { id: string; properties: { jobtitle: string | null } }[] } = await ask(`${objects(url)}/batch/read`, {
      method: 'POST',
      headers: headersOf('omar'),
      body,
    });
    for (const { id, properties } of page.results) found.set(id, properties.jobtitle);
  }
  return found;
}

/** What a script does: read, write, read back, batch by batch. */
async function bareLoop(url: string, ids: readonly string[]): Promise<void> {
  for (const piece of chunked(ids)) {
    await titles(url, piece);
    await write(url, 'omar', piece, 'after');
    await titles(url, piece);
  }
}
