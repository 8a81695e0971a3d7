/** What every CRM must show: its schema, its people, its records wherever they are, and who has set what when. */
import { expect, test } from 'vitest';
import { contacts, readOne, requestsTo, setFields } from './crm-subject.ts';
import type { CrmSubject } from './crm-subject.ts';

const BEGINNING = '2000-01-01T00:00:00.000Z';

export function readingLaws(subject: CrmSubject): void {
  schemaLaws(subject);
  presenceLaws(subject);
  historyLaws(subject);
}

function schemaLaws(subject: CrmSubject): void {
  const { open, contact, restores } = subject;

  test('case 50: an object is described by its own schema: types, what may be written, options, owner, key', async () => {
    const account = await open();
    const crm = account.connect();
    const described = await crm.describe(contact.object);
    expect(described).toMatchObject({ object: contact.object, ownerField: contact.owner, restores });
    expect(described.keyField).not.toBeNull();
    expect(described.fields.get(contact.text)).toMatchObject({ type: 'text', isWritable: true, options: null });
    expect(described.fields.get(contact.readOnly)).toMatchObject({ isWritable: false });
    expect(described.fields.get(contact.owner)).toMatchObject({ type: 'reference', options: null });
    const { options } = contact.choice;
    expect(described.fields.get(contact.choice.field)).toMatchObject({ type: 'choice', isWritable: true, options });
    await expect(crm.describe('no_such_object')).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('owners are found by e-mail in any case; somebody unknown is missing', async () => {
    const { connect, owner } = await open();
    const asked = [owner.email.toUpperCase(), 'nobody@conformance.example'];
    expect([...(await connect().ownersByEmail(asked))]).toEqual([[owner.email.toUpperCase(), owner.id]]);
    expect(await connect().ownersByEmail([])).toEqual(new Map());
  });

  test('records are found by a unique value, a batch in a call; those unknown are missing', async () => {
    const account = await open();
    const count = 3;
    const ids = await contacts(subject, account, count);
    const asked = [...ids.map((_, index) => `Person${index}@Conformance.example`), 'nobody@conformance.example'];
    const found = await account.connect().findByKey(contact.object, contact.email, asked);
    expect([...found]).toEqual(ids.map((id, index) => [asked[index], id]));
  });
}

function presenceLaws(subject: CrmSubject): void {
  const { open, contact, limits, paths } = subject;

  test('C1: a before-image has every field that was asked for as the CRM keeps it; an empty one is null, one that is not there is missing', async () => {
    const account = await open();
    const id = await account.person.create(contact.object, { ...contact.required, [contact.text]: 'CRO' });
    const fields = [contact.text, contact.otherText, contact.owner, 'no_such_field'];
    const { image, mergedInto } = await readOne(account.connect(), contact.object, id, fields);
    expect(mergedInto).toBeNull();
    expect(image).toMatchObject({ presence: 'present', fields: { [contact.text]: 'CRO', [contact.otherText]: null } });
    expect(Object.keys(image.fields)).not.toContain('no_such_field');
    expect(new Date(image.readAt).toISOString()).toBe(image.readAt);
  });

  test('C1: an image is read from the primary store: what was written a moment ago shows', async () => {
    const account = await open();
    account.served.clock.freeze(account.served.clock.nowMs());
    const id = await account.person.create(contact.object, { ...contact.required, [contact.text]: 'CRO' });
    await account.person.edit(contact.object, id, { [contact.text]: 'CEO' });
    const { image } = await readOne(account.connect(), contact.object, id, [contact.text]);
    expect(image.fields).toEqual({ [contact.text]: 'CEO' });
  });

  test('case 46: present, in the bin, merged into another, nowhere: each record says where it is, in the order asked', async () => {
    const account = await open();
    const [here = '', binned = '', kept = '', gone = ''] = await contacts(subject, account, 4);
    await account.person.archive(contact.object, binned);
    await account.person.merge(contact.object, kept, gone);
    const absent = subject.tool === 'hubspot' ? '999999999' : '003000000000000AAA';
    const recordIds = [gone, absent, here, binned, kept];
    const readings = await account.connect().read({ object: contact.object, recordIds, fields: [contact.email] });
    expect(readings.map(({ recordId, image, mergedInto }) => [recordId, image.presence, mergedInto])).toEqual([
      [gone, 'merged', kept],
      [absent, 'absent', null],
      [here, 'present', null],
      [binned, 'archived', null],
      [kept, 'present', null],
    ]);
  });

  test('a batch of reads is one call, and one more where records are lacking', async () => {
    const account = await open();
    const ids = await contacts(subject, account, 5);
    const crm = account.connect();
    await crm.describe(contact.object);
    const recordIds = Array.from({ length: limits.read }, (_, index) => ids[index % ids.length] ?? '');
    const before = requestsTo(account, subject, paths.read);
    const readings = await crm.read({ object: contact.object, recordIds, fields: [contact.text] });
    expect(readings).toHaveLength(limits.read);
    expect(requestsTo(account, subject, paths.read) - before).toBe(1);
  });
}

function historyLaws({ open, contact }: CrmSubject): void {
  test('C4: a history says who has set a field when, newest first, and which versions are ours', async () => {
    const account = await open();
    const crm = account.connect();
    const id = await account.person.create(contact.object, { ...contact.required, [contact.text]: 'CRO' });
    account.served.clock.advance(2_000);
    await crm.write([setFields(contact.object, id, { [contact.text]: 'CEO' })]);
    account.served.clock.advance(2_000);
    await account.person.edit(contact.object, id, { [contact.text]: 'CFO' });
    const history = await crm.history({ object: contact.object, recordIds: [id], fields: [contact.text], sinceIso: BEGINNING });
    const versions = history?.get(id) ?? [];
    expect(versions.slice(0, 2).map(({ field, value, isOurs }) => [field, value, isOurs])).toEqual([
      [contact.text, 'CFO', false],
      [contact.text, 'CEO', true],
    ]);
    expect(versions[0]?.by).not.toBeNull();
    expect(versions[0]?.by).not.toBe(versions[1]?.by);
    const instants = versions.map(({ at }) => Date.parse(at));
    expect(instants).toEqual(instants.toSorted((left, right) => right - left));
  });

  test('C4: the history of several fields is one list, newest first', async () => {
    const account = await open();
    const [first, second] = [contact.text, contact.otherText];
    const id = await account.person.create(contact.object, contact.required);
    for (const [field, value] of [
      [first, 'One'],
      [second, 'Two'],
      [first, 'Three'],
    ] as const) {
      account.served.clock.advance(2_000);
      await account.person.edit(contact.object, id, { [field]: value });
    }
    const request = { object: contact.object, recordIds: [id], fields: [second, first], sinceIso: BEGINNING };
    const versions = (await account.connect().history(request))?.get(id) ?? [];
    expect(versions.map(({ value }) => value)).toEqual(['Three', 'Two', 'One']);
  });

  test('C4: a history begins at the instant that is asked for, and a cleared value is null in it', async () => {
    const account = await open();
    const crm = account.connect();
    const id = await account.person.create(contact.object, { ...contact.required, [contact.text]: 'CRO' });
    account.served.clock.advance(2_000);
    const since = await readOne(crm, contact.object, id, [contact.text]);
    account.served.clock.advance(2_000);
    await account.person.edit(contact.object, id, { [contact.text]: null });
    const request = { object: contact.object, recordIds: [id], fields: [contact.text], sinceIso: since.image.readAt };
    const versions = (await crm.history(request))?.get(id) ?? [];
    expect(versions.map(({ value, isOurs }) => [value, isOurs])).toEqual([[null, false]]);
  });
}
