/**
 * Four peers as customers have them: the plan on disk, Jira, Notion and HubSpot over HTTP (the simulator), around one hub on a real PostgreSQL. Driven
 * pass by pass as the workflows drive it, so that a test decides what happens between which steps. People act with credentials of their own.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createDocumentConnector } from '@lockstep/connectors/document/connector.ts';
import { createHubSpotConnector } from '@lockstep/connectors/hubspot/connector.ts';
import { createJiraConnector } from '@lockstep/connectors/jira/connector.ts';
import { createNotionConnector } from '@lockstep/connectors/notion/connector.ts';
import { createSalesforceConnector } from '@lockstep/connectors/salesforce/connector.ts';
import { mergePolicy } from '@lockstep/domain/backlog/ownership.ts';
import type { AccountWatch } from '@lockstep/domain/sync/account-watch.port.ts';
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import type { ConnectionRow, Store } from '@lockstep/domain/sync/store.port.ts';
import type { PushOutcome } from '@lockstep/engine/push.ts';
import type { Run } from '@lockstep/engine/run.ts';
import { connectionOf, DEFAULT_LIMITS } from '@lockstep/engine/workspace.ts';
import type { EngineLimits, Workspace } from '@lockstep/engine/workspace.ts';
import type { Person, Seen } from '@lockstep/launcher/people/person.ts';
import { personInHubSpot } from '@lockstep/launcher/people/hubspot.ts';
import type { PersonInHubSpot } from '@lockstep/launcher/people/hubspot.ts';
import { personInJira } from '@lockstep/launcher/people/jira.ts';
import { personInNotion } from '@lockstep/launcher/people/notion.ts';
import { personInSalesforce } from '@lockstep/launcher/people/salesforce.ts';
import { startSimulator } from '@lockstep/simulator/server.ts';
import type { Simulator } from '@lockstep/simulator/server.ts';
import type { Fault } from '@lockstep/simulator/kernel/faults.ts';
import type { RequestCounts } from '@lockstep/simulator/kernel/request-log.ts';
import { wholePass } from '../engine/whole-pass.ts';
import { INDEX_LAG_MS, restOf } from './resting.ts';
import { shippedMapping } from './shipped-mapping.ts';

/** The tools of a world that asks for no others. */
export const TOOLS = ['jira', 'notion', 'hubspot'] as const;
const EVERY_TOOL = [...TOOLS, 'salesforce'] as const;
export type Tool = (typeof EVERY_TOOL)[number];
export type ConnectionId = 'document' | Tool;

export const SMALL_PLAN = `# Orchard: plan

## Phases

### Phase 1: Roots (Weeks 1–4)
**Objective:** The ground is ready.

### Phase 2: Fruit (Weeks 5–9)
**Objective:** The first crates are sold.

## Backlog

| Phase | Task | Owner | Dependencies | Definition of Done | Metric |
|-------|------|-------|--------------|--------------------|--------|
| **Phase 1** | Dig the trenches | Ann + Bo | | A spade deep | 40 metres |
| **Phase 1** | Order the saplings | Bo | | Delivery note signed | 60 saplings |
| **Phase 1** | Plant the saplings | Cleo | Dig the trenches, Order the saplings | All stand | 58 of 60 alive |
| **Phase 2** | Pick the apples | Ann | Plant the saplings | Crates are full | 120 crates |
`;

export interface WorldOptions {
  readonly store: Store;
  readonly plan?: string;
  /** In order of precedence. */
  readonly connections?: readonly ConnectionId[];
  /** Replaces parts of the shipped mappings. */
  readonly mapping?: { readonly [T in Tool]?: (shipped: Mapping) => Mapping };
  readonly limits?: Partial<EngineLimits>;
  readonly rateLimits?: 'documented' | 'off';
  readonly requestTimeoutMs?: number;
  /** The engine's and the connectors' clock is so far off; the simulator's is right. */
  readonly clockErrorMs?: () => number;
  readonly childrenOfDeleted?: 'move-up' | 'archive';
  /** The world outlives the test that made it, for cases that do not disturb each other; the file closes it. */
  readonly keep?: boolean;
  /** Works on the tools and the file of this world, as another installation or another configuration does. */
  readonly beside?: World;
  /** Told of what goes out to a connection. */
  readonly watchOf?: (connectionId: ConnectionId) => AccountWatch;
  /** Wraps a connector, to kill or to watch it. `again` makes it anew, as another process would. */
  readonly wrap?: (connectionId: ConnectionId, connector: Connector, again: () => Connector) => Connector;
}

export interface World {
  /** What worlds over the same tools have in common: how far their clocks are moved, and how many ids were given out. */
  readonly shared: { offsetMs: number; ids: number };
  readonly workspace: Workspace;
  readonly simulator: Simulator;
  readonly file: string;
  text(): string;
  /** Saves the file as an editor does. */
  editText(change: (text: string) => string): void;
  readonly people: { readonly jira: Person; readonly notion: Person; readonly hubspot: PersonInHubSpot; readonly salesforce: Person };
  run(connectionId: ConnectionId): Run;
  /** One pass: marked records, changes (or everything), deletes, owed writes. */
  pass(connectionId: ConnectionId, options?: { readonly full?: boolean }): Promise<PushOutcome>;
  /** The one live record of a tool with this title, as a person sees it there. */
  one(tool: Tool, title: string): Promise<Seen>;
  /**
   * Passes over all connections until a round changes nothing anywhere (law S8), also after the search indexes have caught up. Where nothing has reached
   * a tool or the file since it was last brought to rest, and no clock was moved, it is at rest.
   */
  rest(options?: { readonly full?: boolean }): Promise<void>;
  /** Writes that Lockstep has made at a tool so far, from its request log. */
  writes(tool: Tool): Promise<number>;
  /** The simulator's own API. */
  admin<T>(path: string, method?: 'GET' | 'POST' | 'DELETE', body?: unknown): Promise<T>;
  fault(fault: Omit<Partial<Fault>, 'action'> & Pick<Fault, 'tool'> & { readonly action: unknown }): Promise<void>;
  /** Moves the clocks of the simulator, of the engine and of the connectors together. */
  advance(ms: number): Promise<void>;
  /** Ends the simulator; done by itself when the test ends. */
  close(): Promise<void>;
}

export async function createWorld(options: WorldOptions): Promise<World> {
  const { beside } = options;
  const folder = beside === undefined ? mkdtempSync(join(tmpdir(), 'lockstep-world-')) : dirname(beside.file);
  const file = join(folder, 'tasks.md');
  if (beside === undefined) writeFileSync(file, options.plan ?? SMALL_PLAN);
  const simulator = beside?.simulator ?? (await startSimulator({ databaseFile: ':memory:', rateLimits: options.rateLimits ?? 'off' }));
  const shared: World['shared'] = beside?.shared ?? { offsetMs: 0, ids: 0 };
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed || beside !== undefined) return;
    isClosed = true;
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  };
  if (options.keep !== true) onTestFinished(close);
  const now = (): Date => new Date(Date.now() + shared.offsetMs + (options.clockErrorMs?.() ?? 0));
  const workspace = await workspaceOf(options, { simulator, file, now, shared });
  const run = (connectionId: ConnectionId): Run => ({
    runId: workspace.newId(),
    workspace,
    connection: connectionOf(workspace, connectionId),
    now: workspace.now(),
  });
  const pass: World['pass'] = (connectionId, how) => wholePass(() => run(connectionId), how);
  const admin: World['admin'] = async (path, method = 'GET', body?) => {
    const answer = await fetch(`${simulator.urls.admin}/_simulator${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`simulator ${path}: ${await answer.text()}`);
    return (await answer.json()) as never;
  };
  const writes: World['writes'] = async (tool) => {
    const counts = await admin<RequestCounts>(`/counts?tool=${tool}&account=lockstep`);
    return counts.creates + counts.updates + counts.deletes;
  };
  const text = (): string => readFileSync(file, 'utf8');
  const people = {
    jira: await personInJira(simulator.urls.jira),
    notion: await personInNotion(simulator.urls.notion),
    hubspot: personInHubSpot(simulator.urls.hubspot),
    salesforce: personInSalesforce(simulator.urls.salesforce),
  };
  const advance: World['advance'] = async (ms) => {
    shared.offsetMs += ms;
    await admin('/clock', 'POST', { advanceMs: ms });
  };
  const rest = restOf({ workspace, shared, text, pass, admin, advance });
  return {
    ...{ shared, workspace, simulator, file, text, people, run, pass, rest, writes, admin, advance, close },
    editText(change) {
      const [before, after] = [text(), change(text())];
      if (before === after) throw new Error('editText: expected a change, got none');
      writeFileSync(file, after);
    },
    async one(tool, title) {
      await advance(INDEX_LAG_MS);
      const found = (await people[tool].find(title)).filter(({ gone }) => !gone);
      const [record] = found;
      if (record === undefined || found.length !== 1) throw new Error(`${tool}: expected one live record "${title}", got ${found.length}`);
      return record;
    },
    fault: async (fault) => void (await admin('/faults', 'POST', fault)),
  };
}

/** The tools of a world, without the document. */
export function toolsOf({ connections }: Workspace): readonly Tool[] {
  return EVERY_TOOL.filter((tool) => connections.some(({ connectionId }) => connectionId === tool));
}

interface Place {
  readonly simulator: Simulator;
  readonly file: string;
  readonly now: () => Date;
  readonly shared: World['shared'];
}

async function workspaceOf(options: WorldOptions, place: Place): Promise<Workspace> {
  const names = options.connections ?? ['document', ...TOOLS];
  const mappings = new Map(
    names.flatMap((name) =>
      name === 'document' ? [] : [[name, (options.mapping?.[name] ?? ((shipped) => shipped))(shippedMapping(name))]],
    ),
  );
  const { policy, conflicts } = mergePolicy([...mappings].map(([connectionId, mapping]) => ({ connectionId, mapping })));
  if (conflicts.length > 0) throw new Error(`world: expected one rule per field, got ${JSON.stringify(conflicts)}`);
  const workspace: Workspace = {
    store: options.store,
    connections: names.map((connectionId) => {
      const make = (): Connector => connectorOf(connectionId, mappings.get(connectionId as Tool), options, place);
      const made = make();
      const connector = options.wrap?.(connectionId, made, make) ?? made;
      return { connectionId, connector, onDelete: connectionId === 'document' ? ('delete' as const) : ('archive' as const) };
    }),
    policy: { ...policy, ranks: Object.fromEntries(names.map((name, rank) => [name, rank])) },
    now: () => place.now().toISOString(),
    newId: () => `01k${String((place.shared.ids += 1)).padStart(23, '0')}`,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    ...(options.childrenOfDeleted === undefined ? {} : { childrenOfDeleted: options.childrenOfDeleted }),
  };
  await options.store.transaction(async (tx) => {
    for (const [rank, connectionId] of names.entries())
      await tx.saveConnection({ ...NEW_CONNECTION, connectionId, connector: connectionId, rank });
  });
  return workspace;
}

const NEW_CONNECTION: Omit<ConnectionRow, 'connectionId' | 'connector' | 'rank'> = {
  gate: 'open',
  gateBeforePause: null,
  mappingHash: 'world',
  breaker: null,
  lastPulledAt: null,
  lastPushedAt: null,
  lastFullScanAt: null,
};

/** What each tool signs its webhooks with, in worlds that listen. */
export const WEBHOOK_SECRET = 'world-webhook-secret';

function connectorOf(connectionId: ConnectionId, mapping: Mapping | undefined, options: WorldOptions, place: Place): Connector {
  if (connectionId === 'document' || mapping === undefined) return createDocumentConnector({ file: place.file });
  const shared = {
    connectionId,
    mapping,
    clock: place.now,
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
    webhookSecret: WEBHOOK_SECRET,
    ...(options.watchOf === undefined ? {} : { watch: options.watchOf(connectionId) }),
  };
  const baseUrl = place.simulator.urls[connectionId];
  if (connectionId === 'salesforce') {
    const auth = { flow: 'client-credentials', clientId: 'lockstep-client', clientSecret: 'lockstep-secret' } as const;
    return createSalesforceConnector({ ...shared, credentials: { baseUrl, auth } });
  }
  if (connectionId === 'jira')
    return createJiraConnector({ ...shared, credentials: { baseUrl, email: 'lockstep@growth.example', apiToken: 'jira-token-lockstep' } });
  if (connectionId === 'notion') return createNotionConnector({ ...shared, credentials: { baseUrl, token: 'ntn_lockstep' } });
  return createHubSpotConnector({ ...shared, credentials: { baseUrl, accessToken: 'pat-na1-lockstep' } });
}
