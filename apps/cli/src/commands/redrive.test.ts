import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cannedAnswers } from '../canned.ts';
import { PARKED, redriven } from '../canned-redrive.ts';
import { lockstep } from '../program-run.ts';
import { startStandIn, TOKEN } from '../stand-in.ts';
import type { Ended } from '../program-run.ts';
import type { StandIn } from '../stand-in.ts';

describe('redrive: what waits, and driving it again', () => {
  let standIn: StandIn;
  beforeAll(async () => {
    standIn = await startStandIn(cannedAnswers());
  });
  beforeEach(() => {
    Object.assign(standIn.answers, cannedAnswers());
    standIn.commands.length = 0;
  });
  afterAll(() => standIn.close());
  const run = (...args: string[]): Promise<Ended> => lockstep(['redrive', ...args, '--url', standIn.url, '--token', TOKEN]);

  it('K08 list shows every cause with its count, its age, one of its things and what to do; nothing steers the terminal', async () => {
    const { code, stdout } = await run('list');
    expect(code).toBe(0);
    expect(stdout).not.toContain('\u001B');
    expect(stdout).toMatchSnapshot();
    expect(JSON.parse((await run('list', '--json')).stdout)).toEqual(PARKED);
    expect((await run('list', '--connection', 'notion')).stdout).not.toContain('jira');
  });

  it('list --check ends in 3 where anything waits, in 0 where nothing does', async () => {
    expect((await run('list', '--check')).code).toBe(3);
    standIn.answers.parked = { causes: [], more: { causes: 0, things: 0 }, total: 0 };
    expect(await run('list', '--check')).toMatchObject({ code: 0, stdout: 'Nothing waits.\n' });
  });

  it('run without --yes shows exactly what would be driven, and what has to be opened first', async () => {
    const { code, stdout } = await run('run', '--cause', 'a1b2c3d4e5');
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
    expect(standIn.commands).toEqual([{ route: 'POST /v1/redrives', body: { cause: 'a1b2c3d4e5', dryRun: true } }]);
  });

  it('run --yes drives what is named, by one call', async () => {
    const { code, stdout } = await run('run', '--connection', 'jira', '--cause', 'a1b2c3d4e5', '--yes');
    expect([code, stdout]).toEqual([0, expect.stringContaining('4 things driven again')]);
    expect(standIn.commands).toEqual([{ route: 'POST /v1/redrives', body: { connection: 'jira', cause: 'a1b2c3d4e5', dryRun: false } }]);
    await run('run', '--item', 'Pricing page', '--yes');
    await run('run', '--record', '10012', '--yes');
    await run('run', '--all', '--yes');
    expect(standIn.commands.slice(1).map(({ body }) => body)).toEqual([
      { item: 'item-2', dryRun: false },
      { record: '10012', dryRun: false },
      { dryRun: false },
    ]);
  });

  it.each([[['--yes']], [['--all', '--connection', 'jira', '--yes']], [['--all', '--item', 'item-2']]])(
    'run %j is refused: everything is only meant where it is said',
    async (args) => {
      expect(await run('run', ...args)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('selection: expected --cause') as string,
      });
      expect(standIn.commands).toEqual([]);
    },
  );

  it('run --wait follows until nothing is on its way, and tells the new reason of what is parked again', async () => {
    const [cause] = PARKED.causes;
    const open = { ...redriven(false), closed: [] };
    standIn.answers.redriven = () => open;
    let asked = 0;
    standIn.answers.standing = () => {
      asked += 1;
      const underWay = asked < 3 ? [{ connectionId: 'jira', count: 3 - asked }] : [];
      return {
        underWay,
        again: asked < 3 || cause === undefined ? [] : [{ ...cause, count: 1, words: 'task: expected another', code: 'Forbidden' }],
      };
    };
    const { code, stdout, stderr } = await run('run', '--all', '--yes', '--wait');
    expect(code).toBe(3);
    expect(stdout).toContain('3 things done, 1 parked again, 0 under way.');
    expect(stdout).toContain('task: expected another');
    expect(stderr).toContain('waiting: jira 2');
    standIn.answers.standing = () => ({ underWay: [], again: [] });
    const done = await run('run', '--all', '--yes', '--wait', '--json');
    expect([done.code, JSON.parse(done.stdout)]).toEqual([0, expect.objectContaining({ standing: { done: 4, underWay: [], again: [] } })]);
  });

  it('run --wait ends at once where only a person can bring it on, and says how', async () => {
    standIn.answers.standing = () => ({ underWay: [{ connectionId: 'jira', count: 3 }], again: [] });
    const { code, stdout } = await run('run', '--all', '--yes', '--wait');
    expect(code).toBe(3);
    expect(stdout).toContain('1 thing done, 0 parked again, 3 under way.');
    expect(stdout).toContain('jira: waits for a plan; look at `lockstep plan jira`');
  });
});
