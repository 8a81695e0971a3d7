/** Accounts that the CRM has in a stage and whose product has made no lead: when they are followed, and who hears of them. Pure; instants are ISO. */
import { fallbackChain, isActive, personOf } from './roster.ts';
import type { Roster } from './roster.schema.ts';
import type { SlaSpec } from './sla.schema.ts';
import { isInStage, stageOf, stageRuns } from './stage.ts';
import type { SeenRecord, StageRecord } from './stage.ts';

/**
 * Since when an account is to be followed: the first time at a stage that goes on now, that a service level begins with, and that has begun at `since` or
 * after; null for none. What was there before anybody looked is nobody's clock.
 */
export function followedSince(records: readonly StageRecord[], slas: readonly SlaSpec[], since: string): string | null {
  const begun = slas.flatMap(({ start, stop }) => {
    const from = stageOf(start);
    const open = from === null ? undefined : stageRuns(records, from, stageOf(stop)).findLast(({ end }) => end === null);
    return open === undefined || Date.parse(open.startedAt) < Date.parse(since) ? [] : [open.startedAt];
  });
  return begun.toSorted((one, other) => Date.parse(one) - Date.parse(other))[0] ?? null;
}

/**
 * Who is told of an account that is followed: the owner of the record that came into its stage last; where that one does not work here any more, their manager or
 * named human; where no owner is on the roster, the named human for what nobody has.
 */
export function followerOf(roster: Roster, records: readonly SeenRecord[], connectionId: string, at: string): string {
  const ownerIds = records
    .filter(isInStage)
    .toSorted((one, other) => lastMs(other) - lastMs(one))
    .flatMap(({ ownerId }) => ownerId ?? []);
  const owners = ownerIds.flatMap((ownerId) => roster.people.find(({ owners: all }) => all[connectionId] === ownerId) ?? []);
  const here = owners.find((person) => isActive(person, at));
  if (here !== undefined) return here.id;
  const [gone] = owners;
  const pool = roster.pools.find(({ members }) => gone !== undefined && members.includes(gone.id));
  const chain = pool === undefined ? [] : fallbackChain(roster, pool.id, ['manager', 'human']);
  const next = chain.flatMap((step) => (step.kind === 'person' ? [step.personId] : [])).find((id) => isHere(roster, id, at));
  return next ?? roster.territoryGap;
}

function isHere(roster: Roster, id: string, at: string): boolean {
  const person = personOf(roster, id);
  return person !== null && isActive(person, at);
}

function lastMs({ entries }: StageRecord): number {
  return Math.max(...entries.map(({ at }) => Date.parse(at)));
}
