import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cannedAnswers } from './canned.ts';
import { lockstep } from './program-run.ts';
import { startStandIn, TOKEN } from './stand-in.ts';
import type { StandIn } from './stand-in.ts';

const COMMANDS = [
  'init',
  'doctor',
  'status',
  'plan',
  'apply',
  'sync',
  'import',
  'export',
  'why',
  'resync',
  'conflicts',
  'resolve',
  'pause',
  'resume',
  'redrive',
  'crm',
  'rollback',
  'undo',
  'replay',
  'pql',
  'routing',
  'sla',
  'replay',
];

describe('the program', () => {
  let standIn: StandIn;
  beforeAll(async () => {
    standIn = await startStandIn(cannedAnswers());
  });
  afterAll(() => standIn.close());

  it('shows its commands, first steps and exit codes', async () => {
    const { code, stdout } = await lockstep(['--help']);
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
  });

  it.each(COMMANDS)('teaches %s with examples', async (command) => {
    const { code, stdout } = await lockstep(['help', command]);
    expect(code).toBe(0);
    expect(stdout).toContain(`$ lockstep ${command}`);
    expect(stdout).toMatchSnapshot();
  });

  it.each([
    [['stauts'], /unknown command 'stauts'[\s\S]*Did you mean status\?/],
    [['status', '--chekc'], /unknown option '--chekc'/],
    [['why'], /missing required argument 'item'/],
    [['sync', '--timeout', 'soon'], /expected a whole number from 0 to 999999, got soon/],
    [['apply', '--plan', 'abc'], /expected at least the first 12 characters of a plan's id, got abc/],
    [['resolve', 'conflict-1', '--take', 'mine'], /Allowed choices are canonical, remote/],
    [['resolve', 'conflict-1', '--take', 'remote', '--value', 'x'], /cannot be used with/],
  ])('ends in 2 where the command line is not understood: %j', async (args, message) => {
    const { code, stdout, stderr } = await lockstep(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });

  it('ends in 2 and shows the help where no command is given', async () => {
    const { code, stderr } = await lockstep([]);
    expect(code).toBe(2);
    expect(stderr).toContain('Commands:');
  });

  it('takes global options before and after the command', async () => {
    const before = await lockstep(['--json', '--url', standIn.url, '--token', TOKEN, 'status']);
    const after = await lockstep(['status', '--json', '--url', standIn.url, '--token', TOKEN]);
    expect(JSON.parse(before.stdout)).toMatchObject({ workspace: 'growth' });
    expect(after.stdout).toBe(before.stdout);
  });

  it('says what is wrong on stderr, and as one JSON document on stdout with --json', async () => {
    const { code, stdout, stderr } = await lockstep(['status', '--json', '--url', standIn.url, '--token', 'wrong']);
    expect(code).toBe(1);
    expect(stderr).toContain('lockstep status: authorization: expected the token, got another; give the right one with --token');
    expect(stderr).not.toContain('wrong');
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'unauthorized', message: expect.stringContaining('--token') as string, exitCode: 1 },
    });
  });

  it('paints where it is asked to, never with --no-color or NO_COLOR', async () => {
    const args = ['status', '--url', standIn.url, '--token', TOKEN];
    const escape = '\u001B[';
    expect((await lockstep(args, { env: { FORCE_COLOR: '1' } })).stdout).toContain(escape);
    expect((await lockstep([...args, '--no-color'], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain(escape);
    expect((await lockstep(args, { env: { NO_COLOR: '1' } })).stdout).not.toContain(escape);
  });
});
