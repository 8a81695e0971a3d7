import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RoutingProblem } from '@lockstep/api/routing-schemas.ts';
import { cannedAnswers } from '../canned.ts';
import { emptyDirectory, lockstep } from '../program-run.ts';
import { startStandIn, TOKEN } from '../stand-in.ts';
import type { Ended } from '../program-run.ts';
import type { StandIn } from '../stand-in.ts';

const PROBLEM: RoutingProblem = {
  severity: 'error',
  file: 'policy.yaml',
  line: 14,
  path: 'rules[2].then.sla',
  expected: 'a service level',
  got: '"fast"',
  remedy: 'name one',
};

describe('routing on the command line: pql, sla, routing check', () => {
  let standIn: StandIn;
  let directory: string;
  beforeAll(async () => {
    standIn = await startStandIn(cannedAnswers());
  });
  beforeEach(() => {
    Object.assign(standIn.answers, cannedAnswers());
    standIn.commands.length = 0;
    directory = emptyDirectory();
  });
  afterAll(() => standIn.close());
  const run = (...args: string[]): Promise<Ended> => lockstep([...args, '--url', standIn.url, '--token', TOKEN]);
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };

  it('R6 explains an account: score, evidence, every candidate with its reason, clock, what people were told; nothing in it steers the terminal', async () => {
    const { code, stdout } = await run('pql', 'explain', 'acme.example');
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
    expect(stdout).not.toContain('\u001b');
    expect(JSON.parse((await run('pql', 'explain', 'acme.example', '--json')).stdout)).toMatchObject({ accountKey: 'domain:acme.example' });
    expect(await run('pql', 'explain', 'nobody.example')).toMatchObject({ code: 1 });
  });

  it('15 shows the clocks, uncovered time by itself, and ends in 3 with --check where one is at risk', async () => {
    const { code, stdout } = await run('sla');
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
    expect((await run('sla', '--check')).code).toBe(3);
    standIn.answers.sla = { ...standIn.answers.sla, clocks: [] };
    expect((await run('sla', '--check')).code).toBe(0);
  });

  it('lists leads, all or by state', async () => {
    expect((await run('pql', 'leads')).stdout).toMatchSnapshot();
    expect((await run('pql', 'leads', '--state', 'closed')).stdout).toBe('No leads.\n');
    expect((await run('pql', 'leads', '--state', 'odd')).code).toBe(2);
  });

  it.each([
    [['accept'], 'accept', {}],
    [['decline', '--by', 'ines'], 'decline', { by: 'ines' }],
    [['release', '--offer', 'acme-1/2'], 'release', { offerId: 'acme-1/2' }],
    [['snooze', '--until', '2026-12-01T15:00:00+01:00'], 'snooze', { until: '2026-12-01T14:00:00.000Z' }],
    [['close', '--reason', 'won'], 'close', { reason: 'won' }],
    [['reassign', '--to', 'omar', '--by', 'ines'], 'reassign', { to: 'omar', by: 'ines' }],
  ])('says it to a lead: %j', async ([name = '', ...options], action, body) => {
    expect(await run('pql', name, 'acme-1', ...options)).toMatchObject({ code: 0, stderr: '' });
    expect(standIn.commands).toEqual([{ route: `POST /v1/routing/leads/acme-1/${action}`, body }]);
  });

  it('25 an answer that does not count ends in 5 with the rule, one without what it needs in 2', async () => {
    const refused = await run('pql', 'accept', 'gone-1');
    expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining('NOT_CURRENT')]);
    for (const args of [
      ['snooze', 'acme-1'],
      ['snooze', 'acme-1', '--until', 'soon'],
      ['reassign', 'acme-1'],
      ['close', 'acme-1'],
      ['close', 'acme-1', '--reason', 'bored'],
    ])
      expect((await run('pql', ...args)).code, args.join(' ')).toBe(2);
    expect(standIn.commands).toHaveLength(1);
  });

  it('29 imports history in batches, with progress, and names what was refused by its line', async () => {
    const call = (index: number): string =>
      JSON.stringify({ type: 'track', event: 'Seat Added', userId: `u-${index}`, timestamp: '2026-01-01T00:00:00Z' });
    const path = file('history.jsonl', [...Array.from({ length: 1_200 }, (_, index) => call(index)), '', '{"type":"track"}'].join('\n'));
    standIn.answers.taken = (batch) => {
      const bad = batch.findIndex((one) => (one as { userId?: string }).userId === undefined);
      return {
        accepted: batch.length - (bad < 0 ? 0 : 1),
        duplicates: 0,
        ignored: 0,
        refused: bad < 0 ? [] : [{ index: bad, problems: [{ ...PROBLEM, file: null, line: null }] }],
      };
    };
    const { code, stdout, stderr } = await run('pql', 'import', path);
    expect(code).toBe(1);
    expect(
      stderr
        .trim()
        .split('\n')
        .map((line) => /^(\d+) of 1201/.exec(line)?.[1]),
    ).toEqual(['500', '1000', '1201']);
    expect(stdout).toContain(`${path}:1202: rules[2].then.sla: expected a service level`);
    expect(stdout).toContain('1200 new events, 0 known before, 0 not used, 1 refused.');
    expect(standIn.commands.map(({ route }) => route)).toEqual(['POST /v1/events', 'POST /v1/events', 'POST /v1/events']);
    expect((await run('pql', 'import', path, '--dry-run')).stdout).toBe('1201 events in 3 requests. Dry run: nothing was sent.\n');
    expect(standIn.commands).toHaveLength(3);
  });

  it('an import that is broken off says from where to go on, and goes on from there', async () => {
    const path = file('history.jsonl', Array.from({ length: 600 }, (_, index) => JSON.stringify({ n: index })).join('\n'));
    standIn.answers.problem = () =>
      standIn.commands.length > 1 ? { status: 500, body: { code: 'internal', message: 'the worker failed' } } : null;
    const { code, stderr } = await run('pql', 'import', path);
    expect([code, stderr]).toEqual([1, expect.stringContaining('Go on with --from 501')]);
    standIn.answers.problem = () => null;
    standIn.commands.length = 0;
    expect((await run('pql', 'import', path, '--from', '501')).stdout).toContain('100 new events');
    expect(standIn.commands).toMatchObject([{ body: { batch: expect.arrayContaining([{ n: 500 }]) as unknown } }]);
  });

  it('reads CSV by the names of its columns: empty cells say nothing, numbers are numbers, leading zeros are text', async () => {
    const path = file(
      'trials.csv',
      'type,event,timestamp,email,userId,properties.seats,traits.plan,properties.zip\ntrack,Trial Started,2026-01-01T00:00:00Z,ines@acme.example,,12,"pro, yearly",007\n',
    );
    expect((await run('pql', 'import', path)).code).toBe(0);
    expect(standIn.commands[0]?.body).toEqual({
      batch: [
        {
          ...{
            type: 'track',
            event: 'Trial Started',
            timestamp: '2026-01-01T00:00:00Z',
            context: { traits: { email: 'ines@acme.example' } },
          },
          ...{ properties: { seats: 12, zip: '007' }, traits: { plan: 'pro, yearly' } },
        },
      ],
    });
  });

  it.each([
    ['history.jsonl', '{"a":1}\nnot json\n', 'history.jsonl:2: expected a JSON object'],
    ['trials.csv', 'type,colour\ntrack,red\n', 'trials.csv:1: expected columns type,'],
  ])('a file that cannot be read is sent nowhere: %s', async (name, text, message) => {
    const { code, stderr } = await run('pql', 'import', file(name, text));
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(standIn.commands).toEqual([]);
  });

  it('checks documents: what is given is sent, problems come by file and line, errors end in 3', async () => {
    const policy = file('next.yaml', 'version: 2');
    expect(await run('routing', 'check', '--policy', policy)).toMatchObject({
      code: 0,
      stdout: 'policy growth-1 (policy.yaml): 0 errors, 0 warnings.\n',
    });
    expect(standIn.commands).toEqual([{ route: 'POST /v1/routing/check', body: { policy: { name: 'next.yaml', text: 'version: 2' } } }]);
    standIn.answers.checked = { ...standIn.answers.checked, problems: [PROBLEM] };
    const wrong = await run('routing', 'check');
    expect([wrong.code, wrong.stdout]).toEqual([
      3,
      expect.stringContaining('policy.yaml:14: rules[2].then.sla: expected a service level, got "fast"; name one'),
    ]);
    standIn.answers.checked = { ...standIn.answers.checked, problems: [{ ...PROBLEM, severity: 'warning' }] };
    expect([(await run('routing', 'check')).code, (await run('routing', 'check', '--strict')).code]).toEqual([0, 3]);
    expect((await run('routing', 'check', '--roster', join(directory, 'none.yaml'))).stderr).toContain(
      'none.yaml: expected a readable file',
    );
  });

  it('prints the JSON Schema of a document, without a worker', async () => {
    const { code, stdout } = await lockstep(['routing', 'schema', 'slas']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      title: 'Lockstep routing: slas.yaml',
      required: ['version', 'slas'],
      additionalProperties: false,
    });
    expect((await lockstep(['routing', 'schema', 'calendar'])).code).toBe(2);
  });
});
