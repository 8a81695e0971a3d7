import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldName, FieldValue } from '../backlog/item.ts';
import { mannerOf } from './draft.ts';
import { editPlan } from './edit.ts';
import { anyItem, mangled, parsedOrRefused, value } from './mangling.fixture.ts';
import type { Plan, PlanItem } from './plan.ts';
import { BAKERY_PLAN, SPEC_KIT_PLAN } from './plan.fixture.ts';
import { decodeText } from './text-codec.ts';

const text = mangled([BAKERY_PLAN, SPEC_KIT_PLAN]);
const some = fc.nat({ max: 10_000 });

describe('plans as they may come', () => {
  it('I08 whatever the text: a plan that prints as it was, each field where its bytes are, or a refusal with a line', () => {
    fc.assert(
      fc.property(text, (given) => {
        const plan = parsedOrRefused(given);
        if (plan === null) return;
        expect(plan.text).toBe(given);
        const titles = new Set<number>();
        for (const item of plan.items) {
          expect(typeof item.fields.title).toBe('string');
          expect(given.slice(item.span.start, item.span.end)).toMatch(/^[^\r\n][\s\S]*[^\r\n]$/);
          titles.add(item.places.title?.span.start ?? -1);
          for (const field of fieldsOf(item)) expect(item.fields[field]).toBe(readAgain(plan, item, field));
        }
        expect(titles.size).toBe(plan.items.length);
      }),
      { numRuns: 300 },
    );
  });

  it('I08 an edit keeps every other byte, and leaves the value that was asked or none of it', () => {
    fc.assert(
      fc.property(text, some, some, value, (given, which, where, wanted) => {
        const plan = parsedOrRefused(given);
        const item = plan === null ? null : anyItem(plan, which);
        if (plan === null || item === null) return;
        // The title of a phase is also in the cells that name it: another test.
        const fields = fieldsOf(item).filter(
          (field) => !['parent', 'status', ...(item.holder === 'heading' ? ['title'] : [])].includes(field),
        );
        const field = fields[where % fields.length];
        if (field === undefined) return;
        const { plan: edited, outcomes } = editPlan(plan, [{ op: 'set', item: item.index, fields: { [field]: wanted } }]);
        const [outcome] = outcomes;
        const done = outcome?.ok === true && outcome.refused.length === 0 ? outcome : null;
        const { start, end } = item.places[field]?.span ?? { start: 0, end: 0 };
        const written = edited.text.slice(start, edited.text.length - (given.length - end));
        expect(outcome?.ok).toBe(true);
        // A label whose value is cleared ends where the label does (G10): the blank behind it goes as well.
        const cleared = wanted === '' ? [given.slice(0, start).replace(/[ \t]+$/, '') + given.slice(end)] : [];
        const kept = done === null ? [given] : [given.slice(0, start) + written + given.slice(end), ...cleared];
        expect(kept).toContain(edited.text);
        expect(done === null || (edited.items[done.item ?? -1]?.fields[field] ?? '') === wanted).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('I08 a new item is the last of its block under its parent, and nothing else is another', () => {
    fc.assert(
      fc.property(text, some, value, value, (given, which, title, owner) => {
        const plan = parsedOrRefused(given);
        const model = plan === null ? null : anyItem(plan, which);
        if (plan === null || model === null) return;
        const { section } = model.fields;
        const fields = { title, owner, ...(section === undefined ? {} : { section }) };
        const result = editPlan(plan, [{ op: 'insert', kind: model.kind, fields, parent: model.parent }]);
        const [outcome] = result.outcomes;
        const item = outcome?.ok === true ? result.plan.items[outcome.item ?? -1] : undefined;
        const siblings = result.plan.items.filter(({ block, parent }) => block === item?.block && parent === item?.parent);
        const inserted = result.plan.text.length - given.length;
        const start = commonStart(given, result.plan.text);
        expect(result.plan.text.slice(0, start) + result.plan.text.slice(start + inserted)).toBe(given);
        expect(item?.fields.title ?? title).toBe(title);
        expect(siblings.at(-1)).toBe(item);
        expect(item?.parent ?? null).toBe(item === undefined || model.parent === null ? null : result.moved.get(model.parent));
      }),
      { numRuns: 150 },
    );
  });

  it('I08 a removal takes exactly the lines of the item', () => {
    fc.assert(
      fc.property(text, some, (given, which) => {
        const plan = parsedOrRefused(given);
        const item = plan === null ? null : anyItem(plan, which);
        if (plan === null || item === null || (item.holder !== 'row' && item.holder !== 'entry')) return;
        const result = editPlan(plan, [{ op: 'remove', item: item.index }]);
        const isDone = result.outcomes[0]?.ok === true;
        expect(result.plan.items).toHaveLength(plan.items.length - (isDone ? 1 : 0));
        expect(linesOf(result.plan.text)).toEqual(isDone ? linesWithout(plan, item) : linesOf(given));
      }),
      { numRuns: 150 },
    );
  });
});

function fieldsOf(item: PlanItem): readonly FieldName[] {
  return Object.keys(item.places) as FieldName[];
}

/** What a place's bytes say. */
function readAgain(plan: Plan, item: PlanItem, field: FieldName): FieldValue | undefined {
  const at = item.places[field];
  if (at === undefined || at.span.start > at.span.end || at.span.end > plan.text.length)
    throw new Error(`${field}: expected a place in the text`);
  const raw = plan.text.slice(at.span.start, at.span.end);
  if (at.form === 'box') return raw.toLowerCase() === 'x' ? 'done' : 'todo';
  return field === 'parent' ? undefined : decodeText(raw, mannerOf(field, at.form));
}

function commonStart(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length += 1;
  return length;
}

function linesOf(given: string): readonly string[] {
  return given.split(/\r\n|\r|\n/);
}

/** The lines that the item does not stand on. */
function linesWithout(plan: Plan, item: PlanItem): readonly string[] {
  const first = linesOf(plan.text.slice(0, item.span.start)).length - 1;
  const last = linesOf(plan.text.slice(0, item.span.end)).length - 1;
  return linesOf(plan.text).toSpliced(first, last - first + 1);
}
