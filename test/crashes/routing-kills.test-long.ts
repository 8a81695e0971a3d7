/** 2,000 leads through the worker's own program on the real Temporal, and the worker killed with -9 at random. `LOCKSTEP_ROUTED_LEADS` plays fewer. */
import { expect, test } from 'vitest';
import { NOTHING_WRONG } from './routing-findings.ts';
import { playKills } from './routing-lane.ts';

const LONGEST_MS = 90 * 60_000;
const LEADS = Number(process.env['LOCKSTEP_ROUTED_LEADS'] ?? 2_000);
/** A kill for so many leads. */
const LEADS_A_KILL = 200;
const PER_SECOND = 2;
const CLOCK_MINUTES = 5;

test(
  'R2 R4 R5 R8 the worker is killed at random among 2,000 leads on the real Temporal: 0 lost, 0 silent, 0 told twice by a channel, no capacity exceeded, credits right',
  { timeout: LONGEST_MS },
  async () => {
    const seed = Number(process.env['LOCKSTEP_SEED'] ?? Date.now());
    const kills = Math.ceil(LEADS / LEADS_A_KILL);
    const { states, answers, seconds, alsoElsewhere, ...found } = await playKills({
      leads: LEADS,
      kills,
      perSecond: PER_SECOND,
      clockMinutes: CLOCK_MINUTES,
      seed,
    });
    process.stdout.write(
      `${JSON.stringify({ seed, leads: LEADS, states, answers, seconds, kills, alsoElsewhere: alsoElsewhere.length })}\n`,
    );
    expect({ seed, ...found }).toEqual({ seed, kills, ...NOTHING_WRONG });
    const { accepted = 0, escalated = 0, ...others } = states;
    expect([accepted + escalated, others]).toEqual([LEADS, {}]);
    expect(alsoElsewhere.length).toBeLessThanOrEqual(kills);
  },
);
