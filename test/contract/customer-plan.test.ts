/**
 * The customer's own plan, as they wrote it: read from ../shared/plan/growth-os.md. With CI=true a missing file is a failure; elsewhere this test says
 * loudly that it has shown nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { countItems } from '@lockstep/domain/plan/counts.ts';
import { resolveDependencies } from '@lockstep/domain/plan/dependencies.ts';
import { editPlan } from '@lockstep/domain/plan/edit.ts';
import { parsePlan } from '@lockstep/domain/plan/parse.ts';
import type { Plan, PlanItem } from '@lockstep/domain/plan/plan.ts';
import { DEPENDENCIES } from './customer-plan.table.ts';
import type { CheckedRow } from './customer-plan.table.ts';

const FILE = new URL('../../../shared/plan/growth-os.md', import.meta.url);
const PRESENT = existsSync(FILE);
const text = PRESENT ? readFileSync(FILE, 'utf8') : '';

if (!PRESENT) process.stderr.write(`\n!!! ${FILE.pathname} is missing: nothing is shown about the customer's plan\n\n`);

it('has the customer plan to read (CI must)', (context) => {
  if (process.env['CI'] !== 'true' && !PRESENT) context.skip(`${FILE.pathname} is missing`);
  expect(PRESENT, `expected the customer's plan at ${FILE.pathname}, got none`).toBe(true);
});

describe.runIf(PRESENT)("the customer's plan", () => {
  const plan = PRESENT ? parsePlan(text, 'growth-os.md') : parsePlan('');
  const of = (kind: PlanItem['kind']): readonly PlanItem[] => plan.items.filter((item) => item.kind === kind);

  it('gives the counts that the customer named', () => {
    expect(countItems(plan)).toEqual({
      phase: 4,
      deliverable: 35,
      gate: 4,
      task: 36,
      ritual: 8,
      loop: 3,
      check: 73,
      motionVariant: 6,
      metric: 17,
    });
    expect(plan.items).toHaveLength(4 + 35 + 4 + 36 + 8 + 3 + 73 + 6 + 17);
  });

  it('has 53 checks under E and 20 under H, four lists of five', () => {
    const sections = of('check').map((check) => String(check.section));
    expect(sections.filter((section) => section.startsWith('E.'))).toHaveLength(53);
    const weeks = sections.filter((section) => section.startsWith('Week '));
    expect(weeks).toHaveLength(20);
    expect(new Set(weeks).size).toBe(4);
  });

  it('has 17 metrics in 5 groups, 6 variants of 2 tasks, loops with their rhythm', () => {
    expect(new Set(of('metric').map((metric) => metric.section)).size).toBe(5);
    expect(of('motionVariant').map(({ section, fields }) => [section, fields.motion])).toEqual(
      ['Task: "Lead Qualification & Routing"', 'Task: "Content for Customer Acquisition"'].flatMap((task) =>
        ['PLG', 'SLG', 'ALG'].map((motion) => [task, motion]),
      ),
    );
    expect(of('loop').map(({ fields }) => [fields.title, fields.cadence, fields.duration])).toEqual([
      ['Weekly PDCA', 'Every Monday', '90 min'],
      ['Monthly Retro Loop', 'Last Friday', '60 min'],
      ['Quarterly Strategy Loop', 'Start of Q', '120 min'],
    ]);
  });

  it('gives each phase its deliverables, its tasks and its gate', () => {
    const held = of('phase').map((phase) => {
      const inside = (kind: PlanItem['kind']): number => of(kind).filter((item) => item.parent === phase.index).length;
      return [inside('deliverable'), inside('task'), inside('gate')];
    });
    expect(held).toEqual([
      [8, 8, 1],
      [8, 10, 1],
      [11, 10, 1],
      [8, 8, 1],
    ]);
  });

  it('takes the prompt in the code fence and the summary for prose, and the six audit targets of E.5 for no items', () => {
    const begins = text.indexOf('# tasks.md: AI/SaaS Growth Operating System');
    expect(begins).toBeGreaterThan(text.indexOf('## Summary: tasks.md'));
    expect(plan.items.filter((item) => item.span.start < begins)).toEqual([]);
    expect(plan.items.filter((item) => item.section?.startsWith('E.5') === true)).toEqual([]);
  });

  it('I08 is printed byte for byte', () => {
    expect(Buffer.from(plan.text, 'utf8').equals(readFileSync(FILE))).toBe(true);
  });

  it('changes only the cell when an owner changes: one in each table, and all of them at once', () => {
    const owned = plan.items.filter((item) => item.places.owner !== undefined);
    expect(owned).toHaveLength(35 + 36 + 6);
    const inCells = (items: readonly PlanItem[]): string =>
      items.reduceRight((before, { places }) => {
        const { start, end } = places.owner?.span ?? { start: 0, end: 0 };
        return `${before.slice(0, start)}Mira \\| Ops + CGO${before.slice(end)}`;
      }, text);
    const lastOfEach = owned.filter((item, index) => item.block !== owned[index + 1]?.block);
    expect(lastOfEach).toHaveLength(4 + 1 + 2);
    for (const items of [...lastOfEach.map((item) => [item]), owned]) {
      const { plan: edited, outcomes } = editPlan(
        plan,
        items.map((item) => ({ op: 'set', item: item.index, fields: { owner: 'Mira | Ops + CGO' } })),
      );
      expect(outcomes).toEqual(items.map((item) => ({ ok: true, item: item.index, refused: [] })));
      expect(edited.text).toBe(inCells(items));
    }
  });

  it('keeps joint owners as they are written', () => {
    const owners = [...of('deliverable'), ...of('task')].map((item) => String(item.fields.owner));
    const joint = owners.filter((owner) => owner.includes(' + '));
    expect(joint).toHaveLength(30);
    for (const owner of joint) expect(text).toContain(`| ${owner} |`);
  });

  it('matches the dependencies of the 36 rows as a person does who is sure, and no others', () => {
    expect(of('task').map((task) => dependenciesOf(plan, task))).toEqual(DEPENDENCIES);
  });
});

function dependenciesOf(plan: Plan, task: PlanItem): CheckedRow {
  const { matches, text: kept } = resolveDependencies(plan, task);
  return {
    task: String(task.fields.title),
    on: matches.map(({ item }) => `${plan.items[item]?.kind ?? '?'}: ${String(plan.items[item]?.fields.title)}`),
    kept,
  };
}
