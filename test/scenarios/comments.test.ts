/** I09, I10: what people say on a record, and the files that they leave there, between Jira and Notion over HTTP. */
import { describe, expect, it } from 'vitest';
import { applyPlan, makePlan } from '@lockstep/engine/plan.ts';
import { explain } from '@lockstep/engine/why.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { hooksOf } from './hooks.ts';
import { conflictsOf, expectLaws, itemTitled } from './laws.ts';
import { mariaInJira, omarInNotion } from './people-comments.ts';
import { notionHands } from './people-notion.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const database = useTestStore();
const DIG = 'Dig the trenches';
const MARK = /^Maria[^\n]* in jira, \d{4}-\d\d-\d\d \d\d:\d\d UTC \[lockstep:[0-9a-f]{16}\]\n/;

interface Table {
  readonly world: World;
  readonly maria: ReturnType<typeof mariaInJira>;
  readonly omar: ReturnType<typeof omarInNotion>;
  readonly issue: string;
  readonly page: string;
  /** What both tools show of the task's comments. */
  readonly shown: () => Promise<{ readonly jira: readonly string[]; readonly notion: readonly string[] }>;
}

async function tableOf(world: World): Promise<Table> {
  await world.rest();
  const [maria, omar] = [mariaInJira(world), omarInNotion(world)];
  const [issue, page] = [(await world.one('jira', DIG)).id, (await world.one('notion', DIG)).id];
  const texts = (said: readonly { readonly text: string }[]): readonly string[] => said.map(({ text }) => text);
  return {
    ...{ world, maria, omar, issue, page },
    shown: async () => ({ jira: texts(await maria.comments(issue)), notion: texts(await omar.comments(page)) }),
  };
}

const newTable = async (): Promise<Table> => tableOf(await createWorld({ store: database.store() }));

describe('I. comments', () => {
  it('I09 S5 a comment is mirrored with author and time, an edit changes the mirror, a delete removes it, and it never comes back as new', async () => {
    const { world, maria, issue, page, shown } = await newTable();
    const id = await maria.say(issue, 'Is the ground soft enough?');
    await expectLaws(world);
    const { notion } = await shown();
    expect(notion).toEqual([expect.stringMatching(MARK)]);
    expect(notion[0]?.split('\n').slice(1)).toEqual(['Is the ground soft enough?']);
    await maria.correct(issue, id, 'Is it dry enough?');
    await expectLaws(world);
    expect(await shown()).toEqual({ jira: ['Is it dry enough?'], notion: [`${notion[0]?.split('\n')[0] ?? ''}\nIs it dry enough?`] });
    // Everything is read again: an echo is known by its value and its id.
    await (await notionHands(world)).set(page, { Metric: { rich_text: [{ text: { content: '41 metres' } }] } });
    await world.workspace.store.transaction((tx) => tx.noteDiscussed('notion', [page]));
    await expectLaws(world);
    expect((await shown()).jira).toEqual(['Is it dry enough?']);
    await maria.takeBack(issue, id);
    await expectLaws(world);
    expect(await shown()).toEqual({ jira: [], notion: [] });
    const { itemId } = await itemTitled(world, DIG);
    const comments = (await explain(world.workspace, itemId))?.ledger.filter(({ cause }) => cause.startsWith('comment'));
    expect(comments?.map(({ target, operation, actor }) => [target, operation, actor]).toReversed()).toEqual([
      ['notion', 'create', 'jira'],
      ['notion', 'update', 'jira'],
      ['notion', 'remove', 'jira'],
    ]);
    expect(await conflictsOf(world)).toEqual([]);
  });

  it('I09 a comment in Notion is read when an event tells of it, by one call for its page, and answered in Jira', async () => {
    const { world, maria, omar, issue, page, shown } = await newTable();
    const hooks = await hooksOf(world, 'notion');
    const id = await omar.say(page, 'Wednesday suits me.');
    const { lastSeq: seq } = await world.admin<{ lastSeq: number }>('/requests?limit=1');
    await hooks.handOver(await hooks.arrived(1));
    await expectLaws(world);
    const { jira } = await shown();
    expect(jira).toEqual([expect.stringMatching(/^Omar[^\n]* in notion, .*\]\nWednesday suits me\.$/)]);
    const calls = await world.admin<{ requests: readonly { path: string; account: string }[] }>(`/requests?tool=notion&after=${seq}`);
    expect(calls.requests.filter(({ path, account }) => account === 'lockstep' && path.startsWith('/v1/comments'))).toHaveLength(1);
    await maria.say(issue, 'Then so be it.');
    await expectLaws(world);
    // The mirror is told of by an event too, as our own.
    await hooks.handOver(await hooks.arrived(1));
    await expectLaws(world);
    expect(await shown()).toMatchObject({
      jira: [jira[0], 'Then so be it.'],
      notion: ['Wednesday suits me.', expect.stringMatching(MARK)],
    });
    await omar.takeBack(page, id);
    await hooks.handOver(await hooks.arrived(1));
    await expectLaws(world);
    expect(await shown()).toMatchObject({ jira: ['Then so be it.'], notion: [expect.stringMatching(MARK)] });
  });

  it('I09 S2 S6 a mirror that a person changes is put back with their words on record; one that they remove stays away', async () => {
    const { world, maria, issue, page, shown } = await newTable();
    const hooks = await hooksOf(world, 'notion');
    await omarSays(page, 'Bring boots.');
    await hooks.handOver(await hooks.arrived(1));
    await world.rest();
    const [mirror] = await maria.comments(issue);
    await maria.correct(issue, mirror?.id ?? '', 'Bring sandals.');
    await expectLaws(world);
    expect((await shown()).jira).toEqual([mirror?.text]);
    expect(await conflictsOf(world, 'recorded')).toContainEqual(
      expect.objectContaining({ kind: 'put-back', connectionId: 'jira', remoteValue: 'Bring sandals.' }),
    );
    await maria.takeBack(issue, mirror?.id ?? '');
    await expectLaws(world);
    expect(await shown()).toEqual({ jira: [], notion: ['Bring boots.'] });
    expect(await conflictsOf(world, 'recorded')).toContainEqual(
      expect.objectContaining({ kind: 'notice', connectionId: 'jira', message: expect.stringContaining('mirror was removed') }),
    );

    async function omarSays(at: string, text: string): Promise<void> {
      await omarInNotion(world).say(at, text);
    }
  });

  it.for(['lose-answer', 'lose-request'] as const)(
    'I09 S4 E01 a mirror whose outcome is not known (%s) is looked for by its mark before it is sent again',
    async (kind) => {
      const { world, maria, issue, shown } = await newTable();
      await world.fault({ tool: 'notion', match: { method: 'POST', path: '/v1/comments$', account: 'lockstep' }, action: { kind } });
      await maria.say(issue, 'Once, please.');
      await world.pass('jira');
      await world.pass('notion');
      await world.advance(61_000);
      await expectLaws(world);
      expect((await shown()).notion).toEqual([expect.stringMatching(/\nOnce, please\.$/)]);
      expect(await world.admin('/faults')).toMatchObject({ waiting: 0 });
    },
  );

  it('I09 K02 after the store was lost the mirrors are known by their marks: nobody says a thing twice', async () => {
    const before = await newTable();
    await before.maria.say(before.issue, 'Remember me.');
    await before.world.rest();
    const told = await before.shown();
    const world = await createWorld({ store: database.store(), beside: before.world });
    await expectLaws(world);
    expect(await before.shown()).toEqual(told);
    const [said] = await before.maria.comments(before.issue);
    await before.maria.correct(before.issue, said?.id ?? '', 'Remember me well.');
    await expectLaws(world);
    expect((await before.shown()).notion).toEqual([expect.stringMatching(/\nRemember me well\.$/)]);
  });

  it('I09 S11 what a plan says of comments is what apply writes', async () => {
    const { world, maria, issue, shown } = await newTable();
    const { store } = world.workspace;
    await store.transaction(async (tx) => {
      const row = await tx.connection('notion');
      if (row !== null) await tx.saveConnection({ ...row, gate: 'plan-first' });
    });
    await maria.say(issue, 'After the plan.');
    await world.rest();
    expect((await shown()).notion).toEqual([]);
    const plan = await makePlan(world.workspace);
    expect(plan.writes).toMatchObject([{ connectionId: 'notion', operation: 'create', title: `a comment on ${DIG}` }]);
    const before = await world.writes('notion');
    await applyPlan(world.workspace, plan.planId);
    await expectLaws(world);
    expect((await world.writes('notion')) - before).toBe(1);
  });

  it('I09 S6 what the tool refuses is parked, and a person is told', async () => {
    const { world, maria, issue } = await newTable();
    const action = { kind: 'answer', status: 403, body: { object: 'error', status: 403, code: 'restricted_resource', message: 'no' } };
    await world.fault({ tool: 'notion', match: { path: '/v1/comments', account: 'lockstep' }, times: 'always', action });
    await maria.say(issue, 'Not for Notion.');
    await world.rest();
    expect(await conflictsOf(world, 'open')).toContainEqual(
      expect.objectContaining({ connectionId: 'notion', message: expect.stringContaining('comment not mirrored') }),
    );
  });
});

describe('I. files', () => {
  it('I10 an attachment is told of with name, size, hash and where it lies; nothing is copied, and a removed one goes', async () => {
    const { world, maria, issue, shown } = await newTable();
    const id = await maria.attach(issue, 'soil.pdf', 1_234);
    await expectLaws(world);
    const { notion } = await shown();
    expect(notion).toEqual([expect.stringMatching(MARK)]);
    expect(notion[0]?.split('\n').slice(1)).toEqual([
      expect.stringMatching(/^File soil\.pdf, 1234 bytes, application\/pdf: https?:.*\/browse\/GROW-\d+$/),
      expect.stringMatching(/^sha256 of what is known of it: [0-9a-f]{16}$/),
    ]);
    await maria.detach(id);
    await expectLaws(world);
    expect(await shown()).toEqual({ jira: [], notion: [] });
  });

  it('I10 S6 files of a page: an address that lasts is told, one that runs out is the page; neither is skipped', async () => {
    const { world, page, shown } = await newTable();
    const base = world.simulator.urls.notion;
    const headers = { authorization: 'Bearer ntn_omar', 'notion-version': '2026-03-11', 'content-type': 'application/json' };
    const source = (await (await fetch(`${base}/v1/pages/${page}`, { headers })).json()) as { parent: { data_source_id: string } };
    const added = await fetch(`${base}/v1/data_sources/${source.parent.data_source_id}`, {
      method: 'PATCH',
      headers,
      body: JSON.stringify({ properties: { Files: { type: 'files', files: {} } } }),
    });
    expect(added.status).toBe(200);
    await (
      await notionHands(world)
    ).set(page, { Files: { files: [{ name: 'map.png', type: 'external', external: { url: 'https://maps.example/map.png' } }] } });
    await expectLaws(world);
    expect((await shown()).jira).toEqual([
      expect.stringMatching(
        /^Somebody in notion, .*\]\nFile map\.png of "Files", of a size that Notion does not tell: https:\/\/maps\.example\/map\.png\nsha256 /,
      ),
    ]);
  });
});
