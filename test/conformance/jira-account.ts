/** One Jira site with the shipped mapping: the connector, and Maria who works beside it. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createJiraConnector } from '@lockstep/connectors/jira/connector.ts';
import type { Connector, Delivery } from '@lockstep/domain/sync/connector.port.ts';
import { mappingSchema } from '@lockstep/domain/sync/mapping.schema.ts';
import { createJira } from '@lockstep/simulator/jira/server.ts';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { receiver } from './receiver.ts';
import type { Account, Connecting, Subject } from './subject.ts';

export interface JiraAccount extends Account {
  readonly connect: (options?: Connecting & { readonly clock?: () => Date; readonly email?: string }) => Connector;
  /** A call of Maria's. */
  ask<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Requests of Lockstep to paths that match, in order. */
  requests(path: RegExp): readonly string[];
}

const SECRET = 'the-webhook-secret';

/** The scenario's custom fields. */
export const OWNER = 'customfield_10201';
export const METRIC = 'customfield_10203';

/** One paragraph of Atlassian's document format. */
export const paragraph = (...content: readonly unknown[]): unknown => ({ type: 'paragraph', content });
export const documentOf = (...content: readonly unknown[]): unknown => ({ type: 'doc', version: 1, content });

export async function jiraAccount(options: Parameters<typeof serveVendor>[2] = {}): Promise<JiraAccount> {
  const served = await serveVendor('jira', createJira, options);
  onTestFinished(() => served.close());
  const mapping = mappingSchema.parse(
    parse(readFileSync(new URL('../../packages/connectors/mappings/jira.yaml', import.meta.url), 'utf8')),
  );
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(served.url + path, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from('maria@growth.example:jira-token-maria').toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  };
  return {
    served,
    mapping,
    ask,
    connect: (given = {}) =>
      createJiraConnector({
        connectionId: 'jira',
        mapping: { ...mapping, ...given.mapping },
        clock: given.clock ?? (() => new Date()),
        requestTimeoutMs: given.requestTimeoutMs ?? 5_000,
        credentials: {
          baseUrl: served.url,
          email: given.email ?? 'lockstep@growth.example',
          apiToken: given.token === 'wrong' ? 'none' : `jira-token-${(given.email ?? 'lockstep@').split('@')[0] ?? ''}`,
        },
        ...(given.webhookSecret === undefined ? {} : { webhookSecret: given.webhookSecret }),
      }),
    person: {
      create: async (title) => {
        const fields = { project: { key: 'GROW' }, issuetype: { name: 'Task' }, summary: title };
        return (await ask<{ id: string }>('POST', '/rest/api/3/issue', { fields })).id;
      },
      edit: async (remoteId, { title, owner }) => {
        const fields = { ...(title === undefined ? {} : { summary: title }), ...(owner === undefined ? {} : { [OWNER]: owner }) };
        await ask('PUT', `/rest/api/3/issue/${remoteId}`, { fields });
      },
      remove: async (remoteId) => {
        await ask('DELETE', `/rest/api/3/issue/${remoteId}`);
      },
    },
    requests: (path) =>
      served.log.list({ account: 'lockstep' }, 10_000).flatMap((entry) => (path.test(entry.path) ? [`${entry.method} ${entry.path}`] : [])),
  };
}

/** The delivery that Jira sends to a webhook with a secret while the work is done. */
export async function delivered(account: JiraAccount, events: readonly string[], work: () => Promise<unknown>): Promise<Delivery> {
  const place = await receiver(() => account.served.clock.nowMs());
  await account.ask('POST', '/rest/webhooks/1.0/webhook', { name: 'Lockstep', url: place.url, events, secret: SECRET });
  await work();
  await account.served.webhooks.settled();
  const [delivery] = place.deliveries;
  if (delivery === undefined) throw new Error('expected a delivery, got none');
  return delivery;
}

/** The delivery with another body, signed like it. */
export function signedDelivery(delivery: Delivery, body: unknown, secret = SECRET): Delivery {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const signature = `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`;
  return { ...delivery, body: bytes, headers: { ...delivery.headers, 'x-hub-signature': signature } };
}

export const jira: Subject & { open(): Promise<JiraAccount> } = {
  name: 'Jira',
  tool: 'jira',
  open: () => jiraAccount(),
  parentKind: 'phase',
  seesOverwritten: true,
  showsDeleted: false,
  wire: {
    create: { method: 'POST', path: '^/rest/api/3/issue/bulk$' },
    update: { method: 'PUT', path: '^/rest/api/3/issue/\\d+$' },
    read: { method: 'POST', path: '^/rest/api/3/issue/bulkfetch$' },
  },
  webhook: {
    secret: SECRET,
    genuine: (account, remoteId) =>
      delivered(account as JiraAccount, ['jira:issue_updated'], () => account.person.edit(remoteId, { title: 'Edited' })),
    unknown: async (account, remoteId) => {
      const delivery = await delivered(account as JiraAccount, ['jira:issue_updated'], () =>
        account.person.edit(remoteId, { title: 'Again' }),
      );
      return signedDelivery(delivery, { webhookEvent: 'jira:version_released', issue: { id: remoteId } });
    },
    forged: (delivery) => signedDelivery(delivery, Buffer.from(delivery.body).toString('utf8'), 'another secret'),
  },
};
