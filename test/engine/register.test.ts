/** Connections that come later than the backlog: they are owed what they lack, and nothing that they have. */
import { expect, test } from 'vitest';
import type { Gate } from '@lockstep/domain/sync/store.port.ts';
import { pauseConnection, resumeConnection } from '@lockstep/engine/commands.ts';
import { applyPlan, makePlan } from '@lockstep/engine/plan.ts';
import { registerConnections } from '@lockstep/engine/register.ts';
import type { Connection } from '@lockstep/engine/workspace.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { benchOf, remoteOf } from './bench-of-remotes.ts';
import type { Bench } from './bench-of-remotes.ts';
import type { PaperRemote } from './paper-remote.ts';

const database = useTestStore();
const ROUNDS = 4;

/** Jira, Notion and HubSpot; the configuration says which of them there are. */
interface House {
  readonly bench: Bench;
  readonly hubspot: PaperRemote;
  /** A start of the worker with this configuration. */
  configure(names: readonly string[], mappingHash?: string): Promise<void>;
  /** More rounds of passes than are needed to come to rest. */
  pass(names: readonly string[]): Promise<void>;
  owed(name: string): Promise<number>;
  gate(name: string): Promise<Gate | undefined>;
}

async function house(): Promise<House> {
  const bench = await benchOf(database.store(), ['jira', 'notion', 'hubspot']);
  const { workspace } = bench;
  const all: readonly Connection[] = workspace.connections;
  const known = await database.pool.query('delete from lockstep.connections where connection_id = $1', ['hubspot']);
  expect(known.rowCount).toBeGreaterThan(0);
  return {
    bench,
    hubspot: remoteOf(bench.remotes, 'hubspot'),
    async configure(names, mappingHash = 'paper') {
      Object.assign(workspace, { connections: all.filter(({ connectionId }) => names.includes(connectionId)) });
      await registerConnections(
        workspace,
        names.map((connectionId) => ({ connectionId, connector: 'jira', gate: 'open' as const, mappingHash })),
      );
    },
    async pass(names) {
      for (let round = 0; round < ROUNDS; round += 1) for (const name of names) await bench.pass(name);
    },
    owed: (name) => workspace.store.snapshot(async (reader) => (await reader.outbox({ connectionId: name, limit: 100 })).length),
    gate: async (name) => (await workspace.store.snapshot((reader) => reader.connection(name)))?.gate,
  };
}

const task = (title: string) => ({ title, owner: 'Ada', status: 'todo', labels: [], parent: null });
const titles = (remote: PaperRemote): readonly unknown[] => remote.live().map((paper) => paper.fields.title);

/** Three items that Jira and Notion share; HubSpot is not configured yet. */
async function inStepWithoutHubSpot(): Promise<House> {
  const here = await house();
  await here.configure(['jira', 'notion']);
  for (const title of ['one', 'two', 'three']) remoteOf(here.bench.remotes, 'jira').make(task(title));
  await here.pass(['jira', 'notion']);
  return here;
}

test('S1 a connection that is added to a backlog gets all of it', async () => {
  const here = await inStepWithoutHubSpot();
  await here.configure(['jira', 'notion', 'hubspot']);
  expect(await here.owed('hubspot')).toBe(3);
  await here.pass(['hubspot']);
  expect(titles(here.hubspot)).toEqual(['one', 'two', 'three']);
});

test('E08 what a connection has already when it is added is matched, not made again', async () => {
  const here = await inStepWithoutHubSpot();
  here.hubspot.make(task('two'));
  await here.configure(['jira', 'notion', 'hubspot']);
  await here.pass(['hubspot', 'jira', 'notion']);
  expect(titles(here.hubspot)).toEqual(['two', 'one', 'three']);
  expect(here.hubspot.writes.map(({ operation }) => operation)).toEqual(['create', 'create']);
});

test('S3 a second start with the same configuration owes nothing', async () => {
  const here = await inStepWithoutHubSpot();
  await here.configure(['jira', 'notion']);
  expect([await here.owed('jira'), await here.owed('notion'), await here.gate('notion')]).toEqual([0, 0, 'open']);
});

test('K04 another mapping waits for a plan, which shows only what is lacking; a pause does not get round it', async () => {
  const here = await inStepWithoutHubSpot();
  await pauseConnection(here.bench.workspace, 'notion');
  await here.configure(['jira', 'notion'], 'another');
  expect([await here.owed('jira'), await here.owed('notion')]).toEqual([0, 0]);
  await resumeConnection(here.bench.workspace, 'notion');
  expect([await here.gate('jira'), await here.gate('notion')]).toEqual(['plan-first', 'plan-first']);
});

test('K11 a connection that was away gets what it has missed, deletes too, once a plan has been applied', async () => {
  const here = await inStepWithoutHubSpot();
  await here.configure(['jira', 'notion', 'hubspot']);
  await here.pass(['hubspot']);
  await here.configure(['jira', 'notion']);
  const jira = remoteOf(here.bench.remotes, 'jira');
  const [first, second] = jira.live();
  jira.trash(first?.remoteId ?? '');
  jira.edit(second?.remoteId ?? '', { owner: 'Grace' });
  jira.make(task('four'));
  await here.pass(['jira', 'notion']);
  await here.configure(['jira', 'notion', 'hubspot']);
  await here.pass(['hubspot']);
  expect(titles(here.hubspot)).toEqual(['one', 'two', 'three']);
  const plan = await makePlan(here.bench.workspace);
  expect(plan.writes.map(({ operation, title }) => `${operation} ${title}`).toSorted((one, other) => one.localeCompare(other))).toEqual([
    'create four',
    'remove one',
    'update two',
  ]);
  await applyPlan(here.bench.workspace, plan.planId);
  await here.pass(['hubspot']);
  expect(here.hubspot.live().map(({ fields }) => [fields.title, fields.owner])).toEqual([
    ['two', 'Grace'],
    ['three', 'Ada'],
    ['four', 'Ada'],
  ]);
});
