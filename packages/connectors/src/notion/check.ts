/** `lockstep doctor` for Notion: token, data source, properties, options, what the connection may do. Reads only. */
import { FIELD_TYPES } from '@lockstep/domain/backlog/item.ts';
import type { FieldName } from '@lockstep/domain/backlog/item.ts';
import type { Finding } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import type { Column, Columns } from './catalogue.ts';
import type { NotionClient } from './client.ts';
import { PROPERTY_TYPES, targetColumn } from './mapping.ts';
import type { ReaderParts } from './reading.ts';

export interface WebhookState {
  readonly hasSecret: boolean;
  readonly offeredToken: string | null;
}

/** Never rejects: what fails is a finding. */
export async function checkConnection({ client, catalogue, mapping }: ReaderParts, webhook: WebhookState): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  try {
    const self = await client.self();
    findings.push({ level: 'ok', subject: 'token', message: `accepted; the connection is called "${self.name ?? self.id}"` });
    const columns = await catalogue.columns(0);
    findings.push({ level: 'ok', subject: 'data source', message: `${columns.dataSourceId} is shared with the connection` });
    findings.push(...propertyFindings(mapping, columns), ...optionFindings(mapping, columns));
    findings.push(...(await capabilityFindings(client, columns)));
  } catch (error) {
    findings.push(failure(error));
  }
  return [...findings, webhookFinding(webhook)];
}

const REMEDIES: Readonly<Partial<Record<ConnectorError['code'], string>>> = {
  AuthRevoked: 'copy the token again from the integration page in Notion (Settings, Connections, Develop or manage integrations)',
  Forbidden: 'give the integration the capability "Read content"',
  NotFound:
    'open the database in Notion, then ••• > Connections, and add the integration; check target.dataSource or target.dataSourceTitle',
  Throttled: 'wait, then run doctor again',
};

function failure(error: unknown): Finding {
  if (!(error instanceof ConnectorError)) return { level: 'error', subject: 'Notion', message: String(error) };
  const remedy = REMEDIES[error.code];
  const subject = error.code === 'AuthRevoked' ? 'token' : error.code === 'NotFound' ? 'data source' : 'Notion';
  return { level: 'error', subject, message: error.message, ...(remedy === undefined ? {} : { remedy }) };
}

function propertyFindings(mapping: Mapping, columns: Columns): readonly Finding[] {
  const fields = Object.entries(mapping.fields).map(([name, { remote }]) =>
    propertyFinding(name, remote, columns.column(remote), PROPERTY_TYPES[FIELD_TYPES[name as FieldName]]),
  );
  const { kindProperty, markerProperty } = mapping.target;
  const needsKind = kindProperty !== undefined || Object.keys(mapping.kinds).length > 1;
  return [
    propertyFinding('marker', markerProperty ?? '', targetColumn(mapping, columns, 'markerProperty'), ['rich_text']),
    ...(needsKind
      ? [propertyFinding('kind', kindProperty ?? '', targetColumn(mapping, columns, 'kindProperty'), ['select', 'status'])]
      : []),
    ...fields,
    ...relationFindings(mapping, columns),
  ];
}

function propertyFinding(name: string, remote: string, column: Column | null, types: readonly string[]): Finding {
  const subject = `property ${remote === '' ? name : `"${remote}"`}`;
  const wanted = types.join(' or ');
  if (column === null)
    return {
      level: 'error',
      subject,
      message: `${name}: expected a ${wanted} property, found none`,
      remedy: 'add it to the database, or correct the mapping; where it was made anew, name it in the mapping by its new id',
    };
  if (!types.includes(column.type))
    return {
      level: 'error',
      subject,
      message: `${name}: expected a ${wanted} property, got ${column.type}`,
      remedy: `change its type in Notion, or map ${name} to another property`,
    };
  return { level: 'ok', subject, message: `${name}: ${column.type}${column.name === remote ? '' : `, now called "${column.name}"`}` };
}

function relationFindings(mapping: Mapping, columns: Columns): readonly Finding[] {
  return Object.entries(mapping.fields).flatMap(([name, { remote }]) => {
    const column = columns.column(remote);
    if (column === null || column.relatesTo === null || column.relatesTo === columns.dataSourceId) return [];
    return [
      {
        level: 'error' as const,
        subject: `property "${remote}"`,
        message: `${name}: expected a relation to this same data source, got one to another`,
        remedy: 'in Notion, edit the property and relate it to this database',
      },
    ];
  });
}

function optionFindings(mapping: Mapping, columns: Columns): readonly Finding[] {
  const wanted: [Column | null, readonly (string | undefined)[]][] = [
    [targetColumn(mapping, columns, 'kindProperty'), Object.values(mapping.kinds).map((kind) => kind.remote)],
    [columns.column(mapping.fields.status?.remote ?? ''), Object.values(mapping.status)],
    [columns.column(mapping.fields.priority?.remote ?? ''), Object.values(mapping.priority)],
  ];
  return wanted.flatMap(([column, remotes]) => {
    if (column === null || !['select', 'status'].includes(column.type)) return [];
    const missing = remotes.filter((remote) => remote !== undefined && columns.option(column, remote) === null);
    if (missing.length === 0) return [];
    const isMade = column.type === 'select' && mapping.createOptions;
    return [
      {
        level: isMade ? ('warning' as const) : ('error' as const),
        subject: `options of "${column.name}"`,
        message: `expected ${missing.map((remote) => `"${remote}"`).join(', ')}, found none of them`,
        remedy: isMade ? 'they are made when they are first written (createOptions)' : 'add them in Notion, or correct the mapping',
      },
    ];
  });
}

/** A page that cannot exist: what Notion says about a write to it tells whether the connection may write, and nothing is written. */
const NO_PAGE = '00000000-0000-4000-8000-000000000000';

async function capabilityFindings(client: NotionClient, columns: Columns): Promise<readonly Finding[]> {
  const probes = [
    {
      capability: 'Read content',
      send: () => client.query(columns.dataSourceId, { filter: null, sort: 'created_time', startCursor: null, inTrash: false }),
    },
    { capability: 'Update content', send: () => client.updatePage(NO_PAGE, { properties: {} }) },
    { capability: 'Insert content', send: () => client.createPage(NO_PAGE, {}) },
  ];
  const findings: Finding[] = [];
  for (const { capability, send } of probes) {
    const error: unknown = await send().then(
      () => null,
      (failed: unknown) => failed,
    );
    const code = error instanceof ConnectorError ? error.code : null;
    if (code === 'Forbidden')
      findings.push({
        level: 'error',
        subject: `capability "${capability}"`,
        message: 'expected the connection to have it, it has not',
        remedy: `tick "${capability}" on the integration's Capabilities page`,
      });
    else if (error === null || code === 'NotFound')
      findings.push({ level: 'ok', subject: `capability "${capability}"`, message: 'granted' });
    else
      findings.push({
        level: 'warning',
        subject: `capability "${capability}"`,
        message: `could not be told: ${code ?? 'no answer that was expected'}`,
      });
  }
  return findings;
}

function webhookFinding({ hasSecret, offeredToken }: WebhookState): Finding {
  const subject = 'webhooks';
  if (hasSecret) return { level: 'ok', subject, message: 'a verification token is configured' };
  if (offeredToken !== null)
    return {
      level: 'warning',
      subject,
      message: `Notion has sent the verification token ${offeredToken}`,
      remedy: 'store it as webhookSecret, enter it in Notion to verify the subscription, and restart the worker',
    };
  return {
    level: 'warning',
    subject,
    message: 'no verification token is configured: events are refused, and changes are found by polling',
    remedy: 'see docs/runbooks/connect-notion.md, "Webhook"',
  };
}
