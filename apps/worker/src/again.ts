/** A set like one that had to be taken back, with the diff of today: it is judged, and asked for, again (cases 40 and C6). */
import { createSet } from '@lockstep/engine/crm/create.ts';
import { allSteps } from '@lockstep/engine/crm/environment.ts';
import type { CrmEngine } from '@lockstep/engine/crm/environment.ts';

/** After so many a person has to plan it. */
const MOST_AGAINS = 3;

/**
 * Plans it once, however often it is called. Null where it was planned again often enough, or is a rollback: what is left to take back is for the next
 * rollback to find. Throws `ConnectorError`.
 */
export async function planAgain(engine: CrmEngine, changeSetId: string, now: string): Promise<string | null> {
  const next = nextId(changeSetId);
  const { set, steps } = await engine.store.snapshot(async (reader) => ({
    set: await reader.changeSet(changeSetId),
    steps: await allSteps(reader, changeSetId),
  }));
  if (next === null || set === null || set.rollsBack.length > 0) return null;
  const { kind, requestedBy, actorKind, reason, confidence } = set;
  const operations = steps.map(({ operation }) => operation);
  await createSet(engine, { changeSetId: next, kind, requestedBy, actorKind, reason, confidence, operations }, now);
  return next;
}

/** `<id>.again-1`, `<id>.again-2` … */
function nextId(changeSetId: string): string | null {
  const [, first = changeSetId, count = '0'] = /^(.*)\.again-(\d)$/.exec(changeSetId) ?? [];
  return Number(count) < MOST_AGAINS ? `${first}.again-${Number(count) + 1}` : null;
}
