/** G. Status, schema, people: what administrators rename, retype and remove, on the plan, Jira and Notion over HTTP. */
import { describe, expect, it } from 'vitest';
import { ask } from '@lockstep/launcher/people/person.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { conflictsOf, expectLaws, itemTitled, linksOf } from './laws.ts';
import { jiraHands } from './people-jira.ts';
import { notionHands } from './people-notion.ts';
import { createWorld } from './world.ts';
import type { Tool, World, WorldOptions } from './world.ts';

const database = useTestStore();
const TITLE = 'Dig the trenches';
const OMAR = { authorization: 'Bearer ntn_omar', 'notion-version': '2026-03-11' };
const MARIA = { authorization: `Basic ${Buffer.from('maria@growth.example:jira-token-maria').toString('base64')}` };

interface JiraWorkflow {
  readonly statuses: readonly { readonly id: string; readonly name: string; readonly category: string }[];
  readonly transitions: readonly {
    readonly id: string;
    readonly from: readonly string[] | null;
    readonly to: string;
    readonly requires?: readonly string[];
  }[];
}

async function growing(options: Partial<WorldOptions> = {}): Promise<World> {
  const world = await createWorld({ store: database.store(), connections: ['document', 'jira', 'notion'], ...options });
  await world.rest();
  return world;
}

/** What an administrator does on Jira's settings pages. */
async function reworkJira(world: World, change: (workflow: JiraWorkflow) => object): Promise<void> {
  const path = `${world.simulator.urls.jira}/ui/settings/workflow`;
  await ask(path, { method: 'PUT', headers: MARIA, body: change(await ask<JiraWorkflow>(path, { headers: MARIA })) });
}

async function reworkNotion(world: World, properties: object): Promise<void> {
  const link = (await linksOf(world, 'notion'))[0];
  const page = await ask<{ parent: { data_source_id: string } }>(`${world.simulator.urls.notion}/v1/pages/${link?.remoteId ?? ''}`, {
    headers: OMAR,
  });
  const path = `${world.simulator.urls.notion}/v1/data_sources/${page.parent.data_source_id}`;
  await ask(path, { method: 'PATCH', headers: OMAR, body: { properties } });
}

const jiraStatus = async (world: World, id: string): Promise<unknown> =>
  ((await jiraHands(world).field(id, 'status')) as { name: string }).name;
const transition = (world: World, id: string, to: string): Promise<unknown> =>
  ask(`${world.simulator.urls.jira}/rest/api/3/issue/${id}/transitions`, {
    method: 'POST',
    headers: MARIA,
    body: { transition: { id: to } },
  });
const idIn = async (world: World, tool: Tool): Promise<string> => (await world.one(tool, TITLE)).id;
const inNotion = (name: string): { readonly Status: unknown } => ({ Status: { status: { name } } });
/** Writes and other posts of Lockstep's at Jira; a fault's answer has nobody's account. */
async function requestsOf(world: World): Promise<readonly { readonly path: string; readonly status: number }[]> {
  const { requests } = await world.admin<{ requests: readonly { method: string; path: string; status: number; account: string | null }[] }>(
    '/requests?tool=jira&limit=5000',
  );
  return requests.filter(({ method, account }) => method === 'POST' && (account === null || account === 'lockstep'));
}
const moves = async (world: World): Promise<readonly number[]> => {
  return (await requestsOf(world)).filter(({ path }) => path.endsWith('/transitions')).map(({ status }) => status);
};
const statusNotices = async (world: World): Promise<readonly string[]> =>
  (await conflictsOf(world, 'open')).filter(({ field }) => field === 'status').map(({ message }) => message);

describe('G. status', () => {
  it('G01 a status that is renamed in Jira counts by its id, both ways, also for a process that starts after it', async () => {
    const byId = (shipped: Mapping): Mapping => ({ ...shipped, status: { ...shipped.status, in_progress: '10101' } });
    const world = await growing({ mapping: { jira: byId } });
    const renamed = ({ statuses, transitions }: JiraWorkflow): object => ({
      transitions,
      statuses: statuses.map((status) => (status.id === '10101' ? { ...status, name: 'Doing' } : status)),
    });
    await reworkJira(world, renamed);
    const [jira, notion, omar] = [await idIn(world, 'jira'), await idIn(world, 'notion'), await notionHands(world)];
    await transition(world, jira, '11');
    expect(await jiraStatus(world, jira)).toBe('Doing');
    await expectLaws(world);
    expect(await omar.property(notion, 'Status')).toMatchObject({ name: 'In progress' });
    await omar.set(notion, inNotion('Done'));
    await expectLaws(world);
    expect(await jiraStatus(world, jira)).toBe('Done');
    await omar.set(notion, inNotion('In progress'));
    // Reads what the site calls things anew.
    await world.rest({ full: true });
    await expectLaws(world);
    expect([await jiraStatus(world, jira), await statusNotices(world)]).toEqual(['Doing', []]);
  });

  it('G02 a new status without a mapping parks its field with an alarm, the other fields flow', async () => {
    const world = await growing();
    await reworkJira(world, ({ statuses, transitions }) => ({
      statuses: [...statuses, { id: '10105', name: 'In review', category: 'indeterminate' }],
      transitions: [...transitions, { id: '71', name: 'Review', from: null, to: '10105' }],
    }));
    const jira = await idIn(world, 'jira');
    await transition(world, jira, '71');
    await world.people.jira.edit(jira, { owner: 'Dora' });
    await expectLaws(world, [{ title: TITLE, field: 'owner', value: 'Dora' }]);
    expect(await (await notionHands(world)).property(await idIn(world, 'notion'), 'Status')).toMatchObject({ name: 'Not started' });
    expect(await statusNotices(world)).toEqual([expect.stringContaining('In review')]);
    expect(await jiraStatus(world, jira)).toBe('In review');
  });

  it('G03 a status that is steps away is reached by the shortest way; with no way the allowed list is shown and the rest is written', async () => {
    const world = await growing();
    const [jira, notion, omar] = [await idIn(world, 'jira'), await idIn(world, 'notion'), await notionHands(world)];
    await omar.set(notion, inNotion('Done'));
    await world.rest();
    expect([await jiraStatus(world, jira), await moves(world)]).toEqual(['Done', [204, 204]]);
    // Nobody gets back from Done any more.
    await reworkJira(world, ({ statuses, transitions }) => ({
      statuses,
      transitions: transitions.filter(({ from }) => from !== null && !from.includes('10103')),
    }));
    const before = (await moves(world)).length;
    await omar.set(notion, { ...inNotion('Blocked'), Owner: { rich_text: [{ text: { content: 'Dora' } }] } });
    await world.rest();
    expect([await jiraStatus(world, jira), (await world.one('jira', TITLE)).fields.owner]).toEqual(['Done', 'Dora']);
    expect(await statusNotices(world)).toEqual([expect.stringMatching(/expected a way to status 10102, Jira allows .* from 10103/)]);
    // What was remembered of the old workflow was tried once, in vain.
    expect((await moves(world)).slice(before).filter((status) => status === 204)).toEqual([]);
    await omar.set(notion, inNotion('Done'));
    await expectLaws(world, [{ title: TITLE, field: 'owner', value: 'Dora' }]);
  });

  it('G04 a transition that asks for a resolution is refused before any hop, where another issue shows what lies behind', async () => {
    const world = await growing();
    const maria = jiraHands(world);
    await reworkJira(world, ({ statuses, transitions }) => ({
      statuses,
      transitions: transitions.map((step) => (step.to === '10103' ? { ...step, requires: ['resolution'] } : step)),
    }));
    // Somebody else's work is under way.
    await transition(world, (await world.one('jira', 'Pick the apples')).id, '11');
    await world.advance(2_000);
    const [jira, notion, omar] = [await idIn(world, 'jira'), await idIn(world, 'notion'), await notionHands(world)];
    await omar.set(notion, inNotion('Done'));
    await world.rest();
    expect([await jiraStatus(world, jira), await moves(world)]).toEqual(['To Do', []]);
    expect(await statusNotices(world)).toEqual([expect.stringContaining('it asks for resolution')]);
    expect(await maria.field(jira, 'resolution')).toBeNull();
    await omar.set(notion, inNotion('Not started'));
    await expectLaws(world);
  });

  it('G05 409 on a transition: the state is read again before the next attempt', async () => {
    const world = await growing();
    const [jira, notion, omar] = [await idIn(world, 'jira'), await idIn(world, 'notion'), await notionHands(world)];
    await omar.set(notion, inNotion('In progress'));
    await world.fault({ tool: 'jira', match: { method: 'POST', path: '/transitions$' }, action: { kind: 'answer', status: 409 } });
    await expectLaws(world);
    expect([await jiraStatus(world, jira), await moves(world)]).toEqual(['In Progress', [409, 204]]);
    const requests = await requestsOf(world);
    const refused = requests.findIndex(({ status }) => status === 409);
    const retried = requests.findIndex(({ path, status }) => path.endsWith('/transitions') && status === 204);
    expect(requests.slice(refused, retried).map(({ path }) => path)).toContain('/rest/api/3/issue/bulkfetch');
  });
});

describe('G. schema', () => {
  it('G07 a property that is renamed is followed by its id; one that is retyped or removed parks its field and blanks nothing', async () => {
    const world = await growing();
    const [jira, notion, omar] = [await idIn(world, 'jira'), await idIn(world, 'notion'), await notionHands(world)];
    await reworkNotion(world, { Owner: { name: 'Accountable' }, Metric: { number: {} }, 'Definition of done': null });
    await world.advance(11 * 60_000);
    await world.people.jira.edit(jira, { owner: 'Dora', metric: '60 metres' });
    await world.rest({ full: true });
    expect(await omar.property(notion, 'Accountable')).toMatchObject([{ plain_text: 'Dora' }]);
    expect((await itemTitled(world, TITLE)).fields).toMatchObject({ owner: 'Dora', metric: '60 metres', definitionOfDone: 'A spade deep' });
    expect(world.text()).toContain('| Dora | | A spade deep | 60 metres |');
    const parked = new Set((await conflictsOf(world, 'open')).map(({ field }) => field));
    expect([parked.has('metric'), parked.has('definitionOfDone'), parked.has('owner')]).toEqual([true, true, false]);
    await expectLaws(world, [
      { title: TITLE, field: 'owner', value: 'Dora' },
      { title: TITLE, field: 'metric', value: '60 metres' },
    ]);
  });

  it('G08 an option that is missing is made only where the mapping allows it, else its field is parked; a full list is reported', async () => {
    const priority = { select: { options: ['Highest', 'Medium', 'Low', 'Lowest'].map((name) => ({ name })) } };
    const held = async (world: World): Promise<unknown> => (await notionHands(world)).property(await idIn(world, 'notion'), 'Priority');
    const strict = await growing({ mapping: { notion: (shipped) => ({ ...shipped, createOptions: false }) } });
    await reworkNotion(strict, { Priority: priority });
    await strict.advance(11 * 60_000);
    await jiraHands(strict).set(await idIn(strict, 'jira'), { priority: { name: 'High' }, customfield_10201: 'Dora' });
    await strict.rest();
    expect((await strict.one('notion', TITLE)).fields.owner).toBe('Dora');
    expect((await conflictsOf(strict, 'open')).map(({ field, connectionId }) => [field, connectionId])).toEqual([['priority', 'notion']]);

    const lax = await growing();
    await reworkNotion(lax, { Priority: priority });
    await lax.advance(11 * 60_000);
    await jiraHands(lax).set(await idIn(lax, 'jira'), { priority: { name: 'High' } });
    await expectLaws(lax);
    expect(await held(lax)).toMatchObject({ name: 'High' });
    const full = {
      object: 'error',
      status: 400,
      code: 'validation_error',
      message: 'Labels has too many options: at most 100.',
      request_id: 'x',
    };
    await lax.fault({
      tool: 'notion',
      match: { method: 'PATCH', path: '/v1/pages' },
      times: 'always',
      action: { kind: 'answer', status: 400, body: full },
    });
    await jiraHands(lax).labels(await idIn(lax, 'jira'), [{ add: 'one-more' }]);
    await lax.rest();
    expect((await conflictsOf(lax, 'open')).map(({ message }) => message)).toEqual([expect.stringContaining('at most 100')]);
  });

  it('G10 a field that an answer leaves out is never cleared; null and empty clear it everywhere', async () => {
    const world = await growing();
    const maria = jiraHands(world);
    const jira = await idIn(world, 'jira');
    await maria.set(jira, { summary: 'Dig all trenches' });
    await world.advance(5_000);
    const whole = await ask<{ fields: Record<string, unknown> }>(
      `${world.simulator.urls.jira}/rest/api/3/issue/${jira}?properties=lockstep`,
      { headers: MARIA },
    );
    const { customfield_10201: owner, ...fields } = whole.fields;
    expect(owner).toBe('Ann + Bo');
    const partial = { issues: [{ ...whole, fields }], isLast: true, issueChangeLogs: [] };
    await world.fault({
      tool: 'jira',
      match: { path: '/search/jql|/bulkfetch' },
      times: 2,
      action: { kind: 'answer', status: 200, body: partial },
    });
    await world.pass('jira');
    await world.admin('/faults', 'DELETE');
    expect((await itemTitled(world, 'Dig all trenches')).fields.owner).toBe('Ann + Bo');
    await expectLaws(world, [{ title: 'Dig all trenches', field: 'title', value: 'Dig all trenches' }]);

    await maria.set(jira, { customfield_10201: null });
    const omar = await notionHands(world);
    const notion = (await world.one('notion', 'Dig all trenches')).id;
    await omar.set(notion, { Metric: { rich_text: [] } });
    await expectLaws(world);
    const { owner: cleared = null, metric = null } = (await itemTitled(world, 'Dig all trenches')).fields;
    expect([cleared, metric].map((value) => value === null || value === '')).toEqual([true, true]);
    expect(world.text()).toMatch(/\| Dig all trenches \| *\| *\| A spade deep \| *\|/);
  });
});
