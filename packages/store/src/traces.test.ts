import { expect, test } from 'vitest';
import { NOW, useTestStore } from './testing.ts';
import { createTraceNotes } from './traces.ts';

const database = useTestStore();
const open = () => createTraceNotes({ pool: database.pool, workspaceId: database.workspaceId() });
const at = (seconds: number): string => new Date(Date.parse(NOW) + seconds * 1_000).toISOString();

test('what was left in a trace is found by its subject, the newest first, until it is done or a day old; in its own workspace only', async () => {
  const [notes, others] = [open(), open()];
  await notes.leave('owed/jira', 'one', at(0));
  await notes.leave('owed/jira', 'two', at(1));
  await notes.leave('owed/jira', 'one', at(2));
  await notes.leave('marked/jira', 'three', at(2));
  expect([await notes.left('owed/jira', 9), await notes.left('owed/jira', 1)]).toEqual([['one', 'two'], ['one']]);
  expect(await others.left('owed/jira', 9)).toEqual([]);
  await notes.settle('owed/jira', ['one']);
  await notes.settle('owed/jira', []);
  await others.settle('owed/jira', ['two']);
  expect(await notes.left('owed/jira', 9)).toEqual(['two']);
  await notes.leave('owed/notion', 'four', at(86_403));
  expect([await notes.left('owed/jira', 9), await notes.left('owed/notion', 9)]).toEqual([[], ['four']]);
});
