import { describe, expect, it } from 'vitest';
import type { FieldMap, FieldName } from '../backlog/item.ts';
import { editPlan } from './edit.ts';
import type { EditResult, PlanEdit } from './edit.ts';
import { parsePlan } from './parse.ts';
import { BAKERY_PLAN, SPEC_KIT_PLAN } from './plan.fixture.ts';
import type { Plan, PlanItem } from './plan.ts';

const bakery = parsePlan(BAKERY_PLAN, 'bakery.md');
const specKit = parsePlan(SPEC_KIT_PLAN, 'tasks.md');

function item(plan: Plan, title: string): PlanItem {
  const found = plan.items.filter((candidate) => candidate.fields.title === title);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`expected one item "${title}", got ${found.length}`);
  return found[0];
}

function set(plan: Plan, title: string, fields: FieldMap, parent?: number | null): EditResult {
  return editPlan(plan, [{ op: 'set', item: item(plan, title).index, fields, ...(parent === undefined ? {} : { parent }) }]);
}

/** The lines that differ, before and after; for edits that neither add nor take lines. */
function changedLines(before: string, after: string): readonly (readonly [string, string])[] {
  const now = after.split('\n');
  return before.split('\n').flatMap((line, index) => (line === now[index] ? [] : [[line, now[index] ?? ''] as const]));
}

const VALUES = [
  'plain words',
  'VP Sales + CGO',
  'a | b \\| c',
  'ends with a backslash \\',
  '**bold**, *soft*, `code | pipe`, ~~gone~~',
  '"quotes" – dashes — ≥ 3:1, 20 °C, é, 👩‍👩‍👧, שלום',
  'one\ntwo\n\n- three\n- [ ] four',
  '  blanks around  ',
  '# no heading',
  '- no bullet',
  '[ ] no box',
  '1. no number',
  '<br> and &#124; and &lt;br> as they are',
  '<script>alert(1)</script> [x](javascript:alert(1))',
  '| Task | Owner |\n|---|---|',
  '**Owner:** not a label',
  '```\nfence',
];

describe('setting a field in place', () => {
  const every = [bakery, specKit].flatMap((plan) =>
    plan.items.flatMap((one) => (Object.keys(one.places) as FieldName[]).map((field) => ({ plan, one, field }))),
  );
  const cells = every.filter(({ plan, one, field }) => plan === bakery && one.places[field]?.form === 'cell' && field !== 'parent');
  /** The text between the cells. */
  const around = (plan: Plan): readonly string[] => {
    const spans = cells
      .flatMap(({ one, field }) => plan.items[one.index]?.places[field]?.span ?? [])
      .sort((left, right) => left.start - right.start);
    return [...spans.map(({ start }, index) => plan.text.slice(spans[index - 1]?.end ?? 0, start)), plan.text.slice(spans.at(-1)?.end)];
  };
  const lines = every.filter(({ one, field }) => one.places[field]?.form === 'line');

  it.each(VALUES)('S9 every cell of every row holds %j and nothing else changes', (value) => {
    const edits = cells.map(({ one, field }): PlanEdit => ({ op: 'set', item: one.index, fields: { [field]: value } }));
    const { plan, outcomes } = editPlan(bakery, edits);
    expect(outcomes).toEqual(edits.map((edit) => ({ ok: true, item: edit.op === 'set' ? edit.item : null, refused: [] })));
    expect(cells.map(({ one, field }) => plan.items[one.index]?.fields[field])).toEqual(cells.map(() => value));
    expect(around(plan)).toEqual(around(bakery));
  });

  it.each(VALUES)('S9 every labelled line, heading and entry holds %j, or keeps what it has and says so', (value) => {
    for (const { plan, one, field } of lines) {
      const result = editPlan(plan, [{ op: 'set', item: one.index, fields: { [field]: value } }]);
      const [outcome] = result.outcomes;
      const isRefused = outcome?.ok === true && outcome.refused.length > 0;
      expect(outcome).toEqual({ ok: true, item: one.index, refused: isRefused ? [field] : [] });
      expect(result.plan.items[one.index]?.fields[field]).toBe(isRefused ? one.fields[field] : value);
      // Only a name that makes its line what it is ("Phase 1: …", "Exit Gate") may be kept.
      expect(!isRefused || field === 'title' || one.kind === 'loop').toBe(true);
      expect(isRefused ? result.plan.text : plan.text).toBe(plan.text);
    }
  });

  it('S9 a cell keeps its bold, a text its own marks', () => {
    const result = set(bakery, 'Recipe book', { title: 'Book of recipes', owner: '**Ann** + Bo' });
    expect(changedLines(BAKERY_PLAN, result.plan.text)).toEqual([
      [
        '| **Recipe book** | Head Baker | Flour chosen | Ten recipes \\| two sweet | All tried twice<br>by two people |',
        '| **Book of recipes** | **Ann** + Bo | Flour chosen | Ten recipes \\| two sweet | All tried twice<br>by two people |',
      ],
    ]);
  });

  it('S9 an edit that changes nothing writes nothing (GetPut), in each place', () => {
    for (const { plan, one, field } of every)
      expect(editPlan(plan, [{ op: 'set', item: one.index, fields: { [field]: one.fields[field] ?? null } }]).plan.text).toBe(plan.text);
  });

  it('S9 joint owners survive byte for byte when a neighbour changes', () => {
    const result = set(bakery, 'Paint the counter', { metric: 'No drips, two coats' });
    expect(changedLines(BAKERY_PLAN, result.plan.text)[0]?.[1]).toBe(
      '| **Phase 2** | Paint the counter | Owner + Painter | Ten recipes tested; paint | Two coats | No drips, two coats |',
    );
  });

  it('G10 a cleared cell is empty and can be filled again', () => {
    const cleared = set(bakery, 'Paint the counter', { metric: null }).plan;
    expect(item(cleared, 'Paint the counter').fields.metric).toBeNull();
    expect(set(cleared, 'Paint the counter', { metric: 'No drips' }).plan.text).toBe(BAKERY_PLAN);
  });

  it('G10 a labelled line that is cleared ends where its label does, and can be filled again', () => {
    const places = [
      ['Bread sold', 'metric', '- **Bread sold:**'],
      ['Hands', 'description', '- [ ] **Hands:**'],
      ['Weekly bake', 'attendees', '**Participants:**'],
      ['Phase 1: Oven (Weeks 1–4)', 'purpose', '**Objective:**'],
    ] as const;
    for (const [title, field, line] of places) {
      const cleared = set(bakery, title, { [field]: null }).plan;
      expect(changedLines(BAKERY_PLAN, cleared.text).map(([, now]) => now)).toEqual([line]);
      expect(set(cleared, title, { [field]: item(bakery, title).fields[field] ?? null }).plan.text).toBe(BAKERY_PLAN);
    }
  });

  it('a box is ticked and cleared, and has no other states', () => {
    const ticked = set(bakery, 'Oven is off', { status: 'done' });
    expect(changedLines(BAKERY_PLAN, ticked.plan.text)).toEqual([['- [ ] Oven is off', '- [x] Oven is off']]);
    expect(set(ticked.plan, 'Oven is off', { status: 'cancelled' }).plan.text).toBe(BAKERY_PLAN);
    expect(set(bakery, 'Oven is off', { status: 'in_progress' }).plan.text).toBe(BAKERY_PLAN);
  });

  it('what has no place is refused by name, and the rest is written', () => {
    const result = set(bakery, 'Oven', { dueDate: '2027-01-02', labels: ['a'], owner: 'Ann' });
    expect(result.outcomes).toEqual([{ ok: true, item: item(bakery, 'Oven').index, refused: ['dueDate', 'labels'] }]);
    expect(item(result.plan, 'Oven').fields.owner).toBe('Ann');
  });

  it('a phase that is renamed takes along the cells that name it', () => {
    const result = set(bakery, 'Phase 2: Shop (Weeks 5–9)', { title: 'Phase 7: Shop' });
    expect(changedLines(BAKERY_PLAN, result.plan.text).map(([, now]) => now.slice(0, 17))).toEqual([
      '### Phase 7: Shop',
      '| **Phase 7** | P',
    ]);
    expect(item(result.plan, 'Paint the counter').parent).toBe(item(result.plan, 'Phase 7: Shop').index);
  });
});

describe('moving an item', () => {
  it('a task changes its phase by its cell', () => {
    const phase = item(bakery, 'Phase 1: Oven (Weeks 1–4)').index;
    const result = set(bakery, 'Paint the counter', {}, phase);
    expect(changedLines(BAKERY_PLAN, result.plan.text).map(([, now]) => now.slice(0, 34))).toEqual(['| **Phase 1** | Paint the counter ']);
  });

  it('a deliverable goes to the table of its new phase, with all that it says', () => {
    const row = '| **Counter** | Owner | Oven works | Counter stands | Queue below 5 min |\n';
    const result = set(bakery, 'Counter', {}, item(bakery, 'Phase 1: Oven (Weeks 1–4)').index);
    const recipes = BAKERY_PLAN.indexOf('\n\n**Exit Gate:** Ten breads');
    const without = BAKERY_PLAN.replace(row, '');
    expect(result.plan.text).toBe(`${without.slice(0, recipes)}\n${row.trimEnd()}${without.slice(recipes)}`);
    expect(result.outcomes).toEqual([{ ok: true, item: item(result.plan, 'Counter').index, refused: [] }]);
  });

  it('a row with words in a column that is not ours stays where it is: they would be lost', () => {
    const text = BAKERY_PLAN.replace(
      '| Metrics |\n|-------------|-------|---|---|---------|\n| **Counter** |',
      '| Colour |\n|-------------|-------|---|---|---------|\n| **Counter** |',
    );
    const plan = parsePlan(text);
    const result = set(plan, 'Counter', { owner: 'Ann' }, item(plan, 'Phase 1: Oven (Weeks 1–4)').index);
    expect(result.outcomes).toEqual([{ ok: true, item: item(plan, 'Counter').index, refused: ['parent'] }]);
    expect(changedLines(text, result.plan.text).map(([, now]) => now)).toEqual([
      '| **Counter** | Ann | Oven works | Counter stands | Queue below 5 min |',
    ]);
  });

  it('a check goes to another list', () => {
    const result = set(bakery, 'Oven is off', { section: 'E.1 Before opening' });
    expect(item(result.plan, 'Oven is off').section).toBe('E.1 Before opening');
    expect(result.plan.items).toHaveLength(bakery.items.length);
  });
});
