/**
 * The conformance suite's laws for the document. It is no vendor: no HTTP, no tokens, no webhooks and no mapping, so that the laws of throttling, access,
 * retyped properties and deliveries have no subject here; and its identities live in the cursor, which every call gets as the engine would give it. What it
 * cannot do it does not declare (no `watches`); what differs is said in the law's title.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createDocumentConnector } from '@lockstep/connectors/document/connector.ts';
import { FIELD_TYPES, ITEM_KINDS } from '@lockstep/domain/backlog/item.ts';
import type { FieldMap, FieldName, FieldValue, ItemKind } from '@lockstep/domain/backlog/item.ts';
import { normalise } from '@lockstep/domain/backlog/value.ts';
import type { Connector, Pushes, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import { create, failureOf, fetched, newMarker, pass, sampleValues, update, writtenRecord } from './subject.ts';

const EXAMPLE = readFileSync(new URL('../../examples/growth-plan/tasks.md', import.meta.url), 'utf8');

/** The same with two rows of each table: every kind and every field, and quick to read many times. */
const COMPACT = EXAMPLE.split('\n')
  .filter(
    (line, index, lines) => !line.startsWith('|') || !lines.slice(Math.max(0, index - 4), index).every((above) => above.startsWith('|')),
  )
  .join('\n');

interface Account {
  readonly file: string;
  readonly text: string;
  /** The process that all steps are made by. */
  readonly connector: Connector;
  /** A connector as another process would make it, with the cursor that the store has. */
  readonly connect: () => Connector;
  /** Somebody edits the file by hand. */
  edit(before: string | RegExp, after: string): void;
  /** Reads the feed of changes to its end. */
  read(): Promise<readonly RemoteRecord[]>;
  titled(title: string): Promise<RemoteRecord>;
}

/** A copy of the example plan in a folder of its own, read once. */
async function open(text = EXAMPLE): Promise<Account> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-conformance-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'tasks.md');
  writeFileSync(file, text);
  let cursor: Json | null = null;
  const keep = (next: Json): void => {
    cursor = JSON.parse(JSON.stringify(next)) as Json;
  };
  const connect = (): Connector => withCursor(createDocumentConnector({ file }), () => cursor, keep);
  const connector = connect();
  const account: Account = {
    file,
    connector,
    get text() {
      return readFileSync(file, 'utf8');
    },
    connect,
    edit(before, after) {
      const edited = account.text.replace(before, after);
      if (edited === account.text) throw new Error(`expected ${String(before)} in the file, got none`);
      writeFileSync(file, edited);
    },
    read: async () => (await pass(() => connector, 'changes', cursor)).records,
    async titled(title) {
      const found = (await pass(() => connector, 'full')).records.filter((record) => record.fields.title === title);
      if (found.length !== 1 || found[0] === undefined) throw new Error(`expected one record "${title}", got ${found.length}`);
      return found[0];
    },
  };
  await account.read();
  return account;
}

/** Gives every call the cursor, and stages every write, as the engine does. */
function withCursor(connector: Connector, cursor: () => Json | null, keep: (cursor: Json) => void): Connector {
  const { pulls, pushes } = connector;
  const stage = async (batch: Partial<Parameters<NonNullable<Pushes['stage']>>[0]>): Promise<void> => {
    const staged = await pushes.stage?.({ creates: [], updates: [], removals: [], ...batch }, cursor());
    if (staged !== undefined) keep(staged.stagedCursor);
  };
  return {
    ...connector,
    pulls: {
      pull: async (request) => {
        const page = await pulls.pull({ ...request, changesCursor: cursor() });
        if (request.mode === 'changes') keep(page.nextCursor);
        return page;
      },
      fetch: (ids) => pulls.fetch(ids, cursor()),
      findByMarker: (markers) => pulls.findByMarker(markers, cursor()),
    },
    pushes: {
      create: async (creates) => stage({ creates }).then(() => pushes.create(creates)),
      update: async (updates) => stage({ updates }).then(() => pushes.update(updates)),
      remove: async (removals) => stage({ removals }).then(() => pushes.remove(removals)),
    },
  };
}

describe('document: conformance', () => {
  test('declares what it can: pulls and staged pushes, no webhooks, the fields that have a place', async () => {
    const connector = createDocumentConnector({ file: (await open()).file });
    expect(connector.watches).toBeUndefined();
    expect(connector.pushes.stage).toBeDefined();
    expect(ITEM_KINDS.filter((kind) => connector.mappedFields(kind).length === 0)).toEqual([]);
  });

  test('a create returns the record as the file holds it: id, marker, kind, fields; it is found by its marker, and shown once', async () => {
    const account = await open();
    const marker = newMarker();
    const fields = { title: 'Pilot', owner: 'VP Sales + CGO', parent: 'text:Phase 2' };
    const [outcome] = await account.connect().pushes.create([{ marker, kind: 'task', fields }]);
    const record = writtenRecord(outcome);
    expect(record).toMatchObject({
      marker,
      kind: 'task',
      deleted: false,
      notices: [],
      fields: { title: 'Pilot', owner: 'VP Sales + CGO' },
    });
    // The file carries no marker: the cursor does, until the feed has shown the row.
    expect(await fetched(account.connect(), record.remoteId)).toEqual({ ...record, marker: null });
    expect(await account.connect().pulls.findByMarker([newMarker(), marker])).toEqual([record]);
    expect(await account.read()).toEqual([record]);
    expect(await account.read()).toEqual([]);
    expect(account.text).not.toContain(marker);
  });

  test('E08: a row that a person writes has no marker, and is read like any other', async () => {
    const account = await open();
    account.edit('| **Phase 4** | Compare', '| **Phase 4** | Made by hand | Ann | | | |\n| **Phase 4** | Compare');
    const [record, ...others] = await account.read();
    expect(others).toEqual([]);
    expect(record).toMatchObject({ marker: null, kind: 'task', fields: { title: 'Made by hand', owner: 'Ann' } });
    expect(await account.titled('Made by hand')).toEqual(record);
  });

  test('F01: what a person deletes is absent; what we remove too, and removing it twice is no failure', async () => {
    const account = await open();
    const { connector } = account;
    const [ours, theirs] = [
      await create(connector, { title: 'Ours', parent: 'text:Phase 1' }),
      await account.titled('Choose six harbours'),
    ];
    await account.read();
    const removal = { remoteId: ours.remoteId, marker: ours.marker ?? '', kind: 'task' } as const;
    for (let time = 1; time <= 2; time += 1)
      expect(await connector.pushes.remove([removal])).toEqual([{ ok: true, record: null, overwritten: [], refused: [] }]);
    account.edit(/\| \*\*Phase 2\*\* \| Choose six.*\n/, '');
    await account.read();
    expect(
      await connector.pulls.fetch([theirs.remoteId, ours.remoteId, 'unknown', (await account.titled('Draft three price plans')).remoteId]),
    ).toMatchObject([
      { found: false, remoteId: theirs.remoteId, reason: 'absent' },
      { found: false, remoteId: ours.remoteId, reason: 'absent' },
      { found: false, remoteId: 'unknown', reason: 'absent' },
      { found: true },
    ]);
  });

  test('S2: an edit between compare and write is never overwritten: the write is refused, and goes on from what was read', async () => {
    const account = await open();
    const { connector } = account;
    const before = await account.titled('Draft three price plans');
    account.edit('Draft three price plans | Ines Calder', 'Draft three price plans | Maria');
    expect(await failureOf(() => update(connector, before, { owner: 'CFO' }))).toMatchObject({ code: 'Conflict' });
    expect((await account.read()).map(({ fields }) => fields.owner)).toEqual(['Maria']);
    const outcome = await update(connector, await fetched(connector, before.remoteId), { owner: 'CFO' });
    expect(outcome.overwritten).toEqual([]);
    expect(account.text).toBe(EXAMPLE.replace('Draft three price plans | Ines Calder', 'Draft three price plans | CFO'));
  });

  test('C04: a pass of changes shows what a person edited and nothing that has been shown, whoever reads', async () => {
    const account = await open();
    const before = await account.titled('Draft three price plans');
    expect(await account.read()).toEqual([]);
    account.edit('Draft three price plans', 'Draft four price plans');
    const changed = await account.read();
    expect(changed.map(({ remoteId, fields }) => [remoteId, fields.title])).toContainEqual([before.remoteId, 'Draft four price plans']);
    expect(changed.find(({ remoteId }) => remoteId === before.remoteId)?.revision).not.toBe(before.revision);
    expect(await account.read()).toEqual([]);
  });

  test('D06: a cursor that is not ours is refused, for a person to look: a scan from the beginning would give every row another identity', async () => {
    const account = await open();
    const request = { mode: 'changes', cursor: { version: 99, of: 'something else' }, recentlyWrittenIds: [] } as const;
    expect(await failureOf(() => account.connect().pulls.pull(request))).toMatchObject({ code: 'Invalid' });
  });

  test('S6: no failure tells what people wrote', async () => {
    const account = await open();
    account.edit('| Draft three price plans |', '| Private words | more of them |');
    const failure = await failureOf(() => account.connect().pulls.pull({ mode: 'changes', cursor: null, recentlyWrittenIds: [] }));
    expect(String((failure as Error | null)?.message)).toMatch(/^tasks\.md:\d+: expected a row of 6 cells, got 7/);
    expect(String((failure as Error | null)?.message)).not.toMatch(/private words/i);
  });
});

describe('document: values', () => {
  test.for(ITEM_KINDS)(
    'S9 PutGet, GetPut: every field of a %s there and back, or kept with a notice; its neighbours stay',
    async (kind) => {
      const account = await open(COMPACT);
      const { connector } = account;
      for (const { field, direction } of connector.mappedFields(kind)) {
        if (direction === 'in' || field === 'parent' || field === 'section') continue;
        let record = await lastWith(account, kind, field);
        const original = record.fields[field] ?? null;
        for (const value of [...sampleValues(field, FIELD_TYPES[field], { first: null, second: null }), original]) {
          const put = await update(connector, record, { [field]: value });
          const shown = put.record.fields[field] ?? null;
          expect([shown, put.refused.map((notice) => notice.field)], field).toEqual(held(field, value, shown, record));
          const quiet = (fields: FieldMap): FieldMap => ({ ...fields, [field]: null, dependsOn: null });
          expect(quiet(put.record.fields), `${field}: neighbours`).toEqual(quiet(record.fields));
          expect((await update(connector, put.record, { [field]: shown })).record.fields, `${field}: get, put`).toEqual(put.record.fields);
          await account.read();
          record = await fetched(connector, record.remoteId);
          expect(record.fields, `${field}: read again`).toEqual(put.record.fields);
        }
        expect(await fetched(account.connect(), record.remoteId), `${field}: by another process`).toEqual(record);
        expect(account.text, `${field}: put back`).toBe(COMPACT);
      }
    },
  );

  test('I04: text of any script survives four round trips, equal in NFC', async () => {
    const account = await open(COMPACT);
    const { connector } = account;
    let record = await account.titled('Write two customer portraits');
    const fields = ['title', 'owner', 'definitionOfDone', 'metric', 'dependencies'] as const;
    await fc.assert(
      fc.asyncProperty(fc.record(Object.fromEntries(fields.map((field) => [field, text]))), async (sent: FieldMap) => {
        let shown: FieldMap = sent;
        for (let trip = 1; trip <= 4; trip += 1) {
          const outcome = await update(connector, record, shown);
          await account.read();
          record = await fetched(trip === 4 ? account.connect() : connector, record.remoteId);
          expect(outcome.refused).toEqual([]);
          shown = Object.fromEntries(fields.map((field) => [field, record.fields[field] ?? null]));
          for (const field of fields) expect(normalise(shown[field] ?? null), field).toBe(normalise(sent[field] ?? null));
        }
      }),
      { numRuns: 6 },
    );
  });

  test('I03: a text of 200,000 characters is whole', async () => {
    const account = await open();
    const long = `${'Words and 👩‍👩‍👧‍👦.\n| '.repeat(10_000)}End`;
    const outcome = await update(account.connect(), await account.titled('Draft three price plans'), { definitionOfDone: long });
    expect(outcome.refused).toEqual([]);
    expect(outcome.record.fields.definitionOfDone).toBe(long);
    expect((await account.read()).length).toBe(0);
    expect((await account.titled('Draft three price plans')).fields.definitionOfDone).toBe(long);
  });
});

const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
      fc.constantFrom('👩‍👩‍👧‍👦', 'e\u0301', 'שלום', '\u200Fمرحبا', '<b>', '|', '\\', '*x*'),
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => parts.join('').trim())
  .filter((value) => value !== '' && value.isWellFormed() && !value.includes('\0'));

/** The last record of a kind that shows something in a field. */
async function lastWith(account: Account, kind: ItemKind, field: FieldName): Promise<RemoteRecord> {
  const { records } = await pass(() => account.connector, 'full');
  const found = records.findLast((record) => record.kind === kind && record.fields[field] !== undefined);
  if (found === undefined) throw new Error(`expected a ${kind} with ${field} in the example plan, got none`);
  return found;
}

/** What a place may answer to a value: a box knows done and not done; what makes a heading or a gate be read as it is (its name, a length of time) stays, with a notice. */
function held(field: FieldName, value: FieldValue, shown: FieldValue, before: RemoteRecord): readonly [FieldValue, readonly FieldName[]] {
  if (field === 'status') return [value === 'done' ? 'done' : 'todo', []];
  const isName =
    (field === 'title' && (before.kind === 'gate' || before.kind === 'phase')) || (before.kind === 'loop' && field === 'duration');
  return isName && shown === before.fields[field] && shown !== value ? [shown, [field]] : [value, []];
}
