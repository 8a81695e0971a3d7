import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cannedAnswers } from '../canned.ts';
import { endedReplay } from '../replay-stand-in.ts';
import { lockstep } from '../program-run.ts';
import { startStandIn, TOKEN } from '../stand-in.ts';
import type { Ended } from '../program-run.ts';
import type { StandIn } from '../stand-in.ts';

describe('replays on the command line', () => {
  let standIn: StandIn;
  beforeAll(async () => {
    standIn = await startStandIn(cannedAnswers());
  });
  beforeEach(() => {
    Object.assign(standIn.answers.replays, cannedAnswers().replays);
    standIn.commands.length = 0;
  });
  afterAll(() => standIn.close());
  const run = (...args: string[]): Promise<Ended> => lockstep(['replay', ...args, '--url', standIn.url, '--token', TOKEN]);

  it('81 run is a dry run: it tells what would happen again, what is done, what is not safe, and who must say yes', async () => {
    const { code, stdout } = await run('run', 'change-set/growth/cs-1', '--point', 'last-good-task');
    expect([code, stdout]).toMatchSnapshot();
    expect(standIn.commands).toEqual([
      {
        route: 'POST /v1/replays',
        body: {
          ...{ selection: { by: 'ids', workflowIds: ['change-set/growth/cs-1'] }, point: { at: 'last-good-task' } },
          ...{ reason: 'a dry run', dryRun: true },
        },
      },
    ]);
  });

  it('81 --run starts it, with a reason, the plan that was seen, and its pace', async () => {
    const args = ['run', '--from', '2026-11-24T06:00:00Z', '--to', '2026-11-24T08:00:00Z', '--type', 'changeSet', '--status', 'failed'];
    const { code, stdout } = await run(
      ...args,
      '--run',
      '--reason',
      'taken back',
      '--plan',
      'b19',
      '--batch',
      '5',
      '--rate',
      '2',
      '--point',
      '28',
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining('Started rp-1; `lockstep replay show rp-1` shows how far it is.')]);
    expect(standIn.commands[0]?.body).toEqual({
      selection: { by: 'range', from: '2026-11-24T06:00:00.000Z', to: '2026-11-24T08:00:00.000Z', type: 'changeSet', status: 'failed' },
      ...{ point: { at: 'event', eventId: 28 }, reason: 'taken back', dryRun: false, planHash: 'b19', batchSize: 5, perSecond: 2 },
    });
  });

  it.each([
    [['run'], 'expected ids of workflows, or --query, or --from; got none of them'],
    [['run', 'sync/w/jira', '--query', 'x'], 'got more than one of them'],
    [['run', '--query', 'x', '--type', 'changeSet'], 'expected --from with --to, --type and --status'],
    [['run', '--query', 'x', '--run'], 'expected --reason with --run'],
    [['run', '--query', 'x', '--run', '--dry-run'], 'cannot be used with'],
    [['run', '--query', 'x', '--point', 'yesterday'], 'or the id of an event, got yesterday'],
    [['run', '--from', 'yesterday'], 'expected an instant such as'],
  ])('ends in 2 and starts nothing: %j', async (args, message) => {
    const { code, stderr } = await run(...args);
    expect([code, stderr.includes(message), standIn.commands]).toEqual([2, true, []]);
  });

  it.each([
    ['done', 0],
    ['stopped', 5],
    ['rejected', 5],
    ['expired', 5],
  ] as const)('--wait says how it ended: %s in %i', async (end, expected) => {
    const { detail } = standIn.answers.replays;
    let looks = 0;
    standIn.answers.replays.detail = () => ((looks += 1) > 2 ? endedReplay(end) : detail());
    const { code, stderr } = await run('run', '--query', 'x', '--run', '--reason', 'taken back', '--wait');
    expect([code, stderr]).toEqual([expected, expect.stringContaining('awaiting-approval: 3 planned')]);
  });

  it('show tells what became of each workflow, and who said yes to what', async () => {
    standIn.answers.replays.detail = () => endedReplay('done');
    const { code, stdout } = await run('show', 'rp-1');
    expect([code, stdout]).toMatchSnapshot();
    expect((await run('show', 'rp-none')).code).toBe(1);
  });

  it('81 approve binds the plan that is shown, and names what is not safe; another plan is refused', async () => {
    expect((await run('approve', 'rp-1', '--accept-unsafe', 'tell')).code).toBe(0);
    expect((await run('reject', 'rp-1')).code).toBe(0);
    expect(standIn.commands).toEqual([
      { route: 'POST /v1/replays/rp-1/approve', body: { planHash: 'b1946ac92492d234', accepts: ['tell'] } },
      { route: 'POST /v1/replays/rp-1/reject', body: { planHash: 'b1946ac92492d234', accepts: [] } },
    ]);
    const stale = await run('approve', 'rp-1', '--plan', 'another');
    expect([stale.code, stale.stderr.includes('plan: expected the present one')]).toEqual([5, true]);
  });

  it('list, pause, resume and stop', async () => {
    const { stdout } = await run('list', '--state', 'awaiting-approval');
    expect(stdout).toContain('rp-1    3          operator      2026-11-24T08:00:00.000Z  awaiting-approval');
    for (const command of ['pause', 'resume', 'stop']) expect((await run(command, 'rp-1')).code).toBe(0);
    expect(standIn.commands.map(({ route }) => route)).toEqual(['pause', 'resume', 'stop'].map((name) => `POST /v1/replays/rp-1/${name}`));
  });

  it('--json gives the plan as it is', async () => {
    const { stdout } = await run('run', '--query', 'x', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ plan: { unsafe: ['tell'] }, started: null });
  });
});
