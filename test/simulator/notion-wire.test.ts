/** The stand-in for Notion as it looks on the wire: refusals, limits, versions, webhooks, restarts, the page for people. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyWebhookSignature } from '@notionhq/client';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import { createNotion } from '@lockstep/simulator/notion/server.ts';
import { expect, onTestFinished, test } from 'vitest';
import { stageNotion, stageOf, words } from './notion-stage.ts';
import type { Answer, NotionStage } from './notion-stage.ts';

function refusal(answer: Answer): unknown[] {
  expect(answer.body).toMatchObject({ object: 'error', status: answer.status, request_id: answer.headers.get('x-notion-request-id') });
  return [answer.status, answer.body['code']];
}

test('requests without a token, version or route are refused in the vendor’s words', async () => {
  const { http } = await stageNotion();
  expect(refusal(await http('GET', '/v1/users', undefined, { authorization: 'Bearer nobody' }))).toEqual([401, 'unauthorized']);
  const noVersion = await fetch(`${(await stageNotion()).served.url}/v1/users`, { headers: { authorization: 'Bearer ntn_lockstep' } });
  expect(await noVersion.json()).toMatchObject({ status: 400, code: 'missing_version' });
  expect(refusal(await http('GET', '/v1/users', undefined, { 'notion-version': '2021-01-01' }))).toEqual([400, 'validation_error']);
  expect(refusal(await http('GET', '/v1/nothing'))).toEqual([400, 'invalid_request_url']);
  expect(refusal(await http('PUT', '/v1/users'))).toEqual([400, 'invalid_request_url']);
  expect(refusal(await http('POST', '/v1/search', '{'))).toEqual([400, 'invalid_json']);
  expect(refusal(await http('GET', '/v1/pages/not-an-id'))).toEqual([400, 'validation_error']);
  expect(refusal(await http('GET', '/v1/pages/00000000-0000-4000-8000-000000000000'))).toEqual([404, 'object_not_found']);
});

test('the older version says archived, the newer does not know it', async () => {
  const { http, create } = await stageNotion();
  const { id } = await create('p');
  const older = { 'notion-version': '2025-09-03' };
  expect((await http('GET', `/v1/pages/${id}`, undefined, older)).body).toMatchObject({ archived: false, in_trash: false });
  expect((await http('GET', `/v1/pages/${id}`)).body).not.toHaveProperty('archived');
  expect(refusal(await http('PATCH', `/v1/pages/${id}`, { archived: true }))).toEqual([400, 'validation_error']);
  expect((await http('PATCH', `/v1/pages/${id}`, { archived: true }, older)).body).toMatchObject({ archived: true, in_trash: true });
});

test('limits and unknown members are refused with the path of the trouble, and change nothing', async () => {
  const { http, create, titles, sourceId } = await stageNotion();
  const page = await create('p');
  const cases: readonly [unknown, string][] = [
    [
      { properties: { Owner: { rich_text: words('x'.repeat(2001)) } } },
      'body.properties.Owner.rich_text[0].text.content.length should be ≤ `2000`, instead was `2001`',
    ],
    [
      { properties: { Owner: { rich_text: Array.from({ length: 101 }, () => words('x')[0]) } } },
      'length should be ≤ `100`, instead was `101`',
    ],
    [{ properties: { 'Depends on': { relation: Array.from({ length: 101 }, () => ({ id: page.id })) } } }, 'length should be ≤ `100`'],
    [{ properties: { Owner: { title: words('x') } } }, 'Owner is expected to be rich_text.'],
    [{ properties: { Nope: { rich_text: [] } } }, 'Nope is not a property that exists.'],
    [{ properties: { Due: { date: { start: '2026-02-30' } } } }, 'body.properties.Due.date.start should be a valid ISO 8601 date string'],
    [{ properties: { Kind: { select: { name: 'a,b' } } } }, 'commas not allowed'],
    [{ colour: 'red' }, 'body.colour should be not present'],
    [{ properties: { Owner: { rich_text: [{ equation: { expression: 'x', unit: 'kg' } }] } } }, 'equation.unit should be not present'],
    [
      { properties: { Owner: { rich_text: [{ mention: { page: { id: page.id, name: 'p' } } }] } } },
      'mention.page.name should be not present',
    ],
    [{ markdown: '# x' }, 'not supported by this simulator'],
  ];
  for (const [body, message] of cases) {
    const answer = await http('PATCH', `/v1/pages/${page.id}`, body);
    expect(refusal(answer)).toEqual([400, 'validation_error']);
    expect(answer.body['message']).toContain(message);
  }
  const query = (body: unknown): Promise<Answer> => http('POST', `/v1/data_sources/${sourceId}/query`, body);
  for (const page_size of [101, 0, 1.5, null, '10']) expect(refusal(await query({ page_size }))).toEqual([400, 'validation_error']);
  expect(refusal(await query({ result_type: 'data_source', filter: null }))).toEqual([400, 'validation_error']);
  expect(refusal(await query({ start_cursor: 'bm90aGluZw' }))).toEqual([400, 'validation_error']);
  const blocks = Array.from({ length: 101 }, () => ({ divider: {} }));
  expect(refusal(await http('PATCH', `/v1/blocks/${page.id}/children`, { children: blocks }))).toEqual([400, 'validation_error']);
  expect(refusal(await http('POST', '/v1/search', { query: 'x'.repeat(500_001) }))).toEqual([400, 'validation_error']);
  const toggle = { toggle: { rich_text: [], children: blocks.slice(1) } };
  const many = await http('PATCH', `/v1/blocks/${page.id}/children`, { children: Array.from({ length: 10 }, () => toggle) });
  expect(refusal(many)).toEqual([400, 'validation_error']);
  expect(many.body['message']).toContain('≤ `1000` blocks, instead had `1010`');
  const deep = { and: [{ and: [{ and: [{ property: 'Name', title: { is_not_empty: true } }] }] }] };
  expect(refusal(await query({ filter: deep }))).toEqual([400, 'validation_error']);
  const rollup = await http('PATCH', `/v1/data_sources/${sourceId}`, { properties: { Sum: { rollup: {} } } });
  expect(refusal(rollup)).toEqual([400, 'validation_error']);
  for (const config of [
    { rich_text: { colour: 'red' } },
    { number: { format: 7 } },
    { number: { unit: 'kg' } },
    { checkbox: { on: true } },
  ])
    expect(refusal(await http('PATCH', `/v1/data_sources/${sourceId}`, { properties: { New: config } })), JSON.stringify(config)).toEqual([
      400,
      'validation_error',
    ]);
  expect((await http('GET', `/v1/blocks/${page.id}/children`)).body['results']).toEqual([]);
  expect(await titles({ filter: { property: 'Owner', rich_text: { is_empty: true } } })).toEqual(['p']);
});

test('D06 a cursor of another query is refused', async () => {
  const { http, create, sourceId } = await stageNotion();
  for (const title of ['a', 'b', 'c']) await create(title);
  const { body } = await http('POST', `/v1/data_sources/${sourceId}/query`, { page_size: 1 });
  const other = { page_size: 1, start_cursor: body['next_cursor'], filter: { property: 'Name', title: { is_not_empty: true } } };
  const answer = await http('POST', `/v1/data_sources/${sourceId}/query`, other);
  expect(refusal(answer)).toEqual([400, 'validation_error']);
});

test('J01 the 181st call of a minute is 429 with Retry-After; another connection goes on', async () => {
  const { http, served } = await stageNotion({ rateLimits: 'documented' });
  const call = (token: string): Promise<Answer> => http('GET', '/v1/users/me', undefined, { authorization: `Bearer ${token}` });
  served.clock.freeze(served.clock.nowMs());
  for (let count = 0; count < 180; count += 1) expect((await call('ntn_maria')).status).toBe(200);
  served.clock.advance(20_000);
  const refused = await call('ntn_maria');
  expect(refusal(refused)).toEqual([429, 'rate_limited']);
  expect(refused.body['additional_data']).toEqual({ rate_limit_reason: expect.any(String) });
  expect(refused.headers.get('retry-after')).toBe('40');
  expect((await call('ntn_omar')).status).toBe(200);
  served.clock.advance(39_999);
  expect((await call('ntn_maria')).status).toBe(429);
  served.clock.advance(1);
  expect((await call('ntn_maria')).status).toBe(200);
});

test('J07 J08 a revoked token is 401, a missing capability 403', async () => {
  const { http } = await stageNotion();
  await http('POST', '/ui/connections/lockstep', { capabilities: ['read'] });
  expect((await http('GET', '/v1/users/me')).status).toBe(200);
  expect(refusal(await http('POST', '/v1/pages', {}))).toEqual([403, 'restricted_resource']);
  await http('POST', '/ui/connections/lockstep', { isRevoked: true });
  expect(refusal(await http('GET', '/v1/users/me'))).toEqual([401, 'unauthorized']);
});

test('F03 a page that is hidden from connections is 404 for a bot and absent from queries, and a person still sees it', async () => {
  const { http, served, create, titles } = await stageNotion();
  const page = await create('secret');
  const form = new URLSearchParams({ action: 'restrict' });
  await fetch(`${served.url}/ui/${page.id}`, { method: 'POST', body: form });
  expect(refusal(await http('GET', `/v1/pages/${page.id}`))).toEqual([404, 'object_not_found']);
  expect(await titles()).toEqual([]);
  expect((await http('GET', `/v1/pages/${page.id}`, undefined, { authorization: 'Bearer ntn_omar' })).status).toBe(200);
});

test('records, relations, blocks and subscriptions are there again after a restart', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'notion-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const databaseFile = join(directory, 'simulator.db');
  const before = await serveVendor('notion', createNotion, { databaseFile });
  const stage = await stageOf(before);
  const parent = await stage.create('parent');
  const child = await stage.create('child', { Parent: { relation: [{ id: parent.id }] }, Labels: { multi_select: [{ name: 'kept' }] } });
  await stage.client.blocks.children.append({ block_id: child.id, children: [{ paragraph: { rich_text: words('body') } }] });
  const shown = (await stage.http('GET', `/v1/pages/${child.id}`)).body;
  await stage.http('POST', '/ui/webhooks', { url: 'http://127.0.0.1:9/hooks' });
  const subscriptions = (await stage.http('GET', '/ui/webhooks')).body;
  await before.close();
  const again = await stageNotion({ databaseFile });
  const { url: _url, request_id: _id, ...rest } = (await again.http('GET', `/v1/pages/${child.id}`)).body;
  expect(shown).toMatchObject(rest);
  expect((await again.http('GET', '/ui/webhooks')).body).toEqual(subscriptions);
  expect(await again.titles()).toEqual(['parent', 'child']);
  expect((await again.client.blocks.children.list({ block_id: child.id })).results).toHaveLength(1);
  await again.create('third');
  expect(await again.titles()).toEqual(['parent', 'child', 'third']);
});

interface Delivery {
  readonly body: string;
  readonly signature: string | undefined;
}

/** A receiver that keeps what it gets. */
async function receiver(): Promise<{ url: string; deliveries: Delivery[] }> {
  const deliveries: Delivery[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const signature = request.headers['x-notion-signature'];
      deliveries.push({ body: Buffer.concat(chunks).toString('utf8'), signature: typeof signature === 'string' ? signature : undefined });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`, deliveries };
}

async function events(stage: NotionStage, deliveries: readonly Delivery[], token: string): Promise<Record<string, unknown>[]> {
  await stage.served.webhooks.settled();
  const found: Record<string, unknown>[] = [];
  for (const { body, signature } of deliveries.slice(1)) {
    expect(await verifyWebhookSignature({ body, signature, verificationToken: token })).toBe(true);
    found.push(JSON.parse(body) as Record<string, unknown>);
  }
  return found;
}

test('C05 a subscription begins with its token, unsigned; every event after it is signed with it', async () => {
  const stage = await stageNotion();
  const { url, deliveries } = await receiver();
  await stage.http('POST', '/ui/webhooks', { url });
  await stage.served.webhooks.settled();
  expect(deliveries).toHaveLength(1);
  expect(deliveries[0]?.signature).toBeUndefined();
  const token = (JSON.parse(deliveries[0]?.body ?? '{}') as { verification_token: string }).verification_token;
  const page = await stage.create('watched');
  await stage.client.pages.update({ page_id: page.id, properties: { Owner: { rich_text: words('CRO') } } });
  await stage.client.blocks.children.append({ block_id: page.id, children: [{ divider: {} }] });
  await stage.client.comments.create({ parent: { page_id: page.id }, rich_text: words('hm') });
  await stage.client.pages.update({ page_id: page.id, in_trash: true });
  await stage.client.pages.update({ page_id: page.id, in_trash: false });
  await stage.client.dataSources.update({ data_source_id: stage.sourceId, properties: { Effort: { number: {} } } });
  const told = await events(stage, deliveries, token);
  expect(told.map(({ type }) => type)).toEqual([
    'page.created',
    'page.properties_updated',
    'page.content_updated',
    'comment.created',
    'page.deleted',
    'page.undeleted',
    'data_source.schema_updated',
  ]);
  expect(told[1]).toMatchObject({
    entity: { id: page.id, type: 'page' },
    authors: [{ type: 'bot' }],
    attempt_number: 1,
    api_version: '2026-03-11',
    data: { parent: { type: 'database', data_source_id: stage.sourceId }, updated_properties: [page.properties['Owner']?.id] },
  });
  const forged = `${deliveries[1]?.body} `;
  expect(await verifyWebhookSignature({ body: forged, signature: deliveries[1]?.signature ?? '', verificationToken: token })).toBe(false);
});

test('B01 a write of what stands already tells the webhooks nothing', async () => {
  const stage = await stageNotion();
  const page = await stage.create('same', { Owner: { rich_text: words('CRO') } });
  const { url, deliveries } = await receiver();
  await stage.http('POST', '/ui/webhooks', { url, events: ['page.properties_updated'] });
  await stage.client.pages.update({ page_id: page.id, properties: { Owner: { rich_text: words('CRO') } } });
  await stage.served.webhooks.settled();
  expect(deliveries).toHaveLength(1);
});

test('I05 the page for people shows text as text, and what Omar does there is in the API and in the request log', async () => {
  const stage = await stageNotion();
  const evil = '<script>alert(1)</script>';
  const page = await stage.create(evil, { Owner: { rich_text: words('"><img src=x onerror=alert(1)>') } });
  for (const path of ['/ui', `/ui/${page.id}`]) {
    const shown = await (await fetch(`${stage.served.url}${path}`)).text();
    expect(shown).not.toContain('<script>alert');
    expect(shown).not.toContain('<img');
  }
  const form = new URLSearchParams({ action: 'save', title: 'Harmless', [page.properties['Metric']?.id ?? '']: '10 calls' });
  await fetch(`${stage.served.url}/ui/${page.id}`, { method: 'POST', body: form });
  const { body } = await stage.http('GET', `/v1/pages/${page.id}`);
  expect(body).toMatchObject({
    properties: { Name: { title: [{ plain_text: 'Harmless' }] }, Metric: { rich_text: [{ plain_text: '10 calls' }] } },
  });
  const omar = (await stage.http('GET', '/v1/users/me', undefined, { authorization: 'Bearer ntn_omar' })).body;
  expect(body).toMatchObject({ last_edited_by: { id: omar['id'] } });
  await fetch(`${stage.served.url}/ui`, { method: 'POST', body: new URLSearchParams({ title: 'From the page' }) });
  expect(await stage.titles()).toEqual(['Harmless', 'From the page']);
  expect(stage.served.log.counts({ account: 'person' })).toMatchObject({ creates: 1, updates: 1, deletes: 0 });
});

test('the request log counts creates, updates and deletes by account; a refused request did nothing', async () => {
  const stage = await stageNotion();
  const page = await stage.create('counted');
  await stage.http('PATCH', `/v1/pages/${page.id}`, { icon: { emoji: '🚀' } });
  await stage.http('PATCH', `/v1/pages/${page.id}`, { icon: { emoji: 'no emoji' } });
  await stage.http('PATCH', `/v1/pages/${page.id}`, { in_trash: true }, { authorization: 'Bearer ntn_omar' });
  expect(stage.served.log.counts({ account: 'lockstep' })).toMatchObject({ calls: 4, creates: 1, updates: 1, deletes: 0 });
  expect(stage.served.log.counts({ account: 'omar' })).toMatchObject({ calls: 1, deletes: 1 });
});
