/** Case 54: leads that are under way go on under today's code. `LOCKSTEP_RECORD=1` saves the histories of this run beside the older ones. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { expect, onTestFinished, test } from 'vitest';
import { startTemporal } from '@lockstep/local-services/temporal.ts';
import type { LeadAnswer, RoutingCases } from '@lockstep/worker/routing-cases.ts';
import type { AnswerKind, Stepped, Told } from '@lockstep/workflows/contracts.ts';
import { SOON } from '../workflows/harness.ts';
import { ACCOUNT, closed, open, usePqlScripts } from '../workflows/pql-script.ts';
import type { PlayOptions, PqlScript } from '../workflows/pql-script.ts';
import { decryptedHistory, saveHistory, savedHistories } from './saved-histories.ts';

const scripts = usePqlScripts();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Events after which the server of two scenarios suggests to continue as new. */
const LONG_RUN = 60;

interface Ran {
  readonly script: PqlScript;
  /** The run whose history is taken. */
  readonly handle: WorkflowHandle;
}

interface Scenario {
  /** `<workflow type>.<case>` */
  readonly name: string;
  readonly run: () => Promise<Ran>;
}

/** Answers of one step after the other; the last stays. */
function stepping(...answers: readonly ((nowMs: number) => Stepped)[]): Pick<RoutingCases, 'stepAccount'> {
  let steps = 0;
  return {
    async stepAccount(_, now) {
      const answer = answers[Math.min(steps, answers.length - 1)];
      steps += 1;
      return answer?.(Date.parse(now)) ?? closed();
    },
  };
}

const due =
  (inMs: number, more: Partial<Stepped> = {}) =>
  (nowMs: number) =>
    open({ wakeAt: new Date(nowMs + inMs).toISOString(), ...more });
const END = (): Stepped => closed();
const OFFERED = due(HOUR_MS, { notices: ['n-1'], changeSets: ['cs-1'] });
const OFFERED_AGAIN = due(HOUR_MS, { notices: ['n-2'], changeSets: ['cs-2'] });
const steps = (script: PqlScript): number => script.calls.filter(({ name }) => name === 'step').length;

/** A lead that waits for an answer after so many steps. */
async function begun(answers: Partial<RoutingCases>, atStep = 1, options: PlayOptions = {}): Promise<PqlScript> {
  const script = await scripts.play(answers, options);
  await script.routing.wake([ACCOUNT]);
  await waitsAfter(script, atStep);
  return script;
}

async function waitsAfter(script: PqlScript, atStep: number): Promise<void> {
  await expect
    .poll(async () => ({ ...(await script.status()), steps: steps(script) }), SOON)
    .toMatchObject({ phase: 'waiting', telling: 0, steps: atStep });
}

async function say(script: PqlScript, kind: AnswerKind, more: Pick<LeadAnswer, 'until' | 'to' | 'reason'> = {}): Promise<void> {
  expect(await script.routing.answer({ kind, leadId: 'lead-1', offerId: 'offer-1', by: 'ines', ...more })).toMatchObject({
    outcome: 'taken',
  });
}

/** Somebody says this and then the next one accepts. */
function handedOn(kind: AnswerKind, more: Pick<LeadAnswer, 'until' | 'to' | 'reason'> = {}): Scenario['run'] {
  return async () => {
    const script = await begun(stepping(OFFERED, OFFERED_AGAIN, END));
    await say(script, kind, more);
    await waitsAfter(script, 2);
    await say(script, 'accept');
    await script.handle.result();
    return { script, handle: script.handle };
  };
}

/** A run that has grown long with a notice on its way, on a server of its own that says so early; both its runs. */
async function grownLong(): Promise<{ readonly script: PqlScript; readonly first: WorkflowHandle }> {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-replay-'));
  const server = await startTemporal({
    ...{ directory, environment: process.env, progress: () => undefined, timeSkipping: true, suggestContinueAsNewAt: LONG_RUN },
  });
  onTestFinished(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const told: Told = { kind: 'told', outcome: 'failed', code: 'Throttled', retryAfterMs: 35_000 };
  const answers = { ...stepping(due(24 * HOUR_MS, { notices: ['n-1'] })), tell: async () => told };
  const script = await scripts.play(answers, { temporalAddress: server.address });
  await script.routing.wake([ACCOUNT]);
  const { runId } = await script.handle.describe();
  const hasGoneOn = async (): Promise<boolean> => {
    await script.routing.wake([ACCOUNT]);
    return (await script.handle.describe()).runId !== runId;
  };
  await expect.poll(hasGoneOn, SOON).toBe(true);
  return { script, first: script.temporal.client.workflow.getHandle(script.handle.workflowId, runId) };
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'pqlRouting.accepted',
    async run() {
      const script = await begun(stepping(OFFERED, END));
      await say(script, 'accept');
      await script.handle.result();
      return { script, handle: script.handle };
    },
  },
  {
    name: 'pqlRouting.closed',
    async run() {
      const script = await begun(stepping(OFFERED, END));
      await say(script, 'close', { reason: 'lost' });
      await script.handle.result();
      return { script, handle: script.handle };
    },
  },
  { name: 'pqlRouting.declined', run: handedOn('decline') },
  { name: 'pqlRouting.reassigned', run: handedOn('reassign', { to: 'omar' }) },
  { name: 'pqlRouting.released', run: handedOn('release') },
  {
    name: 'pqlRouting.snoozed',
    async run() {
      const script = await begun(stepping(OFFERED, due(30 * MINUTE_MS), OFFERED_AGAIN, END));
      await say(script, 'snooze', { until: '2026-11-30T12:00:00.000Z' });
      await waitsAfter(script, 2);
      await script.skip(31 * MINUTE_MS);
      await waitsAfter(script, 3);
      await say(script, 'accept');
      await script.handle.result();
      return { script, handle: script.handle };
    },
  },
  {
    name: 'pqlRouting.escalated',
    async run() {
      const reminded = due(HOUR_MS, { notices: ['n-2'] });
      const script = await begun(stepping(OFFERED, reminded, due(HOUR_MS, { notices: ['n-3'] }), () => open(), END));
      for (const atStep of [2, 3, 4]) {
        await script.skip(61 * MINUTE_MS);
        await waitsAfter(script, atStep);
      }
      await say(script, 'accept');
      await script.handle.result();
      return { script, handle: script.handle };
    },
  },
  {
    name: 'pqlRouting.slack-down',
    async run() {
      let tries = 0;
      const tell = async (_: string, channel: string): Promise<Told> => {
        tries += 1;
        if (tries === 1) throw new Error('a defect');
        return channel === 'slack'
          ? { kind: 'told', outcome: 'failed', code: 'Transient', retryAfterMs: null }
          : { kind: 'told', outcome: 'delivered' };
      };
      const script = await scripts.play({ ...stepping(OFFERED, END), tell });
      await script.routing.wake([ACCOUNT]);
      await expect.poll(() => tries, SOON).toBeGreaterThanOrEqual(1);
      await script.skip(MINUTE_MS);
      await expect.poll(async () => (await script.status()).telling, SOON).toBe(0);
      await say(script, 'accept');
      await script.handle.result();
      return { script, handle: script.handle };
    },
  },
  {
    name: 'pqlRouting.roster-changed',
    async run() {
      const script = await begun({ ...stepping(due(4 * HOUR_MS), due(30 * MINUTE_MS), END), rosterChanged: async () => [ACCOUNT] });
      await script.routing.rosterChanged(['omar']);
      await waitsAfter(script, 2);
      await script.skip(31 * MINUTE_MS);
      await script.handle.result();
      return { script, handle: script.handle };
    },
  },
  {
    name: 'pqlRouting.continued-as-new',
    async run() {
      const { script, first } = await grownLong();
      return { script, handle: first };
    },
  },
  {
    name: 'pqlRouting.went-on',
    async run() {
      const { script } = await grownLong();
      await expect.poll(async () => (await script.status()).telling, SOON).toBe(1);
      return { script, handle: script.handle };
    },
  },
];

async function replayed(name: string, text: string): Promise<string | null> {
  const histories = [{ workflowId: name, history: JSON.parse(text) as unknown }];
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: scripts.bundle() }, histories)) return error?.name ?? null;
  return 'nothing was replayed';
}

test('case 54 every scenario of a lead has a saved history', () => {
  const saved = savedHistories();
  expect(SCENARIOS.filter((scenario) => !saved.some(({ name }) => name.startsWith(`${scenario.name}.`))).map(({ name }) => name)).toEqual(
    [],
  );
});

test.for(SCENARIOS)('case 54 a run of $name replays, the new one and those that were saved', async ({ name, run }) => {
  const { script, handle } = await run();
  const text = await decryptedHistory(handle, script.keyRing);
  expect(await replayed(name, text)).toBeNull();
  for (const saved of savedHistories().filter((history) => history.name.startsWith(`${name}.`)))
    expect([saved.name, await replayed(saved.name, saved.text)]).toEqual([saved.name, null]);
  if (process.env['LOCKSTEP_RECORD'] === '1') saveHistory(name, text);
});
