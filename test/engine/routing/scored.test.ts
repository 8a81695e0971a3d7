/** What accounts have scored, from a real PostgreSQL: those that became leads, and those that never did. */
import { expect, test } from 'vitest';
import { scoredAccounts } from '@lockstep/engine/routing/scored.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { openRouting } from './bench.ts';

const database = useTestStore();
const HOUR_MS = 3_600_000;

test('a lead by the score that made it one, an account that never was one by its highest before the instant, each with what fired', async () => {
  const bench = await openRouting(database);
  await bench.track('Plan Limit Reached');
  await bench.step();
  await bench.track('Teammate Invited', {}, 'quiet-wheels.de');
  await bench.step('quiet-wheels.de');
  const quietAt = bench.now();
  bench.advance(HOUR_MS);
  const before = bench.now();
  await bench.track('Teammate Invited', {}, 'quiet-wheels.de');
  const names = (domain: string) => [domain, `domain:${domain}`];
  const questions = ['acme-gears.de', 'quiet-wheels.de', 'unheard-of.de'].map((domain) => ({ names: names(domain), before }));
  const [lead, quiet, unknown] = await scoredAccounts(bench.engine, questions);
  expect(lead).toMatchObject({
    accountId: bench.accountId,
    isLead: true,
    score: expect.closeTo(60, 3) as number,
    fired: ['limit'],
    scoredAt: (await bench.lead()).openedAt,
  });
  expect(quiet).toMatchObject({ isLead: false, score: expect.closeTo(10, 3) as number, tier: 'smb', fired: ['invited'] });
  // What happened from the instant on does not count.
  expect(Date.parse(quiet?.scoredAt ?? '')).toBeLessThanOrEqual(Date.parse(quietAt));
  expect(unknown).toBeNull();
});
