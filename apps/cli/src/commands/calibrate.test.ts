import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cannedAnswers } from '../canned.ts';
import { emptyDirectory, lockstep } from '../program-run.ts';
import { startStandIn, TOKEN } from '../stand-in.ts';
import type { Ended } from '../program-run.ts';
import type { StandIn } from '../stand-in.ts';

const pathOf = (name: string): string => fileURLToPath(new URL(`../../../../examples/routing/${name}`, import.meta.url));
const SCORING = readFileSync(pathOf('scoring.yaml'), 'utf8');
const HEAD = 'accountId,scoredAt,score,tier,outcome,outcomeAt,lastEventAt';

describe('lockstep pql calibrate', () => {
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
  const run = (...args: string[]): Promise<Ended> => lockstep(['pql', 'calibrate', ...args]);
  const online = (...args: string[]): Promise<Ended> => run(...args, '--url', standIn.url, '--token', TOKEN);
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };

  it('gives precision with its bound at each threshold, claims it on rows that the choice has not seen, and proposes nothing where what is in force is proven', async () => {
    const next = join(directory, 'next.yaml');
    const { code, stdout } = await run('--outcomes', pathOf('outcomes.csv'), '--scoring', pathOf('scoring.yaml'), '--write', next);
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
    expect(() => readFileSync(next)).toThrow('ENOENT');
  });

  it('writes the spec with a threshold that is proven in the place of one that is not, and not a byte besides', async () => {
    const text = SCORING.replace('threshold: 35', 'threshold: 70');
    const next = join(directory, 'next.yaml');
    const { code, stdout } = await run('--outcomes', pathOf('outcomes.csv'), '--scoring', file('scoring.yaml', text), '--write', next);
    expect([code, stdout]).toEqual([0, expect.stringContaining('enterprise: 70 → 36.45')]);
    expect(readFileSync(next, 'utf8')).toBe(
      SCORING.replace('threshold: 35', 'threshold: 36.45').replace('version: growth-2026-11', 'version: "growth-2026-11-calibrated"'),
    );
    expect(readFileSync(join(directory, 'scoring.yaml'), 'utf8')).toBe(text);
    const again = await run('--outcomes', pathOf('outcomes.csv'), '--scoring', join(directory, 'scoring.yaml'), '--write', next);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('expected a new file')]);
  });

  it('joins outcomes by account with the score that made it a lead, names those without one, and takes the spec in force', async () => {
    standIn.answers.context = {
      ...standIn.answers.context,
      documents: { ...standIn.answers.context.documents, scoring: parse(SCORING) as Record<string, unknown> },
    };
    const opened = (key: string): string => `2026-0${1 + (Number(key.slice(1)) % 8)}-01T00:00:00.000Z`;
    standIn.answers.scores = (accounts) =>
      accounts.map(({ account, before }) => {
        if (account === 'nobody.example') return null;
        expect(before).toBe('2026-09-20T00:00:00.000Z');
        // One in four has never become a lead.
        const isLead = Number(account.slice(1)) % 4 !== 3;
        const more = { scoredAt: opened(account), isLead, fired: isLead ? ['limit-reached'] : [] };
        return { accountId: `id-${account}`, score: isLead ? 60 : 20, tier: 'smb', ...more };
      });
    const rows = Array.from({ length: 80 }, (_, index) => ({
      account: `a${index}`,
      outcome: index % 10 === 0 ? 'lost' : 'customer',
      at: '2026-09-20T00:00:00Z',
    }));
    const lines = [...rows, { account: 'nobody.example', outcome: 'customer', at: '2026-09-20T00:00:00Z' }].map((row) =>
      JSON.stringify(row),
    );
    const outcomes = file('report.jsonl', lines.join('\n'));
    const { code, stdout } = await online('--outcomes', outcomes, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 80,
      unknown: ['nobody.example'],
      base: { all: { won: 72, closed: 80 }, neverLeads: { won: 20, closed: 20 } },
      spec: 'growth-2026-11',
      target: 0.7,
    });
    const { rules } = JSON.parse(stdout) as { rules: readonly { rule: string; tells: string | null }[] };

    expect(rules.find(({ rule }) => rule === 'limit-reached')).toMatchObject({
      fired: { won: 52, closed: 60 },
      quiet: { won: 20, closed: 20 },
      tells: null,
    });
    const within = JSON.parse((await online('--outcomes', outcomes, '--horizon-days', '30', '--json')).stdout) as {
      tiers: { tier: string; judged: unknown }[];
    };
    expect(within.tiers.find(({ tier }) => tier === 'smb')?.judged).toMatchObject({
      claim: { kind: 'refused', reason: 'BOUND_TOO_LOW' },
      claimedOn: { won: 0 },
    });
    expect((await online('--outcomes', outcomes)).stdout).toContain(
      '1 account of which nothing is stored that counts, not counted: nobody.example',
    );
  });

  it.each([
    [
      'report.csv',
      'account,outcome,at\na.example,won,2026-01-01T00:00:00Z\n,sql,soon\n',
      ['report.csv:2: outcome: expected sql,', 'report.csv:3: at: expected an ISO'],
    ],
    ['outcomes.csv', `${HEAD}\na,2026-01-01T00:00:00Z,many,smb,open,,\n`, ['outcomes.csv:2: score: expected a number, got "many"']],
    ['outcomes.csv', `${HEAD}\n`, ['expected rows with outcomes, got none']],
    ['report.jsonl', '{"account":"a"}\nnot json\n', ['report.jsonl:2: expected a JSON object']],
    [
      'outcomes.csv',
      `${HEAD}\na,2026-01-01T00:00:00Z,50,smb,open,,\nb,2026-02-01T00:00:00Z,50,smb,closed-won,2026-01-20T00:00:00Z,\n`,
      ['outcomes.csv:3: scoredAt: expected a score from before the outcome was known'],
    ],
  ])('what is wrong with a file is told by its line: %s', async (name, text, messages) => {
    const { code, stdout, stderr } = await run('--outcomes', file(name, text), '--scoring', pathOf('scoring.yaml'));
    expect([code, stdout]).toEqual([1, '']);
    for (const message of messages) expect(stderr).toContain(message);
  });

  it('asks for the file, and for numbers that are some', async () => {
    for (const args of [[], ['--outcomes', 'x', '--target', '100'], ['--outcomes', 'x', '--hit', 'won']])
      expect((await run(...args)).code, args.join(' ')).toBe(2);
  });
});
