/** The simulator with a recorder before one of its tools, and who speaks to it there: our connector, and anybody over plain HTTP. */
import { readFileSync } from 'node:fs';
import { createHubSpotConnector } from '@lockstep/connectors/hubspot/connector.ts';
import { createJiraConnector } from '@lockstep/connectors/jira/connector.ts';
import { createNotionConnector } from '@lockstep/connectors/notion/connector.ts';
import { createSalesforceConnector } from '@lockstep/connectors/salesforce/connector.ts';
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';
import { mappingSchema } from '@lockstep/domain/sync/mapping.schema.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { startSimulator } from '@lockstep/simulator/server.ts';
import { parse } from 'yaml';
import type { Checker, Contract } from './contract.ts';
import { createChecker } from './contract.ts';
import { hubspotContract } from './hubspot-contract.ts';
import { jiraContract } from './jira-contract.ts';
import { notionContract } from './notion-contract.ts';
import { record, send } from './recorder.ts';
import type { Exchange, Recorder } from './recorder.ts';
import type { ContractVendor } from './relaxations.ts';
import { salesforceContract } from './salesforce-contract.ts';

export interface Route {
  readonly method: string;
  /** With parameters as `:id`. */
  readonly path: string;
}

export interface Answer {
  readonly status: number;
  /** Parsed; null where there is none or it is no JSON. */
  readonly body: unknown;
}

export interface Request {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Stage {
  readonly tool: ContractVendor;
  readonly checker: Checker;
  readonly recorder: Recorder;
  /** A connector with the shipped mapping, speaking through the recorder. `target` replaces members of the mapping's. */
  connect(target?: Mapping['target']): Connector;
  /** The tool's base URL without the recorder. */
  readonly url: string;
  /** One request through the recorder, as Lockstep's account. Rejects after ten seconds without an answer. */
  ask(request: Request): Promise<Answer>;
  /** Moves the simulator's clock: search indexes catch up. */
  advance(ms: number): Promise<void>;
  /** Answers every request like this, whatever it is; null: the tool answers again. */
  pretend(answer: { readonly status: number; readonly body: unknown } | null): Promise<void>;
  /** What the simulator says that the tool answers to. */
  routes(): Promise<readonly Route[]>;
  close(): Promise<void>;
}

/** The clock stands here until a test moves it, so that a run can be repeated. */
const NOW = '2026-11-24T09:30:20.500Z';
const JSON_TYPE = { 'content-type': 'application/json' };
const PATIENCE_MS = 10_000;

const CONTRACTS: Readonly<Record<ContractVendor, () => Contract>> = {
  jira: jiraContract,
  notion: notionContract,
  hubspot: hubspotContract,
  salesforce: salesforceContract,
};

const basic = Buffer.from('lockstep@growth.example:jira-token-lockstep').toString('base64');
const HEADERS: Readonly<Record<ContractVendor, Readonly<Record<string, string>>>> = {
  jira: { authorization: `Basic ${basic}` },
  notion: { authorization: 'Bearer ntn_lockstep', 'notion-version': '2026-03-11' },
  hubspot: { authorization: 'Bearer pat-na1-lockstep' },
  salesforce: { authorization: 'Bearer sf_lockstep' },
};

const SALESFORCE_APP = { flow: 'client-credentials', clientId: 'lockstep-client', clientSecret: 'lockstep-secret' } as const;

export async function openStage(tool: ContractVendor): Promise<Stage> {
  const checker = createChecker(CONTRACTS[tool]());
  const simulator = await startSimulator({ databaseFile: ':memory:', rateLimits: 'off' });
  const admin = async (path: string, body?: unknown): Promise<unknown> => {
    const url = `${simulator.urls.admin}/_simulator${path}`;
    const { text } = await (body === undefined ? send(url, 'GET') : send(url, 'POST', {}, JSON.stringify(body)));
    return JSON.parse(text) as unknown;
  };
  await admin('/clock', { freeze: NOW });
  // Salesforce's clients go to the address that comes with their token.
  const recorder = await record(simulator.urls[tool], tool === 'salesforce');
  return {
    tool,
    checker,
    recorder,
    connect: (target = {}) => connectorOf(tool, recorder.url, target),
    url: simulator.urls[tool],
    ask: (request) => answered(recorder.url, { ...request, headers: { ...HEADERS[tool], ...request.headers } }),
    advance: async (ms) => void (await admin('/clock', { advanceMs: ms })),
    pretend: async (answer) => {
      await send(`${simulator.urls.admin}/_simulator/faults`, 'DELETE');
      if (answer !== null) await admin('/faults', { tool, times: 'always', action: { kind: 'answer', headers: JSON_TYPE, ...answer } });
    },
    routes: async () => ((await admin('/routes')) as Record<ContractVendor, readonly Route[]>)[tool],
    close: async () => {
      await recorder.close();
      await simulator.close();
    },
  };
}

function connectorOf(tool: ContractVendor, baseUrl: string, target: Mapping['target']): Connector {
  const file = new URL(`../../packages/connectors/mappings/${tool}.yaml`, import.meta.url);
  const mapping = mappingSchema.parse(parse(readFileSync(file, 'utf8')));
  const shared = {
    connectionId: tool,
    mapping: { ...mapping, target: { ...mapping.target, ...target } },
    webhookSecret: 'secret',
    clock: () => new Date(),
    requestTimeoutMs: PATIENCE_MS,
  };
  switch (tool) {
    case 'jira':
      return createJiraConnector({
        ...shared,
        credentials: { baseUrl, email: 'lockstep@growth.example', apiToken: 'jira-token-lockstep' },
      });
    case 'notion':
      return createNotionConnector({ ...shared, credentials: { baseUrl, token: 'ntn_lockstep' } });
    case 'hubspot':
      return createHubSpotConnector({ ...shared, credentials: { baseUrl, accessToken: 'pat-na1-lockstep' } });
    case 'salesforce':
      return createSalesforceConnector({ ...shared, credentials: { baseUrl, auth: SALESFORCE_APP } });
  }
}

async function answered(baseUrl: string, { method, path, body, headers }: Request): Promise<Answer> {
  const response = await fetch(baseUrl + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, body: isJson && text !== '' ? JSON.parse(text) : null };
}

/** `POST /issue/bulk: body/issueUpdates: must be array`, for what fails. */
export function told({ method, path, status }: Exchange, violations: readonly string[]): readonly string[] {
  return violations.map((violation) => `${method} ${path} (${status}): ${violation}`);
}
