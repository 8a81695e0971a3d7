import { describe, expect, it } from 'vitest';
import { mappingSchema } from '../sync/mapping.schema.ts';
import type { Mapping } from '../sync/mapping.schema.ts';
import { beats, mergePolicy } from './ownership.ts';
import type { MergePolicy } from './ownership.ts';

function mappingOf(connector: 'jira' | 'notion' | 'hubspot', fields: Mapping['fields']): Mapping {
  return mappingSchema.parse({ version: 1, connector, kinds: { task: { remote: 'Task' } }, fields });
}

describe('S13 one policy of a workspace', () => {
  const title = { remote: 'summary', direction: 'both', rule: 'text' } as const;

  it('S13 joins the rules and ranks the connections in their order', () => {
    const { policy, conflicts } = mergePolicy([
      { connectionId: 'jira', mapping: mappingOf('jira', { title, dueDate: { remote: 'due', direction: 'both', rule: 'owner:jira' } }) },
      { connectionId: 'notion', mapping: mappingOf('notion', { title, labels: { remote: 'Labels', direction: 'both', rule: 'set' } }) },
    ]);
    expect(policy).toEqual({ rules: { title: 'text', dueDate: 'owner:jira', labels: 'set' }, ranks: { jira: 0, notion: 1 } });
    expect(conflicts).toEqual([]);
  });

  it('S13 names two connections that declare different rules for one field', () => {
    const { conflicts } = mergePolicy([
      { connectionId: 'jira', mapping: mappingOf('jira', { title }) },
      { connectionId: 'notion', mapping: mappingOf('notion', { title: { ...title, rule: 'manual' } }) },
      { connectionId: 'hubspot', mapping: mappingOf('hubspot', { title }) },
    ]);
    expect(conflicts).toEqual([
      { field: 'title', first: { connectionId: 'jira', rule: 'text' }, second: { connectionId: 'notion', rule: 'manual' } },
    ]);
  });

  it('S13 a one-way field without a rule takes part in none', () => {
    const { policy } = mergePolicy([
      { connectionId: 'jira', mapping: mappingOf('jira', { purpose: { remote: 'Purpose', direction: 'out' } }) },
    ]);
    expect(policy.rules).toEqual({});
  });
});

describe('who wins', () => {
  const policy: MergePolicy = { rules: { owner: 'order', dueDate: 'owner:hubspot' }, ranks: { jira: 0, notion: 1, hubspot: 2 } };

  it('by the order of the connections', () => {
    expect(beats(policy, 'owner', 'jira', 'notion')).toBe(true);
    expect(beats(policy, 'owner', 'notion', 'jira')).toBe(false);
    expect(beats(policy, 'owner', 'hubspot', 'notion')).toBe(false);
  });

  it('A02 by ownership over the order; the others by order among themselves', () => {
    expect(beats(policy, 'dueDate', 'hubspot', 'jira')).toBe(true);
    expect(beats(policy, 'dueDate', 'jira', 'hubspot')).toBe(false);
    expect(beats(policy, 'dueDate', 'jira', 'notion')).toBe(true);
  });

  it('a person’s decision over every connection, also the owner', () => {
    for (const connection of ['jira', 'notion', 'hubspot']) {
      expect(beats(policy, 'dueDate', connection, 'operator')).toBe(false);
      expect(beats(policy, 'dueDate', 'operator', connection)).toBe(true);
    }
  });

  it('anyone over a source that is not connected any more; nobody over that by being unknown too', () => {
    expect(beats(policy, 'owner', 'hubspot', 'salesforce')).toBe(true);
    expect(beats(policy, 'owner', 'salesforce', 'lockstep')).toBe(false);
  });

  it('a later edit of the same source over its earlier one', () => {
    expect(beats(policy, 'owner', 'notion', 'notion')).toBe(true);
  });

  it('never both of two different connections: the order is total', () => {
    const names = ['jira', 'notion', 'hubspot', 'operator'];
    for (const field of ['owner', 'dueDate'] as const) {
      const pairs = names.flatMap((left) => names.filter((right) => right !== left).map((right) => [left, right] as const));
      for (const [left, right] of pairs) expect(beats(policy, field, left, right)).toBe(!beats(policy, field, right, left));
    }
  });
});
