/** `lockstep doctor` on the Notion connector, against the simulator. */
import { createNotionConnector } from '@lockstep/connectors/notion/connector.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { describe, expect, test } from 'vitest';
import { notionAccount, shippedMapping } from './notion-account.ts';

const words = (findings: readonly { level: string; subject: string }[]): readonly string[] =>
  findings.filter((finding) => finding.level !== 'ok').map((finding) => `${finding.level}: ${finding.subject}`);

describe('Notion, doctor', () => {
  test('the shipped mapping fits the scenario, and asking writes nothing', async () => {
    const { connect, served } = await notionAccount();
    const findings = await connect({ webhookSecret: 'secret' }).check();
    expect(words(findings)).toEqual([]);
    expect(findings.map((finding) => finding.subject)).toEqual(
      expect.arrayContaining(['token', 'data source', 'property "Owner"', 'capability "Insert content"', 'webhooks']),
    );
    expect(served.log.counts({ account: 'lockstep' })).toMatchObject({ creates: 0, updates: 0, deletes: 0 });
  });

  test('what is missing or of another type is named, with what to do', async () => {
    const { connect, omar, dataSourceId, mapping } = await notionAccount();
    await omar.dataSources.update({
      data_source_id: dataSourceId,
      properties: { Owner: { number: {} }, Metric: null, 'Lockstep ID': null },
    });
    const change: Partial<Mapping> = { status: { ...mapping.status, blocked: 'Waiting' }, priority: { ...mapping.priority, low: 'Later' } };
    const findings = await connect({ mapping: change }).check();
    expect(words(findings)).toEqual([
      'error: property "Lockstep ID"',
      'error: property "Owner"',
      'error: property "Metric"',
      'error: options of "Status"',
      'warning: options of "Priority"',
      'warning: webhooks',
    ]);
    expect(findings.filter((finding) => finding.level === 'error').every((finding) => finding.remedy !== undefined)).toBe(true);
  });

  test('a capability that the connection lacks is named', async () => {
    const { connect, served } = await notionAccount();
    const body = JSON.stringify({ capabilities: ['read'] });
    await fetch(`${served.url}/ui/connections/lockstep`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(words(await connect({ webhookSecret: 'secret' }).check())).toEqual([
      'error: capability "Update content"',
      'error: capability "Insert content"',
    ]);
  });

  test('a data source that is not shared, or not there, is a finding', async () => {
    const { connect } = await notionAccount();
    for (const target of [{ dataSource: '00000000-0000-4000-8000-000000000000' }, { dataSourceTitle: 'Nowhere' }])
      expect(words(await connect({ mapping: { target } }).check())).toContain('error: data source');
  });

  test('K10: the token that Notion offers is shown by doctor and by nothing else', async () => {
    const { served } = await notionAccount();
    const connector = createNotionConnector({
      connectionId: 'notion',
      mapping: shippedMapping(),
      clock: () => new Date(),
      requestTimeoutMs: 5_000,
      credentials: { baseUrl: served.url, token: 'ntn_lockstep' },
    });
    const body = new TextEncoder().encode(JSON.stringify({ verification_token: 'secret_offered' }));
    const verdict = connector.watches?.verify({
      method: 'POST',
      url: 'https://x.test/',
      headers: {},
      body,
      receivedAt: '2026-11-24T10:00:00Z',
    });
    expect(JSON.stringify(verdict)).not.toContain('secret_offered');
    expect(JSON.stringify(await connector.check())).toContain('secret_offered');
  });
});
