import { describe, expect, it } from 'vitest';
import { followedSince, followerOf } from './followed.ts';
import { rosterSchema } from './roster.schema.ts';
import { shippedSlas } from './shipped-slas.ts';
import type { SeenRecord, ShownStage } from './stage.ts';

const at = (hour: number): string => `2026-11-24T${String(hour).padStart(2, '0')}:00:00.000Z`;
const record = (key: string, ownerId: string | null, ...entries: readonly (readonly [ShownStage, number])[]): SeenRecord => ({
  ...{ key, ownerId },
  entries: entries.map(([stage, hour]) => ({ stage, at: at(hour) })),
});
const SLAS = shippedSlas('maria');

describe('an account is followed', () => {
  it('since the first stage that goes on, that a service level begins with, and that has begun since the CRM is read', () => {
    const ann = record('ann', null, ['MQL', 3], ['SQL', 5]);
    expect(followedSince([ann], SLAS, at(1))).toBe(at(5));
    expect(followedSince([ann, record('bea', null, ['MQL', 6])], SLAS, at(1))).toBe(at(5));
    expect(followedSince([ann], SLAS, at(5))).toBe(at(5));
  });

  it.each([
    ['it had begun before', [record('ann', null, ['MQL', 3])], at(4)],
    ['it is over', [record('ann', null, ['MQL', 3], [null, 4])], at(1)],
    ['it is an opportunity, which no service level begins with', [record('ann', null, ['opportunity', 3])], at(1)],
    ['there is nothing', [], at(1)],
  ])('not where %s', (_, records, since) => {
    expect(followedSince(records, SLAS, since)).toBeNull();
  });

  it('by no service level that begins with something else', () => {
    const other = SLAS.filter(({ start }) => !start.startsWith('stage:'));
    expect(followedSince([record('ann', null, ['MQL', 3])], other, at(1))).toBeNull();
  });
});

describe('who is told of an account that is followed', () => {
  const person = (id: string, more: object = {}) => ({
    ...{ id, name: id, email: `${id}@growth.example`, slackUserId: `U0${id.toUpperCase()}`, owners: { crm: `owner-${id}` } },
    ...{ role: 'ae', zone: 'Europe/Berlin', week: [{ day: 1, from: '09:00', to: '17:00' }], capacity: 5, ...more },
  });
  const roster = (...more: readonly object[]) =>
    rosterSchema.parse({
      version: '1',
      people: [person('omar'), person('lena', { active: { to: at(9) } }), person('maria', { role: 'manager' }), person('priya'), ...more],
      pools: [{ id: 'aes', role: 'ae', members: ['omar', 'lena'], manager: 'maria', human: 'priya' }],
      territories: [{ id: 'dach', places: ['DE'], pools: { ae: 'aes' } }],
      territoryGap: 'priya',
    });

  it('is the owner of the record that came into its stage last', () => {
    const records = [
      record('ann', 'owner-maria', ['MQL', 3]),
      record('bea', 'owner-omar', ['MQL', 5]),
      record('cleo', 'owner-priya', ['MQL', 6], [null, 7]),
    ];
    expect(followerOf(roster(), records, 'crm', at(10))).toBe('omar');
    expect(followerOf(roster(), records, 'another', at(10))).toBe('priya');
  });

  it('14 for one who has left is the manager of their pool; for one whom nobody knows, or for nobody, the named human', () => {
    expect(followerOf(roster(), [record('ann', 'owner-lena', ['MQL', 3])], 'crm', at(8))).toBe('lena');
    expect(followerOf(roster(), [record('ann', 'owner-lena', ['MQL', 3])], 'crm', at(10))).toBe('maria');
    expect(followerOf(roster(), [record('ann', 'a-queue', ['MQL', 3])], 'crm', at(10))).toBe('priya');
    expect(followerOf(roster(), [record('ann', null, ['MQL', 3])], 'crm', at(10))).toBe('priya');
    // A colleague who is there goes before the manager of one who is not.
    expect(followerOf(roster(), [record('ann', 'owner-lena', ['MQL', 5]), record('bea', 'owner-omar', ['MQL', 3])], 'crm', at(10))).toBe(
      'omar',
    );
  });
});
