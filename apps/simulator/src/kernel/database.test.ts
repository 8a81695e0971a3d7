import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from './database.ts';
import { createRequestLog } from './request-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulator-database-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what was written is there after the file is opened again, each tool with its own', () => {
  const file = join(folder, 'a.db');
  const first = openDatabase(file);
  first.documents('jira').put('issue', '2', { title: 'b' });
  first.documents('jira').put('issue', '1', { title: 'a' });
  first.documents('jira').put('issue', '1', { title: 'A' });
  first.documents('notion').put('issue', '1', { title: 'other' });
  first.documents('jira').put('link', '1', {});
  first.documents('jira').remove('link', '1');
  first.keepSetting('seed', 7);
  first.close();
  const second = openDatabase(file);
  expect([...second.documents('jira').load('issue')]).toEqual([{ title: 'A' }, { title: 'b' }]);
  expect([...second.documents('jira').load('link')]).toEqual([]);
  expect([second.setting('seed'), second.setting('other')]).toEqual([7, undefined]);
  second.clear();
  expect([[...second.documents('notion').load('issue')], second.setting('seed')]).toEqual([[], undefined]);
  second.close();
});

test('a transaction is all or nothing, one inside another too', () => {
  const database = openDatabase(':memory:');
  const documents = database.documents('jira');
  const count = (): number => [...documents.load('issue')].length;
  expect(documents.transaction(() => documents.transaction(() => 'done'))).toBe('done');
  expect(() =>
    documents.transaction(() => {
      documents.put('issue', '1', {});
      documents.transaction(() => documents.put('issue', '2', {}));
      throw new Error('stop');
    }),
  ).toThrow('stop');
  expect(count()).toBe(0);
  documents.transaction(() => documents.put('issue', '3', {}));
  expect(count()).toBe(1);
  database.close();
});

test('the request log counts records by effect, account, tool and place in time', () => {
  const database = openDatabase(':memory:');
  const log = createRequestLog(database);
  const record = (
    tool: 'jira' | 'notion',
    account: string | null,
    effect: 'none' | 'read' | 'create' | 'update' | 'delete',
    records: number,
  ): void =>
    log.record({
      tool,
      at: '2026-11-24T09:00:00.000Z',
      method: 'POST',
      path: '/x',
      operation: null,
      account,
      status: 200,
      effect,
      records,
      durationMs: 1.5,
      fault: null,
    });
  record('jira', 'lockstep', 'create', 50);
  record('jira', 'maria', 'update', 1);
  record('jira', 'lockstep', 'read', 100);
  record('notion', 'lockstep', 'delete', 2);
  record('notion', null, 'none', 0);
  expect(log.lastSeq()).toBe(5);
  expect(log.counts({})).toEqual({ calls: 5, creates: 50, updates: 1, deletes: 2 });
  expect(log.counts({ tool: 'jira', account: 'lockstep' })).toEqual({ calls: 2, creates: 50, updates: 0, deletes: 0 });
  expect(log.counts({ after: 3 })).toEqual({ calls: 2, creates: 0, updates: 0, deletes: 2 });
  expect(log.counts({ after: 5 })).toEqual({ calls: 0, creates: 0, updates: 0, deletes: 0 });
  expect(log.list({ account: 'lockstep' }, 2).map(({ seq, effect, durationMs }) => [seq, effect, durationMs])).toEqual([
    [1, 'create', 1.5],
    [3, 'read', 1.5],
  ]);
  database.close();
});
