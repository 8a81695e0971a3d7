import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cannedAnswers, cannedConnection, cannedStatus, CONFLICT } from '../canned.ts';
import { PLAN } from '../canned-plan.ts';
import { lockstep, lockstepProcess } from '../program-run.ts';
import { startStandIn, TOKEN } from '../stand-in.ts';
import type { Ended } from '../program-run.ts';
import type { StandIn } from '../stand-in.ts';

const LATER = '2026-11-24T08:00:05.000Z';

describe('commands that change something: apply, sync, import, resolve, pause, resume, resync', () => {
  let standIn: StandIn;
  beforeAll(async () => {
    standIn = await startStandIn(cannedAnswers());
  });
  beforeEach(() => {
    Object.assign(standIn.answers, cannedAnswers());
    standIn.commands.length = 0;
  });
  afterAll(() => standIn.close());
  const run = (...args: string[]): Promise<Ended> => lockstep([...args, '--url', standIn.url, '--token', TOKEN]);
  const runWith = (input: string, ...args: string[]): Promise<Ended> =>
    lockstepProcess([...args, '--url', standIn.url, '--token', TOKEN], { input });

  it.each([
    ['apply', '--yes'],
    ['sync'],
    ['import'],
    ['resolve', 'conflict-1', '--take', 'remote'],
    ['pause', 'jira'],
    ['resume', 'jira'],
    ['resync', 'item-2'],
  ])('--dry-run sends nothing that changes anything: %s', async (...args) => {
    const dry = await run(...args, '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toContain('Dry run: nothing was');
    expect(standIn.commands).toEqual([]);
    expect(JSON.parse((await run(...args, '--dry-run', '--json')).stdout)).toMatchObject({ dryRun: true });
  });

  it('S11 apply sends the id of the plan that it has shown', async () => {
    const { code, stdout } = await run('apply');
    expect(code).toBe(0);
    expect(stdout).toContain('Applying plan a1b2c3d4e5f6: 1 create, 1 update.');
    expect(standIn.commands).toEqual([{ route: 'POST /v1/apply', body: { planId: PLAN.planId, connections: [], approveDeletes: false } }]);
  });

  it('S11 apply takes the first characters of the id of the plan that a person has seen', async () => {
    expect((await run('apply', '--plan', PLAN.planId.slice(0, 12))).code).toBe(0);
    expect(standIn.commands[0]?.body).toMatchObject({ planId: PLAN.planId });
  });

  it('S11 a stale plan ends in 5 with what the API says', async () => {
    const { code, stderr, stdout } = await run('apply', '--plan', '0123456789abcdef', '--json');
    expect(code).toBe(5);
    expect(stderr).toContain('something has changed since it was made; run `lockstep plan`, then apply that one');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'stale_plan', exitCode: 5 } });
  });

  it('K04 above the threshold nothing is applied without a yes', async () => {
    const refused = await run('apply', '--threshold', '1');
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain('2 writes to jira, notion: expected at most 1 without a yes, got 2');
    expect(refused.stderr).toContain('GROW-12');
    expect(standIn.commands).toEqual([]);
    expect((await run('apply', '--threshold', '1', '--yes')).code).toBe(0);
    expect((await run('apply', '--threshold', '2')).code).toBe(0);
  });

  it('S12 H05 held-back deletes and relations count, once they are to be approved', async () => {
    standIn.answers.plan = { ...PLAN, heldBack: [{ connectionId: 'jira', deletes: 40, unlinks: 12, message: 'expected at most 10' }] };
    expect((await run('apply')).code).toBe(0);
    const refused = await run('apply', '--approve-deletes');
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain('2 writes and 40 deletes and 12 removed relations, approved, to jira, notion');
    await run('apply', '--approve-deletes', '--yes');
    expect(standIn.commands.at(-1)?.body).toMatchObject({ approveDeletes: true });
  });

  it('apply --wait says when it is done', async () => {
    let asked = 0;
    standIn.answers.status = () => {
      asked += 1;
      return cannedStatus([cannedConnection('jira', { owed: asked < 3 ? 1 : 0 }), cannedConnection('notion')]);
    };
    const { code, stdout, stderr } = await run('apply', '--wait');
    expect(code).toBe(0);
    expect(stdout).toContain('In step.');
    expect(stderr).toContain('waiting: jira 1');
  });

  it('sync wakes the connections that are named, or all', async () => {
    expect(await run('sync', 'jira')).toMatchObject({ code: 0, stdout: 'Woken: jira.\n' });
    expect(await run('sync', '--full')).toMatchObject({ code: 0, stdout: 'Woken: jira, notion.\n' });
    expect(standIn.commands.map((command) => command.body)).toEqual([
      { connections: ['jira'], fullScan: false },
      { connections: [], fullScan: true },
    ]);
    expect(await run('sync', 'jria')).toMatchObject({
      code: 1,
      stderr: 'lockstep sync: connection: expected one of jira, notion, got jria\n',
    });
  });

  it('sync --wait waits for a read that is newer than the command, and for rest', async () => {
    const states = [
      cannedConnection('jira'),
      cannedConnection('jira', { dirty: 2 }),
      cannedConnection('jira', { lastPulledAt: LATER, owed: 1 }),
      cannedConnection('jira', { lastPulledAt: LATER }),
    ];
    standIn.answers.status = () => cannedStatus([(states.length > 1 ? states.shift() : states[0]) ?? cannedConnection('jira')]);
    const { code, stdout } = await run('sync', '--wait', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ woken: ['jira'], inStep: true, reasons: [] });
    expect(states).toHaveLength(1);
  });

  it('sync --full --wait waits for the full scan', async () => {
    const states = [
      cannedConnection('jira'),
      cannedConnection('jira', { lastPulledAt: LATER }),
      cannedConnection('jira', { lastFullScanAt: LATER }),
    ];
    standIn.answers.status = () => cannedStatus([(states.length > 1 ? states.shift() : states[0]) ?? cannedConnection('jira')]);
    expect((await run('sync', '--full', '--wait')).code).toBe(0);
    expect(states).toHaveLength(1);
  });

  it.each([
    [{ gate: 'paused' as const }, 'jira: paused; go on with `lockstep resume jira`'],
    [{ gate: 'plan-first' as const, owed: 2, lastPulledAt: LATER }, 'jira: 2 writes waiting for `lockstep plan`'],
    [{ parked: 1, lastPulledAt: LATER }, 'jira: 1 write parked'],
    [
      { breaker: { cause: 'auth' as const, message: 'jira: the token was refused', count: 1, since: LATER } },
      'jira: the token was refused; renew the credentials',
    ],
  ])('sync --wait ends in 3 at once where only a person can bring it on: %j', async (state, reason) => {
    let asked = 0;
    standIn.answers.status = () => {
      asked += 1;
      return cannedStatus([asked === 1 ? cannedConnection('jira') : cannedConnection('jira', state)]);
    };
    const { code, stdout } = await run('sync', '--wait');
    expect(code).toBe(3);
    expect(stdout).toContain(`Not in step:\n- ${reason}`);
  });

  it('sync --wait ends in 3 when time is up', async () => {
    const { code, stdout } = await run('sync', '--wait', '--timeout', '0');
    expect(code).toBe(3);
    expect(stdout).toContain('jira: time is up with 0 owed, 0 under way, 0 to be read again; it goes on');
  });

  it('E08 import without a file reads everything and lists what is left to a person', async () => {
    let asked = 0;
    standIn.answers.status = () => {
      asked += 1;
      const read = asked > 2 ? { lastFullScanAt: LATER } : {};
      return cannedStatus([cannedConnection('jira', { gate: 'plan-first', owed: 1, ...read }), cannedConnection('notion', read)]);
    };
    standIn.answers.conflicts = [
      { ...CONFLICT, kind: 'ambiguous-match', field: null, message: 'GROW-9: expected one item of this kind and title, got 2' },
    ];
    const { code, stdout } = await run('import');
    expect(code).toBe(0);
    expect(stdout).toContain('Everything has been read.');
    expect(stdout).toContain('GROW-9: expected one item of this kind and title, got 2');
    expect(stdout).toContain('1 question for a person.');
    expect(standIn.commands).toEqual([{ route: 'POST /v1/sync', body: { fullScan: true } }]);
  });

  const ROWS = JSON.stringify({
    items: [
      { kind: 'task', fields: { title: 'New' } },
      { itemId: 'item-2', kind: 'task', fields: { owner: 'Omar' } },
    ],
  });

  it('import of a file shows with --dry-run, then sets', async () => {
    const dry = await runWith(ROWS, 'import', '-', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stdout: '1 would be created, 1 would be updated, 1 unchanged.\nDry run: nothing was changed.\n' });
    const done = await runWith(ROWS, 'import', '-');
    expect(done).toMatchObject({ code: 0, stdout: '1 created, 1 updated, 1 unchanged.\n' });
    expect(standIn.commands.map((command) => (command.body as { dryRun: boolean }).dryRun)).toEqual([true, true, false]);
    expect(standIn.commands[0]?.body).toEqual({ ...(JSON.parse(ROWS) as object), dryRun: true });
  });

  it('import of a file changes nothing where a row has a problem, unless told to', async () => {
    standIn.answers.imported = (dryRun) => ({
      created: 1,
      updated: 0,
      unchanged: 0,
      problems: [{ index: 1, message: 'kind: expected gate, got task' }],
      dryRun,
    });
    const stopped = await runWith(ROWS, 'import', '-');
    expect(stopped.code).toBe(1);
    expect(stopped.stdout).toContain('1 problem:\n  items[1]: kind: expected gate, got task\nNothing was changed');
    expect(standIn.commands).toHaveLength(1);
    expect((await runWith(ROWS, 'import', '-', '--skip-problems')).code).toBe(0);
  });

  it('import of a file asks above the threshold', async () => {
    const { code, stderr } = await runWith(ROWS, 'import', '-', '--threshold', '1');
    expect(code).toBe(5);
    expect(stderr).toContain('1 new item and 1 changed item from -: expected at most 1 without a yes, got 2');
  });

  it.each([
    ['{', 'stdin: expected JSON as `lockstep export` writes it'],
    ['{"rows":[]}', 'stdin: expected {"items": […]} or a list, got neither'],
    ['[{"title":"x"}]', 'stdin: items[0]: expected {"itemId"?, "kind", "fields"}, got something else'],
    ['[{"kind":"tusk","fields":{}}]', 'items.0.kind'],
  ])('import refuses %s', async (input, message) => {
    const { code, stderr } = await runWith(input, 'import', '-');
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  it('conflicts lists open ones, and others on demand', async () => {
    standIn.answers.conflicts = [CONFLICT, { ...CONFLICT, conflictId: 'conflict-2', state: 'recorded', itemId: 'item-3' }];
    const open = await run('conflicts', '--check');
    expect(open.code).toBe(3);
    expect(open.stdout).toContain('canonical: VP Sales + CGO\n  remote:    Omar\n  base:      CGO');
    expect(open.stdout).toContain('1 open conflict.');
    expect((await run('conflicts', '--state', 'all')).stdout).toContain('2 conflicts.');
    expect((await run('conflicts', '--state', 'all', '--item', 'final')).stdout).not.toContain('conflict-1');
    expect((await run('conflicts', '--state', 'resolved', '--check')).code).toBe(0);
  });

  it('resolve sends the choice, or a value in the form that the field has', async () => {
    const sent = async (...args: string[]): Promise<unknown> => {
      expect(await run('resolve', ...args)).toMatchObject({ code: 0 });
      return standIn.commands.at(-1)?.body;
    };
    standIn.answers.conflicts = [
      CONFLICT,
      { ...CONFLICT, conflictId: 'set-1', field: 'labels', canonicalValue: ['a'], remoteValue: null, baseValue: null },
    ];
    expect(await sent('conflict-1', '--take', 'canonical')).toEqual({ choice: 'canonical' });
    expect(await sent('conflict-1', '--value', 'Maria')).toEqual({ choice: 'value', value: 'Maria' });
    expect(await sent('conflict-1', '--value', '')).toEqual({ choice: 'value', value: '' });
    expect(await sent('conflict-1', '--clear')).toEqual({ choice: 'value', value: null });
    expect(await sent('set-1', '--value', 'b', '--value', 'a')).toEqual({ choice: 'value', value: ['b', 'a'] });
    expect(await sent('set-1', '--clear')).toEqual({ choice: 'value', value: [] });
  });

  it('resolve refuses no decision, and several values for one', async () => {
    expect(await run('resolve', 'conflict-1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('expected --take canonical') as string,
    });
    const twice = await run('resolve', 'conflict-1', '--value', 'a', '--value', 'b');
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('expected it once, owner holds one value') as string });
    expect(standIn.commands).toEqual([]);
  });

  it('what the API refuses in the present state ends in 5', async () => {
    standIn.answers.problem = (method) =>
      method === 'GET'
        ? null
        : { status: 409, body: { code: 'refused', message: 'conflict conflict-1: expected an open one, it was resolved at noon' } };
    const { code, stderr } = await run('resolve', 'conflict-1', '--take', 'remote');
    expect(code).toBe(5);
    expect(stderr).toBe('lockstep resolve: conflict conflict-1: expected an open one, it was resolved at noon\n');
  });

  it('pause and resume show the gate that came of it', async () => {
    standIn.answers.status = () => cannedStatus([cannedConnection('jira', { gate: 'paused' })]);
    expect(await run('pause', 'jira')).toMatchObject({ code: 0, stdout: 'jira: paused.\n' });
    expect(await run('pause', 'jria', '--dry-run')).toMatchObject({ code: 1, stderr: expect.stringContaining('got jria') as string });
    await run('resume', 'jira');
    expect(standIn.commands.map((command) => command.route)).toEqual([
      'POST /v1/connections/jira/pause',
      'POST /v1/connections/jira/resume',
    ]);
  });

  it('K06 resync names one item', async () => {
    const { code, stdout } = await run('resync', 'Pricing page');
    expect(code).toBe(0);
    expect(stdout).toBe('Reading task "Pricing page test" anew in jira, notion.\n');
    expect(standIn.commands.map((command) => command.route)).toEqual(['POST /v1/items/item-2/resync']);
  });
});
