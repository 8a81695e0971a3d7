/** What every CRM must do with writes: one effect each, one outcome each, and nothing of anybody else's taken along. */
import { inspect } from 'node:util';
import type { CrmWrite } from '@lockstep/domain/crm/crm.port.ts';
import { expect, test } from 'vitest';
import { codesOf, contacts, creation, done, inject, newKey, readOne, ref, requestsTo, setFields } from './crm-subject.ts';
import type { CrmSubject } from './crm-subject.ts';

export function writingLaws(subject: CrmSubject): void {
  updateLaws(subject);
  failureLaws(subject);
  creationLaws(subject);
  linkLaws(subject);
  removalLaws(subject);
}

function updateLaws(subject: CrmSubject): void {
  const { open, contact, limits, paths } = subject;

  test('C1: the after-image is what a reading then shows: as the CRM stored it, cleared is null', async () => {
    const account = await open();
    const crm = account.connect();
    const fields = { [contact.text]: ' CEO ', [contact.otherText]: null, [contact.owner]: account.owner.id };
    const id = await account.person.create(contact.object, { ...contact.required, [contact.otherText]: 'Northwind' });
    const [outcome] = await crm.write([
      { key: newKey(), operation: { kind: 'assign-owner', target: ref(contact.object, id), fields }, before: null },
    ]);
    const { recordId, after } = done(outcome);
    expect(recordId).toBe(id);
    const { image } = await readOne(crm, contact.object, id, Object.keys(fields));
    expect(after.fields).toEqual(image.fields);
    expect(after).toMatchObject({ presence: 'present', fields: { [contact.otherText]: null, [contact.owner]: account.owner.id } });
  });

  test('C5: a batch of writes at the limit is one call', async () => {
    const account = await open();
    const crm = account.connect();
    const ids = await contacts(subject, account, limits.write);
    const outcomes = await crm.write(ids.map((id, index) => setFields(contact.object, id, { [contact.text]: `Title ${index}` })));
    expect(outcomes.map((outcome) => done(outcome).recordId)).toEqual(ids);
    expect(requestsTo(account, subject, paths.update)).toBe(1);
    const readings = await crm.read({ object: contact.object, recordIds: ids, fields: [contact.text] });
    expect(readings.map(({ image }) => image.fields[contact.text])).toEqual(ids.map((_, index) => `Title ${index}`));
  });

  test('C5: two writes to one record of one batch both take effect, in their order', async () => {
    const account = await open();
    const crm = account.connect();
    const [id = ''] = await contacts(subject, account, 1);
    const outcomes = await crm.write(['First', 'Second'].map((value) => setFields(contact.object, id, { [contact.text]: value })));
    expect(outcomes.map((outcome) => done(outcome).after.fields[contact.text])).toEqual(['First', 'Second']);
    expect(requestsTo(account, subject, paths.update)).toBe(2);
    expect((await readOne(crm, contact.object, id, [contact.text])).image.fields).toEqual({ [contact.text]: 'Second' });
  });

  test('C4: an edit between compare and write is not gone over unseen: the CRM refuses the write, or the history shows it', async () => {
    const account = await open();
    const crm = account.connect();
    const id = await account.person.create(contact.object, { ...contact.required, [contact.text]: 'CRO' });
    const { image: before } = await readOne(crm, contact.object, id, [contact.text]);
    account.served.clock.advance(2_000);
    await account.person.edit(contact.object, id, { [contact.text]: 'Head of Sales' });
    account.served.clock.advance(2_000);
    const [outcome] = await crm.write([{ ...setFields(contact.object, id, { [contact.text]: 'CEO' }), before }]);
    const versions = await crm.history({ object: contact.object, recordIds: [id], fields: [contact.text], sinceIso: before.readAt });
    const { image: now } = await readOne(crm, contact.object, id, [contact.text]);
    expect({
      code: codesOf(outcome === undefined ? [] : [outcome]),
      versions: (versions?.get(id) ?? []).map(({ value, isOurs }) => [value, isOurs]),
      now: now.fields[contact.text],
    }).toEqual(
      subject.hasPrecondition
        ? { code: ['Conflict'], versions: [['Head of Sales', false]], now: 'Head of Sales' }
        : {
            code: ['ok'],
            versions: [
              ['CEO', true],
              ['Head of Sales', false],
            ],
            now: 'CEO',
          },
    );
  });
}

function failureLaws(subject: CrmSubject): void {
  const { open, contact, paths } = subject;

  test('C8: one record that the CRM refuses stops no other, and says which fields; one that is gone says so', async () => {
    const account = await open();
    const crm = account.connect();
    const [first = '', refused = '', gone = '', last = ''] = await contacts(subject, account, 4);
    await account.person.archive(contact.object, gone);
    const outcomes = await crm.write([
      setFields(contact.object, first, { [contact.text]: 'One' }),
      setFields(contact.object, refused, { [contact.text]: 'Two', ...contact.refused }),
      setFields(contact.object, gone, { [contact.text]: 'Three' }),
      setFields(contact.object, last, { [contact.text]: 'Four' }),
    ]);
    expect(codesOf(outcomes)).toEqual(['ok', 'Invalid', 'NotFound', 'ok']);
    expect(outcomes[1]).toMatchObject({ fields: Object.keys(contact.refused) });
    const readings = await crm.read({ object: contact.object, recordIds: [first, refused, last], fields: [contact.text] });
    expect(readings.map(({ image }) => image.fields[contact.text])).toEqual(['One', null, 'Four']);
  });

  test('C12: a refusal quotes no value: not the e-mail address that it is about', async () => {
    const account = await open();
    const [id = ''] = await contacts(subject, account, 1);
    const value = 'a.person@at@nowhere.example';
    const [outcome] = await account.connect().write([setFields(contact.object, id, { [contact.email]: value })]);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'Invalid' }, fields: [contact.email] });
    const { error } = outcome as Extract<typeof outcome, { ok: false }>;
    expect(error.message.length).toBeGreaterThan(0);
    expect(inspect(error, { depth: 10 })).not.toContain('a.person');
  });

  test.each(['lose-answer', 'cut'] as const)(
    'C5: a write whose answer is lost (%s) is unknown for each record; nothing is sent again',
    async (kind) => {
      const account = await open();
      const crm = account.connect();
      const ids = await contacts(subject, account, 3);
      inject(account, subject, paths.update, { kind });
      const outcomes = await crm.write(ids.map((id) => setFields(contact.object, id, { [contact.text]: 'CEO' })));
      expect(codesOf(outcomes)).toEqual(['OutcomeUnknown', 'OutcomeUnknown', 'OutcomeUnknown']);
      expect(requestsTo(account, subject, paths.update)).toBe(1);
      const readings = await crm.read({ object: contact.object, recordIds: ids, fields: [contact.text] });
      expect(readings.map(({ image }) => image.fields[contact.text])).toEqual(['CEO', 'CEO', 'CEO']);
    },
  );

  test('C5: a server error on a write is an unknown outcome; C8: on a read it is asked again later', async () => {
    const account = await open();
    const crm = account.connect();
    const [id = ''] = await contacts(subject, account, 1);
    await crm.describe(contact.object);
    inject(account, subject, paths.update, { kind: 'answer', status: 502, headers: {}, body: 'gateway' });
    expect(codesOf(await crm.write([setFields(contact.object, id, { [contact.text]: 'CEO' })]))).toEqual(['OutcomeUnknown']);
    inject(account, subject, paths.read, { kind: 'answer', status: 503, headers: {}, body: 'no' });
    await expect(crm.read({ object: contact.object, recordIds: [id], fields: [contact.text] })).rejects.toMatchObject({
      code: 'Transient',
    });
  });

  test('C5: a write that is not answered in time is unknown, and took effect', async () => {
    const account = await open();
    const [id = ''] = await contacts(subject, account, 1);
    const crm = account.connect({ requestTimeoutMs: 200 });
    inject(account, subject, paths.update, { kind: 'hold' });
    expect(codesOf(await crm.write([setFields(contact.object, id, { [contact.text]: 'CEO' })]))).toEqual(['OutcomeUnknown']);
    account.served.faults.clear();
    expect((await readOne(account.connect(), contact.object, id, [contact.text])).image.fields).toEqual({ [contact.text]: 'CEO' });
  });

  test('C8: a write that is throttled waits: nothing happened, and it is said for how long', async () => {
    const account = await open();
    const crm = account.connect();
    const [id = ''] = await contacts(subject, account, 1);
    inject(account, subject, paths.update, { kind: 'throttle', status: 429, retryAfterSeconds: 7 });
    const [outcome] = await crm.write([setFields(contact.object, id, { [contact.text]: 'CEO' })]);
    expect(outcome?.ok === false && ['Throttled', 'QuotaExhausted'].includes(outcome.error.code)).toBe(true);
    expect(outcome?.ok === false && (outcome.error.retryAfterMs ?? 0) > 0).toBe(true);
    expect((await readOne(account.connect(), contact.object, id, [contact.text])).image.fields).toEqual({ [contact.text]: null });
  });
}

function creationLaws(subject: CrmSubject): void {
  const { open, contact, task, paths } = subject;
  const createdIn = (account: Awaited<ReturnType<typeof open>>): number => account.served.log.counts({ account: 'lockstep' }).creates;

  test('C5: a create whose answer is lost is found by its key, sent again makes no second, and what people wrote since stays', async () => {
    const account = await open();
    const crm = account.connect();
    const write = creation(contact.object, { ...contact.required, [contact.text]: 'CEO' });
    inject(account, subject, paths.create, { kind: 'lose-answer' });
    expect(codesOf(await crm.write([write]))).toEqual(['OutcomeUnknown']);
    const found = await account.connect().findCreated(contact.object, [write.key, newKey()]);
    expect([...found.keys()]).toEqual([write.key]);
    const id = found.get(write.key) ?? '';
    await account.person.edit(contact.object, id, { [contact.text]: 'Head of Sales' });
    const [again] = await crm.write([write]);
    expect(done(again)).toMatchObject({ recordId: id });
    expect((await readOne(crm, contact.object, id, [contact.text])).image.fields).toEqual({ [contact.text]: 'Head of Sales' });
    expect(createdIn(account)).toBe(1);
  });

  test('C5: creates go a batch in a call, each with its own outcome', async () => {
    const account = await open();
    const crm = account.connect();
    const writes: CrmWrite[] = ['One', 'Two', 'Three'].map((title, index) =>
      creation(contact.object, { ...contact.required, [contact.text]: title, ...(index === 1 ? contact.refused : {}) }),
    );
    const outcomes = await crm.write(writes);
    expect(codesOf(outcomes)).toEqual(['ok', 'Invalid', 'ok']);
    expect(requestsTo(account, subject, paths.create)).toBe(1);
    expect(done(outcomes[2]).after).toMatchObject({ presence: 'present', fields: { [contact.text]: 'Three' } });
    expect(createdIn(account)).toBe(2);
  });

  test('C5: a task is made, belongs to its record, and carries its key', async () => {
    const account = await open();
    const crm = account.connect();
    const [id = ''] = await contacts(subject, account, 1);
    const key = newKey();
    const operation = {
      kind: 'create-task',
      connectionId: 'crm',
      object: task.object,
      fields: task.fields,
      associations: [{ to: ref(contact.object, id), label: null }],
    } as const;
    const { recordId, after } = done((await crm.write([{ key, operation, before: null }]))[0]);
    expect(after.fields).toEqual((await readOne(crm, task.object, recordId, Object.keys(task.fields))).image.fields);
    expect([...(await crm.findCreated(task.object, [key]))]).toEqual([[key, recordId]]);
    const associations = [{ to: ref(contact.object, id), label: null }];
    const [reading] = await crm.read({ object: task.object, recordIds: [recordId], fields: [], associations });
    expect(reading?.image.isAssociated).toBe(true);
  });
}

function linkLaws({ open, association: { from, to, label } }: CrmSubject): void {
  test('C2: an association is put there and taken away, twice each, and the reading says whether it stands', async () => {
    const account = await open();
    const crm = account.connect();
    const { fromId, toId } = await account.ends();
    const association = { to: ref(to, toId), label };
    const write = (kind: 'associate' | 'dissociate'): CrmWrite => ({
      key: newKey(),
      operation: { kind, target: ref(from, fromId), association },
      before: null,
    });
    const stands = async (): Promise<boolean | undefined> =>
      (await crm.read({ object: from, recordIds: [fromId], fields: [], associations: [association] }))[0]?.image.isAssociated;
    expect(await stands()).toBe(false);
    for (const kind of ['associate', 'associate', 'dissociate', 'dissociate'] as const) {
      const { after } = done((await crm.write([write(kind)]))[0]);
      expect(after.isAssociated).toBe(kind === 'associate');
      expect(await stands()).toBe(kind === 'associate');
    }
  });

  test('C3: an association that the CRM does not have is refused for good', async () => {
    const account = await open();
    const { fromId, toId } = await account.ends();
    const association = { to: ref(to, toId), label: 'no such label' };
    const write: CrmWrite = { key: newKey(), operation: { kind: 'associate', target: ref(from, fromId), association }, before: null };
    expect(codesOf(await account.connect().write([write]))).toEqual(['Invalid']);
  });
}

function removalLaws(subject: CrmSubject): void {
  const { open, contact, task, restores } = subject;
  const archive = (object: string, id: string): CrmWrite => ({
    key: newKey(),
    operation: { kind: 'archive', target: ref(object, id) },
    before: null,
  });

  test('C2: an archived record is in the bin, archived twice it still is; it comes back as the CRM says that it does', async () => {
    const account = await open();
    const crm = account.connect();
    const ids = await contacts(subject, account, 3);
    for (let time = 1; time <= 2; time += 1)
      for (const outcome of await crm.write(ids.map((id) => archive(contact.object, id))))
        expect(done(outcome).after.presence).not.toBe('present');
    const readings = await crm.read({ object: contact.object, recordIds: ids, fields: [] });
    expect(readings.map(({ image }) => image.presence)).toEqual(['archived', 'archived', 'archived']);
    const restore: CrmWrite = { key: newKey(), operation: { kind: 'restore', target: ref(contact.object, ids[0] ?? '') }, before: null };
    const back = { ok: true, ...(restores === 'same-id' ? { recordId: ids[0] } : {}) };
    expect(await crm.write([restore])).toMatchObject([restores === 'never' ? { ok: false, error: { code: 'Invalid' } } : back]);
  });

  test('case 47: what people leave on a record shows; what we have made there does not', async () => {
    const account = await open();
    const crm = account.connect();
    const [bare = '', ours = '', noted = ''] = await contacts(subject, account, 3);
    const associations = [{ to: ref(contact.object, ours), label: null }];
    const operation = { kind: 'create-task', connectionId: 'crm', object: task.object, fields: task.fields, associations } as const;
    done((await crm.write([{ key: newKey(), operation, before: null }]))[0]);
    await account.person.note(contact.object, noted);
    const request = { object: contact.object, recordIds: [bare, ours, noted], fields: [], humanContent: true };
    expect((await crm.read(request)).map(({ hasHumanContent }) => hasHumanContent)).toEqual([false, false, true]);
    expect((await crm.read({ ...request, humanContent: false }))[2]).not.toHaveProperty('hasHumanContent');
  });
}
