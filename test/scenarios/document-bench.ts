/** A plan on disk and a tool on paper around one hub on a real PostgreSQL, driven by hand as the workflows drive them. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createDocumentConnector } from '@lockstep/connectors/document/connector.ts';
import { mergePolicy } from '@lockstep/domain/backlog/ownership.ts';
import type { Connector, Pushes } from '@lockstep/domain/sync/connector.port.ts';
import { mappingSchema } from '@lockstep/domain/sync/mapping.schema.ts';
import type { ConflictRow, Store } from '@lockstep/domain/sync/store.port.ts';
import type { PushOutcome } from '@lockstep/engine/push.ts';
import type { Run } from '@lockstep/engine/run.ts';
import { connectionOf, DEFAULT_LIMITS } from '@lockstep/engine/workspace.ts';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import { paperRemote } from '../engine/paper-remote.ts';
import type { PaperRemote } from '../engine/paper-remote.ts';
import { wholePass } from '../engine/whole-pass.ts';

export const PLAN = `# Garden: plan

## Phases

### Phase 1: Beds (Weeks 1–4)
**Objective:** Earth is ready.

### Phase 2: Seeds (Weeks 5–9)
**Objective:** Everything is in.

## Backlog

| Phase | Task | Owner | Definition of Done |
|-------|------|-------|--------------------|
| **Phase 1** | Dig the beds | Ann + Bo | A spade deep |
| **Phase 1** | Order compost | Bo | Two cubic metres |
| **Phase 2** | Sow the beans | Cleo | Rows are marked |
`;

/** When the document's connector is about to do something. */
export type Moment = 'before-write' | 'after-write';

export interface Garden {
  readonly workspace: Workspace;
  readonly paper: PaperRemote;
  readonly file: string;
  /** The file's text. */
  readonly text: string;
  /** Runs once at the next such moment; may throw. */
  at(moment: Moment, work: () => void): void;
  edit(change: (text: string) => string): void;
  pass(connectionId: 'document' | 'jira', full?: boolean): Promise<PushOutcome>;
  /** Passes until neither the file nor the tool changes any more. */
  rest(): Promise<void>;
  conflicts(): Promise<readonly ConflictRow[]>;
  /** Remote id of the live paper with this title. */
  paperOf(title: string): string;
  owners(): Readonly<Record<string, unknown>>;
}

const MOST_ROUNDS = 50;

const FIELDS = Object.fromEntries(
  ['title', 'owner', 'status', 'parent', 'section', 'purpose', 'definitionOfDone'].map((field) => [
    field,
    { remote: field, direction: 'both', rule: field === 'purpose' || field === 'definitionOfDone' ? 'text' : 'order' },
  ]),
);

/** Registers both connections, the document first in the order. */
export async function gardenOf(store: Store, plan = PLAN): Promise<Garden> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-garden-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'tasks.md');
  writeFileSync(file, plan);
  const hooks = new Map<Moment, () => void>();
  const paper = paperRemote('jira');
  const document = watchedConnector(createDocumentConnector({ file }), (moment) => {
    const hook = hooks.get(moment);
    hooks.delete(moment);
    hook?.();
  });
  const mapping = mappingSchema.parse({
    version: 1,
    connector: 'jira',
    kinds: { task: { remote: 'Task' } },
    fields: { ...FIELDS, labels: { remote: 'labels', direction: 'both', rule: 'set' } },
  });
  let ids = 0;
  const workspace: Workspace = {
    store,
    connections: [
      { connectionId: 'document', connector: document, onDelete: 'delete' },
      { connectionId: 'jira', connector: paper.connector, onDelete: 'archive' },
    ],
    policy: { ...mergePolicy([{ connectionId: 'jira', mapping }]).policy, ranks: { document: 0, jira: 1 } },
    now: () => '2026-11-24T09:00:00.000Z',
    newId: () => `id-${String((ids += 1)).padStart(6, '0')}`,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    limits: DEFAULT_LIMITS,
  };
  await register(store, workspace);
  const run = (connectionId: string): Run => ({
    runId: workspace.newId(),
    workspace,
    connection: connectionOf(workspace, connectionId),
    now: workspace.now(),
  });
  const state = (): string => JSON.stringify([readFileSync(file, 'utf8'), paper.writes.length]);
  const garden: Garden = {
    workspace,
    paper,
    file,
    get text() {
      return readFileSync(file, 'utf8');
    },
    at: (moment, work) => void hooks.set(moment, work),
    edit(change) {
      const before = garden.text;
      if (change(before) === before) throw new Error('expected an edit that changes the file, got none');
      writeFileSync(file, change(before));
    },
    pass: (connectionId, full) => wholePass(() => run(connectionId), { full: full ?? false }),
    async rest() {
      // What one round reads the next one writes: at rest are two rounds that change nothing.
      let quiet = 0;
      for (let round = 1; round <= MOST_ROUNDS; round += 1) {
        const before = state();
        await garden.pass('document');
        await garden.pass('jira');
        quiet = state() === before ? quiet + 1 : 0;
        if (quiet === 2) return;
      }
      throw new Error(`rest: expected within ${MOST_ROUNDS} rounds, got none (law S8)`);
    },
    conflicts: () => store.snapshot((reader) => reader.conflicts({ limit: 100 })),
    paperOf(title) {
      const found = paper.live().filter((record) => record.fields.title === title);
      if (found.length !== 1 || found[0] === undefined) throw new Error(`expected one record "${title}", got ${found.length}`);
      return found[0].remoteId;
    },
    owners: () =>
      Object.fromEntries(paper.live().flatMap(({ kind, fields }) => (kind === 'task' ? [[String(fields.title), fields.owner]] : []))),
  };
  return garden;
}

/** The connector, with moments before and after the file is replaced. */
function watchedConnector(connector: Connector, happens: (moment: Moment) => void): Connector {
  const { pushes } = connector;
  const around = async <T>(call: () => Promise<T>): Promise<T> => {
    happens('before-write');
    const answer = await call();
    happens('after-write');
    return answer;
  };
  const hooked: Pushes = {
    ...pushes,
    create: (drafts) => around(() => pushes.create(drafts)),
    update: (changes) => around(() => pushes.update(changes)),
    remove: (removals) => around(() => pushes.remove(removals)),
  };
  return { ...connector, pushes: hooked };
}

async function register(store: Store, workspace: Workspace): Promise<void> {
  await store.transaction(async (tx) => {
    for (const [rank, { connectionId }] of workspace.connections.entries()) {
      await tx.saveConnection({
        connectionId,
        connector: connectionId === 'document' ? 'document' : 'jira',
        rank,
        gate: 'open',
        gateBeforePause: null,
        mappingHash: 'garden',
        breaker: null,
        lastPulledAt: null,
        lastPushedAt: null,
        lastFullScanAt: null,
      });
    }
  });
}
