import { pino } from 'pino';
import { expect, test } from 'vitest';
import { logFields, withLogFields } from './log-fields.ts';

test('lines bear the fields of what is done, those around it included, across awaits, and nothing of what is done beside it', async () => {
  const lines: Record<string, unknown>[] = [];
  const write = (text: string): void => void lines.push(JSON.parse(text) as Record<string, unknown>);
  const log = pino({ base: null, timestamp: false, mixin: logFields }, { write });
  const one = (workflowId: string, connectionId: string) =>
    withLogFields({ workflowId, activity: 'pullPage', attempt: 1 }, async () => {
      await Promise.resolve();
      await withLogFields({ connectionId, runId: `run-of-${connectionId}` }, async () => {
        await Promise.resolve();
        log.warn({ code: 'Throttled' }, 'the remote refused');
      });
      log.warn('after it');
    });
  await Promise.all([one('sync/w/jira', 'jira'), one('sync/w/notion', 'notion')]);
  log.warn('at rest');
  const around = (name: string) => ({ workflowId: `sync/w/${name}`, activity: 'pullPage', attempt: 1 });
  const within = (name: string) => ({ ...around(name), connectionId: name, runId: `run-of-${name}`, code: 'Throttled' });
  const expected = [
    ...['jira', 'notion'].map((name) => ({ level: 40, ...within(name), msg: 'the remote refused' })),
    ...['jira', 'notion'].map((name) => ({ level: 40, ...around(name), msg: 'after it' })),
    { level: 40, msg: 'at rest' },
  ];
  expect(lines).toHaveLength(expected.length);
  expect(lines).toEqual(expect.arrayContaining(expected));
});
