import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, readConfig, readSecret, readSettings } from './config.ts';
import { configuredPolicies, configuredReaders } from './policies.ts';

const JIRA = { id: 'jira', connector: 'jira', baseUrl: 'https://acme.atlassian.net', email: 'env:EMAIL', apiToken: 'file:token' };
const CONFIG = { version: 1, workspace: 'growth', connections: [{ id: 'plan', connector: 'document', file: 'tasks.md' }, JIRA] };

describe('configuration', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lockstep-config-'));
  });
  const write = (name: string, text: string): string => {
    const file = join(directory, name);
    writeFileSync(file, text);
    return file;
  };
  const writeConfig = (change: object = {}): string => write('lockstep.yaml', JSON.stringify({ ...CONFIG, ...change }));
  const environment = (change: Record<string, string> = {}): Record<string, string> => ({
    LOCKSTEP_CONFIG: writeConfig(),
    DATABASE_URL: 'postgres://localhost/lockstep',
    LOCKSTEP_API_TOKEN: 'token',
    LOCKSTEP_ENCRYPTION_KEYS: `k2:${Buffer.alloc(32, 2).toString('base64')},k1:${Buffer.alloc(32, 1).toString('base64')}`,
    ...change,
  });

  it('has defaults, and waits for a plan before the first write', () => {
    expect(readConfig(writeConfig())).toMatchObject({
      connections: [{ gate: 'plan-first' }, { gate: 'plan-first' }],
      pollIntervalSeconds: 30,
      requestTimeoutSeconds: 30,
      childrenOfDeleted: 'move-up',
      reconcileCron: '17 2 * * *',
      targets: {},
    });
  });

  it.each([
    [{ version: 2 }, 'version: '],
    [{ workspace: 'Growth OS' }, 'workspace: expected lower-case letters'],
    [{ connections: [] }, 'connections: '],
    [{ connections: [JIRA, JIRA] }, 'connections.1.id: expected a distinct id, got jira again'],
    [{ connections: [{ ...JIRA, apiToken: 'the-secret-itself' }] }, 'connections.0.apiToken: expected env:NAME or file:PATH'],
    [{ connections: [{ ...JIRA, projekt: 'GROW' }] }, 'connections.0: '],
    [{ polIntervalSeconds: 5 }, '(the whole file): '],
  ])('says where it is wrong: %j', (change, message) => {
    const file = writeConfig(change);
    expect(() => readConfig(file)).toThrow(ConfigError);
    expect(() => readConfig(file)).toThrow(message);
    expect(() => readConfig(file)).not.toThrow('the-secret-itself');
  });

  const ROUTING = {
    ...{ scoring: 'scoring.yaml', roster: 'roster.yaml', policy: 'policy.yaml' },
    slack: { botToken: 'env:SLACK_BOT', signingSecret: 'file:slack-secret' },
  };

  it('routes nothing unless it is told to; then with a CRM to be named, and no events from outside', () => {
    expect(readConfig(writeConfig()).routing).toBeUndefined();
    expect(readConfig(writeConfig({ routing: ROUTING })).routing).toEqual({
      ...ROUTING,
      ...{ events: { tokens: [], secrets: [] }, calendars: [], calendarSeconds: 45, stageSeconds: 60 },
      slack: { ...ROUTING.slack, baseUrl: 'https://slack.com' },
    });
  });

  it.each([
    [{ slack: undefined }, 'routing.slack: expected slack or mail, got neither'],
    [{ slack: { ...ROUTING.slack, botToken: 'xoxb-the-secret-itself' } }, 'routing.slack.botToken: expected env:NAME or file:PATH'],
    [{ slack: { ...ROUTING.slack, teamId: 'growth' } }, 'routing.slack.teamId: expected the id of a workspace'],
    [{ events: { tokens: ['the-secret-itself'] } }, 'routing.events.tokens.0: expected env:NAME or file:PATH'],
    [{ mail: { server: 'file:smtp', from: { address: 'leads' } } }, 'routing.mail.from.address: expected a mail address'],
    [{ calendars: [{ member: 'ines' }] }, 'routing.calendars.0: expected either feed or file'],
    [{ calendars: [{ member: 'Ines W', file: 'ines.ics' }] }, 'routing.calendars.0.member: expected an id of the roster'],
    [{ stages: { MQL: ['new'], SQL: ['new'] } }, 'routing.stages: expected every value in one stage only'],
    [{ stages: { mql: ['new'] } }, 'routing.stages'],
    [{ crm: 'jira' }, 'routing.crm: expected the id of a connection to HubSpot or Salesforce, got jira'],
    [{ polcy: 'x' }, 'routing: '],
  ])('says what is wrong with routing: %j', (change, message) => {
    const file = writeConfig({ routing: { ...ROUTING, ...change } });
    expect(() => readConfig(file)).toThrow(message);
    expect(() => readConfig(file)).not.toThrow('the-secret-itself');
  });

  const OLGA = { id: 'ops', kind: 'human', person: 'olga', roles: ['operator'], slackUserId: 'U0OLGA001', email: 'olga@growth.example' };

  it('knows where people are told of change sets, by person, whichever of their accounts has the address; judging sees no address', () => {
    const principals = [
      { ...OLGA, slackUserId: undefined, zone: 'Europe/Berlin' },
      { ...OLGA, id: 'ops-2', email: 'elsewhere@growth.example' },
      { id: 'lead', kind: 'human', person: 'lena', roles: ['approver'] },
    ];
    const { changeSets } = readConfig(writeConfig({ changeSets: { principals, slack: { botToken: 'env:SLACK_BOT' } } }));
    expect([...configuredReaders(changeSets)]).toEqual([
      ['olga', { slackUserId: 'U0OLGA001', email: 'olga@growth.example', locale: 'en-GB', zone: 'Europe/Berlin' }],
    ]);
    const settings = readSettings({ ...environment(), LOCKSTEP_CONFIG: writeConfig({ changeSets: { principals } }) });
    expect(JSON.stringify(configuredPolicies(settings).principals())).not.toMatch(/growth\.example|U0OLGA/);
    expect(configuredPolicies(settings).principals()[0]).toEqual({
      id: 'ops',
      kind: 'human',
      person: 'olga',
      members: [],
      roles: ['operator'],
    });
  });

  it.each([
    [{ principals: [{ ...OLGA, slackUserId: 'olga' }] }, 'changeSets.principals.0.slackUserId: expected a Slack user id'],
    [{ principals: [{ ...OLGA, email: 'olga' }] }, 'changeSets.principals.0.email: expected a mail address'],
    [{ principals: [{ ...OLGA, zone: 'Berlin' }] }, 'changeSets.principals.0.zone: expected an IANA zone'],
    [{ principals: [{ ...OLGA, person: null }] }, 'changeSets.principals.0.person: expected the person whose address it is'],
    [{ principals: [OLGA, OLGA] }, 'changeSets.principals.1.id: expected a distinct id'],
    [{ slack: { botToken: 'xoxb-the-secret-itself' } }, 'changeSets.slack.botToken: expected env:NAME or file:PATH'],
    [{ mail: { server: 'file:smtp', from: { address: 'ops' } } }, 'changeSets.mail.from.address: expected a mail address'],
  ])('says what is wrong with change sets: %j', (change, message) => {
    const file = writeConfig({ changeSets: change });
    expect(() => readConfig(file)).toThrow(message);
    expect(() => readConfig(file)).not.toThrow('the-secret-itself');
  });

  it('says where a file is not YAML, or not there', () => {
    expect(() => readConfig(write('lockstep.yaml', 'a: [1'))).toThrow(/lockstep\.yaml: expected a readable YAML file, got: .*line 1/s);
    expect(() => readConfig(join(directory, 'none.yaml'))).toThrow('none.yaml: expected a readable YAML file');
  });

  it('reads secrets from the environment and from files beside the configuration', () => {
    write('token', 'abc\n');
    expect(readSecret('file:token', {}, directory)).toBe('abc');
    expect(readSecret('env:EMAIL', { EMAIL: 'ops@acme.example' })).toBe('ops@acme.example');
    expect(() => readSecret('env:EMAIL', {})).toThrow('environment: expected EMAIL to be set');
    expect(() => readSecret('file:none', {}, directory)).toThrow(`secret file ${join(directory, 'none')}: expected a readable file`);
  });

  it('refuses a secret file that is still to be filled, before a vendor refuses the empty credential', () => {
    write('token', '\n');
    expect(() => readSecret('file:token', {}, directory)).toThrow(
      `secret file ${join(directory, 'token')}: expected a secret, got an empty file`,
    );
  });

  it('K10 takes the first key to encrypt with and keeps the others to decrypt', () => {
    const { keyRing } = readSettings(environment());
    expect(keyRing.current).toBe('k2');
    expect([...keyRing.keys.keys()]).toEqual(['k2', 'k1']);
  });

  it('signs no checkpoints without a key, and keeps the witness beside the configuration', () => {
    expect(readSettings(environment())).toMatchObject({ auditKeys: null, auditWitness: join(directory, 'audit', 'checkpoints.jsonl') });
    const LOCKSTEP_AUDIT_KEYS = `file:${write('audit-keys', `k2:${Buffer.alloc(32, 2).toString('base64')}`)}`;
    const settings = readSettings(environment({ LOCKSTEP_AUDIT_KEYS, LOCKSTEP_AUDIT_WITNESS: '/witness/growth.jsonl' }));
    expect(settings).toMatchObject({ auditKeys: { current: 'k2' }, auditWitness: '/witness/growth.jsonl' });
  });

  it.each([
    [{ LOCKSTEP_ENCRYPTION_KEYS: 'k1:c2hvcnQ=' }, 'expected entries id:base64 of 32 bytes'],
    [{ LOCKSTEP_ENCRYPTION_KEYS: ' , ' }, 'expected at least one key'],
    [{ LOCKSTEP_AUDIT_KEYS: 'k1:c2hvcnQ=' }, 'LOCKSTEP_AUDIT_KEYS: expected entries id:base64 of 32 bytes'],
    [{ LOCKSTEP_API_TOKEN: '' }, 'expected LOCKSTEP_API_TOKEN to be set'],
    [{ LOCKSTEP_API_PORT: 'http' }, 'LOCKSTEP_API_PORT: expected a port from 0 to 65535, got http'],
    [{ LOCKSTEP_API_PORT: '70000' }, 'LOCKSTEP_API_PORT: expected a port from 0 to 65535, got 70000'],
  ])('refuses %j', (change, message) => {
    expect(() => readSettings(environment(change))).toThrow(message);
  });
});
