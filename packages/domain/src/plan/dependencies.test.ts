import { describe, expect, it } from 'vitest';
import { REASON_TEXT, resolveDependencies } from './dependencies.ts';
import { parsePlan } from './parse.ts';
import { BAKERY_PLAN, SPEC_KIT_PLAN } from './plan.fixture.ts';

/** What the dependencies of the row with this title resolve to: "reason: title", and the words that stay. */
function resolved(text: string, title: string): { readonly on: readonly string[]; readonly kept: readonly string[] } {
  const plan = parsePlan(text);
  const item = plan.items.find((candidate) => candidate.fields.title === title);
  if (item === undefined) throw new Error(`expected a row "${title}", got none`);
  const { matches, text: kept } = resolveDependencies(plan, item);
  return { on: matches.map((match) => `${match.reason}: ${String(plan.items[match.item]?.fields.title)}`), kept };
}

/** Two tasks "Draw the plan of the kitchen" and "Build the kitchen", and a third that depends on these words. */
function kitchen(dependencies: string): string {
  return `## Phase 1: Plan\n\n| Deliverable | Owner |\n|---|---|\n| **Kitchen plan** | Ann |\n\n## Backlog\n
| Phase | Task | Dependencies |\n|---|---|---|
| Phase 1 | Draw the plan of the kitchen | |
| Phase 1 | Build the kitchen | |
| Phase 1 | Paint the walls | ${dependencies} |
| Phase 1 | Hang the lamps in the hall | |
`;
}

describe('what a dependency names', () => {
  it.each([
    ['the whole title', 'Build the kitchen', ['title: Build the kitchen'], []],
    ['the title with a word of its state', 'Build the kitchen done', ['title: Build the kitchen'], []],
    ['the title of a deliverable before the words of a task', 'kitchen plan', ['title: Kitchen plan'], []],
    [
      'words that stand in one earlier title only',
      'Plan of the kitchen drawn; kitchen plan draw',
      ['words: Draw the plan of the kitchen'],
      ['Plan of the kitchen drawn'],
    ],
    [
      'several, with what names nothing',
      'Build the kitchen; Draw the plan of the kitchen, money',
      ['title: Build the kitchen', 'title: Draw the plan of the kitchen'],
      ['money'],
    ],
    ['one thing twice is one', 'Build the kitchen; build the kitchen', ['title: Build the kitchen'], []],
  ])('%s', (_, words, on, kept) => {
    expect(resolved(kitchen(words), 'Paint the walls')).toEqual({ on, kept });
  });

  it.each([
    ['one word alone', 'kitchen'],
    ['words of two titles', 'the kitchen, live'],
    ['a word that the title does not have', 'Kitchen build permit'],
    ['a later row', 'Lamps hall hang'],
    ['the row itself', 'Paint the walls'],
    ['an id that the plan does not have', 'T099'],
    ['nothing', ''],
  ])('no link: %s', (_, words) => {
    expect(resolved(kitchen(words), 'Paint the walls').on).toEqual([]);
  });

  it('ids, in a column and in a title', () => {
    expect(resolved(SPEC_KIT_PLAN, 'Greeting service (depends on T003, T004)').on).toEqual([
      'id: Contract test in tests/contract/hello.py',
      'id: Greeting model in src/models/greeting.py',
    ]);
  });

  it('two items of one title are not told apart', () => {
    const twice = BAKERY_PLAN.replace(
      '| **Phase 1** | Test ten bread recipes',
      '| **Phase 1** | Buy the oven (used) | Bo | | | |\n| **Phase 1** | Test ten bread recipes',
    );
    expect(resolved(twice, 'Test ten bread recipes')).toEqual({ on: [], kept: ['Used oven bought'] });
  });

  it('each reason can be told to a person', () => {
    expect(Object.values(REASON_TEXT).every((text) => text.length > 10)).toBe(true);
  });
});
