/** What `lockstep doctor` says about a Jira connection. Reads only. */
import type { ItemKind } from '@lockstep/domain/backlog/item.ts';
import type { Finding } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { entryOf, projectOf } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';
import { siteFields } from './mapping.ts';
import type { JiraSite } from './site.ts';

const PERMISSIONS = ['BROWSE_PROJECTS', 'CREATE_ISSUES', 'EDIT_ISSUES', 'TRANSITION_ISSUES', 'LINK_ISSUES', 'SCHEDULE_ISSUES'] as const;

const REMEDIES: Partial<Record<ConnectorError['code'], string>> = {
  AuthRevoked: 'make a new API token for the account and put it into the secrets; see docs/runbooks/connect-jira.md',
  AuthExpired: 'make a new API token for the account and put it into the secrets; see docs/runbooks/connect-jira.md',
  Forbidden: 'give the account the permission to browse the project',
  NotFound: 'correct the project in `targets`, or give the account the permission to browse it',
  Transient: 'check baseUrl and the network, then try again',
  Throttled: 'try again later',
};

/** Never rejects: what fails is a finding. */
export async function checkJira(site: JiraSite, hasWebhookSecret: boolean): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const step = async (subject: string, work: () => Promise<readonly Finding[]>): Promise<boolean> => {
    try {
      findings.push(...(await work()));
      return true;
    } catch (error) {
      const message = error instanceof ConnectorError ? error.message : `expected an answer that can be read, got ${String(error)}`;
      const remedy = error instanceof ConnectorError ? REMEDIES[error.code] : undefined;
      findings.push({
        level: 'error',
        subject,
        message,
        remedy: remedy ?? 'check baseUrl: it is the address of the site, https://<site>.atlassian.net',
      });
      return false;
    }
  };
  const project = projectOf(site.mapping);
  if (!(await step('credentials', async () => identity(await site.client.myself())))) return findings;
  if (project === '')
    return [
      ...findings,
      {
        level: 'error',
        subject: 'project',
        message: 'expected a project key in `target`, got none',
        remedy: 'set targets.<connection>.project',
      },
    ];
  const isSeen = await step(`project ${project}`, async () => mappingFindings(site, await site.catalogue(true)));
  if (isSeen)
    await step('permissions', async () => {
      const wanted = site.mapping.onDelete === 'delete' ? [...PERMISSIONS, 'DELETE_ISSUES'] : PERMISSIONS;
      return permissions(wanted, await site.client.permissions(project, wanted));
    });
  if (isSeen) await step('screens', async () => screens(site, await site.catalogue()));
  findings.push(
    hasWebhookSecret
      ? { level: 'ok', subject: 'webhook', message: 'a secret is configured' }
      : {
          level: 'warning',
          subject: 'webhook',
          message: 'no secret is configured: changes are seen when the project is polled',
          remedy: 'make a webhook with a secret in Jira and set webhookSecret; see docs/runbooks/connect-jira.md',
        },
  );
  return findings;
}

function identity({ timeZone }: { readonly timeZone?: string | undefined }): readonly Finding[] {
  return [
    { level: 'ok', subject: 'credentials', message: `accepted; the account's time zone is ${timeZone ?? 'not shown, taken as UTC'}` },
  ];
}

/** Each name of the mapping that the project does not have. */
function mappingFindings({ mapping }: JiraSite, catalogue: Catalogue): readonly Finding[] {
  const missing: Finding[] = [];
  const miss = (subject: string, message: string, remedy: string): void => void missing.push({ level: 'error', subject, message, remedy });
  for (const [kind, { remote }] of Object.entries(mapping.kinds)) {
    if (entryOf(catalogue.issueTypes, remote) === null)
      miss(
        `kind ${kind}`,
        `expected an issue type "${remote}", the project has ${names(catalogue.issueTypes)}`,
        'add the type to the project, or name another in the mapping',
      );
  }
  for (const [field, { remote }] of Object.entries(mapping.fields)) {
    const found = catalogue.field(remote);
    if (found === null)
      miss(
        `field ${field}`,
        `expected a field or a link type "${remote}", found none`,
        'make the field in Jira and put it on the project’s screens, or take it out of the mapping',
      );
    else if (found.storedAs === 'other')
      miss(
        `field ${field}`,
        `expected "${remote}" to hold text, a date or labels, it holds something else`,
        'make it a paragraph or a short text, or take it out of the mapping',
      );
  }
  for (const [list, known] of [
    ['status', catalogue.statuses],
    ['priority', catalogue.priorities],
  ] as const) {
    for (const [value, remote] of Object.entries(mapping[list])) {
      if (entryOf(known, remote) === null)
        miss(
          `${list} ${value}`,
          `expected a ${list} "${remote}", found ${names(known)}`,
          `add it to the project, or name another in the mapping`,
        );
    }
  }
  return missing.length > 0
    ? missing
    : [{ level: 'ok', subject: 'mapping', message: 'every type, field, status and priority of the mapping is there' }];
}

function names(list: readonly { readonly name: string }[]): string {
  return list.map(({ name }) => name).join(', ') || 'none';
}

function permissions(wanted: readonly string[], held: Readonly<Record<string, { readonly havePermission: boolean }>>): readonly Finding[] {
  const lacking = wanted.filter((key) => held[key]?.havePermission !== true);
  if (lacking.length === 0)
    return [{ level: 'ok', subject: 'permissions', message: 'may browse, create, edit, transition and link issues' }];
  return [
    {
      level: 'error',
      subject: 'permissions',
      message: `expected ${wanted.join(', ')}, lacks ${lacking.join(', ')}`,
      remedy: 'give the account a project role that has them',
    },
  ];
}

/** What a new issue of each mapped type cannot have, and what it must have that we do not give. */
async function screens(site: JiraSite, catalogue: Catalogue): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const given = new Set(['project', 'issuetype', 'summary', 'labels', 'reporter']);
  for (const [kind, { remote }] of Object.entries(site.mapping.kinds)) {
    const type = entryOf(catalogue.issueTypes, remote);
    if (type === null) continue;
    const screen = await site.client.createFields(projectOf(site.mapping), type.id);
    const mapped = siteFields(site.mapping, catalogue, kind as ItemKind).filter(
      (field) => field.direction !== 'in' && field.site !== null && field.site.storedAs !== 'status' && field.site.storedAs !== 'links',
    );
    const missing = mapped.filter((field) => !screen.some(({ fieldId }) => fieldId === field.site?.id));
    if (missing.length > 0)
      findings.push({
        level: 'warning',
        subject: `screen of ${type.name}`,
        message: `expected ${missing.map((field) => field.remote).join(', ')} on it; until then they are not written for a ${kind}`,
        remedy: 'add them to the screens of the issue type: project settings, Screens',
      });
    const asked = screen.filter((field) => field.required && field.hasDefaultValue !== true && !given.has(field.fieldId));
    if (asked.length > 0)
      findings.push({
        level: 'error',
        subject: `screen of ${type.name}`,
        message: `expected no other required field, it asks for ${asked.map(({ name }) => name).join(', ')}; no ${kind} can be made`,
        remedy: 'make them optional for the issue type, or give them a default',
      });
  }
  return findings.length > 0 ? findings : [{ level: 'ok', subject: 'screens', message: 'every mapped field can be set on new issues' }];
}
