/** What people are owed to be told of change sets, on a real PostgreSQL. */
import type { OwedSetNotice } from '@lockstep/domain/crm/notice.ts';
import { expect, test } from 'vitest';
import { createChangeSetStore } from './change-set-store.ts';
import { NOW, useTestStore } from './testing.ts';

const database = useTestStore();
const open = () => createChangeSetStore({ pool: database.pool, workspaceId: database.workspaceId() });
const later = (seconds: number): string => new Date(Date.parse(NOW) + seconds * 1_000).toISOString();

function aNotice(person: string, rest: Partial<OwedSetNotice> = {}): OwedSetNotice {
  return {
    ...{ noticeId: 'cs-1/approval-asked/abc/0', changeSetId: 'cs-1', notice: 'approval-asked', person },
    words: { title: 'Your approval', why: ['what'], score: null, deadlineIso: later(60), link: null, buttons: [] },
    ...{ owedSince: NOW, until: later(3_600), attempt: null, triedSince: null, settledAt: null, outcome: null, receipt: null },
    ...rest,
  };
}

const attempt = (seconds: number) => ({
  ...({ channel: 'slack', sinceMs: Date.parse(NOW), attempts: 1, isUnsettled: false } as const),
  nextMs: Date.parse(later(seconds)),
});

test('a notice is owed to a person once, and stays as it stands where it is owed again; it is due until it is settled', async () => {
  const store = open();
  const read = () => store.snapshot((reader) => reader.setNotices('cs-1'));
  const due = (at: string) => store.snapshot(async (reader) => (await reader.dueSetNotices(at, 10)).map(({ person }) => person));
  const next = () => store.snapshot((reader) => reader.nextSetNoticeAt());
  expect([await due(NOW), await next()]).toEqual([[], null]);
  await store.transaction((tx) => tx.oweSetNotices([aNotice('lena'), aNotice('hugo'), aNotice('nina', { owedSince: later(9) })]));
  const tried = aNotice('lena', { attempt: attempt(30), triedSince: later(1) });
  await store.transaction((tx) => tx.saveSetNotice(tried));
  await store.transaction((tx) => tx.oweSetNotices([aNotice('lena'), aNotice('hugo', { owedSince: later(99) })]));
  await store.transaction((tx) => tx.oweSetNotices([]));
  expect(await read()).toEqual([aNotice('hugo'), tried, aNotice('nina', { owedSince: later(9) })]);
  // Whoever has not been tried is due, whatever the clock of who owes it says.
  expect([await due(NOW), await due(later(30)), await next()]).toEqual([['hugo', 'nina'], ['hugo', 'lena', 'nina'], NOW]);

  const receipt = { channel: 'slack', conversation: 'D1', message: '1.2', wasThere: false } as const;
  const told = { ...tried, settledAt: later(31), outcome: 'told', receipt } as const;
  await store.transaction((tx) => tx.saveSetNotice(told));
  expect([(await read())[1], await due(later(99))]).toEqual([told, ['hugo', 'nina']]);
});

test('what was told has an outcome if, and only if, it is settled; another workspace and another set see nothing of it', async () => {
  const store = open();
  await store.transaction((tx) => tx.oweSetNotices([aNotice('lena')]));
  const save = (rest: Partial<OwedSetNotice>) => store.transaction((tx) => tx.saveSetNotice(aNotice('lena', rest)));
  await expect(save({ settledAt: NOW })).rejects.toThrow('check');
  await expect(save({ outcome: 'told' })).rejects.toThrow('check');
  const other = open();
  expect(await other.snapshot((reader) => reader.dueSetNotices(later(9), 10))).toEqual([]);
  expect(await store.snapshot((reader) => reader.setNotices('cs-2'))).toEqual([]);
});
