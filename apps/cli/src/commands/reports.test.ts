import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cannedAnswers, cannedConnection, cannedStatus, TASK } from '../canned.ts';
import { PLAN } from '../canned-plan.ts';
import { lockstep } from '../program-run.ts';
import { startStandIn, TOKEN } from '../stand-in.ts';
import type { Ended } from '../program-run.ts';
import type { StandIn } from '../stand-in.ts';

describe('reports: status, doctor, plan, export, why', () => {
  let standIn: StandIn;
  beforeAll(async () => {
    standIn = await startStandIn(cannedAnswers());
  });
  afterAll(() => standIn.close());
  const run = (...args: string[]): Promise<Ended> => lockstep([...args, '--url', standIn.url, '--token', TOKEN]);

  it('status shows every connection and what keeps it from being in step', async () => {
    const atRest = await run('status', '--check');
    expect(atRest).toMatchObject({ code: 0, stderr: '' });
    expect(atRest.stdout).toMatch(/^growth: in step\n/);
    standIn.answers.status = () =>
      cannedStatus(
        [
          cannedConnection('jira', { gate: 'plan-first', owed: 3 }),
          cannedConnection('notion', { gate: 'paused' }),
          cannedConnection('hubspot', { breaker: { cause: 'auth', message: 'hubspot: the token was refused', count: 1, since: 'now' } }),
          cannedConnection('plan', { parked: 1, lastPulledAt: null }),
        ],
        { conflicts: { open: 2, recorded: 5 } },
      );
    const { code, stdout } = await run('status');
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
    expect((await run('status', '--check')).code).toBe(3);
    standIn.answers.status = cannedAnswers().status;
  });

  it('status shows the figures of Prometheus, and what of them asks for a person', async () => {
    const status = cannedStatus([cannedConnection('hubspot', { owed: 2, sending: 1 })]);
    const [hubspot] = status.figures.connections;
    if (hubspot === undefined) throw new Error('expected a connection');
    hubspot.parked = [
      { kind: 'record', code: 'ambiguous-match', count: 2 },
      { kind: 'write', code: 'Invalid', count: 1 },
    ];
    const requests = { answered: 9, throttled: 1, refused: 0, failed: 0, unanswered: 0 };
    hubspot.api = { allowances: [{ scope: 'day', limit: 250_000, remaining: 12 }], heldSeconds: 90, requests };
    status.figures.changeSets = {
      ...{ underWay: 3, awaitingApproval: 2, oldestAwaitingSeconds: 60, needOperator: 1, oldestNeedSeconds: 7_200 },
      ...{ owedNotices: 1, oldestOwedNoticeSeconds: 300 },
    };
    status.figures.replays = { underWay: 0, awaitingApproval: 1 };
    const counts = { open: 1_500, atRisk: 1_200, escalated: 0, breached: 4, uncovered: 0, met: 0, withdrawn: 0 };
    status.figures.routing = {
      ...{
        totals: counts,
        slas: [{ slaId: 'pql', ...counts }],
        leads: { followed: 0, deciding: 0, offered: 3, escalated: 0, accepted: 9 },
      },
      ...{ openWrites: 0, owedNotices: 2, oldestOwedNoticeSeconds: 40, overdueSeconds: 660 },
    };
    standIn.answers.status = () => status;
    const { code, stdout } = await run('status');
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
    expect((JSON.parse((await run('status', '--json')).stdout) as typeof status).figures).toEqual(status.figures);
    standIn.answers.status = cannedAnswers().status;
  });

  it('status --check counts open conflicts, and the first line says so', async () => {
    standIn.answers.status = () => cannedStatus([cannedConnection('jira')], { conflicts: { open: 1, recorded: 0 } });
    const { code, stdout } = await run('status', '--check');
    expect([code, stdout.split('\n')[0]]).toEqual([3, 'growth: in step but for 1 open conflict']);
    standIn.answers.status = cannedAnswers().status;
  });

  it('status --json is what the API says', async () => {
    expect(JSON.parse((await run('status', '--json')).stdout)).toEqual(cannedAnswers().status());
  });

  it('doctor says what to fix, and ends in 1 where something keeps a connection from working', async () => {
    standIn.answers.findings = [
      { connectionId: 'jira', level: 'ok', subject: 'credentials', message: 'lockstep@growth.example', remedy: null },
      { connectionId: 'jira', level: 'warning', subject: 'field metric', message: 'not on the screen', remedy: 'add it' },
    ];
    const warned = await run('doctor');
    expect(warned.code).toBe(0);
    expect(warned.stdout).toContain('warning  field metric: not on the screen\n           → add it');
    standIn.answers.findings.push({ connectionId: 'notion', level: 'error', subject: 'token', message: 'refused', remedy: 'renew it' });
    const failed = await run('doctor');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('1 error, 1 warning');
    expect(JSON.parse((await run('doctor', '--json')).stdout)).toEqual({ findings: standIn.answers.findings });
  });

  it('plan shows every write with before and after, references by title', async () => {
    const { code, stdout } = await run('plan');
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
    expect(JSON.parse((await run('plan', '--json')).stdout)).toEqual(PLAN);
  });

  it('plan takes connections and --check', async () => {
    expect((await run('plan', 'notion')).stdout).not.toContain('GROW-12');
    expect((await run('plan', '--check')).code).toBe(3);
    standIn.answers.plan = { ...PLAN, writes: [] };
    expect(await run('plan', '--check')).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing is owed.') as string });
    standIn.answers.plan = {
      ...PLAN,
      writes: [],
      heldBack: [{ connectionId: 'jira', deletes: 40, unlinks: 0, message: 'expected at most 10' }],
    };
    expect(await run('plan', '--check')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('jira: 40 deletes held back') as string,
    });
    standIn.answers.plan = PLAN;
  });

  it('plan shows the beginning of a long one and says so', async () => {
    const [write] = PLAN.writes;
    if (write === undefined) throw new Error('the canned plan is empty');
    standIn.answers.plan = { ...PLAN, writes: Array.from({ length: 30 }, (_, index) => ({ ...write, title: `Task ${index}` })) };
    const short = await run('plan');
    expect(short.stdout).toContain('… and 5 more; --all shows them');
    expect(short.stdout).not.toContain('Task 29');
    expect((await run('plan', '--all')).stdout).toContain('Task 29');
    standIn.answers.plan = PLAN;
  });

  it('I05 text of a tool cannot steer the terminal', async () => {
    const [write] = PLAN.writes;
    if (write === undefined) throw new Error('the canned plan is empty');
    standIn.answers.plan = { ...PLAN, writes: [{ ...write, title: 'red \u001B[31m\u0007\nsecond line' }] };
    const { stdout } = await run('plan');
    expect(stdout).toContain('red \\x1b[31m\\x07⏎second line');
    expect(stdout).not.toContain('\u001B');
    standIn.answers.plan = PLAN;
  });

  it('export pages through everything, as JSON, CSV and Markdown', async () => {
    const json = JSON.parse((await run('export')).stdout) as { items: unknown[] };
    expect(json.items).toHaveLength(3);
    expect(json.items[1]).toEqual({ itemId: TASK.itemId, kind: TASK.kind, fields: TASK.fields });
    expect((await run('export', '--format', 'csv')).stdout).toBe(
      [
        'itemId,kind,title,owner,status,parent,labels,dependsOn,description',
        'item-1,phase,Phase 1: Foundation,,,,,,',
        'item-2,task,Pricing page test,VP Sales + CGO,todo,item-1,q1; web,item-3,',
        'item-3,task,"Pricing, ""final""",,done,item-1,,,"two\nlines"',
        '',
      ].join('\r\n'),
    );
    expect((await run('export', '--format', 'md')).stdout).toMatchSnapshot();
    expect((JSON.parse((await run('export', '--kind', 'phase', '--json')).stdout) as { items: unknown[] }).items).toHaveLength(1);
  });

  it('export leaves deleted items out, and prints a circle of parents', async () => {
    standIn.answers.items = [
      { ...TASK, itemId: 'a', fields: { title: 'A', parent: 'b' } },
      { ...TASK, itemId: 'b', fields: { title: 'B', parent: 'a' } },
      { ...TASK, itemId: 'c', fields: { title: 'C' }, deletedAt: '2026-11-24T08:00:00.000Z' },
    ];
    expect((await run('export', '--format', 'md')).stdout).toBe('- [ ] **A** (task)\n  - [ ] **B** (task)\n');
    standIn.answers.items = cannedAnswers().items;
  });

  it('why explains an item by id, key or title', async () => {
    const { code, stdout } = await run('why', 'item-2');
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
    expect((await run('why', 'Pricing page')).stdout).toBe(stdout);
  });

  it('why of one field shows its history only', async () => {
    const { stdout } = await run('why', 'item-2', 'owner');
    expect(stdout).toContain('owner: CGO → VP Sales + CGO');
    expect(stdout).not.toContain('new there');
    const unknown = await run('why', 'item-2', 'onwer');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('field: expected one that the item has (title, owner, parent), got onwer');
  });

  it('why lists the items that are meant, where there are several, and says where there is none', async () => {
    const several = await run('why', 'Pricing');
    expect(several.code).toBe(1);
    expect(several.stderr).toContain('item-2  task  Pricing page test\n  item-3  task  Pricing, "final"');
    expect(await run('why', 'nothing such')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('found nothing for "nothing such"') as string,
    });
  });
});
