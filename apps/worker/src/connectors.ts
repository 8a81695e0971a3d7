/**
 * From a connection's configuration to its connector: mapping, credentials, secrets.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { refreshedToken } from '@lockstep/connectors/http/tokens.ts';
import type { TokenSource } from '@lockstep/connectors/http/tokens.ts';
import { createDocumentConnector } from '@lockstep/connectors/document/connector.ts';
import { createHubSpotConnector } from '@lockstep/connectors/hubspot/connector.ts';
import { createHubSpotCrm } from '@lockstep/connectors/hubspot/crm/connector.ts';
import { createHubSpotRouting } from '@lockstep/connectors/hubspot/crm/routing.ts';
import { hubspotRefresh } from '@lockstep/connectors/hubspot/oauth.ts';
import { createNotionConnector } from '@lockstep/connectors/notion/connector.ts';
import { createSalesforceConnector } from '@lockstep/connectors/salesforce/connector.ts';
import { createSalesforceCrm } from '@lockstep/connectors/salesforce/crm/connector.ts';
import { createSalesforceRouting } from '@lockstep/connectors/salesforce/crm/routing.ts';
import type { SalesforceAuth } from '@lockstep/connectors/salesforce/sessions.ts';
import type { Crm } from '@lockstep/domain/crm/crm.port.ts';
import type { RoutingCrm } from '@lockstep/domain/routing/routing-crm.port.ts';
import type { AccountWatch } from '@lockstep/domain/sync/account-watch.port.ts';
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';
import { mappingSchema } from '@lockstep/domain/sync/mapping.schema.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import type { TokenVault } from '@lockstep/domain/sync/tokens.port.ts';
import { ConfigError, fingerprint, parseYaml, validated } from './config.ts';
import type { Settings } from './config.ts';
import type { ConnectionConfig } from './config.schema.ts';

/** A connection, ready to be wired. `mapping` is null for the document, whose fields are those of the file's own tables. */
export interface ConfiguredConnection {
  readonly config: ConnectionConfig;
  readonly connector: Connector;
  /** Null where the tool is no CRM: change sets cannot write to it. */
  readonly crm: Crm | null;
  /** Null where leads are not routed to its owners. */
  readonly routing: RoutingCrm | null;
  readonly mapping: Mapping | null;
  readonly mappingHash: string;
  readonly onDelete: 'archive' | 'delete' | 'keep';
}

/** Where a connection's tokens are kept; `configured` is the secret that the first of them comes from. */
export type VaultOf = (connectionId: string, configured: string) => TokenVault;

/** What connections get besides their configuration. */
export interface Outside {
  readonly vaultOf: VaultOf;
  /** Who is told of what goes out to a connection. */
  readonly watchOf: (connectionId: string) => AccountWatch;
}

/** Makes every connection of the configuration. Throws `ConfigError` for a mapping that does not load. */
export function configuredConnections(settings: Settings, outside: Outside): Promise<readonly ConfiguredConnection[]> {
  return Promise.all(settings.config.connections.map((config) => configured(settings, config, outside)));
}

async function configured(settings: Settings, config: ConnectionConfig, outside: Outside): Promise<ConfiguredConnection> {
  if (config.connector === 'document') {
    const connector = createDocumentConnector({ file: resolve(settings.configDirectory, config.file) });
    return { config, connector, crm: null, routing: null, mapping: null, mappingHash: 'document-1', onDelete: 'delete' };
  }
  const mapping = readMapping(settings, config);
  return {
    config,
    ...(await vendorPorts(settings, config, mapping, outside)),
    mapping,
    mappingHash: fingerprint(mapping),
    onDelete: mapping.onDelete,
  };
}

type VendorConfig = Exclude<ConnectionConfig, { connector: 'document' }>;

function readMapping(settings: Settings, config: VendorConfig): Mapping {
  const file = config.mapping === undefined ? null : resolve(settings.configDirectory, config.mapping);
  const place = file ?? `the shipped mapping of ${config.connector}`;
  const mapping = validated(mappingSchema, file === null ? shippedMapping(config.connector) : parseYaml(file), place);
  if (mapping.connector !== config.connector)
    throw new ConfigError(`${place}: connector: expected ${config.connector}, got ${mapping.connector}`);
  return { ...mapping, target: { ...mapping.target, ...settings.config.targets[config.id] } };
}

function shippedMapping(connector: string): unknown {
  return parse(readFileSync(new URL(`../../../packages/connectors/mappings/${connector}.yaml`, import.meta.url), 'utf8'));
}

type Ports = Pick<ConfiguredConnection, 'connector' | 'crm' | 'routing'>;

async function vendorPorts(settings: Settings, config: VendorConfig, mapping: Mapping, { vaultOf, watchOf }: Outside): Promise<Ports> {
  const { secret } = settings;
  const vendor = {
    connectionId: config.id,
    mapping,
    clock: () => new Date(),
    requestTimeoutMs: settings.config.requestTimeoutSeconds * 1_000,
    watch: watchOf(config.id),
  };
  if (config.connector === 'salesforce') {
    const credentials = { baseUrl: config.baseUrl, auth: salesforceAuth(settings, config) };
    const { clock, requestTimeoutMs, watch } = vendor;
    return {
      connector: createSalesforceConnector({ ...vendor, credentials }),
      crm: createSalesforceCrm({ credentials, clock, requestTimeoutMs, watch }),
      routing: createSalesforceRouting(config.id, { credentials, clock, requestTimeoutMs, watch }, settings.config.routing?.stages ?? null),
    };
  }
  const shared = { ...vendor, ...(config.webhookSecret === undefined ? {} : { webhookSecret: secret(config.webhookSecret) }) };
  if (config.connector === 'jira') {
    // A thousand modules and a second of a processor, for those alone who have Jira.
    const { createJiraConnector } = await import('@lockstep/connectors/jira/connector.ts');
    const credentials = { baseUrl: config.baseUrl, email: secret(config.email), apiToken: secret(config.apiToken) };
    return { connector: createJiraConnector({ ...shared, credentials }), crm: null, routing: null };
  }
  if (config.connector === 'notion') {
    const credentials = { baseUrl: config.baseUrl, token: secret(config.token) };
    return { connector: createNotionConnector({ ...shared, credentials }), crm: null, routing: null };
  }
  const credentials = { baseUrl: config.baseUrl, accessToken: hubspotToken(settings, config, vaultOf) };
  const { clock, requestTimeoutMs, watch } = shared;
  const options = { credentials, clock, requestTimeoutMs, watch, ...(config.appId === undefined ? {} : { appId: config.appId }) };
  return {
    connector: createHubSpotConnector({ ...shared, credentials }),
    crm: createHubSpotCrm(options),
    routing: createHubSpotRouting(config.id, options, settings.config.routing?.stages),
  };
}

type SalesforceConfig = Extract<ConnectionConfig, { connector: 'salesforce' }>;

function salesforceAuth({ secret }: Settings, { auth }: SalesforceConfig): SalesforceAuth {
  const clientId = secret(auth.clientId);
  if ('clientSecret' in auth) return { flow: 'client-credentials', clientId, clientSecret: secret(auth.clientSecret) };
  const { username, privateKey, audience } = auth;
  return { flow: 'jwt-bearer', clientId, username: secret(username), privateKey: secret(privateKey), audience };
}

type HubSpotConfig = Extract<ConnectionConfig, { connector: 'hubspot' }>;

function hubspotToken(settings: Settings, config: HubSpotConfig, vaultOf: VaultOf): string | TokenSource {
  const { secret } = settings;
  if (typeof config.accessToken === 'string') return secret(config.accessToken);
  const firstRefreshToken = secret(config.accessToken.refreshToken);
  const app = {
    baseUrl: config.baseUrl,
    clientId: secret(config.accessToken.clientId),
    clientSecret: secret(config.accessToken.clientSecret),
  };
  const clock = (): Date => new Date();
  const refresh = hubspotRefresh({ app, clock, requestTimeoutMs: settings.config.requestTimeoutSeconds * 1_000 });
  return refreshedToken({ vault: vaultOf(config.id, firstRefreshToken), firstRefreshToken, refresh, clock });
}
