/** Each decision of the merge, one observation at a time: the value, who set it, the base that is agreed from then on, and what goes on record. */
import { describe, expect, it } from 'vitest';
import type { MappedField } from '../sync/connector.port.ts';
import type { Base, Link } from '../sync/link.ts';
import { FIELD_TYPES } from './item.ts';
import type { FieldName, FieldValue, Item, Stamp } from './item.ts';
import { mergeObserved, MOST_FLIPS } from './merge.ts';
import type { FieldConflict } from './merge.ts';
import type { MergePolicy } from './ownership.ts';

const RANKS = { plan: 0, jira: 1, notion: 2 };

interface Meeting {
  readonly field: FieldName;
  readonly canonical?: FieldValue;
  /** Who set the canonical value; the hub itself where it is left out. */
  readonly holder?: string;
  readonly base?: Base;
  readonly observed: FieldValue;
  readonly rule?: MergePolicy['rules'][FieldName];
  readonly direction?: MappedField['direction'];
  readonly at?: string;
}

interface Outcome {
  readonly value: FieldValue | undefined;
  readonly stamp: Stamp | undefined;
  readonly base: Base | undefined;
  readonly changed: boolean;
  readonly conflicts: readonly FieldConflict[];
}

const agreed = (value: FieldValue): Base => ({ remote: value, agreed: value });

/** What becomes of one field when Jira (or another) shows this value. */
function meet(meeting: Meeting): Outcome {
  const { field, canonical, holder, base, observed, rule, direction = 'both', at = 'jira' } = meeting;
  const item: Item = {
    ...{ itemId: 'item', kind: 'task', deletedAt: null, deletedBy: null },
    fields: canonical === undefined ? {} : { [field]: canonical },
    stamps: holder === undefined ? {} : { [field]: { version: 7, source: holder } },
  };
  const link: Link = {
    ...{ itemId: 'item', connectionId: at, remoteId: '1', remoteKey: null, url: null, state: 'linked', revision: null, missedScans: 0 },
    bases: { ...(base === undefined ? {} : { [field]: base }), cadence: agreed('weekly') },
  };
  const policy = { rules: rule === undefined ? {} : { [field]: rule }, ranks: RANKS };
  const result = mergeObserved({ item, link, observed: { [field]: observed }, mapped: [{ field, direction }], policy });
  expect(result.link.bases.cadence, 'the base of a field that was not shown').toEqual(agreed('weekly'));
  return {
    value: result.item.fields[field],
    stamp: result.item.stamps[field],
    base: result.link.bases[field],
    changed: result.changed.includes(field),
    conflicts: result.conflicts,
  };
}

const NOTHING = { stamp: undefined, changed: false, conflicts: [] };

describe('a field that only we write', () => {
  const outward = (meeting: Omit<Meeting, 'direction'>): Outcome => meet({ ...meeting, direction: 'out' });

  it('S3 is left alone where it shows what we wrote, whatever the item has become since', () => {
    const base = { remote: 'NRR', agreed: 'NRR ' };
    expect(outward({ field: 'metric', canonical: 'GRR', base, observed: 'NRR' })).toEqual({ ...NOTHING, value: 'GRR', base });
  });

  it('S6 an edit there is put back, and on record with both values', () => {
    const outcome = outward({ field: 'metric', canonical: 'NRR', holder: 'plan', base: agreed('NRR'), observed: 'churn' });
    expect(outcome).toEqual({
      ...NOTHING,
      value: 'NRR',
      stamp: { version: 7, source: 'plan' },
      base: agreed('churn'),
      conflicts: [
        { kind: 'put-back', field: 'metric', connectionId: 'jira', canonicalValue: 'NRR', remoteValue: 'churn', baseValue: 'NRR' },
      ],
    });
  });

  it.each([
    ['shows nothing', { canonical: 'NRR', base: agreed('NRR'), observed: null }],
    ['shows the canonical value before it was ever written', { canonical: 'NRR', observed: 'NRR' }],
    ['is empty on both sides', { canonical: null, observed: '' }],
  ])('is no loss where it %s', (_, meeting) => {
    expect(outward({ field: 'metric', ...meeting })).toEqual({ ...NOTHING, value: meeting.canonical, base: agreed(meeting.observed) });
  });

  it('S6 a value where the item has none is put back to nothing, on record', () => {
    const { value, conflicts } = outward({ field: 'labels', observed: ['theirs'] });
    expect([value, conflicts]).toMatchObject([
      undefined,
      [{ kind: 'put-back', canonicalValue: [], remoteValue: ['theirs'], baseValue: null }],
    ]);
  });
});

describe('a field that both sides had before they met', () => {
  it('the same value is agreed to', () => {
    expect(meet({ field: 'owner', canonical: 'CGO', observed: 'CGO' })).toEqual({ ...NOTHING, value: 'CGO', base: agreed('CGO') });
  });

  it.each(['labels', 'dependsOn'] as const)('sets are united: %s', (field) => {
    expect(meet({ field, canonical: ['a', 'b'], observed: ['b', 'c'] })).toMatchObject({
      value: ['a', 'b', 'c'],
      stamp: { version: 1, source: 'jira' },
      base: agreed(['b', 'c']),
      conflicts: [],
    });
  });

  it('an empty side gives way to the other, with nothing on record', () => {
    expect(meet({ field: 'owner', canonical: 'CGO', observed: '' })).toEqual({ ...NOTHING, value: 'CGO', base: agreed('') });
    expect(meet({ field: 'owner', canonical: null, observed: 'Maria' })).toMatchObject({ value: 'Maria', changed: true, conflicts: [] });
    expect(meet({ field: 'owner', observed: 'Maria' })).toEqual({
      ...{ value: 'Maria', stamp: { version: 1, source: 'jira' }, base: agreed('Maria'), changed: true, conflicts: [] },
    });
  });

  it('A08 two values settle by the order, and the one that does not stand is on record', () => {
    const won = meet({ field: 'owner', canonical: 'Omar', holder: 'notion', observed: 'Maria' });
    expect(won).toEqual({
      ...{ value: 'Maria', stamp: { version: 8, source: 'jira' }, base: agreed('Maria'), changed: true },
      conflicts: [
        { kind: 'concurrent-edit', field: 'owner', connectionId: 'notion', canonicalValue: 'Maria', remoteValue: 'Omar', baseValue: null },
      ],
    });
    const lost = meet({ field: 'owner', canonical: 'Ann', holder: 'plan', observed: 'Maria' });
    expect(lost).toMatchObject({ value: 'Ann', changed: false, base: agreed('Maria') });
    expect(lost.conflicts).toMatchObject([{ kind: 'concurrent-edit', connectionId: 'jira', canonicalValue: 'Ann', remoteValue: 'Maria' }]);
  });

  it('A03 under manual neither is overwritten: theirs is held, over an empty base', () => {
    const outcome = meet({ field: 'owner', canonical: 'Ann', observed: 'Maria', rule: 'manual' });
    expect(outcome).toMatchObject({ value: 'Ann', changed: false, base: { remote: null, agreed: null, held: 'Maria' } });
    expect(outcome.conflicts).toMatchObject([{ kind: 'manual', connectionId: 'jira', canonicalValue: 'Ann', remoteValue: 'Maria' }]);
  });
});

describe('an edit where the canonical value has moved on', () => {
  const apart = { canonical: 'Ann and Bo', holder: 'plan', base: agreed('Ann'), observed: 'Maria' } as const;

  it('A02 by the order the hub’s own value never wins over a person’s', () => {
    expect(meet({ field: 'owner', ...apart, holder: 'lockstep' })).toMatchObject({ value: 'Maria', stamp: { version: 8, source: 'jira' } });
    expect(meet({ field: 'owner', canonical: 'Ann and Bo', base: agreed('Ann'), observed: 'Maria' }).conflicts).toMatchObject([
      { connectionId: 'lockstep', canonicalValue: 'Maria', remoteValue: 'Ann and Bo' },
    ]);
  });

  it('A03 a question is asked once, and again for another value', () => {
    const first = meet({ field: 'owner', ...apart, rule: 'manual' });
    expect(first).toMatchObject({ value: 'Ann and Bo', base: { remote: 'Ann', agreed: 'Ann', held: 'Maria' } });
    expect(first.conflicts).toHaveLength(1);
    const asked = { ...apart, rule: 'manual', base: { ...agreed('Ann'), held: 'Maria' } } as const;
    expect(meet({ field: 'owner', ...asked }).conflicts).toEqual([]);
    expect(meet({ field: 'owner', ...asked, observed: 'Omar' })).toMatchObject({
      base: { held: 'Omar' },
      conflicts: [{ kind: 'manual', remoteValue: 'Omar', baseValue: 'Ann' }],
    });
  });

  it('A03 under manual an edit whose author had seen the canonical value is taken, though the remote has it in a form of its own', () => {
    const base = { remote: '2026-01-02', agreed: '2026-01-01' };
    const outcome = meet({ field: 'dueDate', canonical: '2026-01-01', base, observed: '2026-02-02', rule: 'manual' });
    expect(outcome).toMatchObject({ value: '2026-02-02', conflicts: [] });
  });

  it('texts are merged by words only where the rule says so', () => {
    const text = { canonical: 'ONE two three', holder: 'plan', base: agreed('one two three'), observed: 'one two THREE' } as const;
    for (const field of ['description', 'owner'] as const) {
      expect(FIELD_TYPES[field]).toBe(field === 'owner' ? 'line' : 'text');
      expect(meet({ field, ...text, rule: 'text' })).toMatchObject({
        value: 'ONE two THREE',
        stamp: { version: 8, source: 'jira' },
        base: agreed('one two THREE'),
        conflicts: [],
      });
      expect(meet({ field, ...text, rule: 'order' })).toMatchObject({ value: 'ONE two three', conflicts: [{ connectionId: 'jira' }] });
    }
  });

  it('values that are no text are never merged by words, whatever the remote makes of them', () => {
    const base = { remote: '2026-01-02', agreed: '2026-01-01' };
    expect(meet({ field: 'dueDate', canonical: '2026-03-03', holder: 'plan', base, observed: '2026-02-02' })).toMatchObject({
      value: '2026-03-03',
      conflicts: [{ kind: 'concurrent-edit', remoteValue: '2026-02-02', baseValue: '2026-01-01' }],
    });
  });

  it('a text that is cleared in a tool which shows it in a form of its own is nothing, as that tool says it', () => {
    const base = agreed('one  two');
    for (const observed of [null, ''])
      expect(
        meet({ field: 'description', canonical: 'one  two', base: { remote: ' one  two', agreed: 'one  two' }, observed }),
      ).toMatchObject({
        value: observed,
      });
    expect(meet({ field: 'description', canonical: null, holder: 'plan', base, observed: 'one  two three', rule: 'text' })).toMatchObject({
      conflicts: [{ kind: 'concurrent-edit' }],
    });
  });
});

describe('a text that the tool shows in a form of its own', () => {
  const base = { remote: 'call today', agreed: 'call <mention Ana> today' };

  it('A02 where both sides have changed the same words, the order decides, not who has seen less', () => {
    expect(meet({ field: 'description', canonical: 'call Ben today', holder: 'plan', base, observed: 'write tomorrow' })).toMatchObject({
      value: 'call Ben today',
      conflicts: [{ kind: 'concurrent-edit', connectionId: 'jira', canonicalValue: 'call Ben today', remoteValue: 'write tomorrow' }],
    });
  });

  it('S6 is replaced there with nothing on record where no word was unseen', () => {
    const blanks = { remote: 'call today', agreed: 'call  today' };
    expect(
      meet({ field: 'description', canonical: 'call  today', holder: 'plan', base: blanks, observed: 'write tomorrow' }),
    ).toMatchObject({
      value: 'write tomorrow',
      conflicts: [],
    });
  });

  it('A04 a text that both sides have cleared is nothing, as the tool says it', () => {
    const cleared = {
      field: 'description',
      canonical: '',
      holder: 'plan',
      base: agreed('call today'),
      observed: null,
      rule: 'text',
    } as const;
    expect(meet(cleared)).toMatchObject({ value: null, base: agreed(null), conflicts: [] });
  });
});

describe('S8 a remote that puts back what we wrote over', () => {
  const fought = (flips: number): Base => ({ ...agreed('ours'), overwrote: 'theirs', ...(flips === 0 ? {} : { flips }) });

  it('S8 is taken, and counted, until it has done so too often; then it is held for a person', () => {
    for (let flips = 0; flips < MOST_FLIPS; flips += 1) {
      const outcome = meet({ field: 'owner', canonical: 'ours', base: fought(flips), observed: 'theirs' });
      expect(outcome).toMatchObject({ value: 'theirs', base: { ...agreed('theirs'), flips: flips + 1 }, conflicts: [] });
    }
    expect(meet({ field: 'owner', canonical: 'ours', base: fought(MOST_FLIPS), observed: 'theirs' })).toMatchObject({
      value: 'ours',
      base: { ...fought(MOST_FLIPS), held: 'theirs' },
      conflicts: [{ kind: 'flapping', connectionId: 'jira', canonicalValue: 'ours', remoteValue: 'theirs' }],
    });
  });

  it('S8 another value there is an edit like any other, however often it has been fought over; the count goes on', () => {
    const outcome = meet({ field: 'owner', canonical: 'ours', base: fought(MOST_FLIPS), observed: 'a third' });
    expect(outcome).toMatchObject({ value: 'a third', conflicts: [], base: { ...agreed('a third'), flips: MOST_FLIPS } });
  });

  it('S8 is counted as well where it loses by the order', () => {
    expect(meet({ field: 'owner', canonical: 'newer', holder: 'plan', base: fought(1), observed: 'theirs' })).toMatchObject({
      value: 'newer',
      base: { ...agreed('theirs'), flips: 2 },
      conflicts: [{ kind: 'concurrent-edit', connectionId: 'jira' }],
    });
  });

  it('S8 what was never written over is no fight', () => {
    expect(meet({ field: 'owner', canonical: 'ours', base: agreed('ours'), observed: 'theirs' }).base).toEqual(agreed('theirs'));
    expect(meet({ field: 'owner', canonical: 'theirs', base: fought(1), observed: 'theirs' }).base).toEqual({
      ...agreed('theirs'),
      flips: 2,
    });
  });
});

it('S10 a field that is not shown, and one that is not mapped, are left as they are', () => {
  const item: Item = {
    itemId: 'item',
    kind: 'task',
    fields: { owner: 'Ann', metric: 'NRR' },
    stamps: {},
    deletedAt: null,
    deletedBy: null,
  };
  const link: Link = {
    ...{ itemId: 'item', connectionId: 'jira', remoteId: '1', remoteKey: null, url: null, state: 'linked', revision: null, missedScans: 0 },
    bases: {},
  };
  const mapped: readonly MappedField[] = [{ field: 'owner', direction: 'both' }];
  const result = mergeObserved({ item, link, observed: { metric: 'churn' }, mapped, policy: { rules: {}, ranks: RANKS } });
  expect(result).toEqual({ item, link, changed: [], conflicts: [] });
});
