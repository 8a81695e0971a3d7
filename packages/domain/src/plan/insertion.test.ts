import { describe, expect, it } from 'vitest';
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

/** The lines that are new, with the line above; for edits that only add lines. */
function addedLines(before: string, after: string): readonly string[] {
  const old = before.split('\n');
  const now = after.split('\n');
  const first = now.findIndex((line, index) => line !== old[index]);
  const added = now.slice(first, first + now.length - old.length);
  expect([...now.slice(0, first), ...now.slice(first + added.length)]).toEqual(old);
  return [now[first - 1] ?? '', ...added];
}

describe('inserting an item', () => {
  const phase1 = item(bakery, 'Phase 1: Oven (Weeks 1–4)').index;
  const insert = (plan: Plan, edit: Omit<Extract<PlanEdit, { op: 'insert' }>, 'op'>): EditResult =>
    editPlan(plan, [{ op: 'insert', ...edit }]);

  it.each<[string, Omit<Extract<PlanEdit, { op: 'insert' }>, 'op'>, string]>([
    [
      'a task: the last row of its phase',
      { kind: 'task', fields: { title: 'Order flour', owner: 'Ann', metric: '200 kg' }, parent: phase1 },
      '| **Phase 1** | Order flour | Ann |  |  | 200 kg |',
    ],
    [
      'a deliverable: the last row of its phase',
      { kind: 'deliverable', fields: { title: 'Flour' }, parent: phase1 },
      '| **Flour** |  |  |  |  |',
    ],
    ['a ritual: the last row of the table', { kind: 'ritual', fields: { title: 'Wash' }, parent: null }, '| **Wash** |  |  |  |  |'],
    [
      'a check: the last entry of its section',
      { kind: 'check', fields: { title: 'Door is shut', section: 'E.2 After closing' }, parent: null },
      '- [ ] Door is shut',
    ],
    [
      'a check under another: the last entry of its list',
      { kind: 'check', fields: { title: 'Door is shut', status: 'done' }, parent: item(bakery, 'Fridge').index },
      '  - [x] Door is shut',
    ],
    [
      'a check under one that has none: its first entry',
      { kind: 'check', fields: { title: 'Not with cold water' }, parent: item(bakery, 'Floor is dry').index },
      '  - [ ] Not with cold water',
    ],
    [
      'a metric: the last entry of its group',
      { kind: 'metric', fields: { title: 'Rent', metric: 'a month', section: 'Money' }, parent: null },
      '- **Rent:** a month',
    ],
    [
      'a motion variant: the last row of its task',
      { kind: 'motionVariant', fields: { title: 'A robot calls', motion: 'Robot', section: 'Task: "Bread for cafés"' }, parent: null },
      '| **Robot** | A robot calls |  |  |  |',
    ],
  ])('%s', (_, edit, line) => {
    const result = insert(bakery, edit);
    const [outcome] = result.outcomes;
    expect(outcome).toMatchObject({ ok: true, refused: [] });
    expect(addedLines(BAKERY_PLAN, result.plan.text).slice(1)).toEqual([line]);
    expect(result.plan.items[outcome?.ok === true ? (outcome.item ?? -1) : -1]?.fields).toMatchObject({ title: edit.fields.title });
  });

  it('a gate: a paragraph after the gate of its phase', () => {
    const result = insert(bakery, { kind: 'gate', fields: { title: 'Second Gate', exitCriteria: 'All paid' }, parent: phase1 });
    expect(addedLines(BAKERY_PLAN, result.plan.text)).toEqual(['', '**Second Gate:** All paid', '']);
  });

  it('a task without a phase is refused, and one with a phase that the plan does not have', () => {
    expect(insert(bakery, { kind: 'task', fields: { title: 'Order flour' }, parent: null })).toMatchObject({
      plan: bakery,
      outcomes: [{ ok: false, expected: 'a phase for the task', got: 'none' }],
    });
    expect(insert(bakery, { kind: 'task', fields: { title: 'Order flour' }, parent: 999 }).outcomes[0]).toMatchObject({ ok: false });
  });

  it('a task of a spec-kit list gets the next id', () => {
    const result = insert(specKit, { kind: 'task', fields: { title: 'Write a test' }, parent: 0 });
    expect(addedLines(SPEC_KIT_PLAN, result.plan.text)).toEqual(['- [x] T002 [P] Configure linting', '- [ ] T007 Write a test']);
    expect(result.plan.items[3]).toMatchObject({ explicitId: 'T007', kind: 'task', parent: 0 });
  });

  it('two new tasks of one phase stand in the order given, and the outcomes name them', () => {
    const edits: readonly PlanEdit[] = ['One', 'Two'].map((title) => ({ op: 'insert', kind: 'task', fields: { title }, parent: phase1 }));
    const { plan, outcomes } = editPlan(bakery, edits);
    expect(outcomes.map((outcome) => (outcome.ok ? plan.items[outcome.item ?? -1]?.fields.title : null))).toEqual(['One', 'Two']);
    expect(
      addedLines(BAKERY_PLAN, plan.text)
        .slice(1)
        .map((line) => line.slice(0, 21)),
    ).toEqual(['| **Phase 1** | One |', '| **Phase 1** | Two |']);
  });

  it('a list with blank lines between its entries gets one more, a list without them does not, whatever its line ends', () => {
    for (const newline of ['\n', '\r\n']) {
      for (const gap of ['', newline]) {
        const text = `# Checks${newline}${newline}- [ ] One${newline}${gap}- [ ] Two${newline}`;
        const result = insert(parsePlan(text), { kind: 'check', fields: { title: 'Three', section: 'Checks' }, parent: null });
        expect(result.plan.text).toBe(`${text}${gap}- [ ] Three${newline}`);
      }
    }
  });

  it('with CRLF a new row ends as the others do', () => {
    const text = BAKERY_PLAN.replaceAll('\n', '\r\n');
    const result = insert(parsePlan(text), { kind: 'task', fields: { title: 'Order flour' }, parent: phase1 });
    expect(result.plan.text.replaceAll('\r\n', '').includes('\n')).toBe(false);
    expect(result.plan.text).toContain('| Two tasters agree |\r\n| **Phase 1** | Order flour |');
  });
});

describe('removing an item', () => {
  it('takes the row, the entry with what is nested in it, the paragraph', () => {
    const remove = (plan: Plan, ...titles: readonly string[]): EditResult =>
      editPlan(
        plan,
        titles.map((title) => ({ op: 'remove', item: item(plan, title).index })),
      );
    expect(remove(bakery, 'Counter').plan.text).toBe(BAKERY_PLAN.replace(/\| \*\*Counter.*\n/, ''));
    expect(remove(bakery, 'Fridge', 'Below 7 degrees', 'Nothing on the floor').plan.text).toBe(
      BAKERY_PLAN.replace(/- \[ \] \*\*Fridge[\s\S]*?floor\n/, ''),
    );
    const gate = bakery.items.find(({ kind }) => kind === 'gate')?.index ?? -1;
    expect(editPlan(bakery, [{ op: 'remove', item: gate }]).plan.text).toBe(BAKERY_PLAN.replace(/\*\*Exit Gate:\*\* Ten.*\n\n/, ''));
  });

  it('keeps an entry in which others stand that are to stay, and a heading', () => {
    for (const title of ['Fridge', 'Phase 1: Oven (Weeks 1–4)', 'Weekly bake']) {
      const result = editPlan(bakery, [{ op: 'remove', item: item(bakery, title).index }]);
      expect(result.outcomes[0]).toMatchObject({ ok: false });
      expect(result.plan.text).toBe(BAKERY_PLAN);
    }
  });
});

describe('batches', () => {
  it('one edit that cannot be made leaves the others', () => {
    const edits: readonly PlanEdit[] = [
      { op: 'set', item: item(bakery, 'Oven').index, fields: { owner: 'Ann' } },
      { op: 'remove', item: item(bakery, 'Phase 1: Oven (Weeks 1–4)').index },
      { op: 'insert', kind: 'task', fields: { title: 'No phase' }, parent: null },
      { op: 'remove', item: item(bakery, 'Recipe book').index },
      { op: 'set', item: item(bakery, 'Counter').index, fields: { owner: 'Bo' } },
    ];
    const { plan, outcomes } = editPlan(bakery, edits);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false, true, true]);
    expect([item(plan, 'Oven').fields.owner, item(plan, 'Counter').fields.owner]).toEqual(['Ann', 'Bo']);
    expect(plan.items).toHaveLength(bakery.items.length - 1);
  });
});
