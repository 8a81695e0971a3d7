/**
 * The demonstration: the simulator's tools, a working copy of the plan, the first pass, a second one that must write nothing, and the story once.
 */
import { readFileSync } from 'node:fs';
import type { ApiItem, Status } from '@lockstep/api/schemas.ts';
import { createApiClient } from '@lockstep/api/client.ts';
import type { ApiClient } from '@lockstep/api/client.ts';
import type { PlanCounts } from '@lockstep/domain/plan/counts.ts';
import { parsePlan } from '@lockstep/domain/plan/parse.ts';
import { choosePorts, launchEngines, launchWorker, stoppable } from './local.ts';
import type { WorkerSeat } from './local.ts';
import { replaceFile } from './data.ts';
import { incidentPage } from './incident.ts';
import { renderTable } from './outcome.ts';
import type { ConnectionOutcome, Outcome } from './outcome.ts';
import type { LaunchParts } from './parts.ts';
import { readPlanSource } from './plan-source.ts';
import { subscribeWebhooks } from './people/administrator.ts';
import { contactsInHubSpot } from './people/hubspot-contacts.ts';
import { personInHubSpot } from './people/hubspot.ts';
import { personInJira } from './people/jira.ts';
import { personInNotion } from './people/notion.ts';
import { operator } from './people/operator.ts';
import type { Person } from './people/person.ts';
import { peopleInSlack } from './people/slack.ts';
import { personInSalesforce } from './people/salesforce.ts';
import { APPROVER_TOKEN, remap, writeSimulatedConfig } from './simulated-config.ts';
import { SIMULATED, startSimulator } from './simulator.ts';
import type { Simulated, Simulator } from './simulator.ts';
import { playStory } from './story/story.ts';
import type { Stage } from './story/stage.ts';
import { summary, untilInStep } from './waiting.ts';

const FIRST_PASS_MS = 30 * 60_000;
const SECOND_PASS_MS = 10 * 60_000;

interface Demonstration {
  readonly parts: LaunchParts;
  readonly simulator: Simulator;
  readonly seat: WorkerSeat;
  readonly people: { jira: Person; notion: Person; hubspot: ReturnType<typeof personInHubSpot>; salesforce: Person };
  /** The request log's last number before this start. */
  readonly firstSeq: number;
}

export async function runDemonstration(parts: LaunchParts): Promise<Outcome> {
  const { data, console, options } = parts;
  const startedMs = Date.now();
  const { counts } = readPlanSource(data.planFile, options.plan);
  const ports = await choosePorts(parts);
  const engines = await launchEngines(parts, ports);
  const simulator = await startSimulator({
    databaseFile: data.file('simulator.db'),
    logFile: data.file('logs/simulator.log'),
    ports,
    environment: parts.environment,
  });
  parts.running.add(stoppable('the simulator', simulator.service), simulator.service.lost);
  const firstSeq = await simulator.lastSeq();
  writeSimulatedConfig(data, simulator.urls, await subscribeWebhooks(data, simulator.urls, ports.api));
  const seat = await launchWorker(parts, engines, data.configFile, ports);
  const { jira, notion, hubspot, salesforce } = simulator.urls;
  printAddresses(parts, seat, simulator, engines.temporalUiUrl);
  const status = await firstPass(parts, seat.current().api);
  const writes = await secondPass(parts, seat.current().api, simulator);
  const people = {
    ...{ jira: await personInJira(jira), notion: await personInNotion(notion) },
    ...{ hubspot: personInHubSpot(hubspot), salesforce: personInSalesforce(salesforce) },
  };
  const demonstration: Demonstration = { parts, simulator, seat, people, firstSeq };
  const before = await outcomeOf(demonstration, { status, counts, writes, story: [], startedMs });
  console.say(`\n${renderTable(before, status)}`);
  if (!options.story || data.state.storyTold) return before;
  const story = await tellStory(demonstration);
  data.save({ storyTold: true });
  const after = await untilInStep(seat.current().api, { timeoutMs: SECOND_PASS_MS });
  const outcome = await outcomeOf(demonstration, { status: after, counts, writes, story, startedMs });
  console.say(`\nafter the story\n${renderTable(outcome, after)}`);
  return outcome;
}

function printAddresses({ console, data }: LaunchParts, seat: WorkerSeat, simulator: Simulator, temporalUiUrl: string | null): void {
  console.say('Look, and edit, while it runs:');
  console.say(`  the plan            ${data.planFile}`);
  for (const tool of SIMULATED) console.say(`  ${tool.padEnd(20)}${simulator.urls[tool]}/ui   (a stand-in: no real account is used)`);
  console.say(`  slack, mail         ${simulator.urls.slack}/ui   ${simulator.urls.mail}/ui`);
  if (temporalUiUrl !== null) console.say(`  Temporal            ${temporalUiUrl}`);
  console.say(`  Lockstep's API      ${seat.current().apiUrl}/v1/status   (npm run lockstep -- status)\n`);
}

async function firstPass({ console }: LaunchParts, api: ApiClient): Promise<Status> {
  return untilInStep(api, {
    timeoutMs: FIRST_PASS_MS,
    onStatus: (status) => console.progress(status.connections.map(summary).join('   ')),
  });
}

/** Everything is read again from the beginning; nothing may be written. */
async function secondPass({ console }: LaunchParts, api: ApiClient, simulator: Simulator): Promise<number> {
  const scannedAfter = new Date().toISOString();
  const after = await simulator.lastSeq();
  console.progress('a second pass: everything is read again');
  await api.sync({ fullScan: true });
  await untilInStep(api, { timeoutMs: SECOND_PASS_MS, scannedAfter, readAfter: scannedAfter });
  const counts = await Promise.all(SIMULATED.map((tool) => simulator.counts(tool, after)));
  return counts.reduce((sum, { creates, updates, deletes }) => sum + creates + updates + deletes, 0);
}

async function tellStory({ parts, simulator, seat, people }: Demonstration): Promise<Outcome['story']> {
  const { console, data, options } = parts;
  const say = (line: string): void => console.say(line);
  const approverToken = data.file(`secrets/${APPROVER_TOKEN}`);
  const tasks = await usableTasks(seat.current().api);
  const stage: Stage = {
    ...people,
    planFile: data.planFile,
    simulator,
    contacts: contactsInHubSpot(simulator.urls.hubspot),
    slack: peopleInSlack(simulator.urls.slack),
    workerUrl: () => seat.current().apiUrl,
    api: () => seat.current().api,
    approver: () => createApiClient({ baseUrl: seat.current().apiUrl, token: readFileSync(approverToken, 'utf8').trim() }),
    killWorker: () => seat.kill(),
    restartWorker: () => seat.restart(),
    deploy: (checkout) => seat.deploy(checkout),
    deploys: data.file('deploys'),
    async remap(connectionId, mapping) {
      remap(data, connectionId, mapping);
      await seat.deploy();
    },
    operator: operator({ data, environment: parts.environment, say }),
    approverAccount: { tokenFile: approverToken, name: 'omar' },
    takeTask: () => tasks.shift() ?? null,
    say,
  };
  console.say('\nA story: what happens to a plan, and what Lockstep does about it. Read back from the tools after each step.');
  const story = await playStory(stage);
  if (options.incident !== null) replaceFile(options.incident, incidentPage(stage.operator.record));
  return story;
}

/** Tasks under a phase, with an owner and a metric, whose title no other item has. */
async function usableTasks(api: ApiClient): Promise<ApiItem[]> {
  const items: ApiItem[] = [];
  for await (const item of api.items()) items.push(item);
  const titles = new Map<unknown, number>();
  for (const { fields } of items) titles.set(fields.title, (titles.get(fields.title) ?? 0) + 1);
  return items.filter(
    ({ kind, fields, deletedAt }) =>
      kind === 'task' &&
      deletedAt === null &&
      fields.parent !== undefined &&
      fields.parent !== null &&
      Boolean(fields.owner) &&
      Boolean(fields.metric) &&
      titles.get(fields.title) === 1,
  );
}

interface Measured {
  readonly status: Status;
  readonly counts: PlanCounts;
  readonly writes: number;
  readonly story: Outcome['story'];
  readonly startedMs: number;
}

async function outcomeOf({ parts, simulator, people, firstSeq }: Demonstration, measured: Measured): Promise<Outcome> {
  const { status, counts, writes, story, startedMs } = measured;
  const links = (name: string): number => status.connections.find(({ connectionId }) => connectionId === name)?.links ?? 0;
  const ofTool = async (tool: Simulated): Promise<[string, ConnectionOutcome]> => {
    const { calls, creates, updates } = await simulator.counts(tool, firstSeq);
    return [tool, { items: await people[tool].count(), links: links(tool), creates, updates, calls }];
  };
  const inPlan = parsePlan(readFileSync(parts.data.planFile, 'utf8')).items.length;
  return {
    plan: { source: parts.options.plan, file: parts.data.planFile, counts },
    engines: status.engines,
    connections: {
      document: { items: inPlan, links: links('document'), creates: 0, updates: 0, calls: 0 },
      ...Object.fromEntries(await Promise.all(SIMULATED.map(ofTool))),
    },
    secondPass: { writes },
    conflicts: status.conflicts.open + status.conflicts.recorded,
    story,
    inStep: status.inStep,
    durationMs: Date.now() - startedMs,
  };
}
