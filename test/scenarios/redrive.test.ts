/** K08, from an operator's seat: one mistake parks twelve items; why is seen, it is put right, looked at and driven again; all twelve arrive once. */
import { describe, expect, it } from 'vitest';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import type { ParkedCause } from '@lockstep/domain/sync/parked.ts';
import { pullDirty } from '@lockstep/engine/pull.ts';
import { listParked, previewRedrive, redrive, redriveStanding } from '@lockstep/engine/redrive.ts';
import { registerConnections } from '@lockstep/engine/register.ts';
import { createAuditLog } from '@lockstep/store/audit.ts';
import { createStore } from '@lockstep/store/store.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { conflictsOf, everyItem, everyRecord, expectLaws } from './laws.ts';
import { mariaInJira } from './people-comments.ts';
import { jiraHands } from './people-jira.ts';
import { notionHands } from './people-notion.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const database = useTestStore();
const BY = { accountId: 'operator', actorKind: 'human' } as const;
const TITLES = Array.from({ length: 12 }, (_, place) => `Chore ${'abcdefghijkl'[place]}`);
const PLAN = `# Orchard: plan

## Phases

### Phase 1: Roots (Weeks 1–4)
**Objective:** The ground is ready.

## Backlog

| Phase | Task | Owner | Dependencies | Definition of Done | Metric |
|-------|------|-------|--------------|--------------------|--------|
${TITLES.map((title) => `| **Phase 1** | ${title} | Ann | | Done | 1 |`).join('\n')}
`;

const tasksAs =
  (remote: string) =>
  (shipped: Mapping): Mapping => ({ ...shipped, kinds: { ...shipped.kinds, task: { remote } } });
const highAs =
  (high: string) =>
  (shipped: Mapping): Mapping => ({ ...shipped, priority: { ...shipped.priority, high } });

const brief = ({ connectionId, kind, code, count }: ParkedCause) => [connectionId, kind, code, count];

function stores() {
  const workspaceId = database.workspaceId();
  return { store: createStore({ pool: database.pool, workspaceId }), log: createAuditLog({ pool: database.pool, workspaceId }) };
}

const entries = async (log: ReturnType<typeof createAuditLog>) =>
  (await log.page({ from: 0, limit: 100 })).map(({ canonical }) => JSON.parse(canonical) as Record<string, unknown>);

const inJira = async (world: World): Promise<readonly string[]> =>
  (await everyRecord(world, 'jira')).map(({ fields }) => String(fields.title)).filter((title) => title.startsWith('Chore'));

describe('K08 redrive', () => {
  it('K08 twelve issues that a wrong type in the mapping has parked: seen by cause, put right, previewed, driven, and each made once', async () => {
    const { store, log } = stores();
    const wrong = await createWorld({ store, plan: PLAN, connections: ['document', 'jira'], mapping: { jira: tasksAs('Taks') } });
    await wrong.rest();
    expect(await inJira(wrong)).toEqual([]);
    const [cause, ...others] = await listParked(wrong.workspace, {});
    expect(others).toEqual([]);
    expect(cause).toMatchObject({
      ...{ connectionId: 'jira', kind: 'write', code: 'Invalid', count: 12, left: {} },
      words: 'task: expected an issue type "…" in the project, found none',
      example: { message: 'task: expected an issue type "Taks" in the project, found none', attempts: 1 },
    });
    // Driven before it is put right, they are parked again, with the reason.
    const selection = { causeId: cause?.causeId ?? '' };
    const early = await redrive(wrong.workspace, selection, BY);
    expect([early.driven, early.owing, early.closed]).toEqual([12, ['jira'], []]);
    expect(await redriveStanding(wrong.workspace, early.at)).toEqual({ underWay: [{ connectionId: 'jira', count: 12 }], again: [] });
    await wrong.rest();
    const standing = await redriveStanding(wrong.workspace, early.at);
    expect([standing.underWay, standing.again.map(brief)]).toEqual([[], [['jira', 'write', 'Invalid', 12]]]);

    const world = await createWorld({ store, connections: ['document', 'jira'], beside: wrong });
    await world.rest();
    expect(await inJira(world)).toEqual([]);
    const preview = await previewRedrive(world.workspace, selection);
    expect([preview.driven, preview.things.length]).toEqual([12, 12]);
    await world.rest();
    expect(await inJira(world)).toEqual([]);
    const before = await world.writes('jira');
    const driven = await redrive(world.workspace, selection, BY);
    expect(driven.driven).toBe(12);
    expect((await redrive(world.workspace, selection, BY)).driven).toBe(0);
    await expectLaws(world);
    expect((await inJira(world)).toSorted()).toEqual(TITLES);
    expect((await world.writes('jira')) - before).toBe(12);
    expect(await redriveStanding(world.workspace, driven.at)).toEqual({ underWay: [], again: [] });
    expect([await listParked(world.workspace, {}), await conflictsOf(world, 'open')]).toEqual([[], []]);
    expect(await entries(log)).toMatchObject(
      [early, driven].map(({ redriveId, at }) => ({
        ...{ at, actor: 'operator', intent: 'redrive', action: 'redrive-write', outcome: 'intended', connectionId: 'jira' },
        ...{ correlationId: redriveId, reasons: ['count-12', `cause-${selection.causeId}`] },
      })),
    );
  });

  it('S2 K08 twelve values that Jira does not take are left out, and stand once the mapping is right; nobody’s value is lost by it', async () => {
    const { store } = stores();
    const wrong = await createWorld({ store, plan: PLAN, connections: ['document', 'jira', 'notion'], mapping: { jira: highAs('Hihg') } });
    await wrong.rest();
    const hands = await notionHands(wrong);
    for (const title of TITLES) await hands.set((await wrong.one('notion', title)).id, { Priority: { select: { name: 'High' } } });
    await wrong.rest();
    const causes = await listParked(wrong.workspace, { connectionId: 'jira' });
    expect(causes.map(brief)).toEqual([['jira', 'field', 'FieldLeftOut', 12]]);
    const world = await createWorld({ store, connections: ['document', 'jira', 'notion'], beside: wrong });
    await world.rest({ full: true });
    const before = await world.writes('jira');
    const { driven, at, closed } = await redrive(world.workspace, { causeId: causes[0]?.causeId ?? '' }, BY);
    expect([driven, closed]).toEqual([12, []]);
    expect((await redriveStanding(world.workspace, at)).underWay).toEqual([{ connectionId: 'jira', count: 24 }]);
    await expectLaws(world);
    expect((await world.writes('jira')) - before).toBe(12);
    const tasks = [...(await everyItem(world)).values()].filter(({ kind }) => kind === 'task');
    expect(tasks.map(({ fields }) => fields.priority)).toEqual(TITLES.map(() => 'high'));
    const shown = (await everyRecord(world, 'jira')).filter(({ fields }) => TITLES.includes(String(fields.title)));
    expect(shown.map(({ fields }) => fields.priority)).toEqual(TITLES.map(() => 'high'));
    expect(await redriveStanding(world.workspace, at)).toEqual({ underWay: [], again: [] });
    expect([await listParked(world.workspace, {}), await conflictsOf(world, 'open')]).toEqual([[], []]);
  });

  it('S2 K08 a value that Notion does not take when the page is made stays what it is through edits of its people, and stands once it is driven', async () => {
    const { store } = stores();
    const first = await createWorld({ store, plan: PLAN, connections: ['document', 'jira'] });
    await first.rest();
    const issue = (await first.one('jira', TITLES[0] ?? '')).id;
    await jiraHands(first).set(issue, { priority: { name: 'High' } });
    await first.rest();
    const strict = (mapping: Mapping): Mapping => ({ ...highAs('Hihg')(mapping), createOptions: false });
    const wrong = await createWorld({ store, connections: ['document', 'jira', 'notion'], beside: first, mapping: { notion: strict } });
    await registerNotion(wrong);
    await wrong.rest();
    const page = (await wrong.one('notion', TITLES[0] ?? '')).id;
    expect((await listParked(wrong.workspace, {})).map(brief)).toEqual([['notion', 'field', 'FieldLeftOut', 1]]);
    await wrong.people.notion.edit(page, { owner: 'Dora' });
    await wrong.rest({ full: true });
    const priority = async (): Promise<unknown> =>
      [...(await everyItem(wrong)).values()].find(({ fields }) => fields.title === TITLES[0])?.fields.priority;
    expect(await priority()).toBe('high');
    const world = await createWorld({ store, connections: ['document', 'jira', 'notion'], beside: first });
    expect((await redrive(world.workspace, {}, BY)).driven).toBe(1);
    await expectLaws(world, [{ title: TITLES[0] ?? '', field: 'owner', value: 'Dora' }]);
    expect([await priority(), await (await notionHands(world)).property(page, 'Priority')]).toEqual([
      'high',
      expect.objectContaining({ name: 'High' }),
    ]);
  });

  it('K08 records of a type that the mapping does not name are taken in once it does, each as one item', async () => {
    const { store } = stores();
    const wrong = await createWorld({ store, plan: PLAN, connections: ['document', 'jira'] });
    await wrong.rest();
    const rests = await createWorld({ store, connections: ['document', 'jira'], beside: wrong, mapping: { jira: withoutTasks } });
    const made = await jiraHands(wrong).makeMany(['Mend the fence', 'Mend the gate', 'Mend the roof']);
    await rests.advance(2_000);
    await rests.rest({ full: true });
    const [cause, ...others] = await listParked(rests.workspace, { connectionId: 'jira' });
    expect([others, cause === undefined ? [] : brief(cause)]).toEqual([[], ['jira', 'record', 'unmapped-kind', 3]]);
    const world = await createWorld({ store, connections: ['document', 'jira'], beside: wrong });
    const remoteId = cause?.example.id ?? '';
    const driven = await redrive(world.workspace, { remoteId }, BY);
    expect([driven.driven, driven.owing]).toEqual([1, ['jira']]);
    // It is to be read already: driving it again changes nothing, and is not on record.
    expect((await redrive(world.workspace, { remoteId }, BY)).causes).toMatchObject([{ count: 1, left: { 'under-way': 1 } }]);
    await pullDirty(world.run('jira'));
    expect(await redriveStanding(world.workspace, driven.at)).toEqual({ underWay: [], again: [] });
    expect((await listParked(world.workspace, {})).map(brief)).toEqual([['jira', 'record', 'unmapped-kind', 2]]);
    // One is gone by now: it waits for nobody.
    const gone = made.find((id) => id !== remoteId) ?? '';
    await world.people.jira.remove(gone);
    await redrive(world.workspace, { remoteId: gone }, BY);
    await pullDirty(world.run('jira'));
    expect((await listParked(world.workspace, {})).map(brief)).toEqual([['jira', 'record', 'unmapped-kind', 1]]);
    await redrive(world.workspace, {}, BY);
    await expectLaws(world);
    // The plan has no place for tasks without a phase; Jira's own questions are all closed.
    const asked = (await conflictsOf(world, 'open')).filter(({ connectionId }) => connectionId === 'jira');
    expect([await listParked(world.workspace, { connectionId: 'jira' }), asked]).toEqual([[], []]);
    expect([...(await everyItem(world)).values()].filter(({ fields }) => String(fields.title).startsWith('Mend'))).toHaveLength(2);
  });

  it('K08 a comment that the tool refused is mirrored once it takes it, once, and its notice is closed', async () => {
    const { store } = stores();
    const world = await createWorld({ store, plan: PLAN, connections: ['document', 'jira', 'notion'] });
    await world.rest();
    await world.fault({
      tool: 'notion',
      match: { method: 'POST', path: '/v1/comments', account: 'lockstep' },
      times: 'always',
      action: {
        kind: 'answer',
        status: 400,
        body: { object: 'error', status: 400, code: 'validation_error', message: 'refused by the test' },
      },
    });
    await mariaInJira(world).say((await world.one('jira', TITLES[0] ?? '')).id, 'Mind the roots');
    await world.rest();
    expect((await listParked(world.workspace, {})).map(brief)).toEqual([['notion', 'comment', 'Invalid', 1]]);
    expect(await conflictsOf(world, 'open')).toMatchObject([{ message: expect.stringContaining('comment not mirrored') as string }]);
    await world.admin('/faults', 'DELETE');
    const { driven, at } = await redrive(world.workspace, { connectionId: 'notion' }, BY);
    expect(driven).toBe(1);
    const before = await world.writes('notion');
    await world.rest();
    expect((await world.writes('notion')) - before).toBe(1);
    expect(await redriveStanding(world.workspace, at)).toEqual({ underWay: [], again: [] });
    expect([await listParked(world.workspace, {}), await conflictsOf(world, 'open')]).toEqual([[], []]);
  });
});

function withoutTasks(shipped: Mapping): Mapping {
  const { task: _, gate: _too, ...kinds } = shipped.kinds;
  return { ...shipped, kinds };
}

/** Notion is new: it is owed all that there is. */
async function registerNotion(world: World): Promise<void> {
  await registerConnections(
    world.workspace,
    world.workspace.connections.map(({ connectionId }) => ({
      ...{ connectionId, connector: connectionId, gate: 'open' },
      mappingHash: connectionId === 'notion' ? 'new' : 'world',
    })),
  );
  await world.workspace.store.transaction(async (tx) => {
    const row = await tx.connection('notion');
    if (row !== null) await tx.saveConnection({ ...row, gate: 'open' });
  });
}
