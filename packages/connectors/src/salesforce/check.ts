/** What `lockstep doctor` says about a Salesforce connection. Reads only. */
import type { FieldName, ItemKind } from '@lockstep/domain/backlog/item.ts';
import { FIELD_TYPES, ITEM_KINDS } from '@lockstep/domain/backlog/item.ts';
import type { Finding } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { typeProblem } from './catalogue.ts';
import type { Layout } from './catalogue.ts';
import type { SalesforceClient } from './client.ts';
import type { Reading } from './pull.ts';
import type { WireDescribe, WireField } from './wire.ts';

const RUNBOOK = 'see docs/runbooks/connect-salesforce.md';
const NEW_APP = `check the app's client id and its secret or key, and that its user is active; ${RUNBOOK}`;

const REMEDIES: Partial<Record<ConnectorError['code'], string>> = {
  AuthRevoked: NEW_APP,
  AuthExpired: NEW_APP,
  Forbidden: `give the connection's user the permission set of the runbook; ${RUNBOOK}`,
  NotFound: `make the object, or name it in target.object; ${RUNBOOK}`,
  Transient: 'check baseUrl (your My Domain, https://….my.salesforce.com) and the network, then try again',
  Throttled: 'try again later',
  QuotaExhausted: "the organisation's calls of 24 hours are used up: try again in some hours, or buy more",
};

/** Never rejects: what fails is a finding. */
export async function checkSalesforce({ client, layout }: Reading): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const step = async (subject: string, work: () => Promise<readonly Finding[]>): Promise<boolean> => {
    try {
      findings.push(...(await work()));
      return true;
    } catch (error) {
      const message = error instanceof ConnectorError ? error.message : `expected an answer that can be read, got ${String(error)}`;
      const remedy = error instanceof ConnectorError ? REMEDIES[error.code] : undefined;
      findings.push({ level: 'error', subject, message, remedy: remedy ?? `check baseUrl and the mapping; ${RUNBOOK}` });
      return false;
    }
  };
  const isIn = await step('login', async () => {
    await client.session();
    return [{ level: 'ok', subject: 'login', message: 'accepted' }];
  });
  if (!isIn) return findings;
  await step(`object ${layout.object}`, async () => objectFindings(layout, await client.describe(layout.object)));
  await step('API calls', () => limitFindings(client));
  return findings;
}

const problem = (subject: string, message: string, remedy: string): Finding => ({ level: 'error', subject, message, remedy });

function objectFindings(layout: Layout, describe: WireDescribe): readonly Finding[] {
  const byName = new Map(describe.fields.map((field) => [field.name.toLowerCase(), field]));
  const field = (name: string): WireField | null => byName.get(name.toLowerCase()) ?? null;
  const problems = [
    ...permissionFindings(layout, describe),
    ...ownFindings(layout, field),
    ...Object.keys(layout.mapping.fields).flatMap((name) => fieldFindings(layout, name as FieldName, field)),
    ...optionFindings(layout, field),
  ];
  const warnings = Object.keys(layout.mapping.fields).flatMap((name) => lengthFindings(layout, name as FieldName, field));
  const fine: Finding = {
    level: 'ok',
    subject: `object ${layout.object}`,
    message: 'every field, status and priority of the mapping is there',
  };
  return [...(problems.length === 0 ? [fine] : problems), ...warnings];
}

function permissionFindings({ object }: Layout, describe: WireDescribe): readonly Finding[] {
  const lacking = (['queryable', 'createable', 'updateable', 'deletable'] as const).filter((right) => describe[right] === false);
  const findings =
    lacking.length === 0
      ? []
      : [
          problem(
            `object ${object}`,
            `expected it to be queryable, createable, updateable and deletable, it is not ${lacking.join(', ')}`,
            REMEDIES.Forbidden ?? RUNBOOK,
          ),
        ];
  if (describe.replicateable !== false) return findings;
  const message = 'expected the log of its changes to be readable (replicateable), it is not';
  return [...findings, problem(`object ${object}`, message, `use a custom object; ${RUNBOOK}`)];
}

/** The fields that make a record ours: without them nothing is read or written. */
function ownFindings(layout: Layout, field: (name: string) => WireField | null): readonly Finding[] {
  const missing = [layout.markerField, layout.kindField].flatMap((name) =>
    field(name) === null
      ? [
          problem(
            `field ${name}`,
            `expected a field "${name}" of ${layout.object} that the user may see, found none`,
            `make it, or give the user the right to see and edit it; ${RUNBOOK}`,
          ),
        ]
      : [],
  );
  const marker = field(layout.markerField);
  if (marker === null) return missing;
  const lacks = [...(marker.externalId === true ? [] : ['an external id']), ...(marker.unique === true ? [] : ['unique'])];
  const isWritable = marker.createable !== false;
  return [
    ...missing,
    ...(lacks.length === 0
      ? []
      : [
          problem(
            `field ${layout.markerField}`,
            `expected it to be ${lacks.join(' and ')}: records could be made twice`,
            `Setup > Object Manager > ${layout.object} > Fields: tick "External ID" and "Unique"; ${RUNBOOK}`,
          ),
        ]),
    ...(isWritable
      ? []
      : [problem(`field ${layout.markerField}`, 'expected the user to be able to write it, it cannot', REMEDIES.Forbidden ?? RUNBOOK)]),
  ];
}

function fieldFindings({ mapping }: Layout, name: FieldName, field: (name: string) => WireField | null): readonly Finding[] {
  const mapped = mapping.fields[name];
  if (mapped === undefined) return [];
  const column = field(mapped.remote);
  const subject = `field ${name}`;
  const wrong = typeProblem(mapping, { name, remote: mapped.remote, column });
  if (wrong !== null)
    return [
      problem(
        subject,
        wrong,
        column === null
          ? `make it or give the user the right to see it (field-level security), or take the field out of the mapping; ${RUNBOOK}`
          : `name a field of that type in the mapping, or make one; ${RUNBOOK}`,
      ),
    ];
  if (mapped.direction === 'in' || (column?.createable !== false && column?.updateable !== false)) return [];
  return [
    problem(
      subject,
      `expected "${mapped.remote}" to be writable by the user, it is not`,
      `give the user the right to edit it (field-level security), or write \`direction: in\`; ${RUNBOOK}`,
    ),
  ];
}

/** Long texts of a plan do not fit into a short field: they would be cut, and that would be said each time. */
const SHORT = 1_000;

function lengthFindings({ mapping }: Layout, name: FieldName, field: (name: string) => WireField | null): readonly Finding[] {
  const column = field(mapping.fields[name]?.remote ?? '');
  if (column === null || FIELD_TYPES[name] !== 'text' || (column.length ?? 0) >= SHORT || (column.length ?? 0) === 0) return [];
  const message = `"${column.name}" holds ${column.length} characters: a longer text is cut there`;
  return [{ level: 'warning', subject: `field ${name}`, message, remedy: `use a field of type Long Text Area; ${RUNBOOK}` }];
}

function optionFindings({ mapping, kindField }: Layout, field: (name: string) => WireField | null): readonly Finding[] {
  const kinds = ITEM_KINDS.flatMap((kind: ItemKind) => {
    const remote = mapping.kinds[kind]?.remote;
    return remote === undefined ? [] : [[kind, remote] as const];
  });
  const lists = [
    { what: 'kind', column: field(kindField), values: kinds },
    { what: 'status', column: field(mapping.fields.status?.remote ?? ''), values: Object.entries(mapping.status) },
    { what: 'priority', column: field(mapping.fields.priority?.remote ?? ''), values: Object.entries(mapping.priority) },
  ];
  return lists.flatMap(({ what, column, values }) => {
    if (column === null || column.type !== 'picklist') return [];
    const options = (column.picklistValues ?? []).filter(({ active }) => active !== false).map(({ value }) => value);
    return values.flatMap(([value, remote]) =>
      options.includes(remote)
        ? []
        : [
            problem(
              `${what} ${value}`,
              `expected "${remote}" to be an active value of "${column.name}", these are ${options.join(', ') || 'none'}`,
              'add the value to the picklist, or name another one in the mapping (its API name)',
            ),
          ],
    );
  });
}

/** Below this share a day of polling may not fit. */
const LOW_SHARE = 0.2;

async function limitFindings(client: SalesforceClient): Promise<readonly Finding[]> {
  const calls = (await client.limits()).DailyApiRequests;
  if (calls === null || calls === undefined)
    return [{ level: 'ok', subject: 'API calls', message: 'Salesforce does not show the limit to this user' }];
  const message = `${calls.Remaining} of ${calls.Max} calls of 24 hours are left`;
  if (calls.Remaining > calls.Max * LOW_SHARE) return [{ level: 'ok', subject: 'API calls', message }];
  return [
    { level: 'warning', subject: 'API calls', message, remedy: 'raise pollIntervalSeconds, or buy more calls; the rest is kept for edits' },
  ];
}
