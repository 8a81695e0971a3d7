import { describe, expect, it } from 'vitest';
import { pastBehaviour } from './past-behaviour.ts';
import { iso, msOf, offer, pastLead } from './past.fixture.ts';
import { fateOf, likenessOf, playPast, sumsOf } from './past-simulation.ts';
import type { PastWorld } from './past-simulation.ts';
import type { WorkCalendar } from './calendar.ts';
import { policy, roster } from './routing.fixture.ts';
import { shippedSlas } from './shipped-slas.ts';
import type { SimulationDocuments } from './simulation-request.ts';

const WEEK = [1, 2, 3, 4, 5].map((day) => ({ day, from: '09:00', to: '17:00' }));
const TEAM = roster();
const ROSTER = { ...TEAM, people: TEAM.people.map((one) => ({ ...one, week: WEEK, weight: '1', zone: 'Europe/Berlin', capacity: 50 })) };
const DOCUMENTS: SimulationDocuments = { policy: policy(), roster: ROSTER, slas: shippedSlas('mia') };
const WORLD: PastWorld = { holidays: {}, absences: {}, credits: {}, until: '2026-12-09T00:00:00Z', tzVersion: '2026c' };
const OFFICE: WorkCalendar = { zone: 'Europe/Berlin', week: WEEK, holidays: [], absences: [] };
const calendars = new Map(['ada', 'ben', 'mia'].map((id) => [id, OFFICE]));
const asked = (leadId: string, memberId: string, as: 'owner' | 'named' = 'owner') => ({ leadId, memberId, as, asked: 1, offers: 1 });

/** Ada says yes after ten minutes, Ben after twenty; as the machine deals them. */
const turns = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const [id, minutes] = index % 2 === 0 ? (['ada', 10] as const) : (['ben', 20] as const);
    const [from, to] = [`0${8 + Math.floor(index / 6)}:${String((index % 6) * 10).padStart(2, '0')}`, index];
    const at = new Date(msOf(from) + minutes * 60_000).toISOString().slice(11, 16);
    return pastLead(`lead-${to}`, from, [offer(id, 'accepted', from, at)], { kind: 'met', at });
  });

describe('what people do in a simulation of the past', () => {
  it('R6 is what they did then, in as much working time; out of hours by the wall', () => {
    const leads = [
      pastLead('day', '15:30', [offer('ada', 'accepted', '15:30', '15:45')], { kind: 'met', at: '15:45' }),
      pastLead('night', '15:30', [offer('ada', 'accepted', '15:30', '20:00')], { kind: 'met', at: '20:00' }),
      pastLead('no', '08:00', [offer('ada', 'declined', '08:00', '08:30'), offer('ben', 'taken-back', '08:30', '10:00')], null),
    ];
    const { reactTo, sourceOf } = pastBehaviour(leads, calendars, 'usual');
    expect(reactTo(asked('day', 'ada'))).toEqual({ kind: 'accept', afterMinutes: 15 });
    expect(reactTo(asked('night', 'ada'))).toEqual({ kind: 'accept', afterMinutes: 270, isByWall: true });
    expect(reactTo(asked('no', 'ada'))).toEqual({ kind: 'decline', afterMinutes: 30 });
    expect(reactTo(asked('no', 'ben'))).toEqual({ kind: 'ignore' });
    expect([sourceOf(asked('no', 'ben')), sourceOf(asked('day', 'ben'))]).toEqual(['known', 'none']);
    const open = pastLead('open', '08:00', [offer('ada', 'open', '08:00', null)], null);
    expect(pastBehaviour([open], calendars, 'usual').sourceOf(asked('open', 'ada'))).toBe('known');
  });

  it('R6 a yes that was given back later is a yes, and a named person is asked when they are told', () => {
    const back = pastLead('back', '08:00', [offer('ada', 'released', '08:00', '11:00')], { kind: 'met', at: '08:20' });
    const named = pastLead(
      'named',
      '08:00',
      [offer('ada', 'handed-over', '08:00', '12:00'), offer('mia', 'accepted', '12:00', '12:00', null)],
      { kind: 'met', at: '12:00' },
      { escalatedTo: 'mia', escalatedAtMs: msOf('11:30') },
    );
    const { reactTo } = pastBehaviour([back, named], calendars, 'usual');
    expect(reactTo(asked('back', 'ada'))).toEqual({ kind: 'accept', afterMinutes: 20 });
    expect(reactTo(asked('named', 'ada'))).toEqual({ kind: 'ignore' });
    expect(reactTo(asked('named', 'mia', 'named'))).toEqual({ kind: 'accept', afterMinutes: 30 });
  });

  it('what nobody knows is drawn from the person’s own answers, from everybody’s where those are few, and is no answer where none is to be taken', () => {
    const leads = turns(10);
    const usual = pastBehaviour(leads, calendars, 'usual');
    expect(usual.sourceOf(asked('lead-0', 'ben'))).toBe('own');
    expect(usual.reactTo(asked('lead-0', 'ben'))).toEqual({ kind: 'accept', afterMinutes: 20 });
    expect(usual.sourceOf(asked('lead-0', 'cleo'))).toBe('others');
    expect(['accept 10', 'accept 20']).toContain(Object.values(usual.reactTo(asked('lead-0', 'cleo'))).join(' '));
    expect(usual.reactTo(asked('lead-0', 'cleo'))).toEqual(usual.reactTo(asked('lead-0', 'cleo')));
    const none = pastBehaviour(leads, calendars, 'none');
    expect([none.reactTo(asked('lead-0', 'ben')), none.sourceOf(asked('lead-0', 'ben'))]).toEqual([{ kind: 'ignore' }, 'none']);
    expect(none.reactTo(asked('lead-0', 'ada'))).toEqual({ kind: 'accept', afterMinutes: 10 });
  });

  it('a lead takes its place from the yes to its end, and for good where nobody has closed it', () => {
    const closed = pastLead(
      'closed',
      '08:00',
      [offer('ada', 'accepted', '08:00', '08:10')],
      { kind: 'met', at: '08:10' },
      { closedAt: iso('10:10'), state: 'closed' },
    );
    const { keepsMinutes } = pastBehaviour([closed], calendars, 'usual');
    expect(keepsMinutes({ leadId: 'closed', memberId: 'ada' })).toBe(120);
    expect(keepsMinutes({ leadId: 'other', memberId: 'ada' })).toBeGreaterThan(1e7);
  });
});

describe('documents against the past', () => {
  const leads = turns(12);

  it('R6 played by the documents of then it is as it was: who, in time, and after how long', () => {
    const { fates, answers } = playPast(leads, DOCUMENTS, WORLD, 'none');
    expect(fates).toEqual(leads.map(fateOf));
    expect(answers).toEqual({ known: 12, own: 0, others: 0, none: 0 });
    expect(sumsOf(fates)).toMatchObject({ leads: 12, met: 12, acknowledged: 12, medianMs: 600_000, p90Ms: 1_200_000 });
  });

  it('R6 another policy asks others: their answers are drawn and counted as such, or none are taken and all of it is breached', () => {
    const [first, second] = policy().rules;
    if (first === undefined || second === undefined) throw new Error('expected two rules');
    const world = { ...policy(), rules: [first, { ...second, way: { ...second.way, pool: 'world' } }] };
    const documents = { ...DOCUMENTS, policy: world };
    const usual = playPast(leads, documents, WORLD, 'usual');
    expect(usual.answers).toEqual({ known: 0, own: 0, others: 12, none: 0 });
    expect(new Set(usual.fates.map(({ firstOwnerId }) => firstOwnerId))).toEqual(new Set(['cleo']));
    const inForce = playPast(leads, DOCUMENTS, WORLD, 'usual');
    expect(likenessOf(inForce.fates, usual.fates).firstOwner).toBe(0);
    const none = playPast(leads, documents, WORLD, 'none');
    expect(sumsOf(none.fates)).toMatchObject({ met: 0, acknowledged: 0, medianMs: null, p90Ms: null, escalated: 12 });
    expect(none.answers.none).toBeGreaterThan(0);
  });

  it('R4 pools begin with the credits of then: whose turn it was, it is', () => {
    const member = (assigned: number, entitledUnits: string) => ({ weight: '1', units: '500000000000', assigned, entitledUnits });
    const credits = {
      dach: { epoch: 1, unitsPerLead: '1000000000000', members: { ada: member(1, '500000000000'), ben: member(0, '500000000000') } },
    };
    const first = (world: PastWorld) => playPast(leads.slice(0, 1), DOCUMENTS, world, 'none').fates[0]?.firstOwnerId;
    expect([first(WORLD), first({ ...WORLD, credits })]).toEqual(['ada', 'ben']);
  });

  it('times away of calendars and holidays of the region count', () => {
    const away = { id: 'a', fromIso: iso('00:00'), toIso: iso('23:00'), reason: 'leave' };
    const { fates } = playPast(leads, DOCUMENTS, { ...WORLD, absences: { ada: [away] } }, 'usual');
    expect(fates.some(({ firstOwnerId }) => firstOwnerId === 'ada')).toBe(false);
    const bavarian = { ...ROSTER, people: ROSTER.people.map((one) => (one.id === 'ben' ? { ...one, holidays: 'DE-BY' } : one)) };
    const holidays = { 'DE-BY': [{ date: '2026-11-25', region: 'DE-BY', name: 'Day off' }] };
    const other = playPast(leads, { ...DOCUMENTS, roster: bavarian }, { ...WORLD, holidays }, 'usual');
    expect(other.fates.some(({ firstOwnerId }) => firstOwnerId === 'ben')).toBe(false);
  });

  it('R2 of the past: what is open is open, what passed its deadline is breached, what was excluded has no clock', () => {
    const open = pastLead('open', '08:00', [offer('ada', 'open', '08:00', null)], null, { state: 'offered' });
    const late = { ...open, clock: { slaId: 'pql', stopsOn: 'acknowledged', state: 'breached', outcome: null } } as const;
    const out = { ...open, clock: null, outcome: 'excluded', offers: [] } as const;
    expect([open, late, out].map((lead) => [fateOf(lead).outcome, fateOf(lead).firstOwnerId, fateOf(lead).acknowledgedAfterMs])).toEqual([
      ['open', 'ada', null],
      ['breached', 'ada', null],
      ['excluded', null, null],
    ]);
  });
});
