/**
 * Salesforce's accounts as routing needs them: found by what a lead tells, and written to by change sets only. Source: Object Reference, "Account", "Task".
 */
import type { Operation, RecordRef } from '@lockstep/domain/crm/change-set.ts';
import type { AccountKeys, CrmAccount } from '@lockstep/domain/routing/match.ts';
import type { RoutingCrm, ShownAssignment } from '@lockstep/domain/routing/routing-crm.port.ts';
import type { StageValues } from '@lockstep/domain/routing/stage.ts';
import type { SessionOptions } from '../sessions.ts';
import { containing, isRecordId, like, listed } from '../soql.ts';
import type { Row } from '../wire.ts';
import { createCrmClient } from './client.ts';
import type { CrmClient } from './client.ts';
import { BATCH, readRecords } from './reading.ts';
import { schemasOf } from './schema.ts';
import type { Parts } from './connector.ts';
import { readStages } from './stages.ts';
import { textOf } from './wire.ts';

const ACCOUNT = 'Account';
const FIELDS = 'Id, Name, Website, Phone, BillingCountry, ParentId';
/** Of one kind: a lead has one or two. */
const MOST_VALUES = 20;
/** Numbers are kept as people write them: the last digits, whatever stands between them, narrow down, and the matcher compares. */
const DIGITS = 7;
/** Characters of `Account.Name` and `Task.Subject`. */
const MOST_NAME = 255;

/** Nothing is sent before the first call. `values`: of `Lead.Status`, by stage; null where nobody has said: every organisation has its own. */
export function createSalesforceRouting(connectionId: string, options: SessionOptions, values: StageValues | null = null): RoutingCrm {
  const client = createCrmClient(options);
  const parts: Parts = { client, schemas: schemasOf(client) };
  const recordOf = (recordId: string): RecordRef => ({ connectionId, object: ACCOUNT, recordId });
  return {
    connectionId,
    accounts: (keys) => accountsBy(client, keys),
    recordOf,
    ownerOf: ({ recordId }) => ownerOf(parts, recordId),
    operationsFor: (shown) => operationsFor(connectionId, shown),
    stages: values === null ? null : (cursor) => readStages({ client, connectionId, values, cursor, nowMs: options.clock().getTime() }),
  };
}

async function accountsBy(client: CrmClient, keys: AccountKeys): Promise<readonly CrmAccount[]> {
  const tests = testsFor(keys);
  if (tests.length === 0) return [];
  const found = await select(client, `(${tests.join(' OR ')}) ORDER BY CreatedDate, Id LIMIT ${BATCH}`);
  const known = new Set(found.map(({ accountId }) => accountId));
  const parents = new Set(found.flatMap(({ parentId }) => (parentId === null || known.has(parentId) ? [] : [parentId])));
  if (parents.size === 0) return found;
  return [...found, ...(await select(client, `Id IN ${listed([...parents])}`))];
}

async function select(client: CrmClient, where: string): Promise<readonly CrmAccount[]> {
  const { rows } = await client.query(`SELECT ${FIELDS} FROM ${ACCOUNT} WHERE ${where}`);
  return rows.map(accountOf);
}

/** They find more than belongs to the lead, never less: domains stand in web addresses, and names are compared by the matcher. */
function testsFor({ domains, phones, names }: AccountKeys): readonly string[] {
  const words = names.flatMap((name) =>
    name
      .split(' ')
      .toSorted((a, b) => b.length - a.length)
      .slice(0, 1),
  );
  return [
    ...domains.slice(0, MOST_VALUES).map((domain) => `Website LIKE ${containing(domain)}`),
    ...phones.slice(0, MOST_VALUES).map((phone) => `Phone LIKE ${like(phone.replaceAll(/\D/g, '').slice(-DIGITS).split(''))}`),
    ...[...new Set(words)].slice(0, 2).map((word) => `Name LIKE ${containing(word)}`),
  ];
}

function accountOf(row: Row): CrmAccount {
  const text = (field: string): string | null => textOf(row[field]) || null;
  const [website, phone] = [text('Website'), text('Phone')];
  return {
    accountId: row.Id,
    name: text('Name') ?? '',
    domains: website === null ? [] : [website],
    phones: phone === null ? [] : [phone],
    country: text('BillingCountry'),
    parentId: text('ParentId'),
    groupIds: [],
  };
}

/** Of an account that was merged the owner of the one that it went into; null for one that is not there. */
async function ownerOf(parts: Parts, recordId: string): Promise<string | null> {
  if (!isRecordId(recordId)) return null;
  const read = async (id: string) => (await readRecords(parts, { object: ACCOUNT, recordIds: [id], fields: ['OwnerId'] }))[0];
  const reading = await read(recordId);
  const current = reading?.mergedInto == null ? reading : await read(reading.mergedInto);
  return current?.image.presence === 'present' ? textOf(current.image.fields['OwnerId']) : null;
}

/** Owner, and a task with the reason and the due time; for a company that Salesforce does not have, the account too. */
function operationsFor(connectionId: string, shown: ShownAssignment): readonly Operation[] {
  const { record, domain, companyName, ownerId, title, why, deadlineIso } = shown;
  const name = (companyName ?? domain ?? title).slice(0, MOST_NAME);
  const account: Operation =
    record === null
      ? {
          ...{ kind: 'create', connectionId, object: ACCOUNT, associations: [] },
          fields: { Name: name, ...(domain === null ? {} : { Website: domain }), OwnerId: ownerId },
        }
      : { kind: 'assign-owner', target: record, fields: { OwnerId: ownerId } };
  // A task's own due date is a day: the instant stands in its text.
  const due = deadlineIso === null ? {} : { ActivityDate: deadlineIso.slice(0, 10) };
  const lines = [...why, ...(deadlineIso === null ? [] : [`Due: ${deadlineIso.slice(0, 16).replace('T', ' ')} UTC`])];
  const task: Operation = {
    ...{ kind: 'create-task', connectionId, object: 'Task' },
    fields: { Subject: title.slice(0, MOST_NAME), Description: lines.join('\n'), OwnerId: ownerId, ...due },
    associations: [{ to: record ?? { connectionId, object: ACCOUNT, createdBy: 0 }, label: 'WhatId' }],
  };
  return [account, task];
}
