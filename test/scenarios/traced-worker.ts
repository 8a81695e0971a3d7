/** The worker's own program with routing, HubSpot, Slack and a receiver of traces, as it is deployed: a process of its own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { startChildProgram } from '@lockstep/launcher/child-program.ts';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import { createHubSpot } from '@lockstep/simulator/hubspot/server.ts';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import type { ServedVendor } from '@lockstep/simulator/kernel/testing.ts';
import { createSlack } from '@lockstep/simulator/slack/server.ts';
import type { TestStore } from '@lockstep/store/testing.ts';
import { receiver } from '../conformance/receiver.ts';
import type { Receiver } from '../conformance/receiver.ts';
import { documentsOf } from '../engine/routing/documents.ts';

const ENTRY = fileURLToPath(new URL('../../apps/worker/src/main.ts', import.meta.url));
/** What the worker has of secrets; none of them is anywhere else. */
const SECRETS = { HUBSPOT_TOKEN: 'pat-na1-lockstep', SLACK_TOKEN: 'xoxb-lockstep', SLACK_SECRET: 'slack-signing', WRITE_KEY: 'events-key' };
/** Somebody is at work whenever the test runs. */
const ALWAYS = { week: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '00:00', to: '24:00' })) };

export interface TracedWorker {
  readonly collector: Receiver;
  readonly secrets: readonly string[];
  /** Posts product events as their sender does. Returns the status. */
  readonly send: (calls: readonly object[]) => Promise<number>;
  /** Ends it in order, so that its last spans have left. Resolves with the lines of its log that are JSON. */
  readonly stop: () => Promise<readonly LogLine[]>;
}

export type LogLine = Readonly<Record<string, unknown>>;

export interface Failures {
  /** Our first request to each of these paths of HubSpot is answered with 500. */
  readonly paths: readonly string[];
  /** HubSpot's words. */
  readonly message: string;
}

/** Until the test has ended, if it is not stopped before. */
export async function startTracedWorker(database: TestStore, failures: Failures): Promise<TracedWorker> {
  const collector = await receiver(Date.now);
  const hubspot = await serveVendor('hubspot', createHubSpot);
  const slack = await serveVendor('slack', createSlack);
  onTestFinished(async () => void (await Promise.all([hubspot.close(), slack.close()])));
  for (const path of failures.paths) failOnce(hubspot, path, failures.message);
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-traces-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = writeConfig(folder, { collector: collector.url, hubspot: hubspot.url, slack: slack.url });
  const logFile = join(folder, 'worker.log');
  const worker = await startChildProgram({
    ...{ name: 'the worker', entry: ENTRY, logFile },
    environment: {
      ...{ ...process.env, ...SECRETS, DATABASE_URL: database.url, TEMPORAL_ADDRESS: await testTemporalAddress(), LOCKSTEP_CONFIG: config },
      ...{
        LOCKSTEP_API_TOKEN: 'api-token',
        LOCKSTEP_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
        LOCKSTEP_API_PORT: '0',
      },
    },
  });
  onTestFinished(() => worker.kill());
  const { api } = worker.ready as { readonly api: string };
  return {
    ...{ collector, secrets: Object.values(SECRETS) },
    async send(batch) {
      const headers = { authorization: `Bearer ${SECRETS.WRITE_KEY}`, 'content-type': 'application/json' };
      return (await fetch(`${api}/v1/events`, { method: 'POST', headers, body: JSON.stringify({ batch }) })).status;
    },
    async stop() {
      await worker.stop();
      const lines = readFileSync(logFile, 'utf8').split('\n');
      return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
    },
  };
}

function failOnce({ faults }: ServedVendor, path: string, message: string): void {
  const action = { kind: 'answer', status: 500, headers: {}, body: { message } } as const;
  faults.add({ tool: 'hubspot', match: { path, account: 'lockstep' }, skip: 0, times: 1, action });
}

function writeConfig(folder: string, urls: Readonly<Record<'collector' | 'hubspot' | 'slack', string>>): string {
  const written = (name: string, content: unknown): string => {
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify(content));
    return file;
  };
  const { scoring, policy, roster } = documentsOf({ omar: ALWAYS, lena: ALWAYS, tom: ALWAYS, maria: ALWAYS, priya: ALWAYS });
  const approvals = { version: 'free-1', rules: [{ name: 'routing', actors: ['system'] }] };
  return written('lockstep.yaml', {
    ...{ version: 1, workspace: `traces-${process.pid}`, pollIntervalSeconds: 3_600 },
    connections: [{ id: 'hubspot', connector: 'hubspot', baseUrl: urls.hubspot, accessToken: 'env:HUBSPOT_TOKEN' }],
    changeSets: { policy: written('approvals.json', approvals) },
    routing: {
      ...{ scoring: written('scoring.json', scoring), roster: written('roster.json', roster), policy: written('policy.json', policy) },
      ...{ crm: 'hubspot', stageSeconds: 3_600, events: { tokens: ['env:WRITE_KEY'] } },
      slack: { baseUrl: urls.slack, botToken: 'env:SLACK_TOKEN', signingSecret: 'env:SLACK_SECRET' },
    },
    telemetry: { traces: { endpoint: urls.collector } },
  });
}
