/**
 * The API as the worker serves it, on a socket: every route over the real engines, PostgreSQL and the simulators. Only Temporal is on paper: what a workflow
 * would be asked to do is done at once by the engine.
 */
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { pauseConnection, resumeConnection } from '@lockstep/engine/commands.ts';
import { takeOver } from '@lockstep/engine/crm/ending.ts';
import { importItems } from '@lockstep/engine/import.ts';
import { decideReplay } from '@lockstep/engine/replay/deciding.ts';
import { holdReplay } from '@lockstep/engine/replay/moving.ts';
import { openReplay } from '@lockstep/engine/replay/starting.ts';
import { calendarsOf } from '@lockstep/engine/routing/calendars.ts';
import { createAuditLog } from '@lockstep/store/audit.ts';
import type { TestStore } from '@lockstep/store/testing.ts';
import { engineRouting } from '@lockstep/worker/engine-routing.ts';
import { createApi } from '@lockstep/worker/http/api.ts';
import type { ApiParts } from '@lockstep/worker/http/api.ts';
import type { Account } from '@lockstep/worker/http/identity.ts';
import { createIngress } from '@lockstep/worker/http/ingress.ts';
import { listen } from '@lockstep/worker/http/server.ts';
import { createSlackDoor } from '@lockstep/worker/http/slack.ts';
import { checkDocuments } from '@lockstep/worker/routing-check.ts';
import { redecideByTexts } from '@lockstep/worker/routing-redecide.ts';
import { setFields } from '../engine/crm/bench.ts';
import { ALL, openDesk } from '../engine/replay/desk.ts';
import { openRouting } from '../engine/routing/bench.ts';
import type { RoutingBench } from '../engine/routing/bench.ts';
import { createWorld, TOOLS } from '../scenarios/world.ts';
import type { World } from '../scenarios/world.ts';

/** What nobody must ever be shown. */
export const SECRETS = {
  own: 'token-of-the-data-directory',
  all: 'token-of-somebody-who-may-do-everything',
  viewer: 'token-of-a-viewer',
  writeKey: 'write-key-of-a-product',
  slackSigning: 'signing-secret-of-slack',
} as const;

export interface WholeApi {
  readonly url: string;
  /** Errors that the worker has logged, each with what it is about. */
  readonly errors: string[];
  /** Every line of the worker's log. */
  readonly lines: string[];
  /** Ids of things that are there, by the name of the parameter or member that they stand in. */
  readonly known: Readonly<Record<string, readonly string[]>>;
  /** By which signatures are fresh. */
  now(): string;
  close(): Promise<void>;
}

const ACCOUNTS: readonly Account[] = [
  {
    principal: { id: 'omar', kind: 'human', person: 'omar', members: [], roles: ['operator', 'approver'] },
    token: SECRETS.all,
  },
  { principal: { id: 'viv', kind: 'human', person: 'viv', members: [], roles: ['viewer'] }, token: SECRETS.viewer },
];
/** Nobody waits for a bucket here. */
const RATE = { perSecond: 1_000_000, burst: 1_000_000 };
const EVENTS = { pause: 'paused', resume: 'resumed', stop: 'stopped' } as const;
const ERROR_LEVEL = 50;

export async function openWholeApi(database: TestStore): Promise<WholeApi> {
  const world = await createWorld({ store: database.store(), connections: ['document', ...TOOLS], keep: true });
  await world.rest();
  const bench = await openRouting(database, null, { keep: true });
  const replays = openDesk(database, 3, { approvalAbove: 1 });
  const [errors, lines]: [string[], string[]] = [[], []];
  const write = (text: string): void => {
    const line = JSON.parse(text) as { readonly level: number; readonly msg: string; readonly err?: { readonly stack?: string } };
    lines.push(text);
    if (line.level >= ERROR_LEVEL) errors.push(`${line.msg}: ${line.err?.stack ?? ''}`);
  };
  const log = pino({ level: 'info' }, { write });
  const routing = routingParts(bench, log);
  const { workspace } = world;
  const wakes = { wake: async () => undefined };
  const api = createApi({
    ...{ workspace, workspaceId: 'whole', token: SECRETS.own, wakes, log, rateLimit: RATE },
    command: (connectionId, command) => (command === 'pause' ? pauseConnection : resumeConnection)(workspace, connectionId),
    engines: { temporal: '1.32.0', postgres: '18.4' },
    audit: createAuditLog({ pool: database.pool, workspaceId: bench.crm.workspaceId }),
    changeSets: changeSetParts(bench),
    routing,
    replays: replayParts(replays.engine, () => bench.now()),
  });
  const memberOf = async (userId: string): Promise<string | null> => (userId === 'U0OMAR001' ? 'omar' : null);
  const door = { signingSecret: SECRETS.slackSigning, teamId: null, memberOf, answer: routing.workflows.answer, reply: null };
  api.route('/', createSlackDoor({ ...door, now: () => bench.now(), log }));
  api.route('/', createIngress({ workspace, wakes, log, publicUrl: null }));
  const known = { ...(await fillWorld(world)), ...(await fillBench(bench)), replayId: [await replays.begin('rp-1')] };
  const server = await listen(api.fetch, { port: 0, host: '127.0.0.1' });
  return {
    ...{ url: server.url, errors, lines, known, now: () => bench.now() },
    close: async () => void (await Promise.all([server.close(), world.close(), bench.crm.served.close(), bench.slack.close()])),
  };
}

function routingParts(bench: RoutingBench, log: Logger): NonNullable<ApiParts['routing']> {
  const { engine } = bench;
  const now = (): string => bench.now();
  const cases = engineRouting(engine);
  const answer = (said: Parameters<typeof cases.answer>[0]) => cases.answer(said, now());
  const texts = () => ({ scoring: null, roster: null, policy: null, slas: null });
  return {
    ...{ cases, store: engine.store, now, attempts: () => [], workflows: { answer }, doctor: async () => [] },
    check: (request) =>
      checkDocuments(request, {
        ...{ texts, connections: ['hubspot'], holidays: engine.holidays, now },
        calendarsOf: (roster, at) => engine.store.snapshot((reader) => calendarsOf(engine, reader, roster, at)),
      }),
    redecide: (request) => redecideByTexts(engine.store, request, now()),
    events: {
      ...{ ingest: cases.ingest, wake: async () => undefined, now, log, excluded: () => bench.documents.policy.excluded },
      credentials: { tokens: [SECRETS.writeKey], secrets: [] },
    },
  };
}

function changeSetParts({ crm }: RoutingBench): NonNullable<ApiParts['changeSets']> {
  const nothing = async (): Promise<void> => undefined;
  let ids = 0;
  return {
    ...{ engine: crm.engine, accounts: ACCOUNTS, now: crm.now, newId: () => `fuzz-${(ids += 1)}` },
    workflows: {
      ...{ start: nothing, cancel: nothing },
      decide: async () => ({ kind: 'decided', outcome: 'refused', code: 'NOT_WAITING' }),
      takeOver: (changeSetId, operator) => takeOver(crm.engine, changeSetId, operator, crm.now()),
    },
  };
}

function replayParts(engine: ReturnType<typeof openDesk>['engine'], now: () => string): NonNullable<ApiParts['replays']> {
  let ids = 0;
  return {
    ...{ engine, now, newId: () => `fuzz-${(ids += 1)}` },
    workflows: {
      start: async (id) => void (await openReplay(engine, id, now())),
      decide: (id, decision, { approver, planHash, accepts }) => decideReplay(engine, id, { approver, decision, planHash, accepts }, now()),
      hold: async (id, command, by) => {
        await holdReplay(engine, id, EVENTS[command], by, now());
        return true;
      },
    },
  };
}

/** Items in step, one that is owed, and one that two have changed. */
async function fillWorld({ workspace }: World): Promise<Record<string, readonly string[]>> {
  const items = await workspace.store.snapshot((reader) => reader.itemsPage({ after: null, limit: 20 }));
  const [first] = items;
  if (first === undefined) throw new Error('world: expected items, got none');
  await importItems(workspace, [{ itemId: first.itemId, kind: first.kind, fields: { metric: 'another' } }], false);
  const conflict = { conflictId: 'conflict-1', kind: 'manual', state: 'open', itemId: first.itemId, field: 'title' } as const;
  const values = { canonicalValue: 'ours', remoteValue: 'theirs', baseValue: 'before', message: 'two edits' };
  const settled = { remoteId: null, raisedAt: workspace.now(), resolvedAt: null, resolution: null };
  await workspace.store.transaction((tx) => tx.raiseConflicts([{ ...conflict, ...values, ...settled, connectionId: 'jira' }]));
  const itemIds = items.map(({ itemId }) => itemId);
  const connections = workspace.connections.map(({ connectionId }) => connectionId);
  return {
    ...{ itemId: itemIds, item: itemIds, after: itemIds, conflictId: [conflict.conflictId] },
    ...{ connectionId: connections, connection: connections, connections, text: ['Plant', ...itemIds] },
  };
}

/** A lead that somebody has, a change set that is planned, and one that is done. */
async function fillBench(bench: RoutingBench): Promise<Record<string, readonly string[]>> {
  const { crm } = bench;
  await bench.track('Plan Limit Reached');
  await bench.step();
  const { leadId, offerId } = await bench.lead();
  const [one = '', two = ''] = await crm.contacts(2, { firstname: 'Ann' });
  const planned = await crm.plan([setFields(one, { firstname: 'Bea' })]);
  const done = await crm.plan([setFields(two, { firstname: 'Cleo' })]);
  await crm.run(done);
  const set = await crm.store.snapshot((reader) => reader.changeSet(planned));
  const people = ['omar', 'lena', 'tom', 'maria'];
  const keys = [`domain:acme-gears.de`, 'acme-gears.de', bench.accountId];
  return {
    ...{ changeSetId: [planned, done], changeSetIds: [planned, done], diffHash: [set?.diffHash ?? ''], leadId: [leadId], key: keys },
    ...{
      offerId: [offerId ?? ''],
      by: people,
      to: people,
      members: people,
      owner: ['omar@growth.example'],
      recordId: [one, two],
      id: [one, two],
    },
    ...{ object: ['contacts', 'companies', 'deals'], field: ['email'], workflowIds: ['sync/w/c0', 'sync/w/c1', 'sync/other/c0'] },
    ...{ query: [ALL.by === 'query' ? ALL.query : ''], regions: ['DE', 'DE-BE', 'US'], actor: ['ops', 'omar'] },
    documents: ['roster', 'policy', 'scoring', 'slas'].map((name) =>
      readFileSync(new URL(`../../examples/routing/${name}.yaml`, import.meta.url), 'utf8'),
    ),
  };
}
