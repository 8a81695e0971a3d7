/** Webhook payloads of the simulator, against the vendors' schema where there is one and against public examples of the same kinds of events. */
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { EVENTS } from '@lockstep/simulator/notion/webhooks.ts';
import { delivered as deliveredByHubSpot, hubspotAccount } from '../conformance/hubspot-account.ts';
import { jiraAccount } from '../conformance/jira-account.ts';
import { delivered as deliveredByNotion, notionAccount } from '../conformance/notion-account.ts';
import { receiver } from '../conformance/receiver.ts';
import { missingFrom, unknownTo } from './shape.ts';
import { readSpec, skipsWithoutSpecs } from './specs.ts';

type Event = Readonly<Record<string, unknown>>;

const parsed = (delivery: { readonly body: Uint8Array }): unknown => JSON.parse(Buffer.from(delivery.body).toString('utf8'));
const text = (content: string): { text: { content: string } }[] => [{ text: { content } }];

/** Everything in Notion that a subscription is told of. */
async function notionEvents(): Promise<readonly Event[]> {
  const account = await notionAccount();
  const { omar, dataSourceId, served } = account;
  const { deliveries } = await deliveredByNotion(account, async () => {
    const parent = { type: 'data_source_id', data_source_id: dataSourceId } as const;
    const page = await omar.pages.create({ parent, properties: { Name: { title: text('A page') } } });
    const below = await omar.pages.create({ parent: { page_id: page.id }, properties: { title: { title: text('Below') } } });
    const page_id = page.id;
    await omar.pages.update({ page_id, properties: { Owner: { rich_text: text('Maria') } } });
    await omar.blocks.children.append({ block_id: page_id, children: [{ paragraph: { rich_text: text('Words') } }] });
    await omar.pages.move({ page_id: below.id, parent });
    for (const is_locked of [true, false]) await omar.pages.update({ page_id, is_locked });
    for (const in_trash of [true, false]) await omar.pages.update({ page_id, in_trash });
    const { id: comment_id } = await omar.comments.create({ parent: { page_id }, rich_text: text('Said') });
    await omar.comments.update({ comment_id, rich_text: text('Said again') });
    await omar.comments.delete({ comment_id });
    await omar.dataSources.update({ data_source_id: dataSourceId, properties: { Extra: { rich_text: {} } } });
  });
  expect(served.webhooks.counts.failed).toBe(0);
  return deliveries.slice(1).map((delivery) => parsed(delivery) as Event);
}

test('Shapes: a member that is missing, is too many or has another type is told by its place', () => {
  const example = { id: 1, parts: [{ name: 'x' }] };
  expect(missingFrom({ parts: [{ name: 1 }, {}] }, example)).toEqual([
    'id: expected it, got none',
    'parts[].name: expected string, got number',
    'parts[].name: expected it, got none',
  ]);
  expect(unknownTo({ id: 'a', more: 1, parts: [{ name: '', size: 1 }] }, [example])).toEqual(['more', 'parts[].size']);
});

describe.skipIf(skipsWithoutSpecs('webhooks'))('Webhooks: contract', () => {
  test('Notion events, of every kind that the simulator sends, are valid against the schema of their kind', async () => {
    const { definitions } = readSpec('notion/notion-webhooks-sdk-5.26.schema.json') as {
      definitions: Readonly<Record<string, { readonly properties?: { readonly type?: { readonly const?: string } } }>>;
    };
    const events = await notionEvents();
    const ajv = new Ajv({ strict: false });
    ajv.addSchema({ $id: 'webhooks', definitions });
    const wrong = events.flatMap((event) => {
      const [name] = Object.entries(definitions).find(([, schema]) => schema.properties?.type?.const === event['type']) ?? [];
      if (name === undefined) return [`${String(event['type'])}: expected a schema, got none`];
      const isValid = ajv.validate({ $ref: `webhooks#/definitions/${name}` }, event);
      return isValid ? [] : [`${name}: ${ajv.errorsText()}`];
    });
    expect(wrong).toEqual([]);
    expect(new Set(events.map((event) => event['type']))).toEqual(new Set(EVENTS));
  });

  test("Notion events have the members of the vendor's examples, of the same types, and no others but those of newer versions", async () => {
    const { events: examples } = readSpec('webhook-examples/notion.json') as { events: readonly Event[] };
    const events = await notionEvents();
    const shared = examples.filter((example) => events.some((event) => event['type'] === example['type']));
    expect(shared.length).toBeGreaterThan(6);
    // `api_version` and `data_source_id` came with 2025-09-03; the schema has them, the examples are older.
    const newer = ['api_version', 'data.parent.data_source_id'];
    for (const event of events) {
      const alike = shared.filter((example) => example['type'] === event['type']);
      for (const example of alike) expect(missingFrom(event, example), String(event['type'])).toEqual([]);
      const unknown = alike.length === 0 ? [] : unknownTo(event, alike).filter((place) => !newer.includes(place));
      expect(unknown, String(event['type'])).toEqual([]);
    }
  });

  test('Jira events of an edited issue have the members of the public example, of the same types, and its headers', async () => {
    const { bodies, headers } = readSpec('webhook-examples/jira.json') as { bodies: readonly Event[]; headers: Event };
    const account = await jiraAccount();
    const place = await receiver(() => account.served.clock.nowMs());
    const webhook = { name: 'Lockstep', url: place.url, events: ['jira:issue_updated'], secret: 'secret' };
    await account.ask('POST', '/rest/webhooks/1.0/webhook', webhook);
    const id = await account.person.create('Pilot');
    await account.ask('POST', `/rest/api/3/issue/${id}/transitions`, { transition: { id: '11' } });
    await account.served.webhooks.settled();
    const [delivery] = place.deliveries;
    if (delivery === undefined) throw new Error('expected a delivery, got none');
    const [example] = bodies;
    expect(missingFrom(parsed(delivery), example)).toEqual([]);
    // Absent on the first try; the name of the client is not what anybody relies on.
    const expected = Object.keys(headers).filter((name) => name !== 'x-atlassian-webhook-retry' && name !== 'user-agent');
    expect(Object.keys(delivery.headers)).toEqual(expect.arrayContaining(expected));
    expect(delivery.headers).not.toHaveProperty('x-atlassian-webhook-retry');
  });

  test('HubSpot events of contacts have the members of the public examples, of the same types, no others, and the headers', async () => {
    const { bodies, headers } = readSpec('webhook-examples/hubspot.json') as { bodies: readonly (readonly Event[])[]; headers: Event };
    const account = await hubspotAccount();
    const contacts = '/crm/objects/2026-09/contacts';
    const deliveries = await deliveredByHubSpot(account, async () => {
      const properties = { email: 'nina@growth.example' };
      const { id } = (await account.maria.ask('POST', contacts, { properties })) as { id: string };
      await account.maria.ask('PATCH', `${contacts}/${id}`, { properties: { email: 'nina.k@growth.example' } });
    });
    const events = deliveries.flatMap((delivery) => parsed(delivery) as readonly Event[]);
    const examples = bodies.flat();
    expect(new Set(examples.map((example) => example['subscriptionType']))).toEqual(
      new Set(events.map((event) => event['subscriptionType'])),
    );
    for (const event of events) {
      const alike = examples.filter((example) => example['subscriptionType'] === event['subscriptionType']);
      for (const example of alike) expect(missingFrom(event, example)).toEqual([]);
      expect(unknownTo(event, alike)).toEqual(event['subscriptionType'] === 'contact.creation' ? ['sourceId'] : []);
    }
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    for (const delivery of deliveries) expect(Object.keys(delivery.headers)).toEqual(expect.arrayContaining(names));
  });
});
