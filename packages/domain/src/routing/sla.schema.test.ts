import { describe, expect, it } from 'vitest';
import { businessMsBetween } from './business-time.ts';
import { shippedSlas } from './shipped-slas.ts';
import { slaFileSchema, slaSchema } from './sla.schema.ts';
import { at, BOSS, HOUR_MS, office, sla } from './sla.fixture.ts';
import { hoursFor } from './sla-hours.ts';

function problems(change: object): readonly string[] {
  const { success, error } = slaSchema.safeParse({ ...sla('pql'), ...change });
  return success ? [] : error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('service levels as data', () => {
  it('R2 the six that ship are valid, and keep their budgets', () => {
    const { slas } = slaFileSchema.parse({ version: '1', slas: shippedSlas(BOSS) });
    expect(slas).toEqual(shippedSlas(BOSS));
    expect(slas.map(({ id, budgetMinutes, stop }) => [id, budgetMinutes, stop])).toEqual([
      ['inbound-demo', 5, 'acknowledged'],
      ['form', 120, 'acknowledged'],
      ['pql', 240, 'acknowledged'],
      ['mql-to-sql', 1_440, 'stage:SQL'],
      ['sql-to-opportunity', 1_440, 'stage:opportunity'],
      ['escalated-hand-over', 240, 'acknowledged'],
    ]);
  });

  it('R2 a ladder on which no named person hears before the deadline less the buffer is refused', () => {
    const late =
      'expected a rung "escalate" at 87 % or before (budget less buffer), got none: a named person has to hear before the deadline';
    expect(problems({ ladder: [{ do: 'escalate', atPercent: 87, to: BOSS }] })).toEqual([]);
    expect(problems({ ladder: [{ do: 'escalate', atPercent: 88, to: BOSS }] })).toEqual([`ladder: ${late}`]);
    expect(problems({ ladder: [{ do: 'remind', atPercent: 10 }] })).toEqual([`ladder: ${late}`]);
    expect(problems({ bufferMinutes: 240, ladder: [{ do: 'escalate', atPercent: 1, to: BOSS }] })[0]).toContain('at 0 % or before');
    expect(problems({ ladder: [{ do: 'escalate', atPercent: 50, to: '' }] })).toHaveLength(1);
  });

  it('rungs are in the order of time, warnings lie within the budget, ids are there once', () => {
    expect(
      problems({
        ladder: [
          { do: 'escalate', atPercent: 50, to: BOSS },
          { do: 'remind', atPercent: 40 },
        ],
      }),
    ).toEqual(['ladder.1.atPercent: expected rungs in the order of time, got 40 after 50']);
    expect(problems({ warnings: [{ atPercent: 50 }, { minutesBefore: 240 }] })).toEqual([
      'warnings.1.minutesBefore: expected less than the budget, 240 minutes, got 240',
    ]);
    const twice = slaFileSchema.safeParse({ version: '1', slas: [sla('pql'), sla('escalated-hand-over'), sla('pql')] });
    expect(twice.error?.issues).toMatchObject([{ path: ['slas', 2, 'id'], message: 'expected every id once, got pql again' }]);
  });

  it('16 a file without the service level of leads that no rule takes does not load: such a lead would have no clock', () => {
    const result = slaFileSchema.safeParse({ version: '1', slas: [sla('pql'), sla('form')] });
    expect(result.error?.issues).toMatchObject([
      { path: ['slas'], message: expect.stringContaining('expected one of the id escalated-hand-over') as string },
    ]);
  });

  it('R2 a stage that no CRM is read for is refused: its clock would never start, or never stop', () => {
    expect(problems({ start: 'stage:MQL', stop: 'stage:opportunity' })).toEqual([]);
    expect(problems({ start: 'stage:mql', stop: 'stage:won' })).toEqual([
      'start: expected stage:MQL, stage:SQL, stage:opportunity, got stage:mql',
      'stop: expected stage:MQL, stage:SQL, stage:opportunity, got stage:won',
    ]);
  });

  it('what is left out has its default', () => {
    const { stop: _stop, longestWaitMinutes: _wait, onHandOver: _hand, warnings: _warnings, ...bare } = sla('pql');
    expect(slaSchema.parse(bare)).toMatchObject({ stop: 'acknowledged', longestWaitMinutes: 960, onHandOver: 'continue', warnings: [] });
  });
});

describe('whose hours', () => {
  const hours = (from: string, to: string) => office({ week: [{ day: 3, from, to }] });
  const calendars = {
    owner: hours('09:00', '10:00'),
    team: [hours('11:00', '13:00'), hours('12:00', '15:00')],
    customer: hours('14:00', '18:00'),
  };
  const worked = (of: Parameters<typeof hoursFor>[0], change: object = {}): number =>
    businessMsBetween(hoursFor(of, { ...calendars, ...change }), at('00:00'), at('23:59')) / HOUR_MS;

  it('05 are the owner’s, the team’s (anyone of them), the customer’s, or those that both have', () => {
    expect([worked('owner'), worked('team'), worked('customer'), worked('customer-and-team')]).toEqual([1, 4, 4, 1]);
  });

  it('05 without an owner the team’s are meant; without a customer’s hours they do not narrow; nobody covers nothing', () => {
    expect(worked('owner', { owner: null })).toBe(4);
    expect(worked('customer-and-team', { customer: null })).toBe(4);
    expect(worked('customer', { customer: null })).toBeGreaterThan(23.9);
    expect(worked('team', { team: [] })).toBe(0);
  });
});
