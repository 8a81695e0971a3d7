import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiPastLead } from '@lockstep/api/routing-past-schemas.ts';
import { cannedAnswers } from '../canned.ts';
import { emptyDirectory, lockstep } from '../program-run.ts';
import { startStandIn, TOKEN } from '../stand-in.ts';
import type { Ended } from '../program-run.ts';
import type { StandIn } from '../stand-in.ts';

const example = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../../examples/routing/${name}.yaml`, import.meta.url)), 'utf8');
const DAY = '2024-11-27';
const iso = (minute: number): string => new Date(Date.parse(`${DAY}T09:00:00Z`) + minute * 60_000).toISOString();

/** A lead of a small company in Germany that came so many minutes after ten in Berlin; somebody said yes to it, or let it lie. */
function past(index: number, memberId: string, minutes: number | null): ApiPastLead {
  const from = Date.parse(iso(index * 10));
  const to = minutes === null ? null : from + minutes * 60_000;
  return {
    ...{
      leadId: `lead-${index}`,
      decisionId: `lead-${index}/1`,
      decidedAt: iso(index * 10),
      policyHash: 'p',
      rosterHash: 'r',
      outcome: 'assigned',
    },
    facts: {
      ...{ tier: 'smb', score: 75, source: 'product', isBackfill: false, traits: {}, country: 'DE', subdivision: null, confidence: null },
      match: { kind: 'new', reason: 'NO_ACCOUNT', domain: `lead-${index}.example` },
    },
    ...{ state: to === null ? 'offered' : 'accepted', closedAt: null, escalatedTo: null, escalatedAtMs: null },
    offers: [{ memberId, poolId: 'emea-ae', state: to === null ? 'open' : 'accepted', offeredAtMs: from, answeredAtMs: to }],
    clock: {
      ...{ slaId: 'pql', stopsOn: 'acknowledged', state: to === null ? 'breached' : 'met' },
      outcome: to === null ? null : { kind: 'met', endedAtMs: to, wallMs: to - from, usedMs: to - from, uncoveredMs: 0 },
    },
  };
}

describe('lockstep pql simulate', () => {
  let standIn: StandIn;
  let directory: string;
  beforeAll(async () => {
    standIn = await startStandIn(cannedAnswers());
  });
  beforeEach(() => {
    Object.assign(standIn.answers, cannedAnswers());
    standIn.answers.past = [past(0, 'ines', 10), past(1, 'omar', 25), past(2, 'ines', 5), past(3, 'omar', 40), past(4, 'ines', null)];
    const [policy, roster, { slas }] = ['policy', 'roster', 'slas'].map((name) => parse(example(name)) as Record<string, unknown>) as [
      object,
      object,
      { slas: never },
    ];
    standIn.answers.context = {
      documents: { scoring: {}, policy: { ...policy }, roster: { ...roster }, slas },
      holidays: {},
      absences: {},
    };
    standIn.commands.length = 0;
    directory = emptyDirectory();
  });
  afterAll(() => standIn.close());
  const run = (...args: string[]): Promise<Ended> =>
    lockstep([
      'pql',
      'simulate',
      '--since',
      '2024-11-01',
      '--until',
      '2024-12-01T00:00:00Z',
      ...args,
      '--url',
      standIn.url,
      '--token',
      TOKEN,
    ]);
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };

  it('R6 plays past leads by another roster, reads them a page at a time, and says who would have got what, in time or not, and what it rests on', async () => {
    const roster = file(
      'without-omar.yaml',
      example('roster')
        .replace('members: [ines, omar, dora]', 'members: [ines, dora]')
        .replace('version: growth-2026-11', 'version: without-omar'),
    );
    const out = join(directory, 'report.json');
    const { code, stdout, stderr } = await run('--roster', roster, '--out', out);
    expect([code, stdout]).toEqual([0, expect.stringContaining('played: roster without-omar')]);
    expect(stdout).toMatchSnapshot();
    expect(stderr).toContain('4 leads read');
    const report = JSON.parse(readFileSync(out, 'utf8')) as { leads: { leadId: string; given: { firstOwnerId: string } }[] };
    expect(report.leads.map(({ leadId, given }) => [leadId, given.firstOwnerId])).toEqual(
      [0, 1, 2, 3, 4].map((index) => [`lead-${index}`, 'ines']),
    );
    const routes = standIn.commands.map(({ route }) => route);
    expect(routes).toEqual(['POST /v1/routing/check', 'POST /v1/routing/context']);
    const again = await run('--roster', roster, '--out', out);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('expected a new file, got one that is there')]);
  });

  it('R6 without documents it says how far to trust it: what is played lies beside what was', async () => {
    const { code, stdout } = await run('--json', '--answers', 'none');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      likeness: { firstOwner: 5, outcome: 5 },
      same: null,
      sums: { asItWas: { met: 4, breached: 1, medianMs: 600_000 }, inForce: { met: 4, breached: 1, medianMs: 600_000 }, given: null },
    });
  });

  it('with no answers for what nobody knows the others let leads lie', async () => {
    const policy = file('world.yaml', example('policy').replaceAll('sla: pql', 'sla: pql, pool: amer-ae'));
    const { stdout } = await run('--policy', policy, '--answers', 'none', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      sums: { given: { met: 0, breached: 5 } },
      same: { firstOwner: 0 },
      known: { known: 0, own: 0, others: 0 },
    });
  });

  it.each([
    [['--policy', 'none.yaml'], 1, 'none.yaml: expected a readable file, got none'],
    [['--answers', 'all'], 2, 'Allowed choices are usual, none'],
    [['--since', 'yesterday'], 2, 'expected an instant such as'],
  ])('what it cannot work with is told: %j', async (args, code, message) => {
    expect(await run(...args)).toMatchObject({ code, stderr: expect.stringContaining(message) as string });
  });

  it('documents with errors are not played: each is told by file and line', async () => {
    standIn.answers.checked = {
      ...standIn.answers.checked,
      problems: [
        {
          severity: 'error',
          file: 'next.yaml',
          line: 14,
          path: 'rules[2].way.sla',
          expected: 'a service level',
          got: 'fast',
          remedy: 'name one',
        },
      ],
    };
    const { code, stderr } = await run('--policy', file('next.yaml', example('policy')));
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('next.yaml:14: rules[2].way.sla: expected a service level, got fast; name one'),
    ]);
  });

  it('says so where no lead was decided', async () => {
    standIn.answers.past = [];
    expect((await run()).stdout).toBe('No leads were decided from 2024-11-01T00:00:00.000Z to 2024-12-01T00:00:00.000Z.\n');
  });

  it('R6 plays the example of the runbook without a worker, and prints what stands there', async () => {
    const next = file(
      'next.yaml',
      example('policy')
        .replace('version: growth-2026-11', 'version: growth-2026-12')
        .replaceAll('role: ae, sla: pql, fallback', 'role: ae, pool: amer-ae, sla: pql, fallback'),
    );
    const leads = fileURLToPath(new URL('../../../../examples/routing/past-leads.jsonl', import.meta.url));
    const { code, stdout } = await lockstep(['pql', 'simulate', '--past', leads, '--policy', next]);
    expect(code).toBe(0);
    const runbook = readFileSync(fileURLToPath(new URL('../../../../docs/runbooks/routing.md', import.meta.url)), 'utf8');
    const shown = /^```\n(24 leads decided[^`]*)^```/m.exec(runbook)?.[1]?.split('\n') ?? [];
    const lines = stdout.split('\n');
    expect(shown.length).toBeGreaterThan(20);
    expect(shown.filter((line) => line.trim() !== '…' && !lines.includes(line))).toEqual([]);
  });

  it.each([
    ['', 'past.jsonl:1: expected a JSON object'],
    ['{"until":"soon"}', 'past.jsonl:1: until: expected an ISO 8601 instant, got "soon"'],
    ['{"until":"2026-11-01T00:00:00Z"}\n{"leadId":"l-1"}', 'past.jsonl:2: '],
    ['{"until":"2026-11-01T00:00:00Z"}', 'past.jsonl:1: policy: expected the name of a file beside this one'],
  ])('says what is wrong with a file of past leads, by its line: %s', async (text, message) => {
    const { code, stderr } = await lockstep(['pql', 'simulate', '--past', file('past.jsonl', text)]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
  });
});
