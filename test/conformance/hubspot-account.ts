/** One HubSpot portal with the shipped mapping: the connector, and Maria who works beside it. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createHubSpotConnector } from '@lockstep/connectors/hubspot/connector.ts';
import type { Connector, Delivery, PullRequest, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import { mappingSchema } from '@lockstep/domain/sync/mapping.schema.ts';
import { CLIENT_SECRET } from '@lockstep/simulator/hubspot/scenario.ts';
import { createHubSpot } from '@lockstep/simulator/hubspot/server.ts';
import type { Fault } from '@lockstep/simulator/kernel/faults.ts';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { receiver } from './receiver.ts';
import type { Account, Connecting, Subject } from './subject.ts';

interface HubSpotConnecting extends Connecting {
  readonly accessToken?: string;
  readonly baseUrl?: string;
  readonly clock?: () => Date;
}

interface Task {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null>>;
}

export interface HubSpotAccount extends Account {
  readonly connector: Connector;
  readonly connect: (options?: HubSpotConnecting) => Connector;
  readonly maria: {
    create(properties: Readonly<Record<string, string>>): Promise<string>;
    edit(id: string, properties: Readonly<Record<string, string>>): Promise<void>;
    archive(id: string): Promise<void>;
    read(id: string, properties: readonly string[]): Promise<Task>;
    /** Any other call. */
    ask(method: string, path: string, body?: unknown): Promise<unknown>;
  };
  readonly fault: (path: string, action: Fault['action'], more?: Partial<Fault>) => void;
  /** Requests of Lockstep to paths that match, in order. */
  readonly requests: (path: RegExp) => readonly { readonly method: string; readonly status: number; readonly records: number }[];
}

const TASKS = '/crm/objects/2026-03/tasks';

export async function hubspotAccount(options: Parameters<typeof serveVendor>[2] = {}): Promise<HubSpotAccount> {
  const served = await serveVendor('hubspot', createHubSpot, options);
  onTestFinished(() => served.close());
  const mapping = mappingSchema.parse(
    parse(readFileSync(new URL('../../packages/connectors/mappings/hubspot.yaml', import.meta.url), 'utf8')),
  );
  const connect: HubSpotAccount['connect'] = (given = {}) =>
    createHubSpotConnector({
      connectionId: 'hubspot',
      mapping: { ...mapping, ...given.mapping },
      clock: given.clock ?? (() => new Date()),
      requestTimeoutMs: given.requestTimeoutMs ?? 5_000,
      credentials: {
        baseUrl: given.baseUrl ?? served.url,
        accessToken: given.accessToken ?? (given.token === 'wrong' ? 'pat-na1-nobody' : 'pat-na1-lockstep'),
      },
      ...(given.webhookSecret === undefined ? {} : { webhookSecret: given.webhookSecret }),
    });
  const maria = mariaAt(served.url);
  return {
    served,
    mapping,
    connector: connect(),
    connect,
    maria,
    person: {
      create: (title) => maria.create({ hs_task_subject: title, lockstep_phase: 'Phase 1' }),
      edit: (remoteId, { title, owner }) =>
        maria.edit(remoteId, {
          ...(title === undefined ? {} : { hs_task_subject: title }),
          ...(owner === undefined ? {} : { lockstep_owner: owner }),
        }),
      remove: (remoteId) => maria.archive(remoteId),
    },
    fault: (path, action, more = {}) => served.faults.add({ tool: 'hubspot', match: { path }, action, skip: 0, times: 1, ...more }),
    requests: (path) =>
      served.log
        .list({ tool: 'hubspot' }, 10_000)
        // A fault answers before anybody asks whose request it is.
        .filter((entry) => entry.account !== 'maria' && path.test(entry.path))
        .map(({ method, status, records }) => ({ method, status, records })),
  };
}

function mariaAt(baseUrl: string): HubSpotAccount['maria'] {
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(baseUrl + path, {
      method,
      headers: { authorization: 'Bearer pat-na1-maria', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const due = '2026-12-01T09:00:00.000Z';
  return {
    ask,
    create: async (properties) => ((await ask('POST', TASKS, { properties: { hs_timestamp: due, ...properties } })) as Task).id,
    edit: async (id, properties) => void (await ask('PATCH', `${TASKS}/${id}`, { properties })),
    archive: async (id) => void (await ask('DELETE', `${TASKS}/${id}`)),
    read: async (id, properties) => (await ask('GET', `${TASKS}/${id}?properties=${properties.join(',')}`)) as Task,
  };
}

/** Everything that a pass shows, and where the next one begins. `between` is called between pages. */
export async function pass(
  connector: Connector,
  options: Partial<PullRequest> & { readonly between?: () => Promise<void> } = {},
): Promise<{ readonly records: readonly RemoteRecord[]; readonly cursor: PullRequest['cursor']; readonly pages: number }> {
  const records: RemoteRecord[] = [];
  let cursor = options.cursor ?? null;
  for (let pages = 1; ; pages += 1) {
    const { mode = 'changes', recentlyWrittenIds = [] } = options;
    const page = await connector.pulls.pull({ mode, cursor, recentlyWrittenIds });
    records.push(...page.records);
    cursor = page.nextCursor;
    if (!page.more) return { records, cursor, pages };
    await options.between?.();
  }
}

/** What HubSpot delivers to an app while the work is done, in order. */
export async function delivered(account: HubSpotAccount, work: () => Promise<unknown>): Promise<readonly Delivery[]> {
  const place = await receiver(() => account.served.clock.nowMs());
  await account.maria.ask('POST', '/ui/webhooks', { url: place.url });
  await work();
  await account.served.webhooks.settled();
  return place.deliveries;
}

/** The delivery with another body, signed like it. */
function signedDelivery(delivery: Delivery, body: string, secret = CLIENT_SECRET): Delivery {
  const timestamp = delivery.headers['x-hubspot-request-timestamp'] ?? '';
  const signature = createHmac('sha256', secret).update(`${delivery.method}${delivery.url}${body}${timestamp}`).digest('base64');
  return { ...delivery, body: Buffer.from(body), headers: { ...delivery.headers, 'x-hubspot-signature-v3': signature } };
}

let edits = 0;

async function edited(account: Account, remoteId: string): Promise<Delivery> {
  const [delivery] = await delivered(account as HubSpotAccount, () => account.person.edit(remoteId, { title: `Edited ${(edits += 1)}` }));
  if (delivery === undefined) throw new Error('expected a delivery, got none');
  return delivery;
}

export const hubspot: Subject = {
  name: 'HubSpot',
  tool: 'hubspot',
  open: () => hubspotAccount(),
  parentKind: null,
  seesOverwritten: true,
  showsDeleted: false,
  wire: {
    create: { method: 'POST', path: '/tasks/batch/upsert$' },
    update: { method: 'POST', path: '/tasks/batch/update$' },
    read: { method: 'POST', path: '/tasks/batch/read' },
  },
  webhook: {
    secret: CLIENT_SECRET,
    genuine: edited,
    unknown: async (account, remoteId) => {
      const event = { eventId: 1, subscriptionId: 1, occurredAt: 1, subscriptionType: 'object.starred', objectTypeId: '0-27' };
      return signedDelivery(await edited(account, remoteId), JSON.stringify([{ ...event, objectId: Number(remoteId) }]));
    },
    forged: (delivery) => signedDelivery(delivery, Buffer.from(delivery.body).toString('utf8'), 'another secret'),
  },
};
