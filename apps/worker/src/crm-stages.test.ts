import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { watchStages } from './crm-stages.ts';
import type { RoutingCases } from './routing-cases.ts';

type Pulled = Awaited<ReturnType<RoutingCases['pullStages']>>;

/** Plays these rounds, an error for one that fails; from then on there is nothing new. */
function watching(rounds: readonly (Pulled | Error)[], everyMs = 60_000) {
  const [woken, warnings]: [string[], string[]] = [[], []];
  let pulls = 0;
  const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push((JSON.parse(line) as { msg: string }).msg) });
  const watch = watchStages({
    ...{ everyMs, log, wake: async (accounts) => void woken.push(...accounts) },
    pull: async () => {
      const round = rounds[pulls] ?? { accounts: [], more: false };
      pulls += 1;
      if (round instanceof Error) throw round;
      return round;
    },
  });
  return { watch, woken, warnings, pulls: () => pulls };
}

describe('reading stages from the CRM', () => {
  it('begins at once, wakes whose records have moved, and goes on while there is more', async () => {
    const { watch, woken, pulls } = watching([
      { accounts: ['a', 'b'], more: true },
      { accounts: ['c'], more: false },
    ]);
    await expect.poll(() => woken).toEqual(['a', 'b', 'c']);
    await watch.stop();
    expect(pulls()).toBe(2);
  });

  it('a round that fails is told, and followed by the next', async () => {
    const { watch, woken, warnings } = watching([new Error('no CRM'), { accounts: ['a'], more: false }], 5);
    await expect.poll(() => woken).toEqual(['a']);
    await watch.stop();
    expect(warnings).toEqual(['stages could not be read from the CRM; clocks go by what was seen before']);
  });

  it('stops between two pages', async () => {
    const { watch, pulls } = watching(Array.from({ length: 10_000 }, () => ({ accounts: [], more: true })));
    await watch.stop();
    const stopped = pulls();
    expect(stopped).toBeLessThan(10_000);
    await Promise.resolve();
    expect(pulls()).toBe(stopped);
  });
});
