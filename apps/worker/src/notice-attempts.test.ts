import { expect, test } from 'vitest';
import { withCountedAttempts } from './notice-attempts.ts';
import type { RoutingCases } from './routing-cases.ts';

test('R8 attempts are counted by channel and by what came of them, and answered as they were', async () => {
  const answers: Awaited<ReturnType<RoutingCases['tell']>>[] = [
    { kind: 'told', outcome: 'delivered' },
    { kind: 'told', outcome: 'failed', code: 'Throttled', retryAfterMs: 1_000 },
    { kind: 'told', outcome: 'failed', code: 'Throttled', retryAfterMs: null },
  ];
  const tell: RoutingCases['tell'] = async () => {
    const answer = answers.shift();
    if (answer === undefined) throw new Error('a defect');
    return answer;
  };
  const { cases, counts } = withCountedAttempts({ tell } as RoutingCases);
  expect(counts()).toEqual(['slack', 'mail', 'crm-task'].map((channel) => ({ channel, outcome: 'delivered', count: 0 })));
  expect(await cases.tell('n', 'slack', 'now')).toEqual({ kind: 'told', outcome: 'delivered' });
  expect(await cases.tell('n', 'mail', 'now')).toMatchObject({ code: 'Throttled', retryAfterMs: 1_000 });
  await cases.tell('n', 'mail', 'now');
  await expect(cases.tell('n', 'crm-task', 'now')).rejects.toThrow('a defect');
  expect(counts().map(({ channel, outcome, count }) => `${channel} ${outcome} ${count}`)).toEqual([
    'slack delivered 1',
    'mail delivered 0',
    'crm-task delivered 0',
    'mail Throttled 2',
    'crm-task Broken 1',
  ]);
});
