/**
 * What `lockstep init` writes: the configuration file, copies of the shipped mappings, and secrets.
 *
 * Secrets never stand in the configuration: it names them as env:NAME or file:PATH. A secret that exists is never replaced, not even by --force:
 * with another encryption key the workflows' histories could not be read any more.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

/** What a person has said about their tools; a tool that is left out gets no connection. */
export interface Answers {
  readonly workspace: string;
  /** The plan document, relative to the directory. */
  readonly planFile: string | null;
  readonly jira: { readonly url: string; readonly project: string; readonly email: Secret; readonly token: Secret } | null;
  readonly notion: { readonly dataSource: string; readonly token: Secret } | null;
  readonly hubspot: { readonly token: Secret } | null;
  /** By client credentials; for a certificate see the runbook. */
  readonly salesforce: { readonly url: string; readonly clientId: Secret; readonly clientSecret: Secret } | null;
}

/** `reference`: where it lies (env:NAME, file:PATH). `value`: written to our own file; '' leaves the file for a person to fill. */
export type Secret = { readonly reference: string } | { readonly value: string };

/** A file to write. `secret` ones get mode 0600 and are kept where they exist. */
export interface InitFile {
  readonly path: string;
  readonly text: string;
  readonly secret: boolean;
}

export const CONFIG_FILE = 'lockstep.yaml';
export const API_TOKEN_FILE = 'secrets/api-token';
export const ENCRYPTION_KEYS_FILE = 'secrets/encryption-keys';

const TOOLS = ['jira', 'notion', 'hubspot', 'salesforce'] as const;
type Tool = (typeof TOOLS)[number];

/** Every file, in the order in which they are written. Pure but for the random secrets and the shipped mappings that it reads. */
export function initFiles(answers: Answers, mappings: (tool: Tool) => string = shippedMapping): readonly InitFile[] {
  const secrets: InitFile[] = [];
  const reference = (name: string, secret: Secret): string => {
    if ('reference' in secret) return secret.reference;
    secrets.push({ path: `secrets/${name}`, text: secret.value === '' ? '' : `${secret.value}\n`, secret: true });
    return `file:secrets/${name}`;
  };
  const { jira, notion, hubspot, salesforce, planFile } = answers;
  const connections = [
    ...(planFile === null ? [] : [{ id: 'plan', connector: 'document', file: planFile, gate: 'plan-first' }]),
    ...(jira === null
      ? []
      : [
          {
            ...vendor('jira'),
            baseUrl: jira.url,
            email: reference('jira-email', jira.email),
            apiToken: reference('jira-api-token', jira.token),
          },
        ]),
    ...(notion === null ? [] : [{ ...vendor('notion'), token: reference('notion-token', notion.token) }]),
    ...(hubspot === null ? [] : [{ ...vendor('hubspot'), accessToken: reference('hubspot-access-token', hubspot.token) }]),
    ...(salesforce === null
      ? []
      : [
          {
            ...vendor('salesforce'),
            baseUrl: salesforce.url,
            auth: {
              clientId: reference('salesforce-client-id', salesforce.clientId),
              clientSecret: reference('salesforce-client-secret', salesforce.clientSecret),
            },
          },
        ]),
  ];
  const targets = {
    ...(jira === null ? {} : { jira: { project: jira.project } }),
    ...(notion === null ? {} : { notion: { dataSource: notion.dataSource } }),
  };
  const tools = TOOLS.filter((tool) => answers[tool] !== null);
  return [
    { path: 'secrets/.gitignore', text: '*\n', secret: false },
    { path: API_TOKEN_FILE, text: `${randomBytes(32).toString('base64url')}\n`, secret: true },
    { path: ENCRYPTION_KEYS_FILE, text: `k1:${randomBytes(32).toString('base64')}\n`, secret: true },
    ...secrets,
    ...tools.map((tool) => ({ path: `mappings/${tool}.yaml`, text: mappings(tool), secret: false })),
    { path: CONFIG_FILE, text: HEADER + stringify({ version: 1, workspace: answers.workspace, connections, targets }), secret: false },
  ];
}

const HEADER = `# Lockstep's configuration, version 1. Every setting: docs/runbooks/configuration.md
#
# connections: in order; under the merge rule "order" the first wins.
# gate: plan-first   nothing is written to a tool before \`lockstep plan\` and \`lockstep apply\`.
# Secrets are named here (env:NAME or file:PATH, relative to this file), never written here.

`;

function vendor(tool: Tool): Readonly<Record<'id' | 'connector' | 'mapping' | 'gate', string>> {
  return { id: tool, connector: tool, mapping: `mappings/${tool}.yaml`, gate: 'plan-first' };
}

/** The mappings are data of the connectors' package; only their text is copied. */
function shippedMapping(tool: Tool): string {
  const file = fileURLToPath(new URL(`../../../packages/connectors/mappings/${tool}.yaml`, import.meta.url));
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new CommandFailure(
      EXIT.failed,
      'no_mapping',
      `${file}: expected the shipped mapping of ${tool}, got none; is this checkout whole?`,
    );
  }
}

/** What became of each file. */
export interface Written {
  readonly path: string;
  readonly outcome: 'written' | 'replaced' | 'kept' | 'to fill';
}

/** Writes the files. Refused before anything is written where one exists that is not a secret, unless `force`. */
export function writeFiles(directory: string, files: readonly InitFile[], force: boolean): readonly Written[] {
  const exists = (file: InitFile): boolean => existsSync(join(directory, file.path));
  const inTheWay = files.filter((file) => !file.secret && file.path !== 'secrets/.gitignore' && exists(file));
  if (inTheWay.length > 0 && !force) {
    throw new CommandFailure(
      EXIT.refused,
      'exists',
      `${directory}: expected no ${inTheWay.map((file) => file.path).join(', ')}, found it; nothing was written; --force replaces it (secrets are always kept)`,
    );
  }
  return files.map((file) => {
    const path = join(directory, file.path);
    const existed = exists(file);
    if (file.secret && existed && readFileSync(path, 'utf8').trim() !== '') return { path: file.path, outcome: 'kept' };
    mkdirSync(dirname(path), { recursive: true, ...(file.path.startsWith('secrets/') ? { mode: 0o700 } : {}) });
    writeFileSync(path, file.text, { mode: file.secret ? 0o600 : 0o644 });
    // The mode above counts for new files only.
    if (file.secret) chmodSync(path, 0o600);
    if (file.secret && file.text === '') return { path: file.path, outcome: 'to fill' };
    return { path: file.path, outcome: existed ? 'replaced' : 'written' };
  });
}
