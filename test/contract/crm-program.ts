/** A program that makes a CRM's connector send everything that change sets can ask of it. */
import type { CrmFields } from '@lockstep/domain/crm/change-set.ts';
import type { RoutingCrm } from '@lockstep/domain/routing/routing-crm.port.ts';
import type { Crm, CrmWrite, ReadAssociation } from '@lockstep/domain/crm/crm.port.ts';
import { creation, done, newKey, ref, setFields } from '../conformance/crm-subject.ts';

export interface CrmWords {
  readonly contact: string;
  readonly company: string;
  readonly task: { readonly object: string; readonly fields: CrmFields };
  /** What is set, and what is cleared after. */
  readonly fields: CrmFields;
  readonly required: { readonly contact: CrmFields; readonly company: CrmFields };
  readonly key: { readonly field: string; readonly value: string };
  readonly ownerEmail: string;
  /** From contact to company; null for the unlabelled one. */
  readonly labels: readonly (string | null)[];
}

/** Runs it; rejects where a step does not do what it should. */
export async function runCrmProgram(crm: Crm, words: CrmWords): Promise<void> {
  const { contact, company, task, required } = words;
  for (const object of [contact, company, task.object]) await crm.describe(object);
  await crm.ownersByEmail([words.ownerEmail]);
  await crm.findByKey(contact, words.key.field, [words.key.value, 'nobody@growth.example']);
  const [first = '', second = ''] = await ids(crm, [creation(contact, required.contact), creation(contact, required.contact)]);
  const [companyId = ''] = await ids(crm, [creation(company, required.company)]);
  const associations: readonly ReadAssociation[] = [{ to: ref(contact, first), label: null }];
  const operation = { kind: 'create-task', connectionId: 'crm', object: task.object, fields: task.fields, associations } as const;
  const [taskId = ''] = await ids(crm, [{ key: newKey(), operation, before: null }]);
  await crm.findCreated(contact, [newKey()]);
  await ids(crm, [setFields(contact, first, words.fields), setFields(contact, second, words.fields)]);
  await ids(crm, [setFields(contact, first, Object.fromEntries(Object.keys(words.fields).map((name) => [name, null])))]);
  await links(crm, words, first, companyId);
  const fields = Object.keys(words.fields);
  const recordIds = [first, second, '999999999'];
  await crm.read({ object: contact, recordIds, fields, associations: recordIds.map(() => ({ to: ref(company, companyId), label: null })) });
  await crm.read({ object: contact, recordIds: [first], fields, humanContent: true });
  await crm.history({ object: contact, recordIds, fields, sinceIso: '2000-01-01T00:00:00.000Z' });
  await ids(crm, [{ key: newKey(), operation: { kind: 'archive', target: ref(task.object, taskId) }, before: null }]);
  await crm.read({ object: task.object, recordIds: [taskId], fields: [] });
}

/** A program that makes a CRM's connector ask everything that routing asks of it; what it writes goes by change sets. */
export async function runRoutingProgram(crm: RoutingCrm, accountId: string): Promise<void> {
  const keys = { groupIds: [], domains: ['northwind.example'], phones: ['+493012345678'], names: ['northwind bikes'] };
  if ((await crm.accounts(keys)).length === 0) throw new Error('expected an account of the scenario, found none');
  await crm.ownerOf(crm.recordOf(accountId));
  const page = await crm.stages?.(null);
  if (page === undefined) throw new Error('expected stages, got none');
  await crm.stages?.(page.cursor);
}

async function links(crm: Crm, { contact, company, labels }: CrmWords, contactId: string, companyId: string): Promise<void> {
  for (const label of labels) {
    const association = { to: ref(company, companyId), label };
    const link = (kind: 'associate' | 'dissociate'): CrmWrite => ({
      key: newKey(),
      operation: { kind, target: ref(contact, contactId), association },
      before: null,
    });
    await ids(crm, [link('associate')]);
    await ids(crm, [link('dissociate')]);
  }
}

/** Ids of records that were written; rejects where one was refused. */
const ids = async (crm: Crm, writes: readonly CrmWrite[]): Promise<readonly string[]> =>
  (await crm.write(writes)).map((outcome) => done(outcome).recordId);
