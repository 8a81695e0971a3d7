/** A deploy of ours fails change sets in mid-way; the operator replays them from before the step that failed, and nothing is written twice. */
import { join } from 'node:path';
import type { RequestedStepInput } from '@lockstep/api/change-set-schemas.ts';
import type { ApiReplayPlan, ReplayDetail } from '@lockstep/api/replay-schemas.ts';
import { checkOut } from '../checkout.ts';
import type { Edit } from '../checkout.ts';
import { eventually } from '../waiting.ts';
import { SEEN_WITHIN_MS } from './stage.ts';
import type { Stage, Step, StepOutcome } from './stage.ts';

const SETS = 3;
/** One batch of HubSpot's and the beginning of a next one. */
const RECORDS = 120;
const BATCH = 100;
const WITHIN_MS = 15 * 60_000;
const OLD = 'Customer';
const NEW = 'Customer since the first year';

/** It reads an answer wrongly once the CRM has taken a batch, and gives up at what it does not know. */
export const DEPLOY_81: readonly Edit[] = [
  {
    file: 'apps/worker/src/activities/change-set.ts',
    from: 'const { outcome, cause } = await applyBatch(engine, changeSetId, now);',
    to: 'const { outcome, cause } = (await applyBatch(engine, changeSetId, now) as any).batch;',
  },
  {
    file: 'apps/worker/src/failures.ts',
    from: 'return ApplicationFailure.create({ type: error.name, message });',
    to: 'return ApplicationFailure.nonRetryable(message, error.name);',
  },
];

/** The first attempt at mending it: it also leases the records before it looks where the set stands. */
export const DEPLOY_82: readonly Edit[] = [
  {
    file: 'packages/workflows/src/change-set/workflow.ts',
    from: 'const standing = await set.readSet(requestOf(progress));',
    to: 'await set.acquireLeases(requestOf(progress));\n  const standing = await set.readSet(requestOf(progress));',
  },
];

const failedByADeploy: Step = {
  step: 'a deploy fails change sets in mid-way; they are replayed from before the step that failed',
  async play(stage) {
    const { operator } = stage;
    operator.begin('A bad deploy');
    const from = await stage.simulator.lastSeq();
    const records = await customers(stage);
    const written = async (): Promise<number> => (await stage.simulator.counts('hubspot', from)).updates;
    operator.note(
      `Deploy 81 goes out. Three people change a field of ${RECORDS} contacts each; after the first ${BATCH} of each HubSpot is done, and Lockstep is not.`,
    );
    const [bad, hasty] = ['81', '82'].map((name) => join(stage.deploys, name)) as [string, string];
    checkOut(bad, DEPLOY_81);
    const sets: string[] = [];
    try {
      await stage.deploy(bad);
      for (const ids of records) sets.push(await begin(stage, ids));
      await eventually('all of them to have failed', SEEN_WITHIN_MS, async () =>
        (await planned(stage)).targets.length === SETS ? true : null,
      );
      await operator.type(['crm', 'list', '--state', 'applying']);
      operator.note(
        'What is written is written, and nothing goes on. Before the next deploy goes out she asks whether it could carry on what has failed: the first attempt could not.',
      );
      checkOut(hasty, DEPLOY_82);
      const failed = `WorkflowType = 'changeSet' AND ExecutionStatus = 'Failed'`;
      await operator.type(['replay', 'verify', '--query', failed], { exitCode: 6, checkout: { root: hasty, name: 'deploy-82' } });
    } finally {
      await stage.deploy();
    }
    const early = await written();
    operator.note('Deploy 83 leaves the order as it was, and goes out. What would a replay do?');
    await operator.type(['replay', 'run', '--from', '15m', '--type', 'changeSet']);
    const plan = await planned(stage);
    const done = await replayed(stage, plan);
    await untilCommitted(stage, sets, records.flat());
    return report(plan, done, { records: records.flat().length, early, late: await written() });
  },
};

/** Told after the scene of redrives. */
export const REPLAY_STORY: readonly Step[] = [failedByADeploy];

async function customers(stage: Stage): Promise<readonly (readonly string[])[]> {
  const maria = await stage.contacts.ownerId('maria@growth.example');
  const emails = (set: number): string[] => Array.from({ length: RECORDS }, (_, index) => `customer-${set}-${index}@replayed.example`);
  const made: (readonly string[])[] = [];
  for (let set = 0; set < SETS; set += 1) made.push(await stage.contacts.create(emails(set), maria, { jobtitle: OLD }));
  return made;
}

/** Plans a set and starts it; its id. */
async function begin(stage: Stage, ids: readonly string[]): Promise<string> {
  const steps = ids.map((id): RequestedStepInput => {
    const target = { place: `contact ${id}`, connectionId: 'hubspot', object: 'contacts', record: { id } } as const;
    return { ...target, operation: 'set-fields', fields: { jobtitle: NEW } };
  });
  const { set } = await stage.api().planChangeSet({ reason: 'the first year is over', steps });
  await stage.api().applyChangeSet(set.changeSetId, set.diffHash ?? '');
  return set.changeSetId;
}

/** What the operator would be shown by the same words. */
async function planned(stage: Stage): Promise<ApiReplayPlan> {
  const [from, to] = [Date.now() - WITHIN_MS, Date.now()].map((ms) => new Date(ms).toISOString()) as [string, string];
  const selection = { by: 'range', from, to, type: 'changeSet', status: null } as const;
  const request = { selection, point: { at: 'failing-activity' }, reason: 'a look', dryRun: true, planHash: null } as const;
  return (await stage.api().runReplay(request)).plan;
}

/** Exactly the plan that was seen, asked for by one and approved by another. */
async function replayed(stage: Stage, { hash }: ApiReplayPlan): Promise<ReplayDetail> {
  const { operator } = stage;
  operator.note('She starts exactly that. It is more than goes without a yes: Omar gives it.');
  const asked = ['replay', 'run', '--from', '15m', '--type', 'changeSet', '--run', '--reason', 'deploy 81 is taken back', '--plan', hash];
  await operator.type(asked);
  const [{ replayId } = { replayId: '' }] = await stage.api().replays({ limit: 1 });
  await eventually('the replay to ask for its approval', SEEN_WITHIN_MS, async () =>
    (await stage.api().replay(replayId)).replay.state === 'awaiting-approval' ? true : null,
  );
  await operator.type(['replay', 'approve', replayId], { as: stage.approverAccount });
  const done = await eventually('the replay to end', SEEN_WITHIN_MS, async () => {
    const detail = await stage.api().replay(replayId);
    return detail.replay.end === null ? null : detail;
  });
  await operator.type(['replay', 'show', replayId]);
  return done;
}

async function untilCommitted(stage: Stage, sets: readonly string[], records: readonly string[]): Promise<void> {
  for (const id of sets)
    await eventually(`${id} to be committed`, SEEN_WITHIN_MS, async () =>
      (await stage.api().changeSet(id, { limit: 1 })).set.end === 'committed' ? true : null,
    );
  await eventually('HubSpot to show all of it', SEEN_WITHIN_MS, async () =>
    (await stage.contacts.values(records, 'jobtitle')).every((title) => title === NEW) ? true : null,
  );
}

/** Counts of records; `early` and `late`: that HubSpot had been made to write before the replay, and in all. */
interface Written {
  readonly records: number;
  readonly early: number;
  readonly late: number;
}

function report({ effects }: ApiReplayPlan, { replay, counts }: ReplayDetail, { records, early, late }: Written): StepOutcome {
  const { doneByKey = 0, willRun = 0 } = effects.find(({ activity }) => activity === 'applyBatch') ?? {};
  const isAsPlanned = early === SETS * BATCH && doneByKey === early && willRun === records - early;
  return {
    ok: replay.end === 'done' && counts['reset'] === SETS && isAsPlanned && late === records,
    detail: `${SETS} sets are committed; of ${records} contacts ${early} had been written before the replay and ${late - early} after it, each once by HubSpot's log, as the dry run had said: ${doneByKey} done by their keys, ${willRun} to run`,
  };
}
