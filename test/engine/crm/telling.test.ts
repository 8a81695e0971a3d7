/** Telling people of change sets: the engine on a real PostgreSQL, our messengers, and the simulator's HubSpot, Slack and mail server. */
import { expect, test } from 'vitest';
import type { OwedSetNotice, SetNotice } from '@lockstep/domain/crm/notice.ts';
import { policySchema } from '@lockstep/domain/crm/policy.schema.ts';
import { FALL_BACK_WITHIN_MS, NEXT_ROUND_MS } from '@lockstep/domain/routing/delivery.ts';
import { decide, judgeSet } from '@lockstep/engine/crm/judging.ts';
import { oweNotice, tellDue } from '@lockstep/engine/crm/telling.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { openBench, setFields } from './bench.ts';
import type { Bench, BenchOptions } from './bench.ts';
import { openTellingDesk } from './telling-desk.ts';
import type { TellingDesk } from './telling-desk.ts';

const database = useTestStore();
const REVIEWED = policySchema.parse({ version: 'reviewed-1', rules: [{ name: 'everything', actors: ['human', 'system'], approvers: 1 }] });
const DOWN = { kind: 'answer', status: 503 };
const ALWAYS = { times: 'always' };

interface Scene {
  readonly bench: Bench;
  readonly desk: TellingDesk;
  readonly changeSetId: string;
  /** Owes it, as the workflow's activity does. */
  readonly owe: (notice: SetNotice) => ReturnType<typeof oweNotice>;
  /** One round of the courier, so long after the first. */
  readonly tell: (afterMs?: number) => ReturnType<typeof tellDue>;
  readonly rows: () => Promise<readonly OwedSetNotice[]>;
}

/** A set of olga's that waits for its approval. */
async function asked(options: BenchOptions = {}): Promise<Scene> {
  const [bench, desk] = [await openBench(database, options), await openTellingDesk()];
  bench.governing.policy = REVIEWED;
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  const changeSetId = await bench.plan([setFields(one, { jobtitle: 'Ann Secret' })], { reason: 'Ann Secret is promoted' });
  await judgeSet(bench.engine, changeSetId, bench.now());
  const askedAt = bench.now();
  const start = Date.parse(askedAt);
  return {
    ...{ bench, desk, changeSetId },
    owe: (notice) => oweNotice(desk.telling(bench.engine), { changeSetId, notice, askedAt }, askedAt),
    tell: (afterMs = 0) => tellDue(desk.telling(bench.engine), new Date(start + afterMs).toISOString()),
    rows: () => bench.store.snapshot((reader) => reader.setNotices(changeSetId)),
  };
}

test('C6 case 59 a question arrives in Slack at both who may answer it, once, not at who asked, with what they need and no value of a record', async () => {
  const { desk, changeSetId, owe, tell, rows } = await asked();
  expect(await owe('approval-asked')).toEqual({ concerned: 2, reachable: 2 });
  expect(await owe('approval-asked')).toEqual({ concerned: 2, reachable: 2 });
  expect(await tell()).toEqual({ told: 2, untold: [], nextAt: null });
  expect(await tell(NEXT_ROUND_MS)).toEqual({ told: 0, untold: [], nextAt: null });
  const [lena, hugo, olga] = [await desk.slack('lena'), await desk.slack('hugo'), await desk.slack('olga')];
  expect([lena.length, hugo, olga, await desk.mails()]).toEqual([1, lena, [], []]);
  expect(lena[0]).toMatch(
    new RegExp(
      `^\\*Your approval is asked for: change set ${changeSetId}\\*\n• What: set-fields on contacts of hubspot × 1\n• Asked for by ops \\(human\\)\n• 1 record; can be taken back: class A, exact\n• Look at it: \`lockstep crm show ${changeSetId}\`\n• Say yes: \`lockstep crm approve ${changeSetId}\`\n• Say no: \`lockstep crm reject ${changeSetId}\`\n\nDue .+ (CET|CEST|GMT[+][12])$`,
    ),
  );
  expect(lena[0]).not.toContain('Secret');
  expect((await rows()).map(({ person, outcome, receipt }) => [person, outcome, receipt?.channel])).toEqual([
    ['hugo', 'told', 'slack'],
    ['lena', 'told', 'slack'],
  ]);
});

test('whatever a row holds is text in Slack: no mention and no link comes of it', async () => {
  const { bench, desk, owe, tell, rows } = await asked();
  await owe('approval-asked');
  const why = ['<!channel> <https://evil.example|here> & more\n• said yes'];
  for (const row of await rows()) await bench.store.transaction((tx) => tx.saveSetNotice({ ...row, words: { ...row.words, why } }));
  await tell();
  expect((await desk.slack('lena'))[0]).toContain('• &lt;!channel&gt; &lt;https://evil.example|here&gt; &amp; more • said yes');
});

test('R8 case 24 Slack is away: it comes by mail within a minute, once, and Slack is left alone after', async () => {
  const { desk, changeSetId, owe, tell, rows } = await asked();
  await desk.fault('slack', { path: '/api/' }, DOWN, ALWAYS);
  await owe('approval-asked');
  let afterMs = 0;
  for (let round = await tell(); round.nextAt !== null; round = await tell(afterMs)) {
    expect(round).toMatchObject({ told: 0, untold: [] });
    afterMs = Date.parse(round.nextAt) - Date.parse((await rows())[0]?.owedSince ?? '');
  }
  expect(afterMs).toBeGreaterThan(0);
  expect(afterMs).toBeLessThanOrEqual(FALL_BACK_WITHIN_MS);
  const mails = await desk.mails();
  expect(mails.map(({ to, isRepeat }) => `${to.join()} ${isRepeat ? 'again' : 'once'}`).toSorted()).toEqual([
    'lena@growth.example once',
    'tom@growth.example once',
  ]);
  expect(mails[0]?.subject).toBe(`Your approval is asked for: change set ${changeSetId}`);
  expect(mails[0]?.text).toContain(`lockstep crm approve ${changeSetId}`);
  await desk.healed();
  expect([await tell(NEXT_ROUND_MS), await desk.slack('lena')]).toEqual([{ told: 0, untold: [], nextAt: null }, []]);
});

test('who is not in Slack is told by mail at once; who has no address is counted as somebody whom nothing reaches', async () => {
  const { desk, owe, tell } = await asked();
  desk.readers.set('lena', { slackUserId: null, email: 'lena@elsewhere.example', locale: 'en-GB', zone: 'UTC' });
  desk.readers.delete('hugo');
  expect(await owe('approval-asked')).toEqual({ concerned: 2, reachable: 1 });
  expect(await tell()).toEqual({ told: 1, untold: [], nextAt: null });
  expect((await desk.mails()).map(({ to }) => to)).toEqual([['lena@elsewhere.example']]);
});

test('no channel takes it: that is said, it is tried again in five minutes, and then it arrives', async () => {
  const { desk, owe, tell, changeSetId } = await asked();
  await desk.fault('slack', { path: '/api/' }, { kind: 'unauthorized', cause: 'revoked' }, ALWAYS);
  await desk.fault('mail', { method: 'AUTH' }, { kind: 'unauthorized', cause: 'revoked' }, ALWAYS);
  await owe('approval-asked');
  const { told, untold } = await tell();
  expect([told, untold]).toEqual([0, Array.from({ length: 2 }, () => ({ changeSetId, notice: 'approval-asked', code: 'AuthRevoked' }))]);
  await desk.healed();
  expect(await tell(NEXT_ROUND_MS - 1)).toMatchObject({ told: 0, untold: [] });
  expect(await tell(NEXT_ROUND_MS)).toEqual({ told: 2, untold: [], nextAt: null });
  expect([(await desk.slack('lena')).length, (await desk.mails()).length]).toEqual([1, 0]);
});

test('C5 the worker dies between the delivery and its record: Slack is looked through and has one message; mail has the letter twice under one Message-ID', async () => {
  let isDying = true;
  const { desk, owe, tell, rows } = await asked({
    wrapStore: (store) => ({
      snapshot: (work) => store.snapshot(work),
      transaction: (work) =>
        store.transaction((tx) =>
          work({
            ...tx,
            async saveSetNotice(notice) {
              if (isDying && notice.outcome === 'told') throw new Error('the process is gone');
              return tx.saveSetNotice(notice);
            },
          }),
        ),
    }),
  });
  desk.readers.set('hugo', { slackUserId: null, email: 'tom@growth.example', locale: 'en-GB', zone: 'UTC' });
  await desk.fault(
    'slack',
    { path: 'lookupByEmail' },
    { kind: 'answer', status: 200, body: { ok: false, error: 'users_not_found' } },
    ALWAYS,
  );
  await owe('approval-asked');
  await expect(tell()).rejects.toThrow('the process is gone');
  expect((await rows()).map(({ outcome, triedSince }) => [outcome, triedSince !== null])).toEqual([
    [null, true],
    [null, true],
  ]);
  isDying = false;
  expect(await tell(20_000)).toEqual({ told: 2, untold: [], nextAt: null });
  expect((await rows()).map(({ person, receipt }) => [person, receipt?.channel, receipt?.wasThere])).toEqual([
    ['hugo', 'mail', false],
    ['lena', 'slack', true],
  ]);
  expect([(await desk.slack('lena')).length, (await desk.mails()).map(({ isRepeat }) => isRepeat)]).toEqual([1, [false, true]]);
});

test('C5 an answer of Slack’s is lost: the next attempt finds the message and sends none', async () => {
  const { desk, owe, tell } = await asked();
  await desk.fault('slack', { path: 'chat.postMessage' }, { kind: 'lose-answer' }, { times: 2 });
  await owe('approval-asked');
  expect(await tell()).toMatchObject({ told: 0 });
  expect(await tell(2_000)).toEqual({ told: 2, untold: [], nextAt: null });
  expect([(await desk.slack('lena')).length, (await desk.slack('hugo')).length, (await desk.mails()).length]).toEqual([1, 1, 0]);
});

test('C6 a question that was answered before it could be told is told to nobody; one whose time is up neither, and that is said', async () => {
  const { bench, desk, owe, tell, rows, changeSetId } = await asked();
  await desk.fault('slack', { path: '/api/' }, DOWN, ALWAYS);
  await owe('approval-asked');
  await tell();
  const { diffHash } = (await bench.store.snapshot((reader) => reader.changeSet(changeSetId))) ?? {};
  await decide(bench.engine, changeSetId, { approver: 'lead', decision: 'approve', diffHash: diffHash ?? '' }, bench.now());
  await desk.healed();
  expect(await tell(10_000)).toEqual({ told: 0, untold: [], nextAt: null });
  expect([(await rows()).map(({ outcome }) => outcome), await desk.slack('hugo')]).toEqual([['moot', 'moot'], []]);
  const late = await asked();
  await late.owe('approval-asked');
  const day = 86_400_000;
  expect((await late.tell(day)).untold.map(({ code }) => code)).toEqual(['LATE', 'LATE']);
  expect([(await late.rows()).map(({ outcome }) => outcome), await late.desk.slack('lena')]).toEqual([['late', 'late'], []]);
});

test('C7 a set whose records are free by now needs no operator: nobody is told that it does', async () => {
  const { desk, owe, tell, rows } = await asked();
  expect(await owe('needs-operator')).toEqual({ concerned: 1, reachable: 1 });
  expect(await tell()).toEqual({ told: 0, untold: [], nextAt: null });
  expect([(await rows()).map(({ outcome }) => outcome), await desk.slack('olga')]).toEqual([['moot'], []]);
});

test('one row that breaks does not keep the others from being told', async () => {
  const { desk, owe, tell, rows } = await asked({
    wrapStore: (store) => ({
      snapshot: (work) => store.snapshot(work),
      transaction: (work) =>
        store.transaction((tx) =>
          work({
            ...tx,
            async saveSetNotice(notice) {
              if (notice.person === 'hugo') throw new TypeError('a defect');
              return tx.saveSetNotice(notice);
            },
          }),
        ),
    }),
  });
  await owe('approval-asked');
  await expect(tell()).rejects.toThrow('a defect');
  expect((await rows()).map(({ person, outcome }) => [person, outcome])).toEqual([
    ['hugo', null],
    ['lena', 'told'],
  ]);
  expect(await desk.slack('hugo')).toEqual([]);
});
