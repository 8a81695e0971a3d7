import { describe, expect, it } from 'vitest';
import type { MappedField } from '../sync/connector.port.ts';
import type { Link } from '../sync/link.ts';
import type { FieldMap, Item } from './item.ts';
import { basesAfterWrite, draftFields, owedFields } from './owed.ts';
import type { Projection } from './owed.ts';

const asIs: Projection = (_, value) => value;

function itemOf(fields: FieldMap): Item {
  return { itemId: 'item', kind: 'task', fields, stamps: {}, deletedAt: null, deletedBy: null };
}

function linkOf(bases: Link['bases']): Link {
  return {
    itemId: 'item',
    connectionId: 'jira',
    remoteId: '1',
    remoteKey: null,
    url: null,
    state: 'linked',
    bases,
    revision: null,
    missedScans: 0,
  };
}

function both(...fields: MappedField['field'][]): readonly MappedField[] {
  return fields.map((field) => ({ field, direction: 'both' }));
}

describe('what a remote is owed', () => {
  it('is what it has not agreed to', () => {
    const item = itemOf({ owner: 'Maria', status: 'todo' });
    const link = linkOf({ owner: { remote: 'CGO', agreed: 'CGO' }, status: { remote: 'todo', agreed: 'todo' } });
    expect(owedFields(item, link, both('owner', 'status'), asIs)).toEqual({ owner: 'Maria' });
  });

  it('B04 is nothing where the remote stores the agreed value in a form of its own', () => {
    const link = linkOf({ owner: { remote: 'maria', agreed: 'Maria ' } });
    expect(owedFields(itemOf({ owner: 'Maria ' }), link, both('owner'), asIs)).toEqual({});
  });

  it('A03 is nothing while an edit there waits for a person', () => {
    const link = linkOf({ owner: { remote: 'CGO', agreed: 'CGO', held: 'Omar' } });
    expect(owedFields(itemOf({ owner: 'Maria' }), link, both('owner'), asIs)).toEqual({});
  });

  it('G10 is nothing of a field that the item does not have, and the clearing of one that is null', () => {
    const link = linkOf({ owner: { remote: 'CGO', agreed: 'CGO' } });
    expect(owedFields(itemOf({}), link, both('owner'), asIs)).toStrictEqual({});
    expect(owedFields(itemOf({ owner: null }), link, both('owner'), asIs)).toEqual({ owner: null });
  });

  it('G10 is no emptiness where there has never been a value', () => {
    for (const nothing of [null, '']) expect(owedFields(itemOf({ owner: nothing }), linkOf({}), both('owner'), asIs)).toEqual({});
  });

  it('is nothing of a field that is only read', () => {
    const link = linkOf({ owner: { remote: 'CGO', agreed: 'CGO' } });
    expect(owedFields(itemOf({ owner: 'Maria' }), link, [{ field: 'owner', direction: 'in' }], asIs)).toEqual({});
  });

  it('H06 is a reference as far as its target has a record there', () => {
    const here = new Set(['b']);
    const project: Projection = (_, value) => (Array.isArray(value) ? value.filter((id) => here.has(id)) : value);
    const item = itemOf({ dependsOn: ['a', 'b'] });
    expect(owedFields(item, linkOf({ dependsOn: { remote: ['b'], agreed: ['b'] } }), both('dependsOn'), project)).toEqual({});
    here.add('a');
    expect(owedFields(item, linkOf({ dependsOn: { remote: ['b'], agreed: ['b'] } }), both('dependsOn'), project)).toEqual({
      dependsOn: ['a', 'b'],
    });
  });

  it('a new record gets what there is to say', () => {
    const mapped: readonly MappedField[] = [...both('title', 'owner', 'labels'), { field: 'metric', direction: 'in' }];
    expect(draftFields(itemOf({ title: 'T', owner: null, labels: [], metric: 'NRR' }), mapped, asIs)).toEqual({ title: 'T' });
  });
});

describe('bases after a write', () => {
  it('B04 hold what was read back, standing for what was sent', () => {
    const bases = basesAfterWrite({
      bases: { owner: { remote: 'CGO', agreed: 'CGO' } },
      mapped: both('owner'),
      sent: { owner: 'Maria ' },
      canonical: { owner: 'Maria ' },
      readBack: { owner: 'Maria' },
    });
    expect(bases.owner).toEqual({ remote: 'Maria', agreed: 'Maria ', overwrote: 'CGO' });
  });

  it('S2 hold nothing where the remote shows nothing: a value that it did not take was not cleared there', () => {
    const bases = basesAfterWrite({
      bases: {},
      mapped: both('priority'),
      sent: { priority: 'high' },
      canonical: { priority: 'high' },
      readBack: { priority: null },
    });
    expect(bases.priority).toEqual({ remote: null, agreed: 'high' });
  });

  it('keep fields that were not sent, whatever was read back: that is an edit to be merged', () => {
    const before = { owner: { remote: 'CGO', agreed: 'CGO' } };
    const bases = basesAfterWrite({
      bases: before,
      mapped: both('owner', 'status'),
      sent: {},
      canonical: { owner: 'CGO' },
      readBack: { owner: 'Omar' },
    });
    expect(bases).toEqual(before);
  });

  it('take a default of the remote as the form of our emptiness, not as an edit', () => {
    const bases = basesAfterWrite({ bases: {}, mapped: both('priority'), sent: {}, canonical: {}, readBack: { priority: 'medium' } });
    expect(bases.priority).toEqual({ remote: 'medium', agreed: null });
  });

  it('count a fight over a value on, and begin none where nothing was written over', () => {
    const written = { mapped: both('owner'), sent: { owner: 'Maria' }, canonical: { owner: 'Maria' }, readBack: { owner: 'Maria' } };
    expect(basesAfterWrite({ ...written, bases: { owner: { remote: 'CGO', agreed: 'CGO', flips: 1 } } }).owner).toEqual({
      ...{ remote: 'Maria', agreed: 'Maria', overwrote: 'CGO', flips: 1 },
    });
    expect(basesAfterWrite({ ...written, bases: { owner: { remote: 'CGO', agreed: 'CGO' } } }).owner).not.toHaveProperty('flips');
    expect(basesAfterWrite({ ...written, bases: {} }).owner).toEqual({ remote: 'Maria', agreed: 'Maria' });
  });

  it('stand for what was sent where the remote does not show it, and for the canonical value where a reference was sent in part', () => {
    const bases = basesAfterWrite({
      bases: {},
      mapped: both('owner', 'dependsOn'),
      sent: { owner: 'Maria', dependsOn: ['a'] },
      canonical: { dependsOn: ['a', 'b'] },
      readBack: { dependsOn: ['a'] },
    });
    expect(bases).toEqual({ owner: { remote: 'Maria', agreed: 'Maria' }, dependsOn: { remote: ['a'], agreed: ['a', 'b'] } });
  });
});

describe('a field that some records have no place for', () => {
  const mapped: readonly MappedField[] = [{ field: 'owner', direction: 'both', partial: true }];

  it('is owed only where the record has shown it', () => {
    const item = itemOf({ owner: 'Maria' });
    expect(owedFields(item, linkOf({}), mapped, asIs)).toEqual({});
    expect(owedFields(item, linkOf({}), both('owner'), asIs)).toEqual({ owner: 'Maria' });
    expect(owedFields(item, linkOf({ owner: { remote: 'CGO', agreed: 'CGO' } }), mapped, asIs)).toEqual({ owner: 'Maria' });
  });

  it('gets a base only where the record shows it', () => {
    const written = { bases: {}, mapped, sent: { owner: 'Maria' }, canonical: { owner: 'Maria' } };
    expect(basesAfterWrite({ ...written, readBack: {} })).toEqual({});
    expect(basesAfterWrite({ ...written, readBack: { owner: 'Maria' } })).toEqual({ owner: { remote: 'Maria', agreed: 'Maria' } });
    expect(basesAfterWrite({ ...written, mapped: both('owner'), readBack: {} })).toEqual({ owner: { remote: 'Maria', agreed: 'Maria' } });
  });
});
