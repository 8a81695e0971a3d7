import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { emptyDirectory, lockstep } from '../program-run.ts';

const JIRA = ['--jira-url', 'https://acme.atlassian.net', '--project', 'GROW'];
const SALESFORCE = ['--salesforce-url', 'https://acme.my.salesforce.com/', '--salesforce-secret', 'env:SALESFORCE_SECRET'];
const DATA_SOURCE = '1f0c2d3e4b5a69788796a5b4c3d2e1f0';

describe('init', () => {
  let directory: string;
  beforeEach(() => {
    directory = emptyDirectory();
  });
  const text = (path: string): string => readFileSync(join(directory, path), 'utf8');
  const modeOf = (path: string): number => statSync(join(directory, path)).mode & 0o777;

  it('writes a configuration, mappings, and secrets that only their owner can read', async () => {
    writeFileSync(join(directory, 'tasks.md'), '# Plan\n');
    const { code, stdout } = await lockstep(['init', ...JIRA], { cwd: directory });
    expect(code).toBe(0);
    expect(stdout).toContain('fill secrets/jira-email, secrets/jira-api-token');
    expect(parse(text('lockstep.yaml'))).toEqual({
      version: 1,
      workspace: 'growth',
      connections: [
        { id: 'plan', connector: 'document', file: 'tasks.md', gate: 'plan-first' },
        {
          id: 'jira',
          connector: 'jira',
          mapping: 'mappings/jira.yaml',
          gate: 'plan-first',
          baseUrl: 'https://acme.atlassian.net',
          email: 'file:secrets/jira-email',
          apiToken: 'file:secrets/jira-api-token',
        },
      ],
      targets: { jira: { project: 'GROW' } },
    });
    for (const secret of ['api-token', 'encryption-keys', 'jira-email', 'jira-api-token']) expect(modeOf(`secrets/${secret}`)).toBe(0o600);
    expect(modeOf('secrets')).toBe(0o700);
    expect(text('secrets/.gitignore')).toBe('*\n');
    expect(Buffer.from(text('secrets/encryption-keys').trim().split(':')[1] ?? '', 'base64')).toHaveLength(32);
    expect(text('secrets/api-token').trim()).toMatch(/^[\w-]{43}$/);
    expect(parse(text('mappings/jira.yaml'))).toMatchObject({ version: 1, connector: 'jira' });
  });

  it('takes references to secrets and an e-mail address', async () => {
    const references = ['--jira-email', 'ops@acme.example', '--jira-token', 'env:JIRA_TOKEN', '--notion-token', 'file:/run/secrets/notion'];
    const args = ['init', directory, ...JIRA, ...references, '--notion-data-source', DATA_SOURCE, '--hubspot', ...SALESFORCE, '--json'];
    const { code, stdout } = await lockstep(args);
    expect(code).toBe(0);
    expect(text('secrets/jira-email')).toBe('ops@acme.example\n');
    const config = parse(text('lockstep.yaml')) as { connections: unknown[]; targets: unknown };
    expect(config.connections).toMatchObject([
      { id: 'jira', apiToken: 'env:JIRA_TOKEN' },
      { id: 'notion', token: 'file:/run/secrets/notion' },
      { id: 'hubspot', accessToken: 'file:secrets/hubspot-access-token' },
      {
        id: 'salesforce',
        baseUrl: 'https://acme.my.salesforce.com',
        auth: { clientId: 'file:secrets/salesforce-client-id', clientSecret: 'env:SALESFORCE_SECRET' },
      },
    ]);
    expect(parse(text('mappings/salesforce.yaml'))).toMatchObject({ version: 1, connector: 'salesforce' });
    expect(config.targets).toEqual({ jira: { project: 'GROW' }, notion: { dataSource: '1f0c2d3e-4b5a-6978-8796-a5b4c3d2e1f0' } });
    const answer = JSON.parse(stdout) as { files: { path: string; outcome: string }[] };
    expect(answer.files.filter((file) => file.outcome === 'to fill').map((file) => file.path)).toEqual([
      'secrets/hubspot-access-token',
      'secrets/salesforce-client-id',
    ]);
  });

  it('never overwrites without --force, and writes nothing at all then', async () => {
    writeFileSync(join(directory, 'lockstep.yaml'), 'mine\n');
    const { code, stderr } = await lockstep(['init', directory, ...JIRA]);
    expect(code).toBe(5);
    expect(stderr).toContain('expected no lockstep.yaml, found it; nothing was written; --force replaces it');
    expect(readdirSync(directory)).toEqual(['lockstep.yaml']);
    expect(text('lockstep.yaml')).toBe('mine\n');
  });

  it('keeps every secret with --force: with another key the histories could not be read', async () => {
    await lockstep(['init', directory, ...JIRA]);
    writeFileSync(join(directory, 'secrets/jira-api-token'), 'a token\n');
    const before = ['secrets/encryption-keys', 'secrets/api-token', 'secrets/jira-api-token'].map(text);
    const { code, stdout } = await lockstep(['init', directory, ...JIRA, '--workspace', 'sales', '--force']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/secrets\/encryption-keys\s+kept/);
    expect(['secrets/encryption-keys', 'secrets/api-token', 'secrets/jira-api-token'].map(text)).toEqual(before);
    expect(text('lockstep.yaml')).toContain('workspace: sales');
  });

  it('--dry-run names the files and writes none', async () => {
    const { code, stdout } = await lockstep(['init', directory, ...JIRA, '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('lockstep.yaml');
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each([
    [[], 'connections: expected --jira-url with --project'],
    [['--jira-url', 'https://acme.atlassian.net'], 'expected --jira-url and --project together'],
    [['--jira-url', 'acme', '--project', 'GROW'], 'expected an address such as https://acme.atlassian.net, got acme'],
    [['--jira-url', 'https://acme.atlassian.net', '--project', 'grow'], "expected a project's key such as GROW, got grow"],
    [['--notion-data-source', 'Growth OS'], 'expected a data source'],
    [['--salesforce-url', 'https://acme.lightning.force.com'], 'expected your My Domain'],
    [['--hubspot', '--workspace', 'Growth OS'], 'expected lower-case letters'],
  ])('ends in 2 for %j', async (args, message) => {
    const { code, stderr } = await lockstep(['init', directory, ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(existsSync(join(directory, 'lockstep.yaml'))).toBe(false);
  });

  it('K10 refuses a secret on the command line and does not repeat it', async () => {
    const { code, stderr } = await lockstep(['init', directory, '--hubspot', '--hubspot-token', 'pat-na1-very-secret']);
    expect(code).toBe(2);
    expect(stderr).toContain('--hubspot-token: expected env:NAME or file:PATH, got something else');
    expect(stderr).not.toContain('very-secret');
  });
});
