/** The proof of an edit against plans that an edit must never make: each of them is told from the one that was asked for. */
import { describe, expect, it } from 'vitest';
import { changesOf } from './changes.ts';
import type { PlanEdit } from './edit.ts';
import { parsePlan } from './parse.ts';
import type { Plan, PlanItem } from './plan.ts';
import { BAKERY_PLAN } from './plan.fixture.ts';
import { applySplices, overlap, shifted } from './splice.ts';
import { verified } from './verify.ts';

const plan = parsePlan(BAKERY_PLAN, 'bakery.md');
const indexOf = (title: string): number => plan.items.findIndex(({ fields }) => fields.title === title);
const [oven, counter, phase] = [indexOf('Buy the oven (used)'), indexOf('Paint the counter'), indexOf('Phase 2: Shop (Weeks 5–9)')];

/** What `verified` says of the plan that the edit makes, after somebody has changed its items. */
function judged(edit: PlanEdit, tamper: (items: readonly PlanItem[]) => readonly PlanItem[]) {
  const changes = changesOf(plan, [edit], 0);
  const after = parsePlan(applySplices(plan.text, changes.splices), plan.file);
  const tampered: Plan = { ...after, items: tamper(after.items) };
  return verified(plan, tampered, [edit], changes);
}

const changed = (at: number, change: Partial<PlanItem>) => (items: readonly PlanItem[]) =>
  items.map((item, index) => (index === at ? { ...item, ...change } : item));
const withField = (at: number, field: 'owner' | 'metric' | 'title', value: string) => (items: readonly PlanItem[]) =>
  changed(at, { fields: { ...items[at]?.fields, [field]: value } })(items);

describe('the proof of an edit', () => {
  const edit: PlanEdit = { op: 'set', item: oven, fields: { owner: 'Ann' } };

  it('the plan as asked is what it was asked to be, each item where it is now', () => {
    const result = judged(edit, (items) => items);
    expect(result?.outcomes).toEqual([{ ok: true, item: oven, refused: [] }]);
    expect([...(result?.moved ?? [])]).toEqual(plan.items.map(({ index }) => [index, index]));
  });

  it.each([
    ['an item is gone', (items: readonly PlanItem[]) => items.slice(0, -1)],
    ['an item is there twice', (items: readonly PlanItem[]) => [...items, ...items.slice(-1)]],
    ['an item is of another kind', changed(counter, { kind: 'gate' })],
    ['an item has another id', changed(counter, { explicitId: 'T009' })],
    ['an item belongs to another', changed(counter, { parent: indexOf('Oven') })],
    ['an item names another parent', changed(counter, { parentWords: 'Phase 9' })],
    ['a field of another item has changed', withField(counter, 'owner', 'Ann')],
    ['another field of the item has changed', withField(oven, 'metric', 'none')],
    ['what was asked for is not there', withField(oven, 'owner', 'Owner')],
  ])('is refused where %s', (_, tamper) => {
    expect(judged(edit, tamper)).toBeNull();
  });

  it('a box that is neither ticked nor open anew is as it was; one that is ticked by the way is not', () => {
    const box = indexOf('Oven is off');
    const status = (value: string) => (items: readonly PlanItem[]) =>
      changed(box, { fields: { ...items[box]?.fields, status: value } })(items);
    expect(box).toBeGreaterThan(0);
    expect(judged(edit, status('todo'))).not.toBeNull();
    expect(judged(edit, status('done'))).toBeNull();
  });
});

describe('the proof of a new item', () => {
  const insert: PlanEdit = { op: 'insert', kind: 'task', parent: phase, fields: { title: 'Hang the sign', owner: 'Bo' } };
  const at = (items: readonly PlanItem[]): number => items.findIndex(({ fields }) => fields.title === 'Hang the sign');

  it('is no refusal where it is the one that was asked for', () => {
    const result = judged(insert, (items) => items);
    const item = result?.plan.items[at(result.plan.items)];
    expect(item).toMatchObject({ kind: 'task', parent: phase, fields: { owner: 'Bo' } });
    expect(result?.outcomes).toEqual([{ ok: true, item: item?.index, refused: [] }]);
  });

  it.each([
    ['it has another name', (items: readonly PlanItem[]) => withField(at(items), 'title', 'Hang a sign')(items)],
    ['it has another owner', (items: readonly PlanItem[]) => withField(at(items), 'owner', 'Ann')(items)],
    ['it is of another kind', (items: readonly PlanItem[]) => changed(at(items), { kind: 'gate' })(items)],
    ['it belongs to another phase', (items: readonly PlanItem[]) => changed(at(items), { parent: indexOf('Oven') })(items)],
    ['it belongs to none', (items: readonly PlanItem[]) => changed(at(items), { parent: null })(items)],
  ])('is refused where %s', (_, tamper) => {
    expect(judged(insert, tamper)).toBeNull();
  });
});

describe('splices', () => {
  const splice = (start: number, end: number, text: string) => ({ start, end, text });

  it('are applied from the front, those at one offset in the order given', () => {
    expect(applySplices('abcdef', [splice(4, 5, 'E'), splice(1, 2, ''), splice(3, 3, 'x'), splice(3, 3, 'y')])).toBe('acxydEf');
  });

  it('move what stands behind them, an insertion also what stands at it', () => {
    const splices = [splice(1, 1, 'xx'), splice(3, 5, '')];
    expect([0, 1, 2, 3, 5, 6].map((offset) => shifted(offset, splices))).toEqual([0, 3, 4, 5, 5, 6]);
  });

  it('overlap where two claim a letter, not where they meet', () => {
    expect(overlap([splice(2, 4, ''), splice(0, 2, ''), splice(4, 4, 'x')])).toBe(false);
    expect(overlap([splice(3, 6, ''), splice(0, 4, '')])).toBe(true);
  });
});
