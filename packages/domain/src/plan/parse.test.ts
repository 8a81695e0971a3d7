import { describe, expect, it } from 'vitest';
import { countItems } from './counts.ts';
import { parsePlan } from './parse.ts';
import { BAKERY_PLAN, SPEC_KIT_PLAN } from './plan.fixture.ts';
import type { Plan, PlanItem } from './plan.ts';
import { PlanError } from './plan-error.ts';

function item(plan: Plan, title: string): PlanItem {
  const found = plan.items.filter((candidate) => candidate.fields.title === title);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`expected one item "${title}", got ${found.length}`);
  return found[0];
}

function parentTitle(plan: Plan, title: string): unknown {
  const { parent } = item(plan, title);
  return parent === null ? null : plan.items[parent]?.fields.title;
}

function refusal(text: string): PlanError {
  try {
    parsePlan(text, 'tasks.md');
  } catch (error) {
    if (error instanceof PlanError) return error;
    throw error;
  }
  throw new Error('expected the plan to be refused, it was parsed');
}

describe('parsePlan', () => {
  const plan = parsePlan(BAKERY_PLAN, 'bakery.md');

  it('counts every kind, and takes neither prose nor other tables for items', () => {
    expect(countItems(plan)).toEqual({
      phase: 2,
      deliverable: 3,
      gate: 2,
      task: 3,
      ritual: 2,
      loop: 1,
      check: 6,
      motionVariant: 2,
      metric: 2,
    });
  });

  it('reads the fields of a row from the columns that its table has', () => {
    expect(item(plan, 'Recipe book').fields).toEqual({
      title: 'Recipe book',
      owner: 'Head Baker',
      entryCriteria: 'Flour chosen',
      exitCriteria: 'Ten recipes | two sweet',
      metric: 'All tried twice\nby two people',
    });
    expect(item(plan, 'Order'.replace('Order', 'Café orders by message')).fields).toMatchObject({
      motion: 'Order',
      tools: 'Phone',
      section: 'Task: "Bread for cafés"',
    });
  });

  it('reads a phase, its objective and its gate', () => {
    expect(item(plan, 'Phase 1: Oven (Weeks 1–4)').fields.purpose).toBe('Bake the first bread; keep it simple.');
    const gates = plan.items.filter((candidate) => candidate.kind === 'gate');
    expect(gates.map(({ parent, fields }) => [plan.items[parent ?? -1]?.fields.title, fields.exitCriteria])).toEqual([
      ['Phase 1: Oven (Weeks 1–4)', 'Ten breads sold on one day. Everyone agrees.'],
      ['Phase 2: Shop (Weeks 5–9)', 'A hundred customers.'],
    ]);
  });

  it('finds the parent by heading, by a cell and by nesting', () => {
    expect(parentTitle(plan, 'Counter')).toBe('Phase 2: Shop (Weeks 5–9)');
    expect(parentTitle(plan, 'Paint the counter')).toBe('Phase 2: Shop (Weeks 5–9)');
    expect(parentTitle(plan, 'Below 7 degrees')).toBe('Fridge');
    expect(item(plan, 'Oven is off').fields).toMatchObject({ section: 'E.2 After closing', status: 'todo' });
  });

  it('reads loops with their rhythm, metrics with what they measure, ticked boxes as done', () => {
    expect(item(plan, 'Weekly bake').fields).toMatchObject({ cadence: 'Every Monday', duration: '45 min', attendees: 'Bakers, Owner' });
    expect(item(plan, 'Bread sold').fields).toMatchObject({ metric: 'a day, a week', section: 'Money' });
    expect(item(plan, 'Floor is dry').fields.status).toBe('done');
    expect(item(plan, 'Hands').fields).toMatchObject({ description: 'washed for a minute', status: 'todo' });
  });

  it('keeps the words of a phase column that names no phase', () => {
    const lost = parsePlan(BAKERY_PLAN.replace('| **Phase 2** | Paint', '| **Phase 9** | Paint'));
    expect(item(lost, 'Paint the counter')).toMatchObject({ parent: null, parentWords: 'Phase 9' });
  });

  it('begins after a talk about the plan that is no part of it', () => {
    const talk = '# How we plan\n\n### Key metrics\n\n- **Nothing:** of this counts\n- [ ] nor this\n\n';
    expect(countItems(parsePlan(talk + BAKERY_PLAN.replace(/^---[\s\S]*?---\n/, '')))).toEqual(countItems(plan));
  });

  it('reads a plan in other words: phases without the word, gates in a table, fields in a list', () => {
    const other = parsePlan(`# Year

## Phases

### Spring
- **Goal:** sow
- **Owner:** Ann

| Gate | Entry criteria | Exit criteria |
|---|---|---|
| Frost is over | Calendar says May | Three warm nights |

| Task | Responsible | Depends on | Done when |
|---|---|---|---|
| Sow beans | Ann, Bo | Frost is over | Rows are marked |
`);
    expect(other.items.map(({ kind, fields }) => [kind, fields.title])).toEqual([
      ['phase', 'Spring'],
      ['gate', 'Frost is over'],
      ['task', 'Sow beans'],
    ]);
    expect(item(other, 'Spring').fields).toMatchObject({ purpose: 'sow', owner: 'Ann' });
    expect(item(other, 'Sow beans').fields).toMatchObject({
      owner: 'Ann, Bo',
      dependencies: 'Frost is over',
      definitionOfDone: 'Rows are marked',
    });
    expect(parentTitle(other, 'Sow beans')).toBe('Spring');
  });

  it('reads epics, groups and subtasks', () => {
    const nested = parsePlan(
      `## Epic: Garden\n\n### Task group: Beds\n\n- [ ] Dig\n  - [ ] Borrow a spade\n\n| Subtask | Task |\n|---|---|\n| Sharpen it | Dig |\n`,
    );
    expect(nested.items.map(({ kind, parent, fields }) => [kind, fields.title, parent])).toEqual([
      ['epic', 'Garden', null],
      ['group', 'Beds', 0],
      ['task', 'Dig', 1],
      ['subtask', 'Borrow a spade', 2],
      ['subtask', 'Sharpen it', 2],
    ]);
  });
});

describe('parsePlan on spec-kit lists', () => {
  const plan = parsePlan(SPEC_KIT_PLAN);

  it('keeps ids, leaves marks where they are, nests subtasks, reads the labelled lines of a phase', () => {
    expect(plan.items.map(({ kind, explicitId, fields }) => [kind, explicitId, fields.title, fields.status])).toEqual([
      ['phase', null, 'Phase 1: Setup (Shared Infrastructure)', undefined],
      ['task', 'T001', 'Create project structure per implementation plan', 'todo'],
      ['task', 'T002', 'Configure linting', 'done'],
      ['phase', null, 'Phase 2: User Story 1 - Say hello (Priority: P1)', undefined],
      ['task', 'T003', 'Contract test in tests/contract/hello.py', 'todo'],
      ['task', 'T004', 'Greeting model in src/models/greeting.py', 'todo'],
      ['subtask', 'T005', 'Formal form', 'todo'],
      ['task', 'T006', 'Greeting service (depends on T003, T004)', 'todo'],
    ]);
    expect(plan.items[0]?.fields.purpose).toBe('Project initialization');
    expect(plan.items.map(({ parent }) => parent)).toEqual([null, 0, 0, null, 3, 3, 5, 3]);
  });

  it('refuses an id that stands twice, with both lines', () => {
    const error = refusal(SPEC_KIT_PLAN.replace('T006', 'T001'));
    expect(error).toMatchObject({ line: 26, expected: 'an id that no other item has (T001 is that of line 11)', got: 'T001' });
    expect(error.message).toBe('tasks.md:26: expected an id that no other item has (T001 is that of line 11), got T001');
  });
});

describe('I08 what is around the items', () => {
  it('gives the same items with CRLF and with a byte-order mark, and the text back byte for byte', () => {
    const titles = parsePlan(BAKERY_PLAN).items.map(({ kind, fields }) => ({ kind, fields }));
    for (const text of [BAKERY_PLAN.replaceAll('\n', '\r\n'), `\uFEFF${BAKERY_PLAN}`, `\uFEFF${BAKERY_PLAN.replaceAll('\n', '\r\n')}`]) {
      const plan = parsePlan(text);
      expect(plan.items.map(({ kind, fields }) => ({ kind, fields }))).toEqual(titles);
      expect(plan.text).toBe(text);
    }
  });

  it.each(['', '\uFEFF', '\uFEFF\uFEFF'])('points at the bytes of each field, whatever marks the file begins with (%#)', (mark) => {
    const plan = parsePlan(mark + BAKERY_PLAN.replace(/^---[\s\S]*?---\n/, ''));
    const { places, span } = item(plan, 'Recipe book');
    expect(plan.text.slice(places.owner?.span.start, places.owner?.span.end)).toBe('Head Baker');
    expect(plan.text.slice(places.title?.span.start, places.title?.span.end)).toBe('**Recipe book**');
    expect(plan.text.slice(span.start, span.end)).toMatch(/^\| \*\*Recipe.*people \|$/);
  });

  it('takes a fence with bullets, boxes and tables in it for prose', () => {
    const fenced = BAKERY_PLAN.replace(
      '## C. Backlog',
      '```md\n- [ ] T001 not this\n| Task | Owner |\n|---|---|\n| nor | this |\n```\n\n## C. Backlog',
    );
    expect(countItems(parsePlan(fenced))).toEqual(countItems(parsePlan(BAKERY_PLAN)));
  });
});

describe('half-saved files are refused, with the line', () => {
  it.each([
    ['an open fence', '# A\n\n```ts\nconst x', 3, 'a code fence that ends with ```'],
    ['an open comment', '# A\n\n<!-- note\n- [ ] x', 3, 'a comment that ends with -->'],
    ['open front matter', '---\ntitle: A\n\n# A\n', 1, 'front matter that ends with a line of ---'],
    ['a row that is cut off', '| Task | Owner |\n|---|---|\n| Dig | Ann |\n| Wat', 4, 'a row of 2 cells'],
    ['a row without its last pipe', '| Task | Owner |\n|---|---|\n| Dig | An', 3, 'a row that ends with | as its head does'],
    ['a row with a pipe too many', '| Task | Owner |\n|---|---|\n| Dig | Ann | Bo |', 3, 'a row of 2 cells'],
    ['a head without a table', '## Tasks\n\n| Task | Owner |', 3, 'a table: under its head a line of dashes with 2 cells'],
    ['a head with half its dashes', '| Task | Owner |\n|--', 1, 'a table: under its head a line of dashes with 2 cells'],
    ['a row without a title', '| Task | Owner |\n|---|---|\n| | Ann |', 3, 'a task with a title'],
    ['half a box', '- [ ] Dig\n- [', 2, 'a checkbox with a text ("- [ ] text")'],
    ['a box without a text', '- [ ] Dig\n- [ ] ', 2, 'a checkbox with a text ("- [ ] text")'],
    ['a box after two blanks', '- [ ] Dig\n-  [', 2, 'a checkbox with a text ("- [ ] text")'],
    ['a box of a numbered list', '9. [ ] Dig\n10. [x', 2, 'a checkbox with a text ("- [ ] text")'],
    ['a box of a list with brackets', '11) [ ] Dig\n12) [', 2, 'a checkbox with a text ("- [ ] text")'],
    ['a fence that ends with less than it began', '~~~~\nconst x\n~~~', 1, 'a code fence that ends with ~~~~'],
    ['open front matter of the other kind', '+++\ntitle = "A"\n\n# A\n', 1, 'front matter that ends with a line of +++'],
    ['a head without its last pipe', '| Task | Owner', 1, 'a table: under its head a line of dashes with 2 cells'],
    ['a head with blanks behind it', '| Task | Owner |  \n|--', 1, 'a table: under its head a line of dashes with 2 cells'],
  ])('%s', (_, text, line, expected) => {
    expect(refusal(text)).toMatchObject({ line, expected });
  });

  it.each([
    ['an open fence', '# A\n\n```ts\nconst x', 'the end of the file or of its list'],
    ['an open comment', '# A\n\n<!-- note\n- [ ] x', 'the end of the file'],
    ['open front matter', '---\ntitle: A\n\n# A\n', 'no such line'],
    ['a head without a table', '## Tasks\n\n| Task | Owner |', 'none'],
    ['half a box', '- [ ] Dig\n- [', '"["'],
  ])('%s: what was found instead', (_, text, got) => {
    expect(refusal(text)).toMatchObject({ got });
  });

  it.each([
    ['a fence in a list', '- [ ] Dig\n\n  ```\n  deep\n  ```\n'],
    ['a fence in a quotation', '> ```\n> deep\n> ```\n'],
    ['a fence with blanks behind its end', '```\ndeep\n```  \n'],
  ])('%s ends where it ends, and is none of them', (_, text) => {
    expect(() => parsePlan(text)).not.toThrow();
  });
});
