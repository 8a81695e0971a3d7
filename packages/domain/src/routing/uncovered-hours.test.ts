import { describe, expect, it } from 'vitest';
import type { WorkCalendar } from './calendar.ts';
import { checkRouting } from './check.ts';
import type { CheckRequest, HoursAhead } from './check-request.ts';
import { problemText } from './problem.ts';
import { person, policy, POLICY_TEXT, request, roster, ROSTER_TEXT } from './routing.fixture.ts';
import { uncoveredHours } from './uncovered-hours.ts';

type Loose = Readonly<Record<string, unknown>>;

const words = (change: Partial<CheckRequest> = {}): readonly string[] => checkRouting(request(change)).map(problemText);
const people = (...changed: readonly Loose[]): readonly Loose[] =>
  ROSTER_TEXT.people.map((one) => changed.find(({ id }) => id === one['id']) ?? one);
const [dach, world] = ROSTER_TEXT.pools;
const [asked, pql] = POLICY_TEXT.rules;
const withRules = (...rules: readonly Loose[]): Partial<CheckRequest> => ({ policy: policy({ rules }) });
const rule = (id: string, when: Loose, change: Loose = {}): Loose => ({
  id,
  when: { motions: ['plg'], ...when },
  way: { ...pql?.way, ...change },
});

describe('hours', () => {
  const WEEK = [1, 2, 3, 4, 5].map((day) => ({ day, from: '09:00', to: '17:00' }));
  const office = (zone: string, change: Partial<WorkCalendar> = {}): WorkCalendar => ({
    zone,
    week: WEEK,
    holidays: [],
    absences: [],
    ...change,
  });
  /** Two weeks from Monday, 2026-11-30, 00:00 in Berlin. */
  const looked = (change: Readonly<Record<string, WorkCalendar>> = {}): HoursAhead => ({
    calendars: new Map(
      Object.entries({ ada: office('Europe/Berlin'), ben: office('Europe/Berlin'), cleo: office('America/New_York'), ...change }),
    ),
    fromMs: Date.parse('2026-11-29T23:00:00Z'),
    toMs: Date.parse('2026-12-13T23:00:00Z'),
  });
  const found = (change: Partial<CheckRequest>) => {
    const checked = request(change);
    return uncoveredHours(checked, checked.hours ?? looked()).map(({ poolId, slaId, tiers, totalMs }) => [
      poolId,
      slaId,
      tiers.length,
      totalMs / 3_600_000,
    ]);
  };

  it('15 in which a lead finds nobody at work are told by pool and service level, overflow pools counted, with the times of the wall', () => {
    const told = words({ hours: looked() });
    expect(told).toEqual([
      'roster.yaml: pools[0]: warning: expected somebody at work at every hour for leads of pool dach (form: prosumer, smb, enterprise; pql: prosumer, smb, enterprise), got 196 h without anybody from 2026-11-30 to 2026-12-14, Europe/Berlin: [Mon Tue Wed Thu 23:00 to 09:00 the next day, 8 ×], [Fri 23:00 to 09:00 3 days later], [Fri 23:00 to 00:00 3 days later], [Mon 00:00 to 09:00]; longer than it may wait, so that a named person hears at once: form 2 ×, pql 2 ×; add a shift, or a member or an overflow pool in another zone, if leads come then',
      'roster.yaml: pools[1]: warning: expected somebody at work at every hour for leads of pool world (form: prosumer, smb, enterprise; pql: prosumer, smb, enterprise), got 256 h without anybody from 2026-11-29 to 2026-12-13, America/New_York: [Mon Tue Wed Thu 17:00 to 09:00 the next day, 8 ×], [Fri 17:00 to 09:00 3 days later], [Fri 17:00 to 18:00 2 days later], [Sun 18:00 to 09:00 the next day]; longer than it may wait, so that a named person hears at once: form 2 ×, pql 2 ×; add a shift, or a member or an overflow pool in another zone, if leads come then',
    ]);
  });

  it('a rule that asks no overflow pool has fewer, and one that everybody but its members takes has them by tier', () => {
    const alone = { fallback: ['manager', 'human'] };
    const hours = looked();
    expect(found({ ...withRules(rule('pql', {}, alone), { ...asked }), hours })).toEqual([
      ['dach', 'pql', 3, 256],
      ['world', 'pql', 3, 256],
      ['dach', 'form', 3, 196],
      ['world', 'form', 3, 256],
    ]);
    // Ben takes only smb, and Ada is away for the second week.
    const away = { id: 'a', fromIso: '2026-12-06T23:00:00Z', toIso: '2026-12-13T23:00:00Z', reason: 'leave' };
    const second = looked({ ada: office('Europe/Berlin', { absences: [away] }) });
    expect(
      found({ ...withRules(rule('pql', {}, alone), { ...asked }), hours: second }).filter(
        ([poolId, slaId]) => poolId === 'dach' && slaId === 'pql',
      ),
    ).toEqual([
      ['dach', 'pql', 2, 296],
      ['dach', 'pql', 1, 256],
    ]);
  });

  it('08 a holiday is a day without anybody; who is not active, or may have no lead, covers nothing', () => {
    const holidays = ['2026-12-08'].map((date) => ({ date, region: 'DE-BY', name: 'Day off' }));
    const bavaria = office('Europe/Berlin', { holidays });
    const only = { roster: roster({ pools: [{ ...dach, overflow: null }, world] }) };
    expect(found({ ...only, hours: looked({ ada: bavaria, ben: bavaria }) })[0]).toEqual(['dach', 'form', 3, 264]);
    const gone = roster({
      people: people(person('ada', { active: { to: '2026-01-01T00:00:00Z' } }), person('ben', { capacity: 0 })),
      pools: [{ ...dach, overflow: null }, world],
    });
    expect(found({ roster: gone, hours: looked() })[0]).toEqual(['dach', 'form', 3, 336]);
  });

  it('around the clock there is nothing to tell, and without calendars nothing is looked at', () => {
    const always = office('UTC', { week: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '00:00', to: '24:00' })) });
    expect(words({ hours: looked({ ada: always, ben: always, cleo: always }) })).toEqual([]);
    expect(words()).toEqual([]);
  });
});
