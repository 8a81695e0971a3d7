/** How many past decisions are decided again in a second: the pure part, without the store and the network. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { decide } from '@lockstep/domain/routing/decide.ts';
import type { Decision, DecisionInput } from '@lockstep/domain/routing/decide.ts';
import { policySchema } from '@lockstep/domain/routing/policy.schema.ts';
import { isFaithful, redecide } from '@lockstep/domain/routing/redecide.ts';
import type { DecisionDocuments } from '@lockstep/domain/routing/redecide.ts';
import { rosterSchema } from '@lockstep/domain/routing/roster.schema.ts';
import { atMost, row } from './table.ts';
import type { Row } from './table.ts';

const MILLION = 1_000_000;
/** Distinct inputs, so that nothing is decided from what is warm alone. */
const INPUTS = 2_000;
const COUNTRIES = ['DE', 'AT', 'FR', 'US', 'GB', 'IN', 'BR', null];
/** What the other policy lacks: its leads go to people. */
const LEFT_OUT = 'prosumer-pql';
const SOURCES = ['product', 'form', 'inbound-demo', 'import'];

/** Decides so many again, and says what a million take at this rate. @throws Error where a decision by the documents of then is not the one that is stored */
export function measureDecisions(decisions: number): readonly Row[] {
  const then: DecisionDocuments = { policy: policySchema.parse(example('policy')), roster: rosterSchema.parse(example('roster')) };
  const rules = then.policy.rules.filter(({ id }) => id !== LEFT_OUT);
  const next: DecisionDocuments = { ...then, policy: { ...then.policy, version: 'bench', rules } };
  const past = pastOf(then);
  run(past, then, next, INPUTS);
  const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
  const { differing, unfaithful } = run(past, then, next, decisions);
  const seconds = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(startCpu);
  if (unfaithful > 0) throw new Error(`bench: expected every decision as it was, got ${unfaithful} others`);
  return [
    row('past decisions, checked and decided again', decisions / seconds, '1/s'),
    row('1,000,000 of them at this rate', (MILLION / decisions) * seconds, 's', { goal: atMost(60, 's') }),
    row('CPU of 1,000,000', ((MILLION / decisions) * (user + system)) / 1_000_000, 's'),
    row('of which differ', (100 * differing) / decisions, '%'),
  ];
}

interface Past {
  readonly input: DecisionInput;
  readonly decision: Decision;
}

function run(past: readonly Past[], then: DecisionDocuments, next: DecisionDocuments, count: number) {
  let [differing, unfaithful] = [0, 0];
  for (let place = 0; place < count; place += 1) {
    const one = past[place % past.length];
    if (one === undefined) continue;
    if (!isFaithful(then, one.input, one.decision)) unfaithful += 1;
    if (redecide(next, one.input, one.decision).change !== 'same') differing += 1;
  }
  return { differing, unfaithful };
}

/** Each with the credits that the one before has left. */
function pastOf(then: DecisionDocuments): readonly Past[] {
  let credits: DecisionInput['credits'] = {};
  return Array.from({ length: INPUTS }, (_, place) => {
    const input = { ...inputOf(then, place), credits };
    const decision = decide(then.policy, then.roster, input);
    if (decision.outcome.kind === 'assigned') credits = { ...credits, [decision.outcome.poolId]: decision.outcome.credit };
    return { input, decision };
  });
}

/** Another for every place: country, source, tier, score, who is away and who is full. */
function inputOf({ roster }: DecisionDocuments, place: number): DecisionInput {
  const tiers = ['prosumer', 'smb', 'enterprise'] as const;
  return {
    ...{ at: '2026-11-25T10:00:00Z', tier: tiers[place % 3] ?? 'smb', score: 20 + (place % 90), source: SOURCES[place % 4] ?? 'product' },
    ...{
      isBackfill: false,
      traits: { plan: 'team', seats: place % 50 },
      match: { kind: 'new', reason: 'NO_ACCOUNT', domain: 'acme.example' },
    },
    ...{ country: COUNTRIES[place % 8] ?? null, subdivision: null, confidence: (place % 10) / 10, passed: [], credits: {} },
    members: Object.fromEntries(
      roster.people.map(({ id, capacity }, index) => [
        id,
        { openLeads: (place + index) % (capacity + 1), off: (place * 7 + index) % 5 === 0 ? 'OFF_HOURS' : null, hasOwner: true },
      ]),
    ),
  };
}

function example(kind: 'policy' | 'roster'): unknown {
  return parse(readFileSync(new URL(`../../examples/routing/${kind}.yaml`, import.meta.url), 'utf8'));
}
