/** One Notion workspace with the shipped mapping: the connector, and Omar who works beside it with Notion's own client. */
import { readFileSync } from 'node:fs';
import { Client, isFullPage, signWebhookPayload } from '@notionhq/client';
import type { PageObjectResponse, UpdatePageParameters } from '@notionhq/client';
import { createNotionConnector } from '@lockstep/connectors/notion/connector.ts';
import type { Connector, Delivery, PullRequest, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import { mappingSchema } from '@lockstep/domain/sync/mapping.schema.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { createNotion } from '@lockstep/simulator/notion/server.ts';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { receiver } from './receiver.ts';
import type { Account, Connecting, Subject } from './subject.ts';

export interface NotionAccount extends Account {
  readonly connector: Connector;
  readonly omar: Client;
  readonly dataSourceId: string;
  readonly connect: (options?: Connecting) => Connector;
  readonly edit: (pageId: string, properties: UpdatePageParameters['properties']) => Promise<PageObjectResponse>;
  readonly page: (pageId: string) => Promise<PageObjectResponse>;
}

export function shippedMapping(): Mapping {
  return mappingSchema.parse(parse(readFileSync(new URL('../../packages/connectors/mappings/notion.yaml', import.meta.url), 'utf8')));
}

/** Rich text of a request. */
const text = (content: string): { text: { content: string } }[] => [{ text: { content } }];

export async function notionAccount(options: Parameters<typeof serveVendor>[2] = {}): Promise<NotionAccount> {
  const served = await serveVendor('notion', createNotion, options);
  onTestFinished(() => served.close());
  const mapping = shippedMapping();
  const connect = (given: Connecting = {}): Connector =>
    createNotionConnector({
      connectionId: 'notion',
      mapping: { ...mapping, ...given.mapping },
      clock: () => new Date(),
      requestTimeoutMs: given.requestTimeoutMs ?? 5_000,
      credentials: { baseUrl: served.url, token: given.token === 'wrong' ? 'ntn_none' : 'ntn_lockstep' },
      ...(given.webhookSecret === undefined ? {} : { webhookSecret: given.webhookSecret }),
    });
  const omar = new Client({ auth: 'ntn_omar', baseUrl: served.url, notionVersion: '2026-03-11', retry: false });
  const [source] = (await omar.search({ filter: { property: 'object', value: 'data_source' } })).results;
  if (source === undefined) throw new Error('expected the scenario to have a data source, got none');
  const edit: NotionAccount['edit'] = async (pageId, properties) =>
    full(await omar.pages.update({ page_id: pageId, properties: properties ?? {} }));
  return {
    served,
    mapping,
    connect,
    connector: connect(),
    omar,
    dataSourceId: source.id,
    edit,
    page: async (pageId) => full(await omar.pages.retrieve({ page_id: pageId })),
    person: {
      create: async (title) => {
        const properties = { Name: { title: text(title) }, Kind: { select: { name: 'Task' } } };
        return (await omar.pages.create({ parent: { type: 'data_source_id', data_source_id: source.id }, properties })).id;
      },
      edit: async (remoteId, { title, owner }) => {
        await edit(remoteId, {
          ...(title === undefined ? {} : { Name: { title: text(title) } }),
          ...(owner === undefined ? {} : { Owner: { rich_text: text(owner) } }),
        });
      },
      remove: async (remoteId) => {
        await omar.pages.update({ page_id: remoteId, in_trash: true });
      },
    },
  };
}

function full(page: Parameters<typeof isFullPage>[0]): PageObjectResponse {
  if (!isFullPage(page)) throw new Error('expected a page in full');
  return page;
}

/** Everything that one process sees in a pass, and where the next one begins. */
export async function seen(
  connector: Connector,
  mode: PullRequest['mode'] = 'changes',
  from: PullRequest['cursor'] = null,
): Promise<{ readonly records: readonly RemoteRecord[]; readonly cursor: PullRequest['cursor'] }> {
  const records: RemoteRecord[] = [];
  for (let cursor = from; ;) {
    const page = await connector.pulls.pull({ mode, cursor, recentlyWrittenIds: [] });
    records.push(...page.records);
    cursor = page.nextCursor;
    if (!page.more) return { records, cursor };
  }
}

/** What Notion sends to a new subscription: the token, then what the work causes, signed with the token. */
export async function delivered(
  account: Account,
  work: () => Promise<unknown>,
): Promise<{ readonly token: string; readonly deliveries: readonly Delivery[] }> {
  const place = await receiver(() => account.served.clock.nowMs());
  const body = JSON.stringify({ url: place.url });
  const made = await fetch(`${account.served.url}/ui/webhooks`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { verification_token: token } = (await made.json()) as { verification_token: string };
  await work();
  await account.served.webhooks.settled();
  return { token, deliveries: place.deliveries };
}

const SECRET = 'secret_of_the_subscription';

/** The token of a subscription is the vendor's own: a delivery is signed anew, by the vendor's own code, with the one that the suite knows. */
async function signed(delivery: Delivery, body: string, verificationToken: string = SECRET): Promise<Delivery> {
  const signature = await signWebhookPayload({ body, verificationToken });
  return { ...delivery, body: Buffer.from(body), headers: { ...delivery.headers, 'x-notion-signature': signature } };
}

async function eventOf(account: Account, remoteId: string, title: string): Promise<Delivery> {
  const { deliveries } = await delivered(account, () => account.person.edit(remoteId, { title }));
  const [, event] = deliveries;
  if (event === undefined) throw new Error('expected the token and an event, got fewer');
  return event;
}

export const notion: Subject = {
  name: 'Notion',
  tool: 'notion',
  open: () => notionAccount(),
  parentKind: 'phase',
  seesOverwritten: false,
  showsDeleted: true,
  wire: {
    create: { method: 'POST', path: '^/v1/pages$' },
    update: { method: 'PATCH', path: '^/v1/pages/[^/]+$' },
    read: { method: 'GET', path: '^/v1/pages/[^/]+$' },
  },
  webhook: {
    secret: SECRET,
    genuine: async (account, remoteId) => {
      const delivery = await eventOf(account, remoteId, 'Edited');
      return signed(delivery, Buffer.from(delivery.body).toString('utf8'));
    },
    unknown: async (account, remoteId) => {
      const delivery = await eventOf(account, remoteId, 'Edited again');
      const event = JSON.parse(Buffer.from(delivery.body).toString('utf8')) as Record<string, unknown>;
      return signed(delivery, JSON.stringify({ ...event, type: 'view.painted', entity: { id: remoteId, type: 'view' } }));
    },
    forged: (delivery) => ({ ...delivery, headers: { ...delivery.headers, 'x-notion-signature': `sha256=${'ab'.repeat(32)}` } }),
  },
};
