/** What `lockstep doctor` says about a HubSpot connection. Reads only. */
import { FIELD_TYPES } from '@lockstep/domain/backlog/item.ts';
import type { FieldName } from '@lockstep/domain/backlog/item.ts';
import type { Finding } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { HubSpotClient } from './client.ts';
import type { Layout } from './mapping.ts';
import type { WireProperty } from './wire.ts';

const RUNBOOK = 'see docs/runbooks/connect-hubspot.md';
const NEW_TOKEN = `make a new access token in HubSpot and put it into the secrets; ${RUNBOOK}`;

const REMEDIES: Partial<Record<ConnectorError['code'], string>> = {
  AuthRevoked: NEW_TOKEN,
  AuthExpired: NEW_TOKEN,
  Forbidden: `give the app the scopes of the runbook, then put the new token into the secrets; ${RUNBOOK}`,
  Transient: 'check baseUrl and the network, then try again',
  Throttled: 'try again later',
  QuotaExhausted: 'the calls of the day are used up: try again tomorrow, or raise the limit in HubSpot',
};

/** Scopes under which HubSpot grants tasks: they go with contacts. */
const SCOPES = ['crm.objects.contacts.read', 'crm.objects.contacts.write'];

export interface Checked {
  readonly client: HubSpotClient;
  readonly layout: Layout;
  readonly hasWebhookSecret: boolean;
}

/** Never rejects: what fails is a finding. */
export async function checkHubSpot({ client, layout, hasWebhookSecret }: Checked): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const step = async (subject: string, work: () => Promise<readonly Finding[]>): Promise<boolean> => {
    try {
      findings.push(...(await work()));
      return true;
    } catch (error) {
      const message = error instanceof ConnectorError ? error.message : `expected an answer that can be read, got ${String(error)}`;
      const remedy = error instanceof ConnectorError ? REMEDIES[error.code] : undefined;
      findings.push({ level: 'error', subject, message, remedy: remedy ?? 'check baseUrl: it is https://api.hubapi.com' });
      return false;
    }
  };
  const isAccepted = await step('credentials', async () => {
    await client.list({ after: null, archived: false, properties: [], limit: 1 });
    return [{ level: 'ok', subject: 'credentials', message: 'accepted; tasks can be read' }];
  });
  if (!isAccepted) return findings;
  findings.push(await scopes(client));
  await step('time zone', async () => zoneFindings(layout, (await client.account()).timeZone ?? null));
  await step('properties', async () => propertyFindings(layout, await client.properties()));
  findings.push(
    hasWebhookSecret
      ? { level: 'ok', subject: 'webhook', message: 'a secret is configured' }
      : {
          level: 'warning',
          subject: 'webhook',
          message: 'no secret is configured: changes are seen when tasks are polled, deletes in the nightly full read',
          remedy: `make an app with webhooks and set webhookSecret to its client secret; ${RUNBOOK}`,
        },
  );
  return findings;
}

/** Only a private app's token can be asked for its scopes; for others a missing one shows with the first write. */
async function scopes(client: HubSpotClient): Promise<Finding> {
  let granted: readonly string[];
  try {
    granted = await client.scopes();
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { level: 'ok', subject: 'scopes', message: `HubSpot does not show the scopes of this token; needed are ${SCOPES.join(', ')}` };
  }
  const lacking = SCOPES.filter((scope) => !granted.includes(scope));
  if (lacking.length === 0) return { level: 'ok', subject: 'scopes', message: 'may read and write tasks' };
  const message = `expected ${SCOPES.join(', ')}, lacks ${lacking.join(', ')}`;
  return { level: 'error', subject: 'scopes', message, remedy: REMEDIES.Forbidden ?? RUNBOOK };
}

/** Each name of the mapping that tasks do not have, or have otherwise. */
function propertyFindings(layout: Layout, properties: readonly WireProperty[]): readonly Finding[] {
  const known = new Map(properties.filter(({ archived }) => archived !== true).map((property) => [property.name, property]));
  const problems = [
    ...markerFindings(layout, known),
    ...fieldFindings(layout, known),
    ...optionFindings(layout, known),
    ...Object.entries(layout.mapping.kinds).flatMap(([kind, { remote }]) =>
      remote === 'tasks' ? [] : [problem(`kind ${kind}`, `expected the object type tasks, got ${remote}`, 'write `remote: tasks`')],
    ),
  ];
  return problems.length > 0
    ? problems
    : [{ level: 'ok', subject: 'properties', message: 'every property, status and priority of the mapping is there' }];
}

/** Due dates are days by the mapping's zone, and people read them by their own: two zones are worth a look, and no mistake. */
function zoneFindings({ timeZone }: Layout, ofAccount: string | null): readonly Finding[] {
  if (ofAccount === null || ofAccount === timeZone) return [{ level: 'ok', subject: 'time zone', message: timeZone }];
  const message = `due dates are taken as days in ${timeZone}, the account is in ${ofAccount}: a due date late in the evening may be another day`;
  return [{ level: 'warning', subject: 'time zone', message, remedy: `write targets.<connection>.timeZone: ${ofAccount}` }];
}

type Known = ReadonlyMap<string, WireProperty>;

const problem = (subject: string, message: string, remedy: string): Finding => ({ level: 'error', subject, message, remedy });

const MAKE = `Settings > Properties > Tasks > Create property`;

function markerFindings({ markerProperty, kindProperty, scopeProperties }: Layout, known: Known): readonly Finding[] {
  const marker = known.get(markerProperty);
  const others = [...new Set([kindProperty, ...scopeProperties])].filter((name) => name !== markerProperty && !known.has(name));
  const missing = others.map((name) =>
    problem(
      `property ${name}`,
      `expected a property "${name}" of tasks, found none`,
      `${MAKE}: single-line text, internal name ${name}; ${RUNBOOK}`,
    ),
  );
  if (marker === undefined) {
    const remedy = `${MAKE}: single-line text, internal name ${markerProperty}, "Require unique values" on; ${RUNBOOK}`;
    return [problem(`property ${markerProperty}`, `expected a property "${markerProperty}" of tasks, found none`, remedy), ...missing];
  }
  if (marker.hasUniqueValue === true) return missing;
  const message = `expected "${markerProperty}" to have unique values, it has not: tasks could be made twice`;
  const remedy = `uniqueness can be set only when a property is made: delete it and make it again with "Require unique values" on; ${RUNBOOK}`;
  return [problem(`property ${markerProperty}`, message, remedy), ...missing];
}

/** Types of properties that hold a field's values. */
const HOLDING: Readonly<Record<(typeof FIELD_TYPES)[FieldName], readonly string[]>> = {
  line: ['string'],
  text: ['string'],
  choice: ['enumeration', 'string'],
  date: ['datetime', 'date'],
  set: ['string', 'enumeration'],
  ref: ['string'],
  refSet: ['string'],
};

function fieldFindings({ mapping }: Layout, known: Known): readonly Finding[] {
  return Object.entries(mapping.fields).flatMap(([field, { remote, direction, refersBy }]) => {
    const name = field as FieldName;
    const wanted = HOLDING[FIELD_TYPES[name]];
    const property = known.get(remote);
    const subject = `field ${field}`;
    if (property === undefined) {
      const kind = FIELD_TYPES[name] === 'text' ? 'multi-line text' : FIELD_TYPES[name] === 'date' ? 'date picker' : 'single-line text';
      const remedy = `${MAKE}: ${kind}, internal name ${remote}; or take the field out of the mapping. ${RUNBOOK}`;
      return [problem(subject, `expected a property "${remote}" of tasks, found none`, remedy)];
    }
    if (!wanted.includes(property.type)) {
      const message = `expected "${remote}" to be of type ${wanted.join(' or ')}, it is ${property.type}`;
      return [problem(subject, message, `name a property of that type in the mapping, or make one; ${RUNBOOK}`)];
    }
    if (direction !== 'in' && property.modificationMetadata?.readOnlyValue === true)
      return [
        problem(subject, `expected "${remote}" to be writable, HubSpot sets it itself`, 'write `direction: in`, or name another property'),
      ];
    if ((FIELD_TYPES[name] === 'ref' || FIELD_TYPES[name] === 'refSet') && refersBy !== 'title')
      return [problem(subject, 'expected references in words, since tasks have no parent tasks in HubSpot', 'write `refersBy: title`')];
    return [];
  });
}

function optionFindings({ mapping }: Layout, known: Known): readonly Finding[] {
  return (['status', 'priority'] as const).flatMap((list) => {
    const property = known.get(mapping.fields[list]?.remote ?? '');
    if (property === undefined || property.type !== 'enumeration') return [];
    const options = property.options.map(({ value }) => value);
    return Object.entries(mapping[list]).flatMap(([value, remote]) =>
      options.includes(remote)
        ? []
        : [
            problem(
              `${list} ${value}`,
              `expected "${remote}" to be one of the values of "${property.name}", these are ${options.join(', ') || 'none'}`,
              'name another value in the mapping (the internal value, not the label)',
            ),
          ],
    );
  });
}
