/** The plan that the repository ships: what it must have so that `npm start` can show everything with it. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FIELD_NAMES, ITEM_KINDS } from '@lockstep/domain/backlog/item.ts';
import { countItems } from '@lockstep/domain/plan/counts.ts';
import { resolveDependencies } from '@lockstep/domain/plan/dependencies.ts';
import { identify, signaturesOf } from '@lockstep/domain/plan/identify.ts';
import { parsePlan } from '@lockstep/domain/plan/parse.ts';

const plan = parsePlan(readFileSync(new URL('../../examples/growth-plan/tasks.md', import.meta.url), 'utf8'), 'tasks.md');
const tasks = plan.items.filter(({ kind }) => kind === 'task');

it('has every kind of item', () => {
  expect(ITEM_KINDS.filter((kind) => plan.items.every((item) => item.kind !== kind))).toEqual([]);
  expect(countItems(plan)).toEqual({
    phase: 4,
    deliverable: 15,
    gate: 4,
    task: 27,
    ritual: 5,
    loop: 2,
    check: 9,
    motionVariant: 3,
    metric: 6,
  });
});

it('shows every field that a document can hold', () => {
  const shown = new Set(plan.items.flatMap((item) => [...Object.keys(item.fields), ...(item.parent === null ? [] : ['parent'])]));
  expect(FIELD_NAMES.filter((field) => !shown.has(field))).toEqual(['priority', 'dueDate', 'labels', 'dependsOn']);
});

it('has tasks enough for the story: under a phase, with an owner and a metric, each under a name of its own', () => {
  const usable = tasks.filter(
    ({ parent, fields }) => parent !== null && plan.items[parent]?.kind === 'phase' && fields.owner !== null && fields.metric !== null,
  );
  expect(usable.length).toBeGreaterThanOrEqual(8);
  expect(new Set(tasks.map(({ fields }) => fields.title)).size).toBe(tasks.length);
});

it('names some dependencies beyond doubt, and these', () => {
  const links = tasks.flatMap((task) =>
    resolveDependencies(plan, task).matches.map(
      ({ item }) => `${String(task.fields.title)} ← ${plan.items[item]?.kind ?? ''} ${String(plan.items[item]?.fields.title)}`,
    ),
  );
  expect(links).toEqual([
    'Write two customer portraits ← task Interview twelve boat rentals',
    'Draft three price plans ← task Work out the cost of a seat',
    'Draft three price plans ← deliverable Customer portrait',
    'Build the weekly dashboard ← task Agree on fifteen product events',
    'Remove the credit card from the trial ← task Draft three price plans',
    'Write six onboarding e-mails ← deliverable Customer portrait',
    'Write the onboarding script ← task Record ten onboarding calls',
    'Send the first letters to six harbours ← task Choose six harbours',
    'Send the first letters to six harbours ← deliverable Customer portrait',
    'Teach the assistant our letters ← task Send the first letters to six harbours',
    'Start the referral month ← task Build renewal reminders',
    'Hire two newcomers for France ← deliverable Country playbook',
    'Draw the booking page of a course ← task Ask what courses schools give',
  ]);
});

it('has no two items that could be taken for each other', () => {
  const { ambiguous, same } = identify(signaturesOf(plan), signaturesOf(plan).toReversed());
  expect(ambiguous).toEqual([]);
  expect(same.size).toBe(plan.items.length);
});
