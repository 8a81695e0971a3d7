/**
 * `replay verify` as a program: `lockstep replay verify` starts it in the worker's role. Prints one JSON line per history, then one with the sums; ends in
 * 0 where all are the same, in 1 where one is different or could not be replayed, in 78 where it is not configured.
 *
 * It needs Temporal (TEMPORAL_ADDRESS …) and the payload keys; of the configuration only the workspace's name, and nothing of the database.
 */
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { KeyRing } from './codec.ts';
import { ConfigError, readReplaySettings } from './config.ts';
import { filedHistories, openWorkflows, queriedHistories } from './replay-histories.ts';
import { verifyHistories } from './replay-verify.ts';
import type { HistoryToVerify, VerifiedHistory } from './replay-verify.ts';
import { connectTemporal, dataConverter } from './temporal.ts';
import { bundleWorkflows } from './workflow-bundle.ts';

const MISCONFIGURED = 78;

const { values, positionals } = parseArgs({
  options: { query: { type: 'string' }, limit: { type: 'string' } },
  allowPositionals: true,
});

async function main(): Promise<void> {
  // Differences are told once, by us.
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'off', forward: {} } } });
  const settings = readReplaySettings();
  if (positionals.length > 0) return tell(settings.keyRing, filedHistories(positionals));
  const [keyRing, query] = [settings.neededKeyRing(), values.query ?? openWorkflows(settings.workspaceId())];
  const temporal = await connectTemporal(keyRing);
  try {
    await tell(keyRing, queriedHistories(temporal.client, query, values.limit === undefined ? Infinity : Number(values.limit)));
  } finally {
    await temporal.close();
  }
}

async function tell(keyRing: KeyRing | null, histories: AsyncIterable<HistoryToVerify>): Promise<void> {
  const code = { workflowBundle: await bundleWorkflows(), dataConverter: dataConverter(keyRing) };
  const sums: Record<VerifiedHistory['verdict'], number> = { same: 0, different: 0, failed: 0 };
  for await (const history of verifyHistories(code, histories)) {
    sums[history.verdict] += 1;
    process.stdout.write(`${JSON.stringify({ history })}\n`);
  }
  process.stdout.write(`${JSON.stringify({ sums })}\n`);
  process.exitCode = sums.different + sums.failed === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  const message = error instanceof ConfigError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`replay verify: ${message}\n`);
  process.exitCode = error instanceof ConfigError ? MISCONFIGURED : 1;
  // A replay that was broken off keeps the process alive.
  setImmediate(() => process.exit());
});
