/** What hangs on the issues of the stand-in for Jira: links, properties, comments, attachments. */
import { describe, expect, test } from 'vitest';
import { basic, jiraSite, NOW, paragraph } from './jira-site.ts';
import type { JiraSite } from './jira-site.ts';

const links = async (site: JiraSite, id: string): Promise<unknown> =>
  (await site.ask('GET', `/rest/api/3/issue/${id}?fields=issuelinks`)).body.fields['issuelinks'];

describe('links', () => {
  test('"A blocks B" is seen from both ends, changes both issues and stands in their histories', async () => {
    const site = await jiraSite();
    const [a, b] = [await site.issue({ summary: 'A' }), await site.issue({ summary: 'B' })];
    site.clock.advance(1_000);
    await site.sdk().issueLinks.linkIssues({ type: { name: 'Blocks' }, inwardIssue: { id: a }, outwardIssue: { id: b } });
    expect(await links(site, a)).toMatchObject([
      { type: { outward: 'blocks' }, outwardIssue: { id: b, key: 'GROW-2', fields: { summary: 'B' } } },
    ]);
    expect(await links(site, b)).toMatchObject([{ type: { inward: 'is blocked by' }, inwardIssue: { id: a } }]);
    const { values } = await site.sdk().issues.getChangeLogs({ issueIdOrKey: b });
    expect(values?.map(({ items }) => items?.map((item) => item.toString))).toEqual([['This issue is blocked by GROW-1']]);
    for (const id of [a, b])
      expect((await site.ask('GET', `/rest/api/3/issue/${id}`)).body.fields.updated).toBe('2026-11-24T09:30:21.500+0000');
    expect(site.log.counts({}).updates).toBe(1);
  });

  test('members of a link that the contract does not have are refused', async () => {
    const site = await jiraSite();
    const [one, two] = [await site.issue(), await site.issue()];
    const link = { type: { name: 'Blocks' }, inwardIssue: { id: one }, outwardIssue: { id: two } };
    for (const wrong of [{ inwardIssue: { id: one, name: 'x' } }, { type: { name: 'Blocks', colour: 'red' } }])
      expect((await site.ask('POST', '/rest/api/3/issueLink', { ...link, ...wrong })).status).toBe(400);
    expect((await site.ask('POST', '/rest/api/3/issueLink', link)).status).toBe(201);
  });

  test('the same link twice is one link; none to itself, of no unknown type, to no unknown issue', async () => {
    const site = await jiraSite();
    const [a, b] = [await site.issue(), await site.issue()];
    const link = (body: object) =>
      site.ask('POST', '/rest/api/3/issueLink', { type: { name: 'Blocks' }, inwardIssue: { id: a }, outwardIssue: { id: b }, ...body });
    expect([(await link({})).status, (await link({})).status]).toEqual([201, 201]);
    expect(await links(site, a)).toHaveLength(1);
    expect((await link({ outwardIssue: { id: a } })).status).toBe(400);
    expect((await link({ type: { name: 'Clones' } })).status).toBe(404);
    expect((await link({ outwardIssue: { key: 'GROW-99' } })).status).toBe(404);
    expect((await link({ strength: 1 })).status).toBe(400);
  });

  test('a link is read and removed by its id; it goes with either issue', async () => {
    const site = await jiraSite();
    const [a, b, c] = [await site.issue(), await site.issue(), await site.issue()];
    for (const other of [b, c])
      await site.ask('POST', '/rest/api/3/issueLink', { type: { name: 'Blocks' }, inwardIssue: { id: a }, outwardIssue: { id: other } });
    const linkId = '10001';
    expect(await site.sdk().issueLinks.getIssueLink({ linkId })).toMatchObject({ inwardIssue: { id: a }, outwardIssue: { id: b } });
    await site.sdk().issueLinks.deleteIssueLink({ linkId });
    expect((await site.ask('GET', `/rest/api/3/issueLink/${linkId}`)).status).toBe(404);
    expect(await links(site, b)).toEqual([]);
    await site.ask('DELETE', `/rest/api/3/issue/${c}`);
    expect(await links(site, a)).toEqual([]);
  });
});

describe('properties', () => {
  test('set, read, listed and removed; 201 when new, 200 when replaced; at most 32,768 characters', async () => {
    const site = await jiraSite();
    const id = await site.issue();
    const path = `/rest/api/3/issue/${id}/properties/lockstep`;
    expect((await site.ask('PUT', path, { item: 1 })).status).toBe(201);
    expect((await site.ask('PUT', path, { item: 2 })).status).toBe(200);
    expect((await site.ask('PUT', path, 'x'.repeat(32_768))).status).toBe(400);
    expect(await site.sdk().issueProperties.getIssueProperty({ issueIdOrKey: id, propertyKey: 'lockstep' })).toEqual({
      key: 'lockstep',
      value: { item: 2 },
    });
    const { keys } = await site.sdk().issueProperties.getIssuePropertyKeys({ issueIdOrKey: id });
    expect(keys?.map(({ key }) => key)).toEqual(['lockstep']);
    expect((await site.ask('DELETE', path)).status).toBe(204);
    expect((await site.ask('DELETE', path)).status).toBe(404);
    expect((await site.ask('GET', path)).status).toBe(404);
  });

  test('a property that holds null is there', async () => {
    const site = await jiraSite();
    const id = await site.issue();
    const path = `/rest/api/3/issue/${id}/properties/nothing`;
    await site.ask('PUT', path, 'null');
    expect((await site.ask('GET', path)).body).toEqual({ key: 'nothing', value: null });
    expect((await site.ask('DELETE', path)).status).toBe(204);
  });
});

describe('comments', () => {
  test('I09 a comment keeps its author and its time; an edit changes the body and the time of the edit', async () => {
    const site = await jiraSite();
    const issueIdOrKey = await site.issue();
    const comments = site.sdk('maria').issueComments;
    const { id = '' } = await comments.addComment({ issueIdOrKey, body: paragraph('First') });
    site.clock.advance(1_000);
    await comments.updateComment({ issueIdOrKey, id, body: { body: paragraph('Second') } });
    const page = await site.sdk('lockstep').issueComments.getComments({ issueIdOrKey });
    expect(page.comments?.map(({ author, body, created, updated }) => [author?.displayName, body, created, updated])).toEqual([
      ['Maria Sommer', paragraph('Second'), new Date(NOW), new Date(NOW + 1_000)],
    ]);
    await comments.deleteComment({ issueIdOrKey, id });
    expect((await site.ask('GET', `/rest/api/3/issue/${issueIdOrKey}/comment/${id}`)).status).toBe(404);
    expect(site.log.counts({ account: 'maria' })).toMatchObject({ creates: 1, updates: 1, deletes: 1 });
  });

  test('comments come oldest first, or newest first where that is asked; another order is refused', async () => {
    const site = await jiraSite();
    const id = await site.issue();
    const path = `/rest/api/3/issue/${id}/comment`;
    const made: unknown[] = [];
    for (const text of ['one', 'two']) made.push((await site.ask('POST', path, { body: paragraph(text) })).body.id);
    const ids = async (query: string): Promise<unknown> =>
      ((await site.ask('GET', path + query)).body['comments'] as readonly { id: string }[]).map((comment) => comment.id);
    expect(await ids('')).toEqual(made);
    expect(await ids('?orderBy=created')).toEqual(made);
    expect(await ids('?orderBy=-created')).toEqual(made.toReversed());
    expect((await site.ask('GET', `${path}?orderBy=author`)).status).toBe(400);
  });

  test('an empty comment and a plain text are refused', async () => {
    const site = await jiraSite();
    const id = await site.issue();
    for (const body of ['text', { type: 'doc', version: 1, content: [] }, null])
      expect((await site.ask('POST', `/rest/api/3/issue/${id}/comment`, { body })).status).toBe(400);
  });
});

describe("attachments' metadata", () => {
  async function attach(
    site: JiraSite,
    id: string,
    headers: Record<string, string> = { 'x-atlassian-token': 'no-check' },
  ): Promise<Response> {
    const form = new FormData();
    form.append('file', new File(['four'], 'plan.pdf', { type: 'application/pdf' }));
    return fetch(`${site.url}/rest/api/3/issue/${id}/attachments`, {
      method: 'POST',
      body: form,
      headers: { authorization: basic('maria'), ...headers },
    });
  }

  test('I10 name, type, size, author and time are kept; the file itself is not, and is not there to download', async () => {
    const site = await jiraSite();
    const id = await site.issue();
    expect((await attach(site, id)).status).toBe(200);
    const known = { filename: 'plan.pdf', mimeType: 'application/pdf', size: 4, author: { displayName: 'Maria Sommer' } };
    expect((await site.ask('GET', `/rest/api/3/issue/${id}`)).body.fields['attachment']).toMatchObject([{ id: '10001', ...known }]);
    expect(await site.sdk().issueAttachments.getAttachment({ id: '10001' })).toMatchObject({ id: 10_001, ...known });
    expect((await site.ask('GET', '/rest/api/3/attachment/content/10001')).status).toBe(404);
    await site.sdk().issueAttachments.removeAttachment({ id: '10001' });
    expect((await site.ask('GET', '/rest/api/3/attachment/10001')).status).toBe(404);
    const { values } = await site.sdk().issues.getChangeLogs({ issueIdOrKey: id });
    expect(values?.flatMap(({ items }) => items?.map((item) => [item.field, item.fromString, item.toString]))).toEqual([
      ['Attachment', null, 'plan.pdf'],
      ['Attachment', 'plan.pdf', null],
    ]);
  });

  test('without X-Atlassian-Token it is 403, without a file 400', async () => {
    const site = await jiraSite();
    const id = await site.issue();
    expect((await attach(site, id, {})).status).toBe(403);
    expect((await site.ask('POST', `/rest/api/3/issue/${id}/attachments`, {}, { 'x-atlassian-token': 'no-check' })).status).toBe(400);
  });
});
