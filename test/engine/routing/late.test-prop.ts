/**
 * A lead whose worker is late: people answer offers that should have gone on, time passes between any two things, and steps come when they come. Whatever the
 * order, the rows of the lead agree with each other, and a named person knows of it in the end. A failure prints its seed and shrinks.
 */
import { useTestStore } from '@lockstep/store/testing.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openRouting } from './bench.ts';
import type { RoutingBench } from './bench.ts';

const RUNS = Number(process.env['LOCKSTEP_LATE_LEADS'] ?? 25);
const LONGEST_MS = 3 * 3_600_000;
const MINUTE_MS = 60_000;
const PEOPLE = ['lena', 'omar', 'tom', 'maria', 'priya'] as const;

const database = useTestStore();
const person = fc.constantFrom('holder' as const, 'holder' as const, ...PEOPLE);
const happening = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('step' as const) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('wait' as const), minutes: fc.constantFrom(1, 30, 60, 100, 150, 260) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('answer' as const),
      kind: fc.constantFrom('accept' as const, 'decline' as const, 'snooze' as const, 'release' as const, 'reassign' as const),
      by: person,
      to: fc.constantFrom(...PEOPLE),
      // The newest offer, or one before it, as a message in Slack still shows it.
      age: fc.constantFrom(0, 0, 0, 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('hours' as const) }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

async function happen(bench: RoutingBench, what: Happening): Promise<void> {
  switch (what.type) {
    case 'step':
      return void (await bench.step());
    case 'wait':
      return bench.advance(what.minutes * MINUTE_MS);
    case 'hours':
      return bench.changed('WORKING_HOURS');
    case 'answer': {
      const offer = (await bench.offers()).at(-1 - what.age);
      const by = what.by === 'holder' ? (offer?.memberId ?? 'lena') : what.by;
      const until = new Date(Date.parse(bench.now()) + 20 * MINUTE_MS).toISOString();
      await bench.answer(what.kind, by, { offerId: offer?.offerId ?? '', to: what.to, until });
    }
  }
}

/** What does not agree. */
async function torn(bench: RoutingBench): Promise<readonly string[]> {
  const lead = await bench.lead();
  const offers = await bench.offers();
  const decisions = await bench.store.snapshot((reader) => reader.decisionsOf(lead.leadId));
  const held = offers.filter(({ state }) => state === 'open' || state === 'accepted').map(({ offerId }) => offerId);
  const { rows } = await database.pool.query<{ offerId: string }>(
    'select offer_id as "offerId" from lockstep.lead_writes where workspace_id = $1 and lead_id = $2 order by offer_id',
    [bench.workspaceId, lead.leadId],
  );
  const wrong = (what: string, expected: unknown, got: unknown): readonly string[] =>
    JSON.stringify(expected) === JSON.stringify(got) ? [] : [`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`];
  return [
    ...wrong('decisions', lead.decisions, decisions.length),
    ...wrong('offers in somebody’s hands', lead.offerId === null ? [] : [lead.offerId], held),
    ...wrong('writes to the CRM', offers.map(({ offerId }) => offerId).toSorted(), rows.map(({ offerId }) => offerId).toSorted()),
    ...wrong(
      'offers that decisions have made',
      decisions.filter(({ decision }) => decision.outcome.kind === 'assigned').length,
      offers.filter(({ poolId }) => poolId !== null).length,
    ),
  ];
}

test(
  `R2 R5 R6 case 23 case 25 a lead whose worker is late, over ${RUNS} histories of answers, waits and steps: its rows agree after each, and somebody has it or knows of it in the end`,
  { timeout: LONGEST_MS },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 2, maxLength: 14 }), async (happenings) => {
        const bench = await openRouting(database, null, { keep: true });
        try {
          await bench.track('Plan Limit Reached');
          await bench.step();
          for (const what of happenings) {
            await happen(bench, what);
            expect(await torn(bench), `after ${JSON.stringify(what)}`).toEqual([]);
          }
          for (let hours = 0; hours < 2; hours += 1) {
            bench.advance(24 * 60 * MINUTE_MS);
            await bench.step();
          }
          expect(await torn(bench), 'in the end').toEqual([]);
          const { state, escalatedTo } = await bench.lead();
          expect(state === 'accepted' || state === 'closed' || escalatedTo !== null, `in the end: ${state}`).toBe(true);
        } finally {
          await bench.slack.close();
          await bench.crm.served.close();
        }
      }),
      { numRuns: RUNS, endOnFailure: false },
    );
  },
);
