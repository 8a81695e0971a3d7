/** C12 and case 78: what Temporal, the ids and the log get to see of people. Temporal's database is a file of the test's own, read byte by byte. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { expect, onTestFinished, test } from 'vitest';
import type { Operation } from '@lockstep/domain/crm/change-set.ts';
import type { CrmEngine } from '@lockstep/engine/crm/environment.ts';
import { startTemporal } from '@lockstep/local-services/temporal.ts';
import { CRM, setFields } from '../engine/crm/bench.ts';
import { openTellingDesk } from '../engine/crm/telling-desk.ts';
import { REVIEWED, useCrmHarness } from './change-set-lane.ts';
import { SOON } from './harness.ts';

const harness = useCrmHarness();
const CANARIES = 10_000;
const STEPS = 1_000;
const FIELDS = ['firstname', 'lastname', 'jobtitle', 'company', 'phone'] as const;

/** All that a set goes through here: nobody is asked again. */
const EACH_ACTIVITY = [
  'acquireLeases',
  'applyBatch',
  'commitSet',
  'compensateBatch',
  'decideSet',
  'endSet',
  'judgeSet',
  'readSet',
  'refreshSet',
  'tellPeople',
  'verifySet',
];

/** An engine whose store fails each activity once, and now and then, with somebody's words in what it says, as PostgreSQL does. */
function failing(engine: CrmEngine, canary: () => string, failed: Set<string>): CrmEngine {
  let calls = 0;
  const { store } = engine;
  const failIf = (isDue: boolean): void => {
    const activity = activityNow();
    if (!isDue && (activity === null || failed.has(activity))) return;
    if (activity !== null) failed.add(activity);
    const told = `invalid input syntax for type json: "${canary()}@canary.example"`;
    throw Object.assign(new Error(told), { name: 'DatabaseError', code: '22P02', detail: canary() });
  };
  return {
    ...engine,
    store: {
      async snapshot(work) {
        failIf(false);
        return store.snapshot(work);
      },
      async transaction(work) {
        calls += 1;
        failIf(calls % 7 === 3);
        return store.transaction(work);
      },
    },
  };
}

/** The activity that is running, by its type; null outside of one. */
function activityNow(): string | null {
  try {
    return Context.current().info.activityType;
  } catch {
    return null;
  }
}

test('C12 case 78 ten thousand canaries in values, reasons and e-mails: none in Temporal’s database, in an id, a failure, the log, Slack or a mail', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-canaries-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const server = await startTemporal({ directory, environment: process.env, progress: () => undefined, timeSkipping: true });
  onTestFinished(() => server.stop());
  let sown = 0;
  const failed = new Set<string>();
  const canary = (): string => `canary-${String((sown += 1)).padStart(5, '0')}-ines`;
  const desk = await openTellingDesk();
  const lane = await harness.lane({
    temporalAddress: server.address,
    wrapEngine: (engine) => failing(engine, canary, failed),
    telling: (engine) => desk.telling(engine),
  });
  const { bench } = lane;
  const values = () => Object.fromEntries(FIELDS.map((field) => [field, canary()]));
  const creation = (): Operation => ({
    ...{ kind: 'create', connectionId: CRM, object: 'contacts', associations: [] },
    fields: { ...values(), email: `${canary()}@canary.example` },
  });
  const of = (count: number): readonly Operation[] => Array.from({ length: count }, creation);

  // One that commits, one that is refused and taken back, one that is asked about and retried through failures.
  const committed = await lane.begin(of(STEPS), { reason: canary() });
  const [one = ''] = await bench.contacts(1, { jobtitle: canary(), company: canary() });
  const refused = await lane.begin([setFields(one, values()), setFields(one, { lifecyclestage: canary() })], { reason: canary() });
  expect(await lane.ends(refused)).toMatchObject({ end: 'rolled-back' });
  bench.fault('/batch/create', { kind: 'answer', status: 503, headers: {}, body: { message: canary() } }, { times: 2 });
  bench.governing.policy = REVIEWED;
  const asked = await lane.begin(of(Math.ceil((CANARIES - sown) / (FIELDS.length + 1))), { reason: canary() });
  await lane.reaches(asked, 'awaiting-approval');
  await expect.poll(async () => (await desk.slack('lena')).length, SOON).toBe(1);
  await lane.sets.decide(asked, 'approve', { approver: canary(), diffHash: (await lane.status(asked)).diffHash ?? '' });
  await lane.sets.decide(asked, 'approve', { approver: 'lead', diffHash: (await lane.status(asked)).diffHash ?? '' });
  expect(await lane.ends(asked)).toMatchObject({ end: 'committed' });
  expect(await lane.ends(committed)).toMatchObject({ end: 'committed' });
  expect(sown).toBeGreaterThanOrEqual(CANARIES);

  await expect.poll(async () => (await desk.slack('olga')).length, SOON).toBe(1);
  const told = [await desk.slack('lena'), await desk.slack('hugo'), await desk.slack('olga'), await desk.mails()];
  const ids: string[] = [];
  for await (const execution of lane.temporal.client.workflow.list())
    ids.push(JSON.stringify([execution.workflowId, execution.taskQueue, execution.memo, execution.typedSearchAttributes]));
  await lane.stop();
  await server.stop();
  const bytes = ['', '-wal', '-shm']
    .map((suffix) => join(directory, `temporal.db${suffix}`))
    .flatMap((file) => (existsSync(file) ? [readFileSync(file).toString('latin1')] : []))
    .join('');
  // What is looked through is what it is taken for.
  expect([
    ids.length,
    bytes.includes(asked),
    bytes.includes('applyBatch'),
    [committed, asked].some((id) => lane.logged().includes(id)),
    lane.logged().includes('DatabaseError 22P02'),
  ]).toEqual([3, true, true, true, true]);
  expect([...failed].toSorted()).toEqual(EACH_ACTIVITY);
  const seen = [bytes, ids.join('\n'), lane.logged(), JSON.stringify(told)];
  expect(seen.map((text) => /canary-\d{5}|canary\.example/.exec(text)?.[0] ?? null)).toEqual([null, null, null, null]);
  // Nor as base64, at any of the three alignments.
  const words = [0, 1, 2].map((shift) =>
    Buffer.from(`${'x'.repeat(shift)}canary-0`)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, 10),
  );
  expect(words.filter((word) => seen.some((text) => text.includes(word)))).toEqual([]);
}, 600_000);
