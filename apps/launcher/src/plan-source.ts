/** The plan that a start is given: refused with file:line before anything is made, or taken as it is, byte for byte. */
import { readFileSync } from 'node:fs';
import { countItems } from '@lockstep/domain/plan/counts.ts';
import type { PlanCounts } from '@lockstep/domain/plan/counts.ts';
import { parsePlan } from '@lockstep/domain/plan/parse.ts';
import { PlanError } from '@lockstep/domain/plan/plan-error.ts';
import { LaunchError } from './errors.ts';

export interface PlanSource {
  readonly bytes: Buffer;
  readonly counts: PlanCounts;
}

/** Reads a plan. Throws `LaunchError` for a file that cannot be read, is not a whole plan, or holds no items. `name`: what the person calls it. */
export function readPlanSource(file: string, name = file): PlanSource {
  const bytes = bytesOf(file, name);
  try {
    const plan = parsePlan(bytes.toString('utf8'), name);
    if (plan.items.length === 0)
      throw new LaunchError(`${name}: expected a plan with phases, tables of tasks or checklists, got no items. Name another file`);
    return { bytes, counts: countItems(plan) };
  } catch (error) {
    if (error instanceof PlanError) throw new LaunchError(error.message);
    throw error;
  }
}

function bytesOf(file: string, name: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new LaunchError(`--plan ${name}: expected a readable file, got ${error instanceof Error ? error.message : String(error)}`);
  }
}
