/** `npm run bench -- routing`: the figures of "Numbers to reach" of routing, with a bare workflow side by side in the same run. */
import { parseArgs } from 'node:util';
import { decide } from '@lockstep/domain/routing/decide.ts';
import type { Decision, DecisionInput } from '@lockstep/domain/routing/decide.ts';
import { policySchema } from '@lockstep/domain/routing/policy.schema.ts';
import { rosterSchema } from '@lockstep/domain/routing/roster.schema.ts';
import { replaceFile } from '@lockstep/launcher/data.ts';
import { startBareRouting } from './bare-routing.ts';
import type { BareRouting } from './bare-routing.ts';
import { closedLoop, openLoop, percentile, untilAnswered, untilBoth, untilTold } from './lead-timings.ts';
import type { LeadTiming } from './lead-timings.ts';
import { recordBench } from './record.ts';
import { BENCH_ROSTER, openRoutedLeads } from './routed-leads.ts';
import type { RoutedLeads } from './routed-leads.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { atMost, atMostTimesFloor, row } from './table.ts';
import type { Row } from './table.ts';

const HELP = `npm run bench -- routing [--leads N] [--json FILE]

  Starts PostgreSQL, Temporal, the simulator and the worker; sends the product events of N leads a phase (default 150) and takes each to the acknowledgement of
  its owner, as many as it can and at a steady rate. Beside it, in the same run, a bare workflow (signal-with-start, an Update, a timer, as many activities that do
  nothing). Vendors answer after 150 ms.

  --leads N    leads of each phase, 20 to 900
  --json FILE  write the record { rows: [{ name, value, unit, floor, ratio, goal, ok }] } to this file
`;

/** Round trip to the vendors. */
const LATENCY_MS = 150;
const AT_A_TIME = 40;
const WARM_UP = 5;
const REPLAYS = 200_000;
const MILLION = 1_000_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { leads: { type: 'string', default: '150' }, json: { type: 'string' }, help: { type: 'boolean', default: false } },
});
const leads = Number(values.leads);
if (values.help) process.stdout.write(HELP);
else if (positionals.length !== 1 || positionals[0] !== 'routing' || !Number.isInteger(leads) || leads < 20 || leads > 900) {
  process.stdout.write(`bench: expected "routing" and --leads from 20 to 900\n\n${HELP}`);
  process.exitCode = 2;
} else await bench();

async function bench(): Promise<void> {
  await recordBench(values, async (place) => {
    const roster = place.data.file('bench-roster.json');
    replaceFile(roster, JSON.stringify(BENCH_ROSTER));
    const stage = await openStage(place, (config) => ({
      ...config,
      connections: (config['connections'] as { readonly id: string }[]).filter(({ id }) => id === 'hubspot'),
      routing: { ...(config['routing'] as object), roster },
    }));
    await stage.settings({ latencyMs: LATENCY_MS, rateLimits: 'off' });
    const bare = await startBareRouting(stage.temporalAddress);
    place.add(() => bare.stop());
    const ours = await openRoutedLeads(stage);
    place.add(() => ours.stop());
    return { rows: [...(await measure(stage, bare, ours)), ...(await measureReplay(ours))], of: { leads, latencyMs: LATENCY_MS } };
  });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function measure(stage: Stage, bare: BareRouting, ours: RoutedLeads): Promise<readonly Row[]> {
  await closedLoop(WARM_UP, 1, ours.drive('warm'));
  await ours.timings('warm');
  let activities = 0;
  for (const workflowId of await ours.workflowsOf('warm', WARM_UP - 1)) activities += await bare.activitiesOf(workflowId);
  // Those of the bare workflow that are no write: two steps, a notice and an answer.
  const writes = activities - 4;
  say(`a lead takes ${activities} activities`);
  await closedLoop(WARM_UP, 1, bare.drive('warm', writes));

  const bareSaturation = leads / (await closedLoop(leads, AT_A_TIME, bare.drive('full', writes)));
  say(`bare: ${bareSaturation.toFixed(1)} leads/s at most`);
  const saturation = leads / (await closedLoop(leads, AT_A_TIME, ours.drive('full')));
  await ours.timings('full');
  say(`Lockstep: ${saturation.toFixed(1)} leads/s at most`);

  const half = bareSaturation / 2;
  await openLoop(leads, half, bare.drive('half', writes));
  await openLoop(leads, half, ours.drive('half'));
  const own = saturation / 2;
  await openLoop(leads, own, bare.drive('own', writes));
  await ours.timings('half');
  const from = await stage.simulator.lastSeq();
  await openLoop(leads, own, ours.drive('own'));
  const steady = await ours.timings('own');
  const calls = Map.groupBy(await stage.requests(from), ({ tool }): string => tool);
  const callsTo = (tool: string): number => (calls.get(tool)?.length ?? 0) / leads;
  return [
    row('a lead, from its events to its acknowledgement and its end in the CRM', activities, 'activities'),
    row('calls to HubSpot of a lead', callsTo('hubspot'), 'calls'),
    row('calls to Slack of a lead', callsTo('slack'), 'calls'),
    row('leads taken from their events to their acknowledgement, at most', saturation, 'leads/s', { floor: bareSaturation }),
    ...latencies(
      `at ${half.toFixed(1)} leads/s (half of what the bare workflow can)`,
      await ours.timings('half'),
      bare.timings('half'),
      true,
    ),
    ...latencies(`at ${own.toFixed(1)} leads/s (half of what Lockstep can)`, steady, bare.timings('own'), false),
  ];
}

function latencies(when: string, ours: readonly LeadTiming[], bare: readonly LeadTiming[], isTheGoal: boolean): readonly Row[] {
  const goals = { 50: atMost(1_000, 'ms'), 99: atMost(3_000, 'ms') };
  const both = ([50, 99] as const).flatMap((percent) => {
    const [value, floor] = [percentile(ours.map(untilBoth), percent), percentile(bare.map(untilBoth), percent)];
    const name = `events accepted → owner written and Slack posted, p${percent}, ${when}`;
    return [
      row(name, value, 'ms', { floor, ...(isTheGoal ? { goal: goals[percent] } : {}) }),
      ...(isTheGoal ? [row(`${name}, beside the bare workflow`, value, 'ms', { floor, goal: atMostTimesFloor(1.5) })] : []),
    ];
  });
  const rest = ([50, 99] as const).flatMap((percent) => [
    row(`events accepted → Slack posted, p${percent}, ${when}`, percentile(ours.map(untilTold), percent), 'ms', {
      floor: percentile(bare.map(untilTold), percent),
    }),
    row(`accept → on record and answered, p${percent}, ${when}`, percentile(ours.map(untilAnswered), percent), 'ms', {
      floor: percentile(bare.map(untilAnswered), percent),
    }),
  ]);
  return [...both, ...rest];
}

/** The run's own decisions by a policy that is another one: what a million would take. */
async function measureReplay(ours: RoutedLeads): Promise<readonly Row[]> {
  const made = (await ours.decisions()) as readonly { readonly input: DecisionInput; readonly decision: Decision }[];
  const roster = rosterSchema.parse(BENCH_ROSTER);
  const policy = policySchema.parse({
    version: 'another',
    motions: [{ motion: 'plg' }],
    rules: [{ id: 'all', when: { motions: ['plg'] }, way: { play: 'sales-assist', role: 'ae', sla: 'pql' } }],
  });
  const startedMs = performance.now();
  let same = 0;
  for (let index = 0; index < REPLAYS; index += 1) {
    const past = made[index % made.length];
    if (past !== undefined && decide(policy, roster, past.input).outcome.kind === past.decision.outcome.kind) same += 1;
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  if (same !== REPLAYS) say(`replay decide: ${REPLAYS - same} have another outcome`);
  return [row('1,000,000 past decisions decided by another policy', (seconds * MILLION) / REPLAYS, 's', { goal: atMost(60, 's') })];
}
