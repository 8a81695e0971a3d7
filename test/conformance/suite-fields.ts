/** Laws of values: there and back, what cannot be carried over, what is absent and what is empty. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIELD_TYPES } from '@lockstep/domain/backlog/item.ts';
import type { FieldMap, FieldName, FieldValue } from '@lockstep/domain/backlog/item.ts';
import { emptyValue, normalise, sameValue } from '@lockstep/domain/backlog/value.ts';
import type { Connector, MappedField } from '@lockstep/domain/sync/connector.port.ts';
import type { Account, Subject } from './subject.ts';
import { create, fetched, sampleValues, update } from './subject.ts';

/** Vendors trim lines and choices have no empty value: what is cleared is what can be. */
const NEVER_EMPTY = new Set<FieldName>(['title', 'status', 'priority']);

export function fieldLaws(subject: Subject): void {
  describe('values', () => {
    roundTrips(subject);
    unicode(subject);
    refusals(subject);
    absence(subject);
  });
}

const written = (connector: Connector): readonly MappedField[] =>
  connector.mappedFields('task').filter(({ direction }) => direction !== 'in');
const isText = (field: FieldName): boolean => FIELD_TYPES[field] === 'text' || FIELD_TYPES[field] === 'line';

/** References as this remote holds them. */
async function targets(subject: Subject, connector: Connector, mapped: MappedField): Promise<{ first: FieldValue; second: FieldValue }> {
  if (mapped.refersBy === 'title') return { first: 'text:Phase 1', second: 'text:Phase 2' };
  const kind = mapped.field === 'parent' ? (subject.parentKind ?? 'task') : 'task';
  const [first, second] = [await create(connector, { title: 'Target 1' }, kind), await create(connector, { title: 'Target 2' }, kind)];
  return { first: `id:${first.remoteId}`, second: `id:${second.remoteId}` };
}

function roundTrips(subject: Subject): void {
  test('S9 PutGet, GetPut: every mapped field there and back, alone, twice, and cleared', async () => {
    const account = await subject.open();
    const connector = account.connect();
    for (const mapped of written(connector)) {
      const { field } = mapped;
      const isReference = FIELD_TYPES[field] === 'ref' || FIELD_TYPES[field] === 'refSet';
      const pair = isReference ? await targets(subject, connector, mapped) : { first: null, second: null };
      let record = await create(connector, { title: 'Pilot', owner: 'CRO' });
      const values = sampleValues(field, FIELD_TYPES[field], pair);
      for (const value of NEVER_EMPTY.has(field) ? values : [...values, emptyValue(field)]) {
        const before = record;
        const put = await update(connector, before, { [field]: value });
        expect(put.refused, field).toEqual([]);
        expect(put.record.fields[field], `${field}: put, get`).toEqual(normalise(value));
        // Nothing but the field has changed.
        expect({ ...put.record.fields, [field]: null }, `${field}: neighbours`).toEqual({ ...before.fields, [field]: null });
        const again = await update(connector, put.record, { [field]: put.record.fields[field] ?? null });
        expect(again.record.fields, `${field}: get, put`).toEqual(put.record.fields);
        record = await fetched(account.connect(), record.remoteId);
        expect(record.fields, `${field}: read again`).toEqual(again.record.fields);
      }
    }
  });

  test('S9: a record that is made with all of its fields holds all of them', async () => {
    const account = await subject.open();
    const connector = account.connect();
    const fields: Partial<Record<FieldName, FieldValue>> = {};
    for (const mapped of written(connector)) {
      const type = FIELD_TYPES[mapped.field];
      const isReference = type === 'ref' || type === 'refSet';
      const [value] = sampleValues(
        mapped.field,
        type,
        isReference ? await targets(subject, connector, mapped) : { first: null, second: null },
      );
      if (value !== undefined) fields[mapped.field] = value;
    }
    const record = await create(connector, fields);
    for (const [field, value] of Object.entries(fields)) expect(record.fields[field as FieldName], field).toEqual(normalise(value));
  });
}

/** Lines of what people type, with blanks at neither end: some vendors trim. */
const line = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }) },
      { weight: 1, arbitrary: fc.constantFrom('👩‍👩‍👧‍👦', '🏳️‍🌈', 'e\u0301', 'ﷺ', 'שלום', '\u200Fمرحبا', 'ก็', '<b>', '&amp;', '\\', '"', '*x*') },
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join('').trim())
  .filter((text) => text !== '');
const text = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('\n'));

function unicode(subject: Subject): void {
  test('I04: text of any script survives four round trips, equal in NFC', async () => {
    const account = await subject.open();
    const connector = account.connect();
    const fields = written(connector).flatMap(({ field }) => (isText(field) ? [field] : []));
    let record = await create(connector, { title: 'Pilot' });
    const values = fc.record(Object.fromEntries(fields.map((field) => [field, FIELD_TYPES[field] === 'line' ? line : text])));
    await fc.assert(
      fc.asyncProperty(values, async (sent: FieldMap) => {
        let shown: FieldMap = sent;
        for (let trip = 1; trip <= 4; trip += 1) {
          const outcome = await update(connector, record, shown);
          record = outcome.record;
          expect(outcome.refused).toEqual([]);
          shown = Object.fromEntries(fields.map((field) => [field, record.fields[field] ?? null]));
          for (const field of fields) expect(shown[field], field).toBe(normalise(sent[field] ?? null));
        }
      }),
      { numRuns: 15 },
    );
  });
}

async function pilot(account: Account): Promise<{ readonly connector: Connector; readonly record: Awaited<ReturnType<typeof create>> }> {
  const connector = account.connect();
  return { connector, record: await create(connector, { title: 'Pilot', owner: 'CRO' }) };
}

function refusals(subject: Subject): void {
  test.each([
    ['a NUL', 'a\0b'],
    ['half of a surrogate pair', 'a\uD83D b'],
  ])('I04: %s is refused with a notice, is not mangled, and the other fields are written', async (_, value) => {
    const { connector, record } = await pilot(await subject.open());
    const outcome = await update(connector, record, { owner: value, title: 'Pilot, renamed' });
    expect(outcome.refused.map(({ field, cause }) => [field, cause])).toEqual([['owner', 'unwritable']]);
    expect(outcome.record.fields).toMatchObject({ owner: 'CRO', title: 'Pilot, renamed' });
  });

  test('I03 S6: a text that is too long is whole, or a notice says that it is clipped or refused', async () => {
    const account = await subject.open();
    const { connector, record } = await pilot(account);
    const long = `${'Words and 👩‍👩‍👧‍👦. '.repeat(12_000)}End`;
    let before = record;
    for (const { field } of written(connector).filter((mapped) => isText(mapped.field))) {
      const outcome = await update(connector, before, { [field]: long });
      const shown = outcome.record.fields[field];
      const causes = outcome.refused.filter((notice) => notice.field === field).map((notice) => notice.cause);
      const isPrefix = typeof shown === 'string' && shown !== '' && long.startsWith(shown) && !shown.endsWith('\u200D');
      const happened = shown === long ? 'whole' : isPrefix ? 'clipped' : sameValue(shown, before.fields[field]) ? 'unwritable' : 'mangled';
      expect([happened, ...causes], field).toEqual(happened === 'whole' ? ['whole'] : [happened, happened]);
      before = outcome.record;
    }
  });
}

function absence(subject: Subject): void {
  test('G10: an update writes the given fields and no other; null clears, absent does not', async () => {
    const { connector, record } = await pilot(await subject.open());
    const renamed = await update(connector, record, { title: 'Pilot, renamed' });
    expect(renamed.record.fields).toMatchObject({ title: 'Pilot, renamed', owner: 'CRO' });
    const cleared = await update(connector, renamed.record, { owner: null });
    expect(cleared.record.fields).toMatchObject({ title: 'Pilot, renamed', owner: null });
  });

  test('G07 G10: a mapped field that the tool does not have is left out with a notice, never read as empty', async () => {
    const account = await subject.open();
    const { record } = await pilot(account);
    const owner = { ...account.mapping.fields.owner, remote: 'no_such_field', direction: 'both' as const };
    const other = account.connect({ mapping: { fields: { ...account.mapping.fields, owner } } });
    const seen = await fetched(other, record.remoteId);
    expect('owner' in seen.fields).toBe(false);
    expect(seen.notices.map(({ field, cause }) => [field, cause])).toEqual([['owner', 'retyped']]);
    expect(seen.fields.title).toBe('Pilot');
    const outcome = await update(other, seen, { owner: 'CFO', title: 'Pilot, renamed' });
    expect(outcome.refused.map(({ field }) => field)).toEqual(['owner']);
    expect(outcome.record.fields.title).toBe('Pilot, renamed');
    expect((await fetched(account.connect(), record.remoteId)).fields.owner).toBe('CRO');
  });

  test('G02: a status without a mapping parks its field with a notice, the others flow', async () => {
    const account = await subject.open();
    const { connector, record } = await pilot(account);
    await update(connector, record, { status: 'in_progress' });
    const { in_progress: _, ...status } = account.mapping.status;
    const other = account.connect({ mapping: { status } });
    const seen = await fetched(other, record.remoteId);
    expect('status' in seen.fields).toBe(false);
    expect(seen.notices.map(({ field, cause }) => [field, cause])).toEqual([['status', 'unmapped-value']]);
    expect(seen.fields).toMatchObject({ title: 'Pilot', owner: 'CRO' });
    const outcome = await update(other, seen, { status: 'in_progress', title: 'Pilot, renamed' });
    expect(outcome.refused.map(({ field }) => field)).toEqual(['status']);
    expect(outcome.record.fields.title).toBe('Pilot, renamed');
  });
}
