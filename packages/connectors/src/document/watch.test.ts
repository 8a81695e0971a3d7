import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { EventEmitter, once } from 'node:events';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createDocumentConnector } from './connector.ts';
import { Desk, deskOf, PLAN } from './document.fixture.ts';
import { watchFile } from './watch.ts';

const QUIET_MS = 20;

/** Counts what the watcher says, and waits for the next time. */
function watched(path: string): { calls: number; next(): Promise<unknown> } {
  const events = new EventEmitter();
  const seen = { calls: 0, next: (): Promise<unknown> => once(events, 'change') };
  const stop = watchFile(
    path,
    () => {
      seen.calls += 1;
      events.emit('change');
    },
    QUIET_MS,
  );
  onTestFinished(stop);
  return seen;
}

/** Does something that changes the file, and waits until it is told. */
async function told(seen: { next(): Promise<unknown> }, work: () => void): Promise<void> {
  const next = seen.next();
  work();
  await next;
}

it('tells of a save in place, of a file put in its place, of its removal and its return, once each', async () => {
  const desk = new Desk(PLAN);
  const seen = watched(desk.file);
  const beside = join(dirname(desk.file), 'new.md');
  await told(seen, () => desk.edit((text) => text.replace('Bo', 'Cleo')));
  await told(seen, () => {
    writeFileSync(beside, PLAN);
    renameSync(beside, desk.file);
  });
  await told(seen, () => rmSync(desk.file));
  await told(seen, () => writeFileSync(desk.file, PLAN));
  expect(seen.calls).toBe(4);
});

it('does not tell of other files in the folder', async () => {
  const desk = new Desk(PLAN);
  const seen = watched(desk.file);
  writeFileSync(join(dirname(desk.file), 'other.md'), 'x');
  await told(seen, () => desk.edit((text) => text.replace('Bo', 'Cleo')));
  expect(seen.calls).toBe(1);
});

it('follows a symbolic link to the file that is edited', async () => {
  const desk = new Desk(PLAN);
  const elsewhere = new Desk('');
  const link = join(dirname(elsewhere.file), 'link.md');
  symlinkSync(desk.file, link);
  const seen = watched(link);
  await told(seen, () => desk.edit((text) => text.replace('Bo', 'Cleo')));
  expect(seen.calls).toBe(1);
});

it('B01 tells of our own write, which the next pull knows by its value: nothing comes of it', async () => {
  const desk = await deskOf();
  const seen = watched(desk.file);
  const change = await desk.change('Step the mast', { owner: 'Cleo' });
  const next = seen.next();
  await desk.write({ updates: [change] });
  await next;
  expect(await desk.pull()).toMatchObject({ records: [], deletedIds: [] });
});

it('A11 B02 an edit on top of our write, told as one burst, is read as that edit alone', async () => {
  const desk = await deskOf();
  const seen = watched(desk.file);
  const change = await desk.change('Step the mast', { owner: 'Cleo' });
  const next = seen.next();
  await desk.write({ updates: [change] });
  desk.edit((text) => text.replace('Two quotes', 'Three quotes'));
  await next;
  const page = await desk.pull();
  expect(page.records.map(({ fields }) => [fields.title, fields.definitionOfDone])).toEqual([['Choose the timber', 'Three quotes']]);
});

it('stops when it is told to', async () => {
  const desk = new Desk(PLAN);
  let calls = 0;
  watchFile(desk.file, () => void (calls += 1), QUIET_MS)();
  const seen = watched(desk.file);
  await told(seen, () => desk.edit((text) => text.replace('Bo', 'Cleo')));
  expect(calls).toBe(0);
});

it('a file that is not there yet is told of when it comes', async () => {
  const folder = dirname(new Desk(PLAN).file);
  const file = join(folder, 'later.md');
  const seen = watched(file);
  await told(seen, () => writeFileSync(file, PLAN));
  expect(await createDocumentConnector({ file }).check()).toMatchObject([{ level: 'ok' }]);
});
