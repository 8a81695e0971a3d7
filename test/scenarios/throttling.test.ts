/** J. Rate limits, batches, unknown outcomes, fields that are refused: on tools over HTTP that throttle, refuse rows and break. */
import { describe, expect, it } from 'vitest';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { pullFull } from '@lockstep/engine/pull.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { conflictsOf, expectLaws, itemTitled } from './laws.ts';
import { jiraHands } from './people-jira.ts';
import { createWorld } from './world.ts';
import type { ConnectionId, Tool, World } from './world.ts';

const database = useTestStore();
const TITLE = 'Dig the trenches';

/** The error that a pass ends with, whether it read or wrote; null where it went through. */
async function passError(world: World, connectionId: ConnectionId): Promise<ConnectorError | null> {
  try {
    return (await world.pass(connectionId)).failure;
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
}

async function callsSince(world: World, tool: Tool, seq: number): Promise<number> {
  return (await world.admin<{ calls: number }>(`/counts?tool=${tool}&account=lockstep&after=${seq}`)).calls;
}
const lastSeq = async (world: World): Promise<number> => (await world.admin<{ lastSeq: number }>('/counts')).lastSeq;

describe('J. rate limits', () => {
  it('J01 429 with Retry-After: 30: no call there for 30 s, the other tools go on', async () => {
    const world = await createWorld({ store: database.store() });
    await world.rest();
    world.editText((text) => text.replace('40 metres', '55 metres'));
    await world.pass('document');
    await world.fault({ tool: 'notion', match: { method: 'PATCH' }, action: { kind: 'throttle', retryAfterSeconds: 30 } });
    expect(await passError(world, 'notion')).toMatchObject({ code: 'Throttled', retryAfterMs: 30_000 });
    const seq = await lastSeq(world);
    for (const tool of ['jira', 'hubspot'] as const) expect(await passError(world, tool)).toBeNull();
    // The world's clock goes on by itself too: a busy machine has ten seconds for it.
    await world.advance(20_000);
    expect(await passError(world, 'notion')).toMatchObject({ code: 'Throttled' });
    expect(await callsSince(world, 'notion', seq)).toBe(0);
    expect(await callsSince(world, 'jira', seq)).toBeGreaterThan(0);
    await world.advance(10_500);
    expect(await passError(world, 'notion')).toBeNull();
    await expectLaws(world, [{ title: TITLE, field: 'metric', value: '55 metres' }]);
  });

  it('J02 a wrong or missing reset header: the back-off grows, within bounds and with jitter', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira', 'notion', 'hubspot'] });
    await world.rest();
    for (const tool of ['jira', 'notion', 'hubspot'] as const) {
      const waits: number[] = [];
      for (const headers of [{}, { 'retry-after': 'soon' }, { 'retry-after': '-5' }, {}, { 'retry-after': '' }, {}, {}, {}]) {
        const body = {
          errorMessages: [],
          object: 'error',
          status: 429,
          code: 'rate_limited',
          message: 'slow down',
          category: 'RATE_LIMITS',
        };
        await world.fault({ tool, action: { kind: 'answer', status: 429, headers, body } });
        const error = await passError(world, tool);
        expect(error?.code, tool).toBe('Throttled');
        waits.push(error?.retryAfterMs ?? 0);
        await world.advance(Math.ceil(error?.retryAfterMs ?? 0) + 1);
      }
      const shares = waits.map((waitMs, refusal) => waitMs / Math.min(60_000, 1_000 * 2 ** refusal));
      for (const share of shares) expect(share).toSatisfy((value: number) => value >= 0.5 && value <= 1);
      expect(new Set(shares.map((share) => share.toFixed(6))).size).toBeGreaterThan(4);
    }
    await expectLaws(world);
  });

  it('J04 a batch of 100 with 3 bad rows: 97 are made once, 3 are parked with the reason', async () => {
    const rows = Array.from(
      { length: 100 },
      (_, index) => `| **Phase 1** | Row ${index}${index % 40 === 7 ? ' bad' : ''} | Ann | | Done | One |`,
    );
    const plan = `# Big: plan\n\n## Backlog\n\n| Phase | Task | Owner | Dependencies | Definition of Done | Metric |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`;
    const world = await createWorld({ store: database.store(), plan, connections: ['document', 'hubspot'] });
    await world.fault({
      tool: 'hubspot',
      times: 'always',
      action: { kind: 'partial', rows: 'Row \\d+ bad"', message: 'no such row today' },
    });
    await world.rest();
    const counts = async (): Promise<number> => (await world.admin<{ creates: number }>('/counts?tool=hubspot&account=lockstep')).creates;
    expect(await counts()).toBe(97);
    const parked = await world.workspace.store.snapshot((reader) => reader.outbox({ state: 'parked', limit: 10 }));
    expect(parked.map(({ error }) => error?.message)).toEqual(
      Array.from({ length: 3 }, () => expect.stringContaining('no such row today')),
    );
    expect((await conflictsOf(world, 'open')).filter(({ message }) => message.includes('no such row today'))).toHaveLength(3);
    // A person mends the rows.
    await world.admin('/faults', 'DELETE');
    world.editText((text) => text.replaceAll(' bad |', ' good |'));
    await expectLaws(world);
    expect(await counts()).toBe(100);
  });

  it('J08 one field is refused: the others are written, and the field is reported', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira'] });
    await world.rest();
    world.editText((text) => text.replace('| Ann + Bo | | A spade deep | 40 metres |', '| Dora | | A spade deep | 55 metres |'));
    const refusal = { errorMessages: [], errors: { customfield_10201: 'You may not edit this field.' } };
    await world.fault({ tool: 'jira', match: { method: 'PUT' }, action: { kind: 'answer', status: 400, body: refusal } });
    await world.rest();
    const { fields } = await world.one('jira', TITLE);
    expect([fields.owner, fields.metric]).toEqual(['Ann + Bo', '55 metres']);
    const itemId = (await itemTitled(world, TITLE)).itemId;
    expect(await conflictsOf(world, 'open')).toMatchObject([{ itemId, field: 'owner', message: expect.stringContaining('may not edit') }]);
    world.editText((text) => text.replace('| Dora |', '| Dora + Eve |'));
    await expectLaws(world, [{ title: TITLE, field: 'owner', value: 'Dora + Eve' }]);
  });

  it.for([{ kind: 'lose-answer' }, { kind: 'cut' }, { kind: 'answer', status: 502 }])(
    'J10 %o on an update: it is read and compared before anything is sent again, and an edit made since is kept',
    async (action) => {
      const world = await createWorld({ store: database.store(), connections: ['document', 'hubspot'] });
      await world.rest();
      world.editText((text) => text.replace('40 metres', '55 metres'));
      await world.pass('document');
      await world.fault({ tool: 'hubspot', match: { path: '/batch/update' }, action });
      const before = await lastSeq(world);
      await world.pass('hubspot');
      const isDone = action.kind !== 'answer';
      const { id, fields } = await world.one('hubspot', TITLE);
      expect(fields.metric).toBe(isDone ? '55 metres' : '40 metres');
      await world.people.hubspot.edit(id, { metric: '60 metres' });
      await world.rest();
      const { requests } = await world.admin<{ requests: readonly { path: string }[] }>(
        `/requests?tool=hubspot&account=lockstep&after=${before}`,
      );
      const paths = requests.map(({ path }) => (/batch\/\w+/.exec(path) ?? ['other'])[0]);
      // Compared, written with an unknown outcome, then read and compared before anything else is written.
      const after = paths.slice(paths.indexOf('batch/update') + 1);
      expect(after).toContain('batch/read');
      expect(after.indexOf('batch/update') === -1 || after.indexOf('batch/read') < after.indexOf('batch/update')).toBe(true);
      await expectLaws(world, [{ title: TITLE, field: 'metric', value: '60 metres' }]);
    },
  );

  it('J09 the day’s calls are nearly spent: the backfill yields, live edits keep their reserve', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira', 'hubspot'] });
    await world.rest();
    const { calls } = await world.admin<{ calls: number }>('/counts?tool=hubspot&account=lockstep');
    await world.admin('/settings', 'POST', { dailyCalls: Math.round(calls * 1.05) });
    world.editText((text) => text.replace('40 metres', '55 metres'));
    await world.pass('document');
    await world.pass('hubspot');
    world.editText((text) => text.replace('55 metres', '60 metres'));
    await world.pass('document');
    const phase = (await world.one('jira', 'Phase 2: Fruit (Weeks 5–9)')).id;
    await jiraHands(world).make({ summary: 'Press the juice', parent: { id: phase } });
    await world.advance(2_000);
    // Read by a scan only, as what was there before us is: nobody waits for it.
    while ((await pullFull(world.run('jira'))).more);
    const seq = await lastSeq(world);
    await world.pass('hubspot', { full: true });
    const listed = async (): Promise<number> =>
      (
        await world.admin<{ requests: readonly { operation: string | null }[] }>(`/requests?tool=hubspot&account=lockstep&after=${seq}`)
      ).requests.filter(({ operation }) => operation === 'list objects').length;
    expect([(await world.one('hubspot', TITLE)).fields.metric, await world.people.hubspot.find('Press the juice'), await listed()]).toEqual(
      ['60 metres', [], 0],
    );
    const owed = await world.workspace.store.snapshot((reader) => reader.outbox({ connectionId: 'hubspot', limit: 10 }));
    expect(owed.map(({ lane, state }) => [lane, state])).toContainEqual(['backfill', 'owed']);
    // Another day.
    await world.advance(86_400_000);
    await world.admin('/settings', 'POST', { dailyCalls: null });
    await world.rest({ full: true });
    expect(await listed()).toBeGreaterThan(0);
    await expectLaws(world, [{ title: TITLE, field: 'metric', value: '60 metres' }]);
    expect(await world.people.hubspot.find('Press the juice')).toHaveLength(1);
  });
});
