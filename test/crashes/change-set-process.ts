/**
 * A worker of change sets in a process of its own, that kills itself at a boundary by its number: whatever comes from Temporal or goes there (the start and
 * the end of each activity and of each workflow task: the codec looks its key up), and each request to the CRM, before it leaves and after its answer.
 */
import { readFileSync } from 'node:fs';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { createHubSpotCrm } from '@lockstep/connectors/hubspot/crm/connector.ts';
import { pseudonymsOf } from '@lockstep/domain/audit/pseudonym.ts';
import { policySchema } from '@lockstep/domain/crm/policy.schema.ts';
import { createChangeSetStore } from '@lockstep/store/change-set-store.ts';
import { createPool } from '@lockstep/store/pool.ts';
import { startChangeSets } from '@lockstep/worker/change-sets.ts';
import { connectTemporal } from '@lockstep/worker/temporal.ts';

/** What the parent sends once. */
export interface DoomedOrder {
  readonly databaseUrl: string;
  /** Of the store. */
  readonly workspaceId: string;
  /** Of the workflows and their task queue. */
  readonly laneId: string;
  readonly temporalAddress: string;
  readonly hubspotUrl: string;
  readonly bundleFile: string;
  readonly keyBase64: string;
  /** Number of the boundary; null to live. */
  readonly deathAt: number | null;
}

/** What the child sends: that it serves; and, asked for it, the boundaries that it has met. */
export type DoomedAnswer = { readonly serves: true } | { readonly boundaries: readonly string[] };

const boundaries: string[] = [];
let deathAt: number | null = null;
let counting = false;

function meet(name: string): void {
  if (!counting) return;
  if (boundaries.length === deathAt) process.kill(process.pid, 'SIGKILL');
  boundaries.push(name);
}

/** A key that is looked up each time something is encoded for Temporal or decoded from it. */
class MeetingKeys extends Map<string, Uint8Array> {
  override get(id: string): Uint8Array | undefined {
    meet('Temporal');
    return super.get(id);
  }
}

function meetRequests(): void {
  const send = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const place = `${init?.method ?? 'GET'} ${new URL(input instanceof Request ? input.url : input).pathname}`;
    meet(`before ${place}`);
    const response = await send(input, init);
    const body = await response.arrayBuffer();
    meet(`after ${place}`);
    return new Response(response.status === 204 ? null : body, { status: response.status, headers: response.headers });
  };
}

async function serve(order: DoomedOrder): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } } });
  ({ deathAt } = order);
  meetRequests();
  const keyRing = { current: 'k1', keys: new MeetingKeys([['k1', Buffer.from(order.keyBase64, 'base64')]]) };
  const temporal = await connectTemporal(keyRing, order.temporalAddress);
  const pool = createPool(order.databaseUrl, { max: 3 });
  const policy = policySchema.parse({ version: 'p1', rules: [{ name: 'people', actors: ['human'] }] });
  const crm = createHubSpotCrm({
    clock: () => new Date(),
    requestTimeoutMs: 10_000,
    credentials: { baseUrl: order.hubspotUrl, accessToken: 'pat-na1-lockstep' },
  });
  startChangeSets({
    workspaceId: order.laneId,
    engine: {
      store: createChangeSetStore({ pool, workspaceId: order.workspaceId }),
      crms: new Map([['hubspot', crm]]),
      policies: { current: () => policy, principals: () => [] },
      pseudonyms: pseudonymsOf(new Uint8Array(32).fill(7)),
    },
    temporal,
    keyRing,
    log: pino({ level: 'silent' }),
    sweepEveryMs: 3_600_000,
    workflowBundle: { code: readFileSync(order.bundleFile, 'utf8') },
  });
  counting = true;
  process.send?.({ serves: true });
}

process.once('message', (order: DoomedOrder) => {
  process.on('message', () => process.send?.({ boundaries }));
  serve(order).catch((error: unknown) => {
    process.stderr.write(`change-set process: ${String(error)}\n`);
    process.exit(1);
  });
});
process.once('disconnect', () => process.exit(0));
