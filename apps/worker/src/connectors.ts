/**
 * From a connection's configuration to its connector: mapping, credentials, secrets.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { createDocumentConnector } from '@lockstep/connectors/document/connector.ts';
import { createHubSpotConnector } from '@lockstep/connectors/hubspot/connector.ts';
import { createJiraConnector } from '@lockstep/connectors/jira/connector.ts';
import { createNotionConnector } from '@lockstep/connectors/notion/connector.ts';
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';
import { mappingSchema } from '@lockstep/domain/sync/mapping.schema.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { ConfigError, fingerprint, parseYaml, readSecret, validated } from './config.ts';
import type { Settings } from './config.ts';
import type { ConnectionConfig } from './config.schema.ts';

/** A connection, ready to be wired. `mapping` is null for the document, whose fields are those of the file's own tables. */
export interface ConfiguredConnection {
  readonly config: ConnectionConfig;
  readonly connector: Connector;
  readonly mapping: Mapping | null;
  readonly mappingHash: string;
  readonly onDelete: 'archive' | 'delete' | 'keep';
}

/** Makes every connection of the configuration. Throws `ConfigError` for a mapping that does not load. */
export function configuredConnections(settings: Settings): readonly ConfiguredConnection[] {
  return settings.config.connections.map((config) => configured(settings, config));
}

function configured(settings: Settings, config: ConnectionConfig): ConfiguredConnection {
  if (config.connector === 'document') {
    const connector = createDocumentConnector({ file: resolve(settings.configDirectory, config.file) });
    return { config, connector, mapping: null, mappingHash: 'document-1', onDelete: 'delete' };
  }
  const mapping = readMapping(settings, config);
  return {
    config,
    connector: vendorConnector(settings, config, mapping),
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

function vendorConnector(settings: Settings, config: VendorConfig, mapping: Mapping): Connector {
  const secret = (reference: string): string => readSecret(reference, process.env, settings.configDirectory);
  const shared = {
    connectionId: config.id,
    mapping,
    clock: () => new Date(),
    requestTimeoutMs: settings.config.requestTimeoutSeconds * 1_000,
    ...(config.webhookSecret === undefined ? {} : { webhookSecret: secret(config.webhookSecret) }),
  };
  if (config.connector === 'jira') {
    return createJiraConnector({
      ...shared,
      credentials: { baseUrl: config.baseUrl, email: secret(config.email), apiToken: secret(config.apiToken) },
    });
  }
  if (config.connector === 'notion')
    return createNotionConnector({ ...shared, credentials: { baseUrl: config.baseUrl, token: secret(config.token) } });
  return createHubSpotConnector({ ...shared, credentials: { baseUrl: config.baseUrl, accessToken: secret(config.accessToken) } });
}
