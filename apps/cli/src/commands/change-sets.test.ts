import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeSetDetail } from '@lockstep/api/change-set-schemas.ts';
import { CHANGE_SET, cannedAnswers } from '../canned.ts';
import { emptyDirectory, lockstep } from '../program-run.ts';
import { startStandIn, TOKEN } from '../stand-in.ts';
import type { Ended } from '../program-run.ts';
import type { StandIn } from '../stand-in.ts';

const ended = (end: NonNullable<ChangeSetDetail['set']['end']>): ChangeSetDetail => ({
  ...CHANGE_SET,
  set: { ...CHANGE_SET.set, state: 'ended', end },
  counts: { done: 2 },
});

describe('change sets on the command line', () => {
  let standIn: StandIn;
  const folder = emptyDirectory();
  beforeAll(async () => {
    standIn = await startStandIn(cannedAnswers());
    writeFileSync(join(folder, 'owners.csv'), 'record,owner\n151,omar@growth.example\n');
  });
  beforeEach(() => {
    Object.assign(standIn.answers, cannedAnswers());
    standIn.commands.length = 0;
  });
  afterAll(() => standIn.close());
  const run = (...args: string[]): Promise<Ended> => lockstep([...args, '--url', standIn.url, '--token', TOKEN], { cwd: folder });
  const planArgs = ['crm', 'plan', 'owners.csv', '--connection', 'hubspot', '--object', 'contacts', '--reason', 'Maria leaves'];

  it('C6 plan shows the exact diff with its class of reversibility, and who must say yes', async () => {
    const { code, stdout } = await run(...planArgs);
    expect(code).toBe(0);
    expect(stdout).toContain('1. assign-owner contacts 151 in hubspot · B exact, with residue\n      hubspot_owner_id: 7 → 8');
    expect(stdout).toContain('2. archive deals 9 in hubspot · D cannot be undone');
    expect(stdout).toContain('policy policy-1: one person must approve, not the one who asked (bulk-over-50)');
    expect(standIn.commands[0]).toMatchObject({
      route: 'POST /v1/change-sets',
      body: { reason: 'Maria leaves', steps: [{ place: 'owners.csv:2', operation: 'assign-owner', owner: 'omar@growth.example' }] },
    });
  });

  it('says of every step that cannot be planned where it stands and why, and plans nothing', async () => {
    standIn.answers.stepProblems = [{ place: 'owners.csv:2', message: 'owner: expected the e-mail of a user of hubspot' }];
    const { code, stderr } = await run(...planArgs);
    expect(code).toBe(1);
    expect(stderr).toContain('1 of 1 steps cannot be planned\n  owners.csv:2: owner: expected the e-mail of a user of hubspot');
  });

  it('C6 apply, approve and reject send the hash of the diff that was seen; another one is refused', async () => {
    for (const command of ['apply', 'approve', 'reject']) expect((await run('crm', command, 'cs-1')).code).toBe(0);
    expect(standIn.commands).toEqual(
      ['apply', 'approve', 'reject'].map((command) => ({ route: `POST /v1/change-sets/cs-1/${command}`, body: { diffHash: 'hash-1' } })),
    );
    const stale = await run('crm', 'approve', 'cs-1', '--diff', 'hash-0');
    expect([stale.code, stale.stderr.includes('diff: expected the present one')]).toEqual([5, true]);
  });

  it.each([
    ['committed', 0],
    ['rolled-back', 5],
    ['rolled-back-with-residue', 5],
    ['needs-operator', 5],
  ] as const)('C3 apply --wait ends with the end of the set: %s', async (end, code) => {
    let looks = 0;
    standIn.answers.changeSet = () => (looks++ < 4 ? CHANGE_SET : ended(end));
    const { code: got, stdout } = await run('crm', 'apply', 'cs-1', '--wait', '--json');
    expect([got, (JSON.parse(stdout) as ChangeSetDetail).set.end]).toEqual([code, end]);
  });

  it('above the threshold nothing is started without a yes', async () => {
    expect((await run('crm', 'apply', 'cs-1', '--threshold', '1')).code).toBe(5);
    expect(standIn.commands).toEqual([]);
    expect((await run('crm', 'apply', 'cs-1', '--threshold', '1', '--yes')).code).toBe(0);
  });

  it('C4 C9 rollback shows what it leaves alone with the three values, and writes only with --apply', async () => {
    const skipped = {
      ...{ changeSetId: 'cs-0', ordinal: 0, object: 'contacts', recordId: '151', field: 'hubspot_owner_id', code: 'CONFLICT_HUMAN' },
      ...{ message: 'changed since', before: '7', ours: '8', now: '9', by: 'user 4', at: '2026-11-24T08:00:00.000Z' },
    };
    standIn.answers.changeSet = () => ({ ...CHANGE_SET, set: { ...CHANGE_SET.set, kind: 'rollback' }, skipped: [skipped] });
    const preview = await run('rollback', 'cs-0', '--record', 'hubspot:contacts:151');
    expect(preview.code).toBe(0);
    expect(preview.stdout).toContain('before 7, ours 8, now 9 (user 4, 2026-11-24T08:00:00.000Z)');
    expect(standIn.commands.map(({ route }) => route)).toEqual(['POST /v1/rollbacks']);
    expect(standIn.commands[0]?.body).toMatchObject({ changeSetIds: ['cs-0'], record: { object: 'contacts', recordId: '151' } });
    await run('rollback', '--workflow', 'change-set/growth/cs-0', '--apply', '--yes');
    expect(standIn.commands.map(({ route }) => route).slice(1)).toEqual(['POST /v1/rollbacks', 'POST /v1/change-sets/cs-1/apply']);
  });

  it('rollback wants to know of what', async () => {
    expect((await run('rollback')).code).toBe(2);
    expect((await run('rollback', '--from', 'yesterday')).code).toBe(2);
    expect((await run('rollback', '--record', 'contacts')).code).toBe(2);
  });

  it('K07 undo run is a preview unless it is told to apply', async () => {
    expect((await run('undo', 'run', 'run-1')).stdout).toContain('1 field would be restored, 0 left alone.\n  Pricing page test: owner');
    expect((await run('undo', 'run', 'run-1', '--apply')).stdout).toContain('1 field restored');
    expect(standIn.commands.map(({ body }) => body)).toEqual([
      { runId: 'run-1', dryRun: true },
      { runId: 'run-1', dryRun: false },
    ]);
  });
});
