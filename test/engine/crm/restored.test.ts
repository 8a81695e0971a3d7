/** Sets that were open when a backup was taken, and what the old deployment went on to write: the CRM knows more than the restored store. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operation } from '@lockstep/domain/crm/change-set.ts';
import { applyBatch } from '@lockstep/engine/crm/apply.ts';
import { writeBackup } from '@lockstep/store/backup.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { expect, test } from 'vitest';
import { restoredStore } from '../restored-store.ts';
import { CRM, contact, MARIA, openBench, setFields } from './bench.ts';
import type { Bench } from './bench.ts';

const database = useTestStore();
const TASK = { hs_task_subject: 'Call', hs_timestamp: '2026-12-01T09:00:00.000Z' };
const MAILS = ['one@left.example', 'two@left.example'];

/** Takes a backup, lets the old deployment and people go on, and restores it beside the same CRM. */
async function restored(lost: Bench, meanwhile: () => Promise<void>): Promise<Bench> {
  const folder = join(mkdtempSync(join(tmpdir(), 'lockstep-backup-')), 'backup');
  await writeBackup(database.url, folder);
  await meanwhile();
  const pool = await restoredStore(folder);
  return openBench({ pool, workspaceId: () => lost.workspaceId }, { beside: lost });
}

/** Seven steps that take six batches: owners, two contacts, a task, its tie, its subject, and the second contact once more. */
function sevenSteps([one = '', two = '']: readonly string[]): readonly Operation[] {
  const task = { connectionId: CRM, object: 'tasks', createdBy: 3 };
  return [
    { kind: 'assign-owner', target: contact(one), fields: { hubspot_owner_id: MARIA } },
    setFields(one, { jobtitle: 'CEO' }),
    setFields(two, { jobtitle: 'COO' }),
    { kind: 'create-task', connectionId: CRM, object: 'tasks', fields: TASK, associations: [] },
    { kind: 'associate', target: task, association: { to: contact(two), label: null } },
    { kind: 'set-fields', target: task, fields: { hs_task_subject: 'Call back' } },
    setFields(two, { company: 'Orchard' }),
  ];
}

const batches = async (bench: Bench, id: string, count: number): Promise<void> => {
  for (let sent = 0; sent < count; sent += 1) {
    bench.advance(1_000);
    await applyBatch(bench.engine, id, bench.now());
  }
  bench.advance(1_000);
};

/** Writes that reached the CRM since, of ours. */
const writesOf = (bench: Bench, after: number) => {
  const { creates, updates, deletes } = bench.served.log.counts({ tool: 'hubspot', account: 'lockstep', after });
  return { creates, updates, deletes };
};
const NO_WRITES = { creates: 0, updates: 0, deletes: 0 };

test('C4 C5: what was written after the backup is found, and not written again; a person’s edit since stands and is on record', async () => {
  const lost = await openBench(database);
  const ids = await lost.contacts(2, { jobtitle: 'CRO' });
  const id = await lost.plan(sevenSteps(ids));
  await lost.admit(id);
  await batches(lost, id, 1);
  const [, two = ''] = ids;
  const bench = await restored(lost, async () => {
    await batches(lost, id, 5);
    expect(new Set(await lost.states(id))).toEqual(new Set(['done']));
    await lost.person.edit('contacts', two, { jobtitle: 'Head of Sales' });
  });
  expect(await bench.states(id)).toEqual(['done', ...Array.from({ length: 6 }, () => 'sending')]);
  const seq = bench.served.log.lastSeq();
  expect(await bench.goOn(id)).toBe('committed');
  expect(writesOf(bench, seq)).toEqual(NO_WRITES);
  expect(await bench.step(id, 3)).toMatchObject({ createdId: (await lost.step(id, 3)).createdId });
  expect(await bench.shows('contacts', two, 'jobtitle', 'company')).toEqual({ jobtitle: 'Head of Sales', company: 'Orchard' });
  expect(await bench.kept(id)).toMatchObject([{ step: { ordinal: 2 }, before: 'CRO', ours: 'COO', now: 'Head of Sales' }]);
});

test('C4 C6: what was not written is compared as ever: a person’s edit stops the set, and what was written after the backup is taken back too', async () => {
  const lost = await openBench(database);
  const ids = await lost.contacts(2, { jobtitle: 'CRO', company: 'Nursery' });
  const id = await lost.plan(sevenSteps(ids));
  await lost.admit(id);
  await batches(lost, id, 1);
  const [one = '', two = ''] = ids;
  const bench = await restored(lost, async () => {
    await batches(lost, id, 1);
    expect(await lost.shows('contacts', two, 'jobtitle')).toEqual({ jobtitle: 'COO' });
    await lost.person.edit('contacts', two, { company: 'Meadow' });
  });
  expect(await bench.goOn(id)).toBe('rolled-back-with-residue');
  const fields = ['jobtitle', 'company', 'hubspot_owner_id'];
  expect(await bench.shows('contacts', one, ...fields)).toEqual({ jobtitle: 'CRO', company: 'Nursery', hubspot_owner_id: null });
  expect(await bench.shows('contacts', two, ...fields)).toEqual({ jobtitle: 'CRO', company: 'Meadow', hubspot_owner_id: null });
  // The task was made here, once: nothing had been sent for it before.
  expect(await bench.states(id)).toEqual(['undone', 'undone', 'undone', 'undone', 'undone', 'undone', 'planned']);
  expect(await bench.kept(id)).toMatchObject([{ step: { ordinal: 6 }, before: 'Nursery', ours: 'Orchard', now: 'Meadow' }]);
});

test('C5: a set that had not begun, and was carried out after the backup, is not carried out again', async () => {
  const lost = await openBench(database);
  const [one = ''] = await lost.contacts(1, { jobtitle: 'CRO' });
  const creates = MAILS.map((email): Operation => ({
    kind: 'create',
    connectionId: CRM,
    object: 'contacts',
    fields: { email },
    associations: [],
  }));
  const id = await lost.plan([setFields(one, { jobtitle: 'CEO' }), ...creates]);
  const bench = await restored(lost, async () => {
    expect(await lost.run(id)).toBe('committed');
    lost.advance(1_000);
    await lost.person.edit('contacts', one, { jobtitle: 'Head of Sales' });
  });
  const seq = bench.served.log.lastSeq();
  expect(await bench.goOn(id)).toBe('committed');
  expect(writesOf(bench, seq)).toEqual(NO_WRITES);
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'Head of Sales' });
});

test('C4: a set that was taken back after the backup is not taken back twice; what a person has set since stands', async () => {
  const lost = await openBench(database);
  const ids = await lost.contacts(2, { jobtitle: 'CRO' });
  const [one = '', two = ''] = ids;
  const id = await lost.plan(sevenSteps(ids));
  await lost.admit(id);
  await batches(lost, id, 6);
  const bench = await restored(lost, async () => {
    await lost.takeBack(id, 'cancelled');
    expect(await lost.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CRO' });
    lost.advance(1_000);
    await lost.person.edit('contacts', one, { jobtitle: 'CEO' });
  });
  const seq = bench.served.log.lastSeq();
  await bench.takeBack(id, 'cancelled');
  expect(writesOf(bench, seq)).toEqual(NO_WRITES);
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CEO' });
  expect(await bench.shows('contacts', two, 'jobtitle')).toEqual({ jobtitle: 'CRO' });
});
