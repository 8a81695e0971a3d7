/** `lockstep init`: real connections, by configuration only. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { canAsk } from '../ask.ts';
import { isReference, myDomain, notionId, projectKey, siteUrl, workspaceId } from '../checks.ts';
import { CONFIG_FILE, initFiles, writeFiles } from '../configuration.ts';
import type { Answers, Secret, Written } from '../configuration.ts';
import { EXIT } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { interview } from '../interview.ts';
import { columns } from '../output.ts';
import { perform } from '../session.ts';

interface InitOptions {
  readonly workspace: string;
  readonly planFile?: string;
  readonly jiraUrl?: string;
  readonly project?: string;
  readonly jiraEmail?: string;
  readonly jiraToken?: string;
  readonly notionDataSource?: string;
  readonly notionToken?: string;
  readonly hubspot?: boolean;
  readonly hubspotToken?: string;
  readonly salesforceUrl?: string;
  readonly salesforceId?: string;
  readonly salesforceSecret?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** Adds the command. */
export function addInit(program: Command): void {
  program
    .command('init')
    .description('Write a configuration for real connections: lockstep.yaml, mappings and secrets; asks at a terminal')
    .argument('[directory]', 'where to', '.')
    .option('--workspace <id>', 'name of the workspace: lower-case letters, digits, hyphens', workspaceId, 'growth')
    .option('--plan-file <file>', 'the plan document, relative to the directory (default: tasks.md where there is one)')
    .option('--jira-url <url>', 'your Jira site: https://acme.atlassian.net', siteUrl)
    .option('--project <key>', "Jira project's key: GROW", projectKey)
    .option('--jira-email <email>', "the Jira account's e-mail address, or env:NAME or file:PATH")
    .option('--jira-token <reference>', 'where the Jira API token lies: env:NAME or file:PATH')
    .option('--notion-data-source <id>', 'the Notion data source that holds the backlog', notionId)
    .option('--notion-token <reference>', 'where the Notion token lies: env:NAME or file:PATH')
    .option('--hubspot', 'connect HubSpot')
    .option('--hubspot-token <reference>', 'where the HubSpot access token lies: env:NAME or file:PATH')
    .option('--salesforce-url <url>', 'your Salesforce My Domain: https://acme.my.salesforce.com', myDomain)
    .option('--salesforce-id <reference>', "where the app's consumer key lies: env:NAME or file:PATH")
    .option('--salesforce-secret <reference>', "where the app's consumer secret lies: env:NAME or file:PATH")
    .option('--force', 'replace a configuration and mappings that exist; secrets are always kept')
    .option('--dry-run', 'say which files would be written, write none')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep init                                   asks
  $ lockstep init --jira-url https://acme.atlassian.net --project GROW --plan-file tasks.md
  $ lockstep init ops --notion-data-source 1f0c… --notion-token env:NOTION_TOKEN --hubspot
  $ npm start                                       then, in that directory: reads everything, writes nothing yet
  $ lockstep doctor && lockstep plan && lockstep apply

Secrets are never taken from the command line, where a process list and a shell's history would show them: without a reference, init makes an
empty file under secrets/ (mode 0600) for you to fill. It also makes the API's token and the encryption key there.`,
    )
    .action(async (directory: string, options: InitOptions, command: Command) =>
      perform(command, async () => {
        const place = resolve(directory);
        const answers = hasTools(options) || !canAsk() ? fromFlags(place, options) : await interview(place, options.workspace);
        const files = initFiles(answers);
        if (options.dryRun === true) {
          const paths = files.map((file) => file.path);
          return { json: { directory: place, files: paths, dryRun: true }, text: `Would write to ${place}:\n  ${paths.join('\n  ')}` };
        }
        const written = writeFiles(place, files, options.force === true);
        return { json: { directory: place, config: join(place, CONFIG_FILE), files: written }, text: nextSteps(place, written) };
      }),
    );
}

function hasTools(options: InitOptions): boolean {
  const { jiraUrl, notionDataSource, hubspot, salesforceUrl } = options;
  return jiraUrl !== undefined || notionDataSource !== undefined || hubspot === true || salesforceUrl !== undefined;
}

function fromFlags(directory: string, options: InitOptions): Answers {
  const planFile = options.planFile ?? (existsSync(join(directory, 'tasks.md')) ? 'tasks.md' : null);
  if (!hasTools(options)) {
    throw new CommandFailure(
      EXIT.usage,
      'usage',
      'connections: expected --jira-url with --project, --notion-data-source, --hubspot or --salesforce-url, got none; or run it at a terminal, where it asks',
    );
  }
  const { jiraUrl, project, notionDataSource, salesforceUrl } = options;
  if ((jiraUrl === undefined) !== (project === undefined))
    throw new CommandFailure(EXIT.usage, 'usage', 'Jira: expected --jira-url and --project together, got one of them');
  return {
    workspace: options.workspace,
    planFile,
    jira:
      jiraUrl === undefined || project === undefined
        ? null
        : { url: jiraUrl, project, email: emailOf(options.jiraEmail), token: secretOf('--jira-token', options.jiraToken) },
    notion:
      notionDataSource === undefined ? null : { dataSource: notionDataSource, token: secretOf('--notion-token', options.notionToken) },
    hubspot: options.hubspot === true ? { token: secretOf('--hubspot-token', options.hubspotToken) } : null,
    salesforce:
      salesforceUrl === undefined
        ? null
        : {
            url: salesforceUrl,
            clientId: secretOf('--salesforce-id', options.salesforceId),
            clientSecret: secretOf('--salesforce-secret', options.salesforceSecret),
          },
  };
}

/** Checked here and not by commander, whose message would repeat what may be the secret itself. */
function secretOf(option: string, reference: string | undefined): Secret {
  if (reference === undefined) return { value: '' };
  if (isReference(reference)) return { reference };
  throw new CommandFailure(
    EXIT.usage,
    'usage',
    `${option}: expected env:NAME or file:PATH, got something else; the secret itself does not belong on a command line`,
  );
}

function emailOf(email: string | undefined): Secret {
  if (email === undefined) return { value: '' };
  return isReference(email) ? { reference: email } : { value: email };
}

function nextSteps(directory: string, written: readonly Written[]): string {
  const toFill = written.filter((file) => file.outcome === 'to fill');
  const lines = [
    directory,
    columns(
      ['file', ''],
      written.map((file) => [file.path, file.outcome]),
    ),
    '',
    'Next:',
  ];
  if (toFill.length > 0) lines.push(`  fill ${toFill.map((file) => file.path).join(', ')}`);
  lines.push(
    '  look through mappings/: kinds, fields, statuses, users',
    `  npm start -- --config ${join(directory, CONFIG_FILE)}     reads everything, writes nothing yet`,
    '  lockstep doctor                checks credentials, scopes and mappings',
    '  lockstep import                matches what the tools hold already',
    '  lockstep plan, lockstep apply  the first writes',
  );
  return lines.join('\n');
}
