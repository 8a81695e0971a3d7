/** Plays the story, step by step; one that fails does not end it. */
import { CRM_STORY } from './change-sets.ts';
import { REDRIVE_STORY } from './redrive.ts';
import { REPLAY_STORY } from './replay.ts';
import { ROUTING_STORY } from './routing.ts';
import { NothingToTell, STORY } from './steps.ts';
import type { StepReport } from './steps.ts';
import type { Stage } from './stage.ts';
import { untilInStep } from '../waiting.ts';

const SETTLE_MS = 90_000;

export async function playStory(stage: Stage): Promise<readonly StepReport[]> {
  const reports: StepReport[] = [];
  for (const [index, step] of [...STORY, ...CRM_STORY, ...ROUTING_STORY, ...REDRIVE_STORY, ...REPLAY_STORY].entries()) {
    stage.say(`\n${index + 1}. ${step.step}`);
    const report = await playStep(stage, step);
    stage.say(`   ${report.ok ? '✓' : '✗'} ${report.detail}`);
    stage.operator.end(`${report.detail}.`);
    reports.push(report);
  }
  return reports;
}

async function playStep(stage: Stage, step: (typeof STORY)[number]): Promise<StepReport> {
  try {
    // Each step begins at rest, so that what it shows is its own doing.
    await untilInStep(stage.api(), { timeoutMs: SETTLE_MS });
    return { step: step.step, ...(await step.play(stage)) };
  } catch (error) {
    if (error instanceof NothingToTell) return { step: step.step, ok: true, detail: 'not told: this plan has no task left for it' };
    return { step: step.step, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}
