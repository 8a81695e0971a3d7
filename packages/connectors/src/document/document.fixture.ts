/** A plan in a folder of its own, with the connector and the cursor as the engine keeps it; for tests. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FieldMap } from '@lockstep/domain/backlog/item.ts';
import type {
  Connector,
  PullPage,
  RemoteChange,
  RemoteDraft,
  RemoteRecord,
  WriteBatch,
  WriteOutcome,
} from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import { createDocumentConnector } from './connector.ts';

export const PLAN = `# Boat: plan

## Phases

### Phase 1: Hull (Weeks 1–4)
**Objective:** It floats.

| Deliverable | Owner | Exit Criteria |
|-------------|-------|---------------|
| **Keel** | Ann + Bo | Straight |

**Exit Gate:** No water in it after a day.

### Phase 2: Rig (Weeks 5–9)
**Objective:** It sails.

| Deliverable | Owner | Exit Criteria |
|-------------|-------|---------------|
| **Mast** | Bo | Stands |

## Backlog

| Phase | Task | Owner | Dependencies | Definition of Done |
|-------|------|-------|--------------|--------------------|
| **Phase 1** | Choose the timber | Ann | | Two quotes |
| **Phase 1** | Lay the keel plank | Ann + Bo | Timber choose; glue | Dry for a week |
| **Phase 2** | Step the mast | Bo | Keel plank lay | Shrouds are tight |

## Checklist

- [ ] Life jackets
- [x] **Flares:** in date
`;

export interface Writes {
  readonly created: readonly WriteOutcome[];
  readonly updated: readonly WriteOutcome[];
  readonly removed: readonly WriteOutcome[];
}

export class Desk {
  readonly file: string;
  connector: Connector;
  cursor: Json | null = null;

  constructor(text: string) {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-document-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    this.file = join(folder, 'tasks.md');
    writeFileSync(this.file, text);
    this.connector = createDocumentConnector({ file: this.file });
  }

  get text(): string {
    return readFileSync(this.file, 'utf8');
  }

  get names(): readonly string[] {
    return readdirSync(dirname(this.file));
  }

  /** Somebody edits the file by hand. */
  edit(change: (text: string) => string): void {
    const before = this.text;
    const after = change(before);
    if (after === before) throw new Error('expected an edit that changes the file, got none');
    writeFileSync(this.file, after);
  }

  /** The process is another one: nothing but the file and the committed cursor is left. */
  restart(): void {
    this.connector = createDocumentConnector({ file: this.file });
  }

  /** Reads the feed of changes to its end, and commits. */
  async pull(): Promise<PullPage> {
    const page = await this.connector.pulls.pull({
      mode: 'changes',
      cursor: this.cursor,
      recentlyWrittenIds: [],
      changesCursor: this.cursor,
    });
    this.cursor = stored(page.nextCursor);
    return page;
  }

  async scan(): Promise<PullPage> {
    return this.connector.pulls.pull({ mode: 'full', cursor: null, recentlyWrittenIds: [], changesCursor: this.cursor });
  }

  async record(remoteId: string): Promise<RemoteRecord | null> {
    const [outcome] = await this.connector.pulls.fetch([remoteId], this.cursor);
    return outcome?.found === true ? outcome.record : null;
  }

  /** The one record with this title, as a scan shows it. */
  async titled(title: string): Promise<RemoteRecord> {
    const found = (await this.scan()).records.filter((record) => record.fields.title === title);
    if (found.length !== 1 || found[0] === undefined) throw new Error(`expected one record "${title}", got ${found.length}`);
    return found[0];
  }

  async stage(batch: Partial<WriteBatch>): Promise<void> {
    const staged = await this.connector.pushes.stage?.({ creates: [], updates: [], removals: [], ...batch }, this.cursor);
    this.cursor = stored(staged?.stagedCursor ?? null);
  }

  async send(batch: Partial<WriteBatch>): Promise<Writes> {
    const { pushes } = this.connector;
    return {
      created: batch.creates === undefined ? [] : await pushes.create(batch.creates),
      updated: batch.updates === undefined ? [] : await pushes.update(batch.updates),
      removed: batch.removals === undefined ? [] : await pushes.remove(batch.removals),
    };
  }

  async write(batch: Partial<WriteBatch>): Promise<Writes> {
    await this.stage(batch);
    return this.send(batch);
  }

  async change(title: string, fields: FieldMap): Promise<RemoteChange> {
    const before = await this.titled(title);
    return { remoteId: before.remoteId, marker: `item of ${before.remoteId}`, kind: before.kind ?? 'task', fields, before };
  }
}

/** A desk whose plan has been read once. */
export async function deskOf(text = PLAN): Promise<Desk> {
  const desk = new Desk(text);
  await desk.pull();
  return desk;
}

export function draft(marker: string, fields: FieldMap, kind: RemoteDraft['kind'] = 'task'): RemoteDraft {
  return { marker, kind, fields };
}

/** As it comes back from a database. */
function stored(cursor: Json | null): Json | null {
  return JSON.parse(JSON.stringify(cursor)) as Json | null;
}

/** The error's code, its message and no other. */
export async function refusalOf(work: Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ConnectorError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('expected a ConnectorError, got an answer');
}
