/** `lockstep init` at a terminal: one question after the other, each answer checked at once. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ask, confirm } from './ask.ts';
import { myDomain, notionId, projectKey, siteUrl, workspaceId } from './checks.ts';
import type { Answers } from './configuration.ts';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

/** Asks about each tool. Secrets are not echoed; an empty one leaves its file to be filled later. */
export async function interview(directory: string, workspace: string): Promise<Answers> {
  const name = await checked('Name of the workspace', workspaceId, workspace);
  const proposed = existsSync(join(directory, 'tasks.md')) ? 'tasks.md' : '';
  const planFile = await ask('Plan document, relative to the directory (empty: none)', { default: proposed });
  const jira = (await confirm('Connect Jira?'))
    ? {
        url: await checked('  Site, https://acme.atlassian.net', siteUrl),
        project: await checked('  Project key', projectKey),
        email: { value: await ask("  Account's e-mail address") },
        token: { value: await ask('  API token (not shown; empty: fill secrets/jira-api-token later)', { secret: true }) },
      }
    : null;
  const notion = (await confirm('Connect Notion?'))
    ? {
        dataSource: await checked('  Data source id', notionId),
        token: { value: await ask('  Token (not shown; empty: fill secrets/notion-token later)', { secret: true }) },
      }
    : null;
  const hubspot = (await confirm('Connect HubSpot?'))
    ? { token: { value: await ask('  Access token (not shown; empty: fill secrets/hubspot-access-token later)', { secret: true }) } }
    : null;
  const salesforce = (await confirm('Connect Salesforce?'))
    ? {
        url: await checked('  My Domain, https://acme.my.salesforce.com', myDomain),
        clientId: { value: await ask("  App's consumer key (empty: fill secrets/salesforce-client-id later)") },
        clientSecret: {
          value: await ask("  App's consumer secret (not shown; empty: fill secrets/salesforce-client-secret later)", { secret: true }),
        },
      }
    : null;
  if (planFile === '' && [jira, notion, hubspot, salesforce].every((tool) => tool === null))
    throw new CommandFailure(EXIT.usage, 'usage', 'connections: expected at least one, got none; nothing was written');
  return { workspace: name, planFile: planFile === '' ? null : planFile, jira, notion, hubspot, salesforce };
}

async function checked(question: string, check: (value: string) => string, proposed?: string): Promise<string> {
  for (;;) {
    const answer = await ask(question, proposed === undefined ? {} : { default: proposed });
    try {
      return check(answer);
    } catch (error) {
      process.stderr.write(`  ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}
