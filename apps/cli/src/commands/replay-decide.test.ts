import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cannedAnswers } from '../canned.ts';
import { redecided } from '../canned-decisions.ts';
import { emptyDirectory, lockstep } from '../program-run.ts';
import { startStandIn, TOKEN } from '../stand-in.ts';
import type { Ended } from '../program-run.ts';
import type { StandIn } from '../stand-in.ts';

describe('replay decide: past leads by another policy', () => {
  let standIn: StandIn;
  const folder = emptyDirectory();
  const policy = join(folder, 'next.yaml');
  beforeAll(async () => {
    standIn = await startStandIn(cannedAnswers());
    writeFileSync(policy, 'version: next\n');
  });
  beforeEach(() => {
    Object.assign(standIn.answers, cannedAnswers());
    standIn.commands.length = 0;
  });
  afterAll(() => standIn.close());
  const run = (...args: string[]): Promise<Ended> => lockstep(['replay', 'decide', ...args, '--url', standIn.url, '--token', TOKEN]);

  it('R6 case 81 shows who would have got what, over all pages; nothing steers the terminal', async () => {
    const { code, stdout } = await run('--policy', policy, '--since', '2026-11-01');
    expect(code).toBe(0);
    expect(stdout).not.toContain('\u001B');
    expect(stdout).toMatchSnapshot();
    const sent = { policy: { name: 'next.yaml', text: 'version: next\n' }, since: '2026-11-01T00:00:00.000Z' };
    expect(standIn.commands).toEqual(
      [{}, { after: 'cobalt-1/1' }].map((page) => ({ route: 'POST /v1/routing/decisions/replay', body: { ...sent, ...page } })),
    );
  });

  it('R6 --json has the counts, --output every decision that differs, a line each; --check ends in 3', async () => {
    const output = join(folder, 'differs.jsonl');
    const { code, stdout } = await run('--policy', policy, '--json', '--output', output, '--check');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ decisions: 6, stored: { same: 6, differs: 0, unknown: 0 }, notDecided: 0, unread: 1, more: 0 },
      changes: { same: 4, 'other-person': 1, 'now-escalated': 1, 'other-way': 0 },
    });
    const lines = readFileSync(output, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([...redecided(undefined).rows, ...redecided('').rows]);
  });

  it('R6 a stored decision that today’s code does not make any more ends in 1', async () => {
    standIn.answers.redecided = () => ({ ...redecided('x'), stored: { same: 2, differs: 1, unknown: 0 } });
    const { code, stdout } = await run();
    expect(code).toBe(1);
    expect(stdout).toContain("3 decisions: 2 as stored, 1 made otherwise by today's code");
  });

  it.each([
    [['--since', 'yesterday'], 2, 'expected a date such as 2026-11-01'],
    [['--policy', 'no-such-file.yaml'], 1, 'no-such-file.yaml: expected a readable file, got none'],
    [['--output', join('no', 'such', 'folder')], 1, 'expected to be able to write there'],
  ])('%j is refused with %i, before anything is asked', async (args, code, message) => {
    expect(await run(...args)).toMatchObject({ code, stderr: expect.stringContaining(message) as string });
    expect(standIn.commands).toEqual([]);
  });
});
