/** K. Operations: what an operator asks for, what waits for a yes, and what one bad record or one dead tool costs the others. */
import { describe, expect, it } from 'vitest';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { resyncItem } from '@lockstep/engine/commands.ts';
import { applyPlan, makePlan, StalePlan } from '@lockstep/engine/plan.ts';
import { pullDirty } from '@lockstep/engine/pull.ts';
import { pushPage } from '@lockstep/engine/push.ts';
import { registerConnections } from '@lockstep/engine/register.ts';
import type { Registration } from '@lockstep/engine/register.ts';
import { explain } from '@lockstep/engine/why.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { conflictsOf, expectLaws, itemTitled } from './laws.ts';
import { notionHands } from './people-notion.ts';
import { createWorld, TOOLS } from './world.ts';
import type { ConnectionId, Tool, World } from './world.ts';

const database = useTestStore();
const DIG = 'Dig the trenches';
const ORDER = 'Order the saplings';
const PICK = 'Pick the apples';

const idOf = async (world: World, tool: Tool, title: string): Promise<string> => (await world.one(tool, title)).id;

/** What the configuration says, the mapping of one connection being another than before. */
const registrations = (world: World, changed: ConnectionId): readonly Registration[] =>
  world.workspace.connections.map(({ connectionId }) => ({
    connectionId,
    connector: connectionId,
    gate: 'open' as const,
    mappingHash: connectionId === changed ? 'another' : 'world',
  }));

const withoutOwner = (fields: Mapping['fields']): Mapping['fields'] =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => field !== 'owner'));

interface LoggedRequest {
  readonly account: string | null;
  readonly method: string;
  readonly path: string;
}

describe('K. operations', () => {
  it('K04 a mapping that changes what a tool shows waits for a plan: it lists every write, a stale one is refused, and then exactly those are made', async () => {
    const store = database.store();
    // Before: Notion was not shown who owns what.
    const without = await createWorld({
      store,
      connections: ['document', 'notion'],
      mapping: { notion: (shipped) => ({ ...shipped, fields: withoutOwner(shipped.fields) }) },
    });
    await without.rest();
    const world = await createWorld({ store, connections: ['document', 'notion'], beside: without });
    await registerConnections(world.workspace, registrations(world, 'notion'));
    const before = await world.writes('notion');
    await world.rest();
    expect(await world.writes('notion')).toBe(before);
    const plan = await makePlan(world.workspace);
    expect(plan.writes.map(({ connectionId, operation, fields }) => [connectionId, operation, fields.map(({ field }) => field)])).toEqual(
      Array.from({ length: 4 }, () => ['notion', 'update', ['owner']]),
    );
    world.editText((text) => text.replace('Ann + Bo', 'Ann + Cleo'));
    await world.pass('document');
    await expect(applyPlan(world.workspace, plan.planId)).rejects.toThrow(StalePlan);
    const { planId, writes } = await makePlan(world.workspace);
    await applyPlan(world.workspace, planId);
    await expectLaws(world, [{ title: DIG, field: 'owner', value: 'Ann + Cleo' }]);
    expect((await world.writes('notion')) - before).toBe(writes.length);
    expect((await world.one('notion', DIG)).fields.owner).toBe('Ann + Cleo');
  });

  it('K06 one task is read again in every tool by its own calls alone, and what was found is explained', async () => {
    const world = await createWorld({ store: database.store() });
    await world.rest();
    const other = await idOf(world, 'notion', PICK);
    const { itemId } = await itemTitled(world, DIG);
    await world.people.jira.edit(await idOf(world, 'jira', DIG), { owner: 'Dora' });
    const seq = (await world.admin<{ lastSeq: number }>('/requests?limit=1')).lastSeq;
    await resyncItem(world.workspace, itemId);
    for (const tool of TOOLS) await pullDirty(world.run(tool));
    for (const tool of TOOLS) await pushPage(world.run(tool));
    const calls = (await world.admin<{ requests: readonly LoggedRequest[] }>(`/requests?after=${seq}`)).requests.filter(
      ({ account }) => account === 'lockstep',
    );
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.filter(({ path }) => /search|query|[?&]limit=100/.test(path) || path.includes(other))).toEqual([]);
    const why = await explain(world.workspace, itemId);
    expect(why?.fields.find(({ field }) => field === 'owner')).toMatchObject({ value: 'Dora', source: 'jira' });
    expect(why?.ledger[0]).toMatchObject({ actor: 'jira' });
    await expectLaws(world, [{ title: DIG, field: 'owner', value: 'Dora' }]);
  });

  it.for([
    [400, 'validation_error', 'Invalid'],
    [404, 'object_not_found', 'NotFound'],
  ] as const)(
    'K08 S10 a record that the tool refuses again and again (%i) is parked with the reason, a person is asked, and all others go on',
    async ([status, code, error]) => {
      const world = await createWorld({ store: database.store(), connections: ['document', 'notion'] });
      await world.rest();
      const poison = await idOf(world, 'notion', DIG);
      await world.fault({
        tool: 'notion',
        match: { method: 'PATCH', path: `/v1/pages/${poison}`, account: 'lockstep' },
        times: 'always',
        action: { kind: 'answer', status, body: { object: 'error', status, code, message: 'refused by the test' } },
      });
      world.editText((text) => text.replace('40 metres', '55 metres').replace('120 crates', '130 crates'));
      await world.pass('document');
      await world.pass('notion');
      // The others did not wait.
      expect((await world.one('notion', PICK)).fields.metric).toBe('130 crates');
      for (let attempt = 2; attempt <= world.workspace.limits.mostAttempts; attempt += 1) await world.pass('notion');
      const { itemId } = await itemTitled(world, DIG);
      const rows = await world.workspace.store.snapshot((reader) => reader.outbox({ connectionId: 'notion', limit: 10 }));
      expect(rows).toMatchObject([{ itemId, state: 'parked', error: { code: error } }]);
      expect(await conflictsOf(world, 'open')).toContainEqual(
        expect.objectContaining({ itemId, connectionId: 'notion', message: expect.stringContaining('not written') }),
      );
      // The tool takes it again, and a person says so.
      await world.admin('/faults', 'DELETE');
      await resyncItem(world.workspace, itemId);
      await expectLaws(world, [{ title: DIG, field: 'metric', value: '55 metres' }]);
      expect((await world.one('notion', DIG)).fields.metric).toBe('55 metres');
    },
  );

  it('K11 one tool is down for a day: the others stay in step, nothing is taken for deleted, and it catches up with what its people did meanwhile', async () => {
    const world = await createWorld({ store: database.store() });
    await world.rest();
    await (await notionHands(world)).set(await idOf(world, 'notion', ORDER), { Owner: { rich_text: [{ text: { content: 'Dora' } }] } });
    await world.fault({
      tool: 'notion',
      match: { account: 'lockstep' },
      times: 'always',
      action: { kind: 'answer', status: 503, body: {} },
    });
    const others: readonly ConnectionId[] = ['document', 'jira', 'hubspot'];
    const round = async (): Promise<void> => {
      for (const connectionId of others) await world.pass(connectionId, { full: true });
      // Nobody waits for the dead one: it fails, and that is all.
      await expect(world.pass('notion', { full: true })).rejects.toThrow(ConnectorError);
    };
    for (let hour = 0; hour < 24; hour += 8) {
      await world.people.jira.edit(await idOf(world, 'jira', DIG), { metric: `${hour} metres` });
      await world.advance(8 * 3_600_000);
      await round();
      await round();
      expect((await world.one('hubspot', DIG)).fields.metric).toBe(`${hour} metres`);
      expect(world.text()).toContain(`${hour} metres`);
    }
    await world.people.hubspot.remove(await idOf(world, 'hubspot', PICK));
    await world.advance(2_000);
    await round();
    await round();
    expect((await world.one('notion', PICK)).gone).toBe(false);
    await world.admin('/faults', 'DELETE');
    await expectLaws(world, [
      { title: ORDER, field: 'owner', value: 'Dora' },
      { title: DIG, field: 'metric', value: '16 metres' },
    ]);
    expect((await world.one('notion', DIG)).fields.metric).toBe('16 metres');
    expect((await world.people.notion.find(PICK)).every(({ gone }) => gone)).toBe(true);
    expect(await conflictsOf(world, 'open')).toEqual([]);
  });
});
