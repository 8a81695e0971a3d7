import { describe, expect, it } from 'vitest';
import { withinHorizon } from './outcomes.ts';
import { outcomeRowsOf, readStages, scoredBefore } from './stage-outcomes.ts';
import type { AccountScore } from './stage-outcomes.ts';

const rows = (...cells: readonly (readonly [account: string, outcome: string, at: string])[]) =>
  readStages(cells.map(([account, outcome, at], index) => ({ line: index + 2, cells: { account, outcome, at } })));
const score = (accountId: string): AccountScore => ({
  ...{ accountId, scoredAt: '2026-03-01T00:00:00.000Z', score: 60, tier: 'smb', isLead: true },
  fired: ['invited'],
});
const scores = new Map(['a', 'b', 'c', 'd', 'e'].map((id) => [id, score(id)]));

describe('outcomes by account', () => {
  it('are read strictly: each bad cell by its line, expected and got', () => {
    const { problems } = rows(['a', 'won', '2026-03-02T00:00:00Z'], ['', 'sql', 'March'], ['b', 'sql', '2026-03-02T00:00:00+01:00']);
    expect(problems.map(({ line, path, got }) => [line, path, got])).toEqual([
      [2, 'outcome', '"won"'],
      [3, 'account', '""'],
      [3, 'at', '"March"'],
    ]);
  });

  it('are a row an account: won where it came far enough, else lost, else open; what came before the score does not count', () => {
    const stages = rows(
      ['a', 'sql', '2026-03-05T00:00:00Z'],
      ['a', 'customer', '2026-05-05T00:00:00Z'],
      ['a', 'lost', '2026-09-05T00:00:00Z'],
      ['b', 'opportunity', '2026-03-09T00:00:00Z'],
      ['b', 'lost', '2026-04-09T00:00:00Z'],
      ['c', 'open', '2026-06-01T00:00:00Z'],
      ['d', 'customer', '2026-02-01T00:00:00Z'],
      ['nobody', 'customer', '2026-06-01T00:00:00Z'],
    ).rows;
    const told = (hit: 'sql' | 'customer') =>
      outcomeRowsOf(stages, scores, hit).map(({ accountId, outcome, outcomeAt, line }) => [
        accountId,
        outcome,
        outcomeAt?.slice(0, 10) ?? null,
        line,
      ]);
    expect(told('customer')).toEqual([
      ['a', 'closed-won', '2026-05-05', 3],
      ['b', 'closed-lost', '2026-04-09', 6],
      ['c', 'open', null, 7],
      ['d', 'open', null, 8],
    ]);
    expect(told('sql').slice(0, 2)).toEqual([
      ['a', 'closed-won', '2026-03-05', 2],
      ['b', 'closed-won', '2026-03-09', 5],
    ]);
  });

  it('an account that never became a lead is scored as of before sales knew of it: not of when it was won', () => {
    const told = rows(
      ['a', 'customer', '2026-05-05T00:00:00Z'],
      ['a', 'sql', '2026-03-05T00:00:00Z'],
      ['a', 'open', '2026-01-01T00:00:00Z'],
    ).rows;
    expect(scoredBefore(told)).toBe('2026-03-05T00:00:00.000Z');
    expect(scoredBefore(rows(['a', 'open', '2026-01-01T00:00:00Z'], ['a', 'open', '2026-02-01T00:00:00Z']).rows)).toBe(
      '2026-02-01T00:00:00.000Z',
    );
  });

  it('within so many days: won later, or open for longer, is lost when the days were over', () => {
    const stages = rows(
      ['a', 'customer', '2026-05-05T00:00:00Z'],
      ['b', 'customer', '2026-03-20T00:00:00Z'],
      ['c', 'open', '2026-06-01T00:00:00Z'],
    ).rows;
    const all = outcomeRowsOf(stages, scores, 'customer');
    const told = (now: string) => withinHorizon(all, 30, now).map(({ outcome, outcomeAt }) => [outcome, outcomeAt?.slice(0, 10) ?? null]);
    expect(told('2026-06-01T00:00:00.000Z')).toEqual([
      ['closed-lost', '2026-03-31'],
      ['closed-won', '2026-03-20'],
      ['closed-lost', '2026-03-31'],
    ]);
    expect(told('2026-03-30T00:00:00.000Z')[2]).toEqual(['open', null]);
  });
});
