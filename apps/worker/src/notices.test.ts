import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { CrmEngine } from '@lockstep/engine/crm/environment.ts';
import { configSchema } from './config.schema.ts';
import { loggedNotices, startConfiguredNotices } from './notices.ts';

function logOf() {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  return { log, lines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const PLAN = { id: 'plan', connector: 'document', file: 'tasks.md' };
const settingsOf = (changeSets: object) => ({
  config: configSchema.parse({ version: 1, workspace: 'growth', connections: [PLAN], changeSets }),
  secret: (reference: string) => (reference === 'file:smtp' ? 'smtp://127.0.0.1:9' : 'xoxb-1'),
});

/** Nothing is owed in it. */
const engine = {
  store: {
    snapshot: (work: (reader: object) => Promise<unknown>) => work({ dueSetNotices: async () => [], nextSetNoticeAt: async () => null }),
  },
  policies: { current: () => null, principals: () => [] },
} as unknown as CrmEngine;

test('the log has a line for each notice, an alert where somebody must be called, and nobody’s name', async () => {
  const { log, lines } = logOf();
  const at = '2026-11-29T10:00:00.000Z';
  for (const notice of ['approval-asked', 'needs-operator'] as const)
    await loggedNotices(log).notify({ changeSetId: 'cs-1', notice, askedAt: at, at });
  expect(lines()).toMatchObject([
    { level: 30, changeSetId: 'cs-1', notice: 'approval-asked', at },
    { level: 50, alert: true, changeSetId: 'cs-1', notice: 'needs-operator', at },
  ]);
});

describe('at the start', () => {
  test('no channel: the log says loudly that it alone tells people, where change sets are written at all', () => {
    const [one, none] = [logOf(), logOf()];
    expect(startConfiguredNotices({ settings: settingsOf({ policy: 'p.yaml' }), engine, log: one.log })).toBeNull();
    expect(startConfiguredNotices({ settings: settingsOf({}), engine, log: none.log })).toBeNull();
    expect([one.lines(), none.lines()]).toMatchObject([[{ level: 40, msg: expect.stringContaining('nobody is told') as string }], []]);
  });

  test('a channel, and approvers without an address: how many they are, not who', async () => {
    const { log, lines } = logOf();
    const lena = { id: 'lead', kind: 'human', person: 'lena', roles: ['approver'] };
    const hugo = { id: 'head', kind: 'human', person: 'hugo', roles: ['approver'], email: 'hugo@growth.example' };
    const changeSets = { principals: [lena, hugo], mail: { server: 'file:smtp', from: { address: 'ops@growth.example' } } };
    const notices = startConfiguredNotices({ settings: settingsOf(changeSets), engine, log });
    notices?.stop();
    await notices?.ended();
    expect(lines()).toMatchObject([{ level: 40, principals: 1 }]);
    expect(JSON.stringify(lines())).not.toMatch(/lena|hugo|growth\.example/);
  });
});
