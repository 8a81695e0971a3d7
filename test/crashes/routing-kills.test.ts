/** 40 leads, and the worker killed with -9 three times among them; the long lane plays 2,000 (`routing-kills.test-long.ts`). */
import { expect, test } from 'vitest';
import { NOTHING_WRONG } from './routing-findings.ts';
import { playKills } from './routing-lane.ts';

const LONGEST_MS = 10 * 60_000;

test(
  'R1 R2 R4 R5 R6 R7 R8 the worker is killed at random among 40 leads: none lost, none silent, nobody told twice by a channel, no capacity exceeded, credits and companies as decided',
  { timeout: LONGEST_MS },
  async () => {
    const {
      states,
      answers,
      kills,
      seconds: _,
      alsoElsewhere,
      ...found
    } = await playKills({ leads: 40, kills: 3, perSecond: 2, clockMinutes: 2, seed: 1 });
    expect(found).toEqual(NOTHING_WRONG);
    const { accepted = 0, escalated = 0, ...others } = states;
    expect([accepted + escalated, others, kills]).toEqual([40, {}, 3]);
    // What no process that dies between sending and writing down can rule out: the next channel tells it again.
    expect(alsoElsewhere.length).toBeLessThanOrEqual(kills);
    // All of it has happened, or nothing was shown.
    for (const count of [accepted, escalated, answers.accept, answers.decline, answers.ignore]) expect(count).toBeGreaterThan(0);
  },
);
