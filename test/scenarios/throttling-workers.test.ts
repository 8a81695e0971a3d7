/** J07. Consent is taken back while workers run on the real Temporal. */
import { describe, expect, it } from 'vitest';
import { useTestStore } from '@lockstep/store/testing.ts';
import { conflictsOf, expectLaws, linksOf } from './laws.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';
import { settled, useWorkers } from './workers.ts';

const database = useTestStore();
const workers = useWorkers();
const SOON = { timeout: 30_000, interval: 50 };
const TITLE = 'Dig the trenches';

const calls = async (world: World): Promise<number> => (await world.admin<{ calls: number }>('/counts?tool=notion')).calls;
const breaker = async (world: World): Promise<string | null> =>
  (await world.workspace.store.snapshot((reader) => reader.connection('notion')))?.breaker?.cause ?? null;

describe('J. consent', () => {
  it('J07 consent is revoked: the tool is paused, nothing is taken for deleted, one alert is sent, and it catches up after re-auth', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira', 'notion'] });
    const [worker] = await workers.start(world, 1);
    await settled(world);
    const [linked, notionRecord, jiraRecord] = [
      await linksOf(world, 'notion'),
      await world.one('notion', TITLE),
      await world.one('jira', TITLE),
    ];
    const revoked = { match: { account: 'ntn_lockstep' }, times: 'always', action: { kind: 'unauthorized', cause: 'revoked' } } as const;
    await world.fault({ tool: 'notion', ...revoked });
    await expect.poll(() => breaker(world), SOON).toBe('auth');

    // People go on in every tool; the others stay in step.
    await world.people.notion.edit(notionRecord.id, { metric: '60 metres' });
    await world.people.jira.edit(jiraRecord.id, { owner: 'Dora' });
    const before = await calls(world);
    for (let hint = 0; hint < 3; hint += 1) await worker?.wakes.wake(['notion', 'jira', 'document']);
    await expect.poll(() => world.text(), SOON).toContain('| Dora |');
    expect(await calls(world)).toBe(before);
    expect(await linksOf(world, 'notion')).toEqual(linked);
    expect(workers.alerts).toMatchObject([{ connectionId: 'notion', code: 'AuthRevoked' }]);
    const asked = async (): Promise<number> =>
      (await conflictsOf(world, 'open')).filter(({ message }) => message.startsWith('credentials refused')).length;
    expect(await asked()).toBe(1);

    await world.admin('/faults', 'DELETE');
    await worker?.command('notion', 'resume');
    await expect.poll(() => world.text(), SOON).toContain('60 metres');
    await settled(world);
    await worker?.stop();
    expect([await breaker(world), await asked(), workers.alerts.length]).toEqual([null, 0, 1]);
    await expectLaws(world, [
      { title: TITLE, field: 'owner', value: 'Dora' },
      { title: TITLE, field: 'metric', value: '60 metres' },
    ]);
  });
});
