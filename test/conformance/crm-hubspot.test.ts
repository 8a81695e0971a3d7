/** HubSpot as a CRM: what is special to it. */
import { inspect } from 'node:util';
import type { CrmWrite, ReadAssociation } from '@lockstep/domain/crm/crm.port.ts';
import { describe, expect, test } from 'vitest';
import { hubspotCrm, hubspotSubject } from './crm-hubspot-account.ts';
import type { HubSpotCrmAccount } from './crm-hubspot-account.ts';
import { codesOf, contacts, creation, done, inject, newKey, readOne, ref, requestsTo, setFields } from './crm-subject.ts';

const BEGINNING = '2000-01-01T00:00:00.000Z';

const link = (kind: 'associate' | 'dissociate', id: string, association: ReadAssociation): CrmWrite => ({
  key: newKey(),
  operation: { kind, target: ref('contacts', id), association },
  before: null,
});

async function isAssociated(account: HubSpotCrmAccount, id: string, association: ReadAssociation): Promise<boolean | undefined> {
  const [reading] = await account.connect().read({ object: 'contacts', recordIds: [id], fields: [], associations: [association] });
  return reading?.image.isAssociated;
}

describe('HubSpot as a CRM: reading', () => {
  test('histories of a hundred records are two calls: HubSpot shows fifty at a time', async () => {
    const account = await hubspotCrm();
    const ids = await contacts(hubspotSubject, account, 100);
    const history = await account.connect().history({ object: 'contacts', recordIds: ids, fields: ['email'], sinceIso: BEGINNING });
    expect([...(history?.keys() ?? [])]).toEqual(ids);
    expect(requestsTo(account, hubspotSubject, '/batch/read')).toBe(2);
  });

  test('C4: the history of a record in the bin shows too; another app is not us', async () => {
    const account = await hubspotCrm();
    const [id = ''] = await contacts(hubspotSubject, account, 1);
    await account.ask('PATCH', `/crm/objects/2026-09/contacts/${id}`, { properties: { jobtitle: 'By another app' } });
    await account.person.archive('contacts', id);
    const history = await account.connect().history({ object: 'contacts', recordIds: [id], fields: ['jobtitle'], sinceIso: BEGINNING });
    expect(history?.get(id)).toMatchObject([{ value: 'By another app', isOurs: false, by: 'INTEGRATION:2633737' }]);
  });

  test('C4: of each field the newest version, and no other, is told to be what the record shows, in the same call; a cleared one, too', async () => {
    const account = await hubspotCrm();
    const [id = ''] = await contacts(hubspotSubject, account, 1);
    for (const jobtitle of ['CRO', 'CEO', ''])
      await account.ask('PATCH', `/crm/objects/2026-09/contacts/${id}`, { properties: { jobtitle } });
    const before = requestsTo(account, hubspotSubject, '/batch/read');
    const request = { object: 'contacts', recordIds: [id], fields: ['jobtitle', 'email'], sinceIso: BEGINNING };
    const versions = (await account.connect().history(request))?.get(id) ?? [];
    expect(versions.filter(({ isShown }) => isShown === true).map(({ field, value }) => [field, value])).toEqual([
      ['jobtitle', null],
      ['email', expect.any(String)],
    ]);
    expect(versions.map(({ field, value }) => (field === 'jobtitle' ? value : 'email')).slice(0, 3)).toEqual([null, 'CEO', 'CRO']);
    expect(requestsTo(account, hubspotSubject, '/batch/read') - before).toBe(1);
  });

  test('a merge of merges: each former id tells the record that there is today', async () => {
    const account = await hubspotCrm();
    const [first = '', second = '', third = ''] = await contacts(hubspotSubject, account, 3);
    await account.person.merge('contacts', second, first);
    await account.person.merge('contacts', third, second);
    const readings = await account.connect().read({ object: 'contacts', recordIds: [first, second, third], fields: [] });
    expect(readings.map(({ mergedInto }) => mergedInto)).toEqual([third, third, null]);
  });

  test('C4: our writes are told by the app: of a private app, of OAuth, or as configured; where nobody tells it nothing is decided', async () => {
    const account = await hubspotCrm();
    const [id = ''] = await contacts(hubspotSubject, account, 1);
    done((await account.connect().write([setFields('contacts', id, { jobtitle: 'CEO' })]))[0]);
    const isOurs = async (accessToken: string, appId?: string) => {
      const request = { object: 'contacts', recordIds: [id], fields: ['jobtitle'], sinceIso: BEGINNING };
      return (await account.connectWith(accessToken, appId).history(request))?.get(id)?.map((version) => version.isOurs);
    };
    expect(await isOurs('pat-na1-lockstep')).toEqual([true]);
    expect(await isOurs('pat-na1-omar')).toEqual([false]);
    expect(await isOurs('pat-na1-omar', '2633736')).toEqual([true]);
    account.served.faults.add({
      tool: 'hubspot',
      match: { path: 'access-token-info' },
      action: {
        kind: 'answer',
        status: 400,
        headers: {},
        body: { status: 'error', category: 'VALIDATION_ERROR', message: 'a service key' },
      },
      skip: 0,
      times: 1,
    });
    await expect(isOurs('pat-na1-lockstep')).rejects.toMatchObject({ code: 'Invalid', message: expect.stringContaining('appId') });
  });

  test('a lead is read and written like any other object', async () => {
    const account = await hubspotCrm();
    const crm = account.connect();
    const [id = ''] = await contacts(hubspotSubject, account, 1);
    const associations = [{ to: ref('contacts', id), label: 'Primary' }];
    const fields = { hs_lead_name: 'Ines, pilot', hs_lead_label: 'HOT' };
    const operation = { kind: 'create', connectionId: 'crm', object: 'leads', fields, associations } as const;
    const { recordId } = done((await crm.write([{ key: newKey(), operation, before: null }]))[0]);
    done((await crm.write([setFields('leads', recordId, { hs_lead_label: 'WARM' })]))[0]);
    expect((await readOne(crm, 'leads', recordId, ['hs_lead_label'])).image.fields).toEqual({ hs_lead_label: 'WARM' });
    const alone = { ...operation, associations: [] };
    expect(codesOf(await crm.write([{ key: newKey(), operation: alone, before: null }]))).toEqual(['Invalid']);
  });
});

describe('HubSpot as a CRM: writing', () => {
  test('C8: a value that another record holds is refused for good, by its field, and not as an edit in between', async () => {
    const account = await hubspotCrm();
    const [id = '', other = ''] = await contacts(hubspotSubject, account, 2);
    const [outcome, fine] = await account
      .connect()
      .write([setFields('contacts', id, { email: 'person1@conformance.example' }), setFields('contacts', other, { jobtitle: 'CEO' })]);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'Invalid' }, fields: ['email'] });
    expect(outcome?.ok === false && outcome.error.message).not.toContain('person1');
    done(fine);
  });

  test('C12: a refusal of a whole call quotes no value either', async () => {
    const account = await hubspotCrm();
    const [id = ''] = await contacts(hubspotSubject, account, 1);
    const body = { status: 'error', category: 'VALIDATION_ERROR', message: 'Email address a.person@at is invalid', correlationId: 'c' };
    inject(account, hubspotSubject, '/batch/update$', { kind: 'answer', status: 400, headers: {}, body });
    const [outcome] = await account.connect().write([setFields('contacts', id, { email: 'a.person@at' })]);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'Invalid', message: expect.stringContaining('VALIDATION_ERROR') } });
    expect(inspect(outcome, { depth: 10 })).not.toContain('a.person');
  });

  test('C8: where HubSpot refuses a whole batch for one record, it is halved until that one stands alone', async () => {
    const account = await hubspotCrm();
    const crm = account.connect();
    const ids = await contacts(hubspotSubject, account, 8);
    const { toId } = await account.ends();
    const association = { to: ref('companies', toId), label: null };
    const writes = ids.map((id) => link('associate', id, association));
    writes[3] = link('associate', '999999999', association);
    expect(codesOf(await crm.write(writes))).toEqual(['ok', 'ok', 'ok', 'NotFound', 'ok', 'ok', 'ok', 'ok']);
    const readings = await crm.read({ object: 'contacts', recordIds: ids, fields: [], associations: ids.map(() => association) });
    expect(readings.map(({ image }) => image.isAssociated)).toEqual([true, true, true, false, true, true, true, true]);
  });

  test('C5: without the property for keys nothing is created, and it is said what to make; other writes go on', async () => {
    const account = await hubspotCrm();
    const [id = ''] = await contacts(hubspotSubject, account, 1);
    await account.ask('DELETE', '/crm/properties/2026-09/contacts/lockstep_step_key');
    const crm = account.connect();
    expect((await crm.describe('contacts')).keyField).toBeNull();
    const [outcome] = await crm.write([creation('contacts', { email: 'new@conformance.example' })]);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'Invalid', message: expect.stringContaining('lockstep_step_key') } });
    expect(await crm.findCreated('contacts', [newKey()])).toEqual(new Map());
    done((await crm.write([setFields('contacts', id, { jobtitle: 'CEO' })]))[0]);
  });

  test('C2: a label goes and the unlabelled association stays; the unlabelled one is not taken while labels hang on it', async () => {
    const account = await hubspotCrm();
    const crm = account.connect();
    const { fromId, toId } = await account.ends();
    const bare = { to: ref('companies', toId), label: null };
    const primary = { to: ref('companies', toId), label: 'Primary' };
    done((await crm.write([link('associate', fromId, primary)]))[0]);
    expect([await isAssociated(account, fromId, bare), await isAssociated(account, fromId, primary)]).toEqual([true, true]);
    expect(codesOf(await crm.write([link('dissociate', fromId, bare)]))).toEqual(['Invalid']);
    expect([await isAssociated(account, fromId, bare), await isAssociated(account, fromId, primary)]).toEqual([true, true]);
    done((await crm.write([link('dissociate', fromId, primary)]))[0]);
    expect([await isAssociated(account, fromId, bare), await isAssociated(account, fromId, primary)]).toEqual([true, false]);
    done((await crm.write([link('dissociate', fromId, bare)]))[0]);
    expect(await isAssociated(account, fromId, bare)).toBe(false);
  });

  test('the association with one of many is found past the first page', async () => {
    const account = await hubspotCrm();
    const crm = account.connect();
    const { toId } = await account.ends();
    const ids = await contacts(hubspotSubject, account, 501);
    const company = { to: ref('companies', toId), label: null };
    for (let start = 0; start < ids.length; start += 100)
      for (const outcome of await crm.write(ids.slice(start, start + 100).map((id) => link('associate', id, company)))) done(outcome);
    const last = ids.at(-1) ?? '';
    const associations = [{ to: ref('contacts', last), label: null }];
    const [reading] = await crm.read({ object: 'companies', recordIds: [toId], fields: [], associations });
    expect(reading?.image.isAssociated).toBe(true);
  });

  test('C7: a restore is refused with the way that there is: HubSpot has no call for it', async () => {
    const account = await hubspotCrm();
    const [id = ''] = await contacts(hubspotSubject, account, 1);
    await account.person.archive('contacts', id);
    const [outcome] = await account
      .connect()
      .write([{ key: newKey(), operation: { kind: 'restore', target: ref('contacts', id) }, before: null }]);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'Invalid', message: expect.stringContaining('a person can restore') } });
  });
});
