/** The stand-in for Jira as a service: rate limits, a restart, and the page for people. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, jiraSite, NOW, paragraph } from './jira-site.ts';

describe('rate limits', () => {
  test('J01 J02 one call over the burst of an endpoint is 429 with what the vendor promises, and other endpoints go on', async () => {
    const site = await jiraSite({ rateLimits: 'documented' });
    const id = await site.issue();
    for (let call = 0; call < 100; call += 1) expect((await site.ask('GET', '/rest/api/3/field')).status).toBe(200);
    const refused = await site.ask('GET', '/rest/api/3/field');
    expect(refused.status).toBe(429);
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'retry-after': '1',
      'ratelimit-reason': 'jira-burst-based',
      'x-ratelimit-limit': '100',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-nearlimit': 'true',
      'x-ratelimit-reset': new Date(NOW + 1_000).toISOString(),
    });
    expect((await site.ask('GET', `/rest/api/3/issue/${id}`)).headers.get('x-ratelimit-limit')).toBe('150');
    site.clock.advance(1_000);
    expect((await site.ask('GET', '/rest/api/3/field')).status).toBe(200);
  });

  test('one issue takes 20 writes in 2 s and 100 in 30 s; another issue goes on', async () => {
    const site = await jiraSite({ rateLimits: 'documented' });
    const [id, other] = [await site.issue(), await site.issue()];
    const write = async (issue = id): Promise<number> => (await site.ask('PUT', `/rest/api/3/issue/${issue}`, { fields: {} })).status;
    const statuses = async (count: number): Promise<Set<number>> => {
      const seen = new Set<number>();
      for (let index = 0; index < count; index += 1) seen.add(await write());
      return seen;
    };
    expect(await statuses(20)).toEqual(new Set([204]));
    const refused = await site.ask('PUT', `/rest/api/3/issue/${id}`, { fields: {} });
    expect([refused.status, refused.headers.get('ratelimit-reason'), refused.headers.get('retry-after')]).toEqual([
      429,
      'jira-per-issue-on-write',
      '2',
    ]);
    expect(await write(other)).toBe(204);
    for (let round = 0; round < 3; round += 1) {
      site.clock.advance(2_001);
      expect(await statuses(20)).toEqual(new Set([204]));
    }
    // The refused call above cost nothing of the longer window either way: 80 writes stand, 20 are left.
    site.clock.advance(2_001);
    expect(await statuses(20)).toContain(204);
    site.clock.advance(2_001);
    const late = await site.ask('PUT', `/rest/api/3/issue/${id}`, { fields: {} });
    expect([late.status, Number(late.headers.get('retry-after'))]).toEqual([429, 20]);
  });

  test('off: headers as documented, never a 429', async () => {
    const site = await jiraSite();
    for (let call = 0; call < 101; call += 1) await site.ask('GET', '/rest/api/3/myself');
    const answer = await site.ask('GET', '/rest/api/3/myself');
    expect([answer.status, answer.headers.get('x-ratelimit-remaining'), answer.headers.get('x-ratelimit-nearlimit')]).toEqual([
      200,
      '0',
      'true',
    ]);
  });
});

describe('a restart', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'jira-restart-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('everything is as it was: issues, links, history, comments, webhooks, the request log; ids go on', async () => {
    const databaseFile = join(folder, 'simulator.db');
    const first = await jiraSite({ databaseFile });
    const [a, b] = [await first.issue({ labels: ['a'] }), await first.issue()];
    await first.ask('PUT', `/rest/api/3/issue/${a}`, { fields: { labels: ['b'] }, properties: [{ key: 'k', value: 1 }] });
    await first.ask('POST', '/rest/api/3/issueLink', { type: { name: 'Blocks' }, inwardIssue: { id: a }, outwardIssue: { id: b } });
    await first.ask('POST', `/rest/api/3/issue/${a}/comment`, { body: paragraph('a') });
    await first.ask('POST', '/rest/webhooks/1.0/webhook', { name: 'w', url: 'http://127.0.0.1:9/', events: ['jira:issue_created'] });
    const read = `/rest/api/3/issue/${a}?expand=changelog&properties=k`;
    const before = (await first.ask('GET', read)).body;
    const counts = first.log.counts({});
    await first.close();
    const second = await jiraSite({ databaseFile });
    const after = (await second.ask('GET', read)).body;
    expect(JSON.parse(JSON.stringify(after).replaceAll(second.url, first.url))).toEqual(before);
    expect(second.log.counts({})).toEqual({ ...counts, calls: counts.calls + 1 });
    expect((await second.ask('GET', '/rest/webhooks/1.0/webhook')).body).toMatchObject([{ name: 'w' }]);
    await second.issue();
    expect((await second.ask('GET', '/rest/api/3/issue/GROW-3')).body.id).toBe('10003');
  });
});

describe('the page for people', () => {
  const EVIL = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>';

  test('I05 what was typed is shown as text, on the board and in the form', async () => {
    const site = await jiraSite();
    await site.issue({ summary: EVIL, description: paragraph(EVIL), labels: ['<b>'], customfield_10201: EVIL });
    for (const path of ['/ui', '/ui/GROW-1']) {
      const page = await pageOf(site, path);
      expect(page).toContain('&lt;script&gt;');
      expect(page).not.toContain('<script');
      expect(page).not.toContain('<img');
      expect(page).not.toContain('<b>');
    }
    expect(await pageOf(site, '/ui/%3Cscript%3E')).not.toContain('<script');
  });

  const pageOf = async (site: { url: string }, path: string): Promise<string> => (await fetch(`${site.url}${path}`)).text();

  const post = (site: { url: string }, path: string, fields: Record<string, string>): Promise<Response> =>
    fetch(`${site.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });

  test('a person makes, edits, moves and deletes an issue; the log says so, and rich text that was not touched stays', async () => {
    const site = await jiraSite();
    const panel = {
      type: 'doc',
      version: 1,
      content: [
        { type: 'panel', attrs: { panelType: 'info' }, content: [{ type: 'paragraph', content: [{ type: 'text', text: 'kept' }] }] },
      ],
    };
    expect((await post(site, '/ui', { summary: 'By hand', issuetype: '10003' })).headers.get('location')).toBe('/ui/GROW-1');
    await site.ask('PUT', '/rest/api/3/issue/GROW-1', { fields: { description: panel } });
    const form = {
      summary: 'By hand, again',
      priority: '2',
      description: 'kept',
      labels: 'a b',
      customfield_10201: 'CGO',
      customfield_10202: 'one\r\ntwo',
      transition: '11',
    };
    expect((await post(site, '/ui/GROW-1', form)).status).toBe(302);
    expect((await site.ask('GET', '/rest/api/3/issue/GROW-1')).body.fields).toMatchObject({
      summary: 'By hand, again',
      priority: { name: 'High' },
      description: panel,
      labels: ['a', 'b'],
      status: { name: 'In Progress' },
      customfield_10201: 'CGO',
      customfield_10202: { content: [paragraph('one').content[0], paragraph('two').content[0]] },
    });
    expect(
      (await site.ask('GET', '/rest/api/3/issue/GROW-1', undefined, { authorization: basic('maria') })).body.fields['creator'],
    ).toMatchObject({ displayName: 'Maria Sommer' });
    expect((await post(site, '/ui/GROW-1', { action: 'delete' })).headers.get('location')).toBe('/ui');
    expect((await site.ask('GET', '/rest/api/3/issue/GROW-1')).status).toBe(404);
    expect(site.log.counts({ account: 'person' })).toEqual({ calls: 3, creates: 1, updates: 1, deletes: 1 });
  });

  test('a refused form says why and changes nothing', async () => {
    const site = await jiraSite();
    await site.issue();
    const answer = await post(site, '/ui/GROW-1', { summary: 'New', priority: '3', transition: '31' });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('not valid for this issue')]);
    const second = await post(site, '/ui/GROW-1', { summary: '', priority: '3' });
    expect([second.status, await second.text()]).toEqual([400, expect.stringContaining('You must specify a summary')]);
    expect((await site.ask('GET', '/rest/api/3/issue/GROW-1')).body.fields['summary']).toBe('An issue');
  });
});
