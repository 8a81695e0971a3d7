/** Salesforce as a CRM: what is special to it. */
import type { CrmWrite, ReadAssociation } from '@lockstep/domain/crm/crm.port.ts';
import { describe, expect, test } from 'vitest';
import { salesforceCrm, salesforceSubject } from './crm-salesforce-account.ts';
import { codesOf, contacts, creation, done, inject, newKey, readOne, ref, requestsTo, setFields } from './crm-subject.ts';

const BEGINNING = '2000-01-01T00:00:00.000Z';

const link = (kind: 'associate' | 'dissociate', id: string, association: ReadAssociation): CrmWrite => ({
  key: newKey(),
  operation: { kind, target: ref('Contact', id), association },
  before: null,
});

describe('Salesforce as a CRM: reading', () => {
  test('C4: a lookup has one version a change, with the id; a task has no history at all', async () => {
    const account = await salesforceCrm();
    const crm = account.connect();
    const [id = ''] = await contacts(salesforceSubject, account, 1);
    const before = await readOne(crm, 'Contact', id, ['OwnerId']);
    done((await crm.write([setFields('Contact', id, { OwnerId: account.owner.id })]))[0]);
    const request = { object: 'Contact', recordIds: [id], fields: ['OwnerId', 'Title'], sinceIso: before.image.readAt };
    expect((await crm.history(request))?.get(id)).toMatchObject([{ field: 'OwnerId', value: account.owner.id, isOurs: true }]);
    const task = await account.person.create('Task', { Subject: 'Call' });
    expect(await crm.history({ object: 'Task', recordIds: [task], fields: ['Subject'], sinceIso: BEGINNING })).toBeNull();
  });

  test('case 46: a merge of merges: each former record tells the one that there is today', async () => {
    const account = await salesforceCrm();
    const recordIds = await contacts(salesforceSubject, account, 4);
    for (const [index, id] of recordIds.slice(1).entries()) await account.person.merge('Contact', id, recordIds[index] ?? '');
    const readings = await account.connect().read({ object: 'Contact', recordIds, fields: [] });
    const last = recordIds.at(-1);
    expect(readings.map(({ mergedInto }) => mergedInto)).toEqual([last, last, last, null]);
  });

  test('case 50: a field that was removed since is missing in the image, and the others are read', async () => {
    const account = await salesforceCrm();
    const crm = account.connect();
    const field = { object: 'Contact', name: 'Segment__c' };
    await account.ask('POST', '/ui/settings/fields', { ...field, type: 'string', length: 40 });
    const id = await account.person.create('Contact', { LastName: 'Person', Title: 'CRO', Segment__c: 'Large' });
    expect((await readOne(crm, 'Contact', id, ['Title', 'Segment__c'])).image.fields).toEqual({ Title: 'CRO', Segment__c: 'Large' });
    await account.ask('POST', '/ui/settings/fields/remove', field);
    expect((await readOne(crm, 'Contact', id, ['Title', 'Segment__c'])).image.fields).toEqual({ Title: 'CRO' });
    expect((await crm.describe('Contact')).fields.has('Segment__c')).toBe(false);
  });

  test('an e-mail address that two contacts have finds neither: whose it is, is for a person to say', async () => {
    const account = await salesforceCrm();
    const email = 'twice@conformance.example';
    for (const LastName of ['One', 'Two']) await account.person.create('Contact', { LastName, Email: email });
    expect(await account.connect().findByKey('Contact', 'Email', [email])).toEqual(new Map());
  });

  test('a text that is no id is of no record, and stops no other', async () => {
    const account = await salesforceCrm();
    const [id = ''] = await contacts(salesforceSubject, account, 1);
    const crm = account.connect();
    const readings = await crm.read({ object: 'Contact', recordIds: ["x') OR Id != ('", id], fields: [] });
    expect(readings.map(({ image }) => image.presence)).toEqual(['absent', 'present']);
    expect(
      codesOf(await crm.write([setFields('Contact', "x') OR Id != ('", { Title: 'CEO' }), setFields('Contact', id, { Title: 'CEO' })])),
    ).toEqual(['NotFound', 'ok']);
  });
});

describe('Salesforce as a CRM: writing', () => {
  test('C4: of many writes with what was compared only the one whose record has moved is refused; twenty-four go in a call', async () => {
    const account = await salesforceCrm();
    const crm = account.connect();
    const ids = await contacts(salesforceSubject, account, 30);
    const readings = await crm.read({ object: 'Contact', recordIds: ids, fields: ['Title'] });
    account.served.clock.advance(2_000);
    await account.person.edit('Contact', ids[7] ?? '', { Department: 'Sales' });
    const outcomes = await crm.write(
      readings.map(({ recordId, image }) => ({ ...setFields('Contact', recordId, { Title: 'CEO' }), before: image })),
    );
    expect(codesOf(outcomes)).toEqual(ids.map((_, index) => (index === 7 ? 'Conflict' : 'ok')));
    expect(requestsTo(account, salesforceSubject, '/composite$')).toBe(2);
    const after = await crm.read({ object: 'Contact', recordIds: ids, fields: ['Title'] });
    expect(after.map(({ image }) => image.fields['Title'])).toEqual(ids.map((_, index) => (index === 7 ? null : 'CEO')));
  });

  test('C4: what we have written ourselves in a batch is no edit in between', async () => {
    const account = await salesforceCrm();
    const crm = account.connect();
    const [id = ''] = await contacts(salesforceSubject, account, 1);
    const { image: before } = await readOne(crm, 'Contact', id, ['Title', 'Department']);
    account.served.clock.advance(2_000);
    const outcomes = await crm.write([
      { ...setFields('Contact', id, { Title: 'CEO' }), before },
      { ...setFields('Contact', id, { Department: 'Board' }), before },
    ]);
    expect(codesOf(outcomes)).toEqual(['ok', 'ok']);
  });

  test('C8: what a field refers to and is not there is a refusal of the field, not a record that is gone', async () => {
    const account = await salesforceCrm();
    const [id = ''] = await contacts(salesforceSubject, account, 1);
    const company = await account.person.create('Account', { Name: 'Gone' });
    await account.person.archive('Account', company);
    const [outcome] = await account.connect().write([setFields('Contact', id, { AccountId: company })]);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'Invalid' }, fields: ['AccountId'] });
  });

  test('C8: a value that another record holds is refused for good, and not as an edit in between', async () => {
    const account = await salesforceCrm();
    const crm = account.connect();
    const write = creation('Contact', { LastName: 'Holder' });
    done((await crm.write([write]))[0]);
    const [id = ''] = await contacts(salesforceSubject, account, 1);
    const { image: before } = await readOne(crm, 'Contact', id, ['Lockstep_Id__c']);
    const again = setFields('Contact', id, { Lockstep_Id__c: write.key });
    expect(codesOf(await crm.write([{ ...again, before }]))).toEqual(['Invalid']);
    expect(codesOf(await crm.write([again]))).toEqual(['Invalid']);
  });

  test('C8: a rule of the administrator refuses one record, in the administrator’s words', async () => {
    const account = await salesforceCrm();
    const [id = '', other = ''] = await contacts(salesforceSubject, account, 2);
    await account.ask('POST', '/ui/settings/rules', { object: 'Contact', recordId: id, field: 'Title', message: 'Titles are frozen' });
    const outcomes = await account.connect().write([id, other].map((one) => setFields('Contact', one, { Title: 'CEO' })));
    expect(codesOf(outcomes)).toEqual(['Invalid', 'ok']);
    expect(outcomes[0]).toMatchObject({ fields: ['Title'], error: { message: expect.stringContaining('Titles are frozen') } });
  });

  test('C5: without the external id nothing is created, and it is said what to make', async () => {
    const account = await salesforceCrm();
    await account.ask('POST', '/ui/settings/fields/remove', { object: 'Lead', name: 'Lockstep_Id__c' });
    const crm = account.connect();
    expect((await crm.describe('Lead')).keyField).toBeNull();
    const [outcome] = await crm.write([creation('Lead', { LastName: 'Menon', Company: 'Cedar' })]);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'Invalid', message: expect.stringContaining('Lockstep_Id__c') } });
  });

  test('C2: a lookup that holds another record is not written over; one that holds another is not cleared', async () => {
    const account = await salesforceCrm();
    const crm = account.connect();
    const { fromId, toId } = await account.ends();
    const other = await account.person.create('Account', { Name: 'Another' });
    await account.person.edit('Contact', fromId, { AccountId: other });
    const association = { to: ref('Account', toId), label: 'AccountId' };
    expect(codesOf(await crm.write([link('associate', fromId, association)]))).toEqual(['Invalid']);
    expect(codesOf(await crm.write([link('dissociate', fromId, association)]))).toEqual(['ok']);
    expect((await readOne(crm, 'Contact', fromId, ['AccountId'])).image.fields).toEqual({ AccountId: other });
  });

  test('C7: a restore that Salesforce refuses is refused alone, and a session that has ended is renewed', async () => {
    const account = await salesforceCrm();
    const crm = account.connect();
    const [binned = '', live = ''] = await contacts(salesforceSubject, account, 2);
    await account.person.archive('Contact', binned);
    inject(account, salesforceSubject, '/services/Soap/', { kind: 'unauthorized', cause: 'expired' });
    const restore = (id: string): CrmWrite => ({ key: newKey(), operation: { kind: 'restore', target: ref('Contact', id) }, before: null });
    const outcomes = await crm.write([restore(binned), restore(live)]);
    expect(codesOf(outcomes)).toEqual(['ok', 'Invalid']);
    expect((await readOne(crm, 'Contact', binned, [])).image.presence).toBe('present');
  });

  test('C5: a restore whose answer is lost is unknown, and took effect', async () => {
    const account = await salesforceCrm();
    const crm = account.connect();
    const [id = ''] = await contacts(salesforceSubject, account, 1);
    await account.person.archive('Contact', id);
    inject(account, salesforceSubject, '/services/Soap/', { kind: 'lose-answer' });
    const write: CrmWrite = { key: newKey(), operation: { kind: 'restore', target: ref('Contact', id) }, before: null };
    expect(codesOf(await crm.write([write]))).toEqual(['OutcomeUnknown']);
    expect((await readOne(crm, 'Contact', id, [])).image.presence).toBe('present');
  });
});
