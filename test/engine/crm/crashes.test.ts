/**
 * A kill at every await point of a five-step set. Generated: what one undisturbed set awaits is counted, and then a process dies at each of its points,
 * before the call and after it, in a set of its own. Another process goes on from the store.
 */
import { createPool } from '@lockstep/store/pool.ts';
import { createMigratedDatabase } from '@lockstep/store/testing.ts';
import type { Operation } from '@lockstep/domain/crm/change-set.ts';
import { afterAll, expect, it } from 'vitest';
import { DoomedProcess, MOMENTS } from '../../crashes/doomed-process.ts';
import type { Moment } from '../../crashes/doomed-process.ts';
import { CRM, contact, MARIA, openBench, setFields } from './bench.ts';

const LONGEST_MS = 10 * 60_000;
/** Dies after it: what is left behind is what was there before. */
const READ = /^(snapshot|GET .*|POST .*\/batch\/read)$/;

const database = await createMigratedDatabase();
const pool = createPool(database.url, { max: 4, applicationName: 'crashes' });
const mortal = new DoomedProcess();
const bench = await openBench(
  { pool, workspaceId: () => 'crashes' },
  { keep: true, wrapStore: (store) => mortal.changeSets(store), wrapCrm: (make) => mortal.crm(make) },
);
afterAll(async () => {
  await bench.served.close();
  await pool.end();
  await database.drop();
});

interface Death {
  readonly point: number;
  readonly name: string;
  readonly moment: Moment;
}

/** What a set is doing when the process dies, and what the next process does with it. */
const DEEDS = {
  'runs, and is carried on': { from: 'run', next: 'go-on', says: 'one effect each, no lease left' },
  'runs, and is cleaned up': { from: 'run', next: 'take-back', says: 'nothing of it is left, no lease either' },
  'is taken back, and is taken back on': { from: 'take-back', next: 'take-back', says: 'one effect each, no lease left' },
} as const;
type Deed = (typeof DEEDS)[keyof typeof DEEDS];

const TASK = { hs_task_subject: 'Call', hs_timestamp: '2026-12-01T09:00:00.000Z' };

function fiveSteps([one = '', two = '']: readonly string[]): readonly Operation[] {
  const task = { connectionId: CRM, object: 'tasks', createdBy: 1 };
  return [
    setFields(one, { jobtitle: 'CEO' }),
    { kind: 'create-task', connectionId: CRM, object: 'tasks', fields: TASK, associations: [] },
    { kind: 'associate', target: task, association: { to: contact(one), label: null } },
    { kind: 'assign-owner', target: contact(two), fields: { hubspot_owner_id: MARIA } },
    { kind: 'set-fields', target: task, fields: { hs_task_subject: 'Call back' } },
  ];
}

interface Played {
  readonly points: readonly string[];
  readonly effects: string;
  readonly wrong: string | null;
}

async function play(deed: Deed, death: Death | null): Promise<Played> {
  mortal.start(null);
  const ids = await bench.contacts(2, { jobtitle: 'CRO' });
  const id = await bench.plan(fiveSteps(ids));
  if (deed.from === 'take-back') {
    await bench.admit(id);
    await bench.applyAll(id);
  }
  const seq = bench.served.log.lastSeq();
  mortal.start(death);
  const hasDied = await mortal.live(async () => void (await (deed.from === 'run' ? bench.run(id) : bench.takeBack(id, 'cancelled'))));
  const points = [...mortal.points];
  mortal.start(null);
  if (hasDied !== (death !== null)) return { points, effects: '', wrong: `expected ${death === null ? 'no' : 'a'} death` };
  // A set that had its end when the process died keeps it.
  const end = deed.next === 'go-on' ? await bench.goOn(id) : await endOf(id);
  const { creates, updates, deletes } = bench.served.log.counts({ tool: 'hubspot', account: 'lockstep', after: seq });
  return { points, effects: JSON.stringify({ creates, updates, deletes }), wrong: await wrong(id, ids, end) };
}

async function endOf(id: string): Promise<string> {
  const set = await bench.store.snapshot((reader) => reader.changeSet(id));
  return set?.end ?? bench.takeBack(id, 'terminated');
}

/** What a person sees who looks at the records, and what the store holds. */
async function wrong(id: string, [one = '', two = '']: readonly string[], end: string): Promise<string | null> {
  const holders = await bench.store.snapshot((reader) => reader.leaseHolders());
  if (holders.length > 0) return `expected no leases, got ${JSON.stringify(holders)}`;
  const shown = {
    ...(await bench.shows('contacts', one, 'jobtitle')),
    ...(await bench.shows('contacts', two, 'hubspot_owner_id')),
  };
  const isCommitted = end === 'committed';
  const expected = isCommitted ? { jobtitle: 'CEO', hubspot_owner_id: MARIA } : { jobtitle: 'CRO', hubspot_owner_id: null };
  if (JSON.stringify(shown) !== JSON.stringify(expected)) return `expected ${JSON.stringify(expected)}, got ${JSON.stringify(shown)}`;
  const states = [...new Set(await bench.states(id))].toSorted().join();
  const fine = isCommitted ? /^done$/ : /^(planned|undone|planned,undone)$/;
  if (!fine.test(states)) return `expected steps that are ${String(fine)}, got ${states}`;
  return (await bench.kept(id)).length === 0 ? null : 'expected nothing kept';
}

for (const [name, deed] of Object.entries(DEEDS)) {
  const { points, effects, wrong: flaw } = await play(deed, null);
  if (flaw !== null) throw new Error(`an undisturbed set: ${flaw}`);
  const deaths = points.flatMap((called, point) =>
    MOMENTS.flatMap((moment): Death[] => (moment === 'after' && READ.test(called) ? [] : [{ point, name: called, moment }])),
  );
  it(
    `C1 C2 C5 C11 case 41 a process dies at each of the ${points.length} await points of a five-step set that ${name} (${deaths.length} deaths): ${deed.says}`,
    { timeout: LONGEST_MS },
    async () => {
      const found: string[] = [];
      for (const death of deaths) {
        const played = await play(deed, death);
        const problem = played.wrong ?? (deed.next === deed.from || deed.next === 'go-on' ? differs(effects, played.effects) : null);
        if (problem !== null) found.push(`${death.moment} point ${death.point + 1}, ${death.name}: ${problem}`);
      }
      expect(found).toEqual([]);
    },
  );
}

function differs(expected: string, got: string): string | null {
  return expected === got ? null : `expected the effects ${expected}, got ${got}`;
}
