/** The clocks of a lead: started, moved on and worked out anew, and what they set off. */
import { dueAt } from '@lockstep/domain/routing/clock.ts';
import type { Clock } from '@lockstep/domain/routing/clock.ts';
import { rebase } from '@lockstep/domain/routing/rebase.ts';
import type { ClockRow } from '@lockstep/domain/routing/routing-store.port.ts';
import { startClock } from '@lockstep/domain/routing/clock-start.ts';
import { isStageClock, stageOf } from '@lockstep/domain/routing/stage.ts';
import { advance } from '@lockstep/domain/routing/sla.ts';
import type { Moved, RebaseCause, SlaEvent } from '@lockstep/domain/routing/sla.ts';
import type { SlaSpec } from '@lockstep/domain/routing/sla.schema.ts';
import { clockHours } from './calendars.ts';
import { currentOffer, deadlineOf, holderOf, replace } from './desk.ts';
import type { Desk } from './desk.ts';
import { NotConfigured } from './environment.ts';
import { nameOf, owed } from './notices.ts';
import type { Told } from './notices.ts';

/** Starts a clock of a service level for whoever has the lead, or for nobody. */
export async function begin(desk: Desk, slaId: string, poolId: string | null): Promise<void> {
  const sla = slaOf(desk, slaId);
  const clockId = `${desk.lead.leadId}/${sla.id}/${desk.clocks.length + 1}`;
  await beginAt(desk, sla, { clockId, poolId, startedAtMs: Date.parse(desk.now) });
}

export interface Beginning {
  readonly clockId: string;
  /** Null: whoever has the lead was chosen by no pool. */
  readonly poolId: string | null;
  /** What has fallen due since is done by the next tick. */
  readonly startedAtMs: number;
}

export async function beginAt(desk: Desk, sla: SlaSpec, { clockId, poolId, startedAtMs }: Beginning): Promise<void> {
  const ownerId = holderOf(desk);
  const { roster } = desk.documents;
  const hours = clockHours({ sla, roster, calendars: desk.calendars, ownerId, poolId });
  const moved = startClock(sla, { clockId, ownerId, startedAtMs, hours, tzVersion: desk.engine.tzVersion });
  desk.clocks.push(rowOf(desk, moved.clock));
  await setOff(desk, moved);
}

/** Something has happened to all clocks that run. */
export async function happen(desk: Desk, event: SlaEvent): Promise<void> {
  for (const { clock } of desk.clocks.filter(isRunning)) await happenTo(desk, clock.clockId, event, Date.parse(desk.now));
}

/** Something has happened to one clock, at an instant that may be past. */
export function happenTo(desk: Desk, clockId: string, event: SlaEvent, atMs: number): Promise<void> {
  return apply(desk, clockId, (now) => advance(now, event, atMs));
}

/** All clocks that run go by other hours, or for another owner (cases 01, 09, 23). */
export async function workOutAnew(desk: Desk, cause: RebaseCause, poolId: string | null): Promise<void> {
  const ownerId = holderOf(desk);
  const { roster } = desk.documents;
  for (const { clock } of desk.clocks.filter(isRunning)) {
    const hours = clockHours({ sla: slaOf(desk, clock.slaId), roster, calendars: desk.calendars, ownerId, poolId });
    const request = { cause, ownerId, hours, tzVersion: desk.engine.tzVersion };
    await apply(desk, clock.clockId, (now) => rebase(now, request, Date.parse(desk.now)));
  }
}

async function apply(desk: Desk, clockId: string, how: (clock: Clock) => Moved): Promise<void> {
  const row = desk.clocks.find(({ clock }) => clock.clockId === clockId);
  if (row === undefined) return;
  const moved = how(row.clock);
  if (moved.clock !== row.clock) replace(desk.clocks, row, rowOf(desk, moved.clock));
  await setOff(desk, moved);
}

export const isRunning = ({ clock }: ClockRow): boolean => clock.outcome === null;

function rowOf({ lead }: Desk, clock: Clock): ClockRow {
  return { leadId: lead.leadId, clock, dueAt: isoOrNull(dueAt(clock)) };
}

/** Does what a clock says. Everything is a row before anybody hears of it. */
async function setOff(desk: Desk, { clock, actions }: Moved): Promise<void> {
  desk.actions.push(...actions);
  // An offer's own clock may stop at a stage too: until somebody has answered it is their answer that is waited for.
  const isAnswered = isStageClock(clock.clockId) || desk.lead.state === 'accepted';
  const stage = isAnswered ? stageOf(clock.stopsOn) : null;
  const about: Told = stage === null ? told(desk) : { ...told(desk), stage, deadlineIso: isoOrNull(clock.deadlineMs) };
  for (const action of actions) {
    const owner = holderOf(desk);
    switch (action.kind) {
      case 'warn':
      case 'remind':
        if (owner !== null) desk.notices.push(owed({ ...about, offer: currentOffer(desk) }, action.kind, owner, action.key, desk.now));
        break;
      case 'reassign': {
        const nobody = await desk.ladder.reassign(desk);
        if (nobody !== null) await happen(desk, { kind: 'escalate', reason: nobody.reason, to: nobody.personId });
        break;
      }
      case 'escalate':
        desk.ladder.escalateTo(desk, about, action);
        break;
      case 'look-again':
        await workOutAnew(desk, 'HORIZON', currentOffer(desk)?.poolId ?? null);
        break;
      case 'report-breach':
      case 'report-uncovered':
      case 'report-end':
      case 'rebased':
      case 'tell-owners':
        // They are on record; owners hear of a hand-over by the notices of their offers.
        break;
    }
  }
}

export function told(desk: Desk): Told {
  return {
    lead: desk.lead,
    name: nameOf(desk.traits, desk.account),
    offer: currentOffer(desk),
    deadlineIso: deadlineOf(desk),
    stage: null,
  };
}

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

function slaOf({ documents }: Desk, id: string): SlaSpec {
  const sla = documents.slas.find((one) => one.id === id);
  if (sla === undefined) throw new NotConfigured(`service levels: expected one of the id ${id}, got none; run \`lockstep routing check\``);
  return sla;
}
