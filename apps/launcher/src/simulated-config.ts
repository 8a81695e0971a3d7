/** The configuration of the demonstration: the working copy of the plan and the simulator's tools, all open. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { replaceFile } from './data.ts';
import type { DataDirectory } from './data.ts';
import { storyRoster } from './story-roster.ts';
import type { Hooked, Simulator } from './simulator.ts';

/** Webhooks make it faster; polling finds what they lose. */
const POLL_INTERVAL_SECONDS = 5;

const POLICY = fileURLToPath(new URL('../../../examples/crm/approvals.yaml', import.meta.url));
const ROUTING = new URL('../../../examples/routing/', import.meta.url);
const ROSTER_FILE = 'roster.yaml';
/** Omar's token for the API, in the data directory. */
export const APPROVER_TOKEN = 'omar-api-token';

/** `webhookSecrets`: references to what each tool signs its webhooks with. */
export function writeSimulatedConfig(data: DataDirectory, urls: Simulator['urls'], webhookSecrets: Readonly<Record<Hooked, string>>): void {
  const given = (name: string, value: string): string => data.secret(name, () => value);
  const config = {
    version: 1,
    workspace: 'growth',
    pollIntervalSeconds: POLL_INTERVAL_SECONDS,
    connections: [
      { id: 'document', connector: 'document', file: data.planFile, gate: 'open' },
      {
        id: 'jira',
        connector: 'jira',
        baseUrl: urls.jira,
        email: given('jira-email', 'lockstep@growth.example'),
        apiToken: given('jira-token', 'jira-token-lockstep'),
        webhookSecret: webhookSecrets.jira,
        ...(existsSync(mappingFile(data, 'jira')) ? { mapping: mappingFile(data, 'jira') } : {}),
        gate: 'open',
      },
      {
        id: 'notion',
        connector: 'notion',
        baseUrl: urls.notion,
        token: given('notion-token', 'ntn_lockstep'),
        webhookSecret: webhookSecrets.notion,
        gate: 'open',
      },
      {
        id: 'hubspot',
        connector: 'hubspot',
        baseUrl: urls.hubspot,
        accessToken: given('hubspot-token', 'pat-na1-lockstep'),
        webhookSecret: webhookSecrets.hubspot,
        gate: 'open',
      },
      {
        id: 'salesforce',
        connector: 'salesforce',
        baseUrl: urls.salesforce,
        auth: {
          clientId: given('salesforce-client-id', 'lockstep-client'),
          clientSecret: given('salesforce-client-secret', 'lockstep-secret'),
        },
        gate: 'open',
      },
    ],
    routing: routingOf(data, urls, given),
    // Of the story's three change sets, so that somebody is asked.
    replays: { approvalAbove: 2 },
    changeSets: { policy: POLICY, principals: principalsOf(data) },
  };
  replaceFile(data.file(ROSTER_FILE), `${JSON.stringify(storyRoster(new Date()), null, 2)}\n`);
  // JSON is YAML: the file is for the worker and for curious readers.
  replaceFile(data.configFile, `${JSON.stringify(config, null, 2)}\n`, 0o600);
}

/** Gives a connection another mapping, or the shipped one; the worker reads it when it is started. */
export function remap(data: DataDirectory, connectionId: string, mapping: string | null): void {
  const file = mappingFile(data, connectionId);
  if (mapping === null) rmSync(file, { force: true });
  else replaceFile(file, mapping);
  const config = JSON.parse(readFileSync(data.configFile, 'utf8')) as { connections: { id: string; mapping?: string }[] };
  const connections = config.connections.map((one) =>
    one.id === connectionId ? { ...one, mapping: mapping === null ? undefined : file } : one,
  );
  replaceFile(data.configFile, `${JSON.stringify({ ...config, connections }, null, 2)}\n`, 0o600);
}

/** Of a story that was broken off, so that the next start goes on with it. */
const mappingFile = (data: DataDirectory, connectionId: string): string => data.file(`mapping-${connectionId}.yaml`);

/** Priya, who operates with the API's own token, and Omar, who says yes or no with his. */
function principalsOf(data: DataDirectory) {
  return [
    { id: 'operator', kind: 'human', person: 'operator', roles: ['operator'], slackUserId: 'U0PRIYA01', email: 'priya@growth.example' },
    {
      ...{ id: 'omar', kind: 'human', person: 'omar', roles: ['approver'], slackUserId: 'U0OMAR001', email: 'omar@growth.example' },
      token: data.secret(APPROVER_TOKEN, () => randomBytes(32).toString('base64url')),
    },
  ];
}

/** Leads of the demonstration: the example's scoring and policy, a roster of today, HubSpot, Slack and mail. */
function routingOf(data: DataDirectory, urls: Simulator['urls'], given: (name: string, value: string) => string) {
  return {
    scoring: fileURLToPath(new URL('scoring.yaml', ROUTING)),
    roster: data.file(ROSTER_FILE),
    policy: fileURLToPath(new URL('policy.yaml', ROUTING)),
    crm: 'hubspot',
    slack: {
      baseUrl: urls.slack,
      botToken: given('slack-bot-token', 'xoxb-lockstep'),
      signingSecret: given('slack-signing-secret', 'slack-signing-secret'),
    },
    mail: { server: given(`mail-server-${new URL(urls.smtp).port}`, mailServer(urls.smtp)), from: { address: 'leads@growth.example' } },
  };
}

/** With the account that the simulator's mail server knows. */
function mailServer(smtp: string): string {
  const url = new URL(smtp);
  url.username = 'lockstep';
  url.password = 'mail-password-lockstep';
  return url.href;
}
