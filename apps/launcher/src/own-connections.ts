/** A start with connections of the user's own: no simulator, no story, and no write before a plan is applied. */
import { choosePorts, launchEngines, launchWorker } from './local.ts';
import type { Outcome } from './outcome.ts';
import type { LaunchParts } from './parts.ts';
import { summary } from './waiting.ts';

export async function runOwnConnections(parts: LaunchParts, configFile: string): Promise<Outcome> {
  const { console } = parts;
  const startedMs = Date.now();
  const ports = await choosePorts(parts);
  const engines = await launchEngines(parts, ports);
  const seat = await launchWorker(parts, engines, configFile, ports);
  const { api, apiUrl } = seat.current();
  const status = await api.status();
  console.say(`configuration ${configFile}`);
  for (const connection of status.connections) console.say(`  ${summary(connection)}`);
  console.say(`Lockstep's API ${apiUrl}`);
  if (engines.temporalUiUrl !== null) console.say(`Temporal ${engines.temporalUiUrl}`);
  if (status.connections.some((connection) => connection.gate === 'plan-first'))
    console.say('Nothing is written yet: see `npm run lockstep -- plan`, then `npm run lockstep -- apply`.');
  return {
    plan: null,
    engines: status.engines,
    connections: Object.fromEntries(
      status.connections.map(({ connectionId, links }) => [connectionId, { items: links, links, creates: 0, updates: 0, calls: 0 }]),
    ),
    secondPass: null,
    conflicts: status.conflicts.open + status.conflicts.recorded,
    story: [],
    inStep: status.inStep,
    durationMs: Date.now() - startedMs,
  };
}
