/** The example plan that the repository ships, as crashes, editors and people may leave it. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { editPlan } from '@lockstep/domain/plan/edit.ts';
import { identify, signaturesOf } from '@lockstep/domain/plan/identify.ts';
import { anyItem, mangled, parsedOrRefused, value } from '@lockstep/domain/plan/mangling.fixture.ts';
import { parsePlan } from '@lockstep/domain/plan/parse.ts';

const EXAMPLE = readFileSync(new URL('../../examples/growth-plan/tasks.md', import.meta.url), 'utf8');
const plan = parsePlan(EXAMPLE, 'tasks.md');
const some = fc.nat({ max: 10_000 });

it('I08 mangled, it is read byte for byte or refused with a line', () => {
  fc.assert(
    fc.property(mangled([EXAMPLE]), (text) => {
      expect(parsedOrRefused(text)?.text ?? text).toBe(text);
    }),
    { numRuns: 40 },
  );
});

it('I08 S9 an edit of any field changes the bytes of that field, and who is who', () => {
  fc.assert(
    fc.property(some, some, value, (which, where, wanted) => {
      const item = anyItem(plan, which);
      const [field, place] = Object.entries(item?.places ?? {}).filter(([name]) => name !== 'parent' && name !== 'status')[where % 2] ?? [];
      // A name that cells of other rows name is changed in them too: another test.
      const isNamed = plan.items.some(({ parent, places }) => parent === item?.index && places.parent !== undefined);
      if (item === null || field === undefined || (field === 'title' && isNamed)) return;
      const { plan: edited, moved } = editPlan(plan, [{ op: 'set', item: item.index, fields: { [field]: wanted } }]);
      const { start, end } = place?.span ?? { start: 0, end: 0 };
      const written = edited.text.slice(start, edited.text.length - (EXAMPLE.length - end));
      expect(edited.text).toBe(EXAMPLE.slice(0, start) + written + EXAMPLE.slice(end));
      const { same, added, removed } = identify(signaturesOf(plan), signaturesOf(edited));
      // Only the row itself may have become another: where nothing of it is left.
      const others = [...moved].filter(([before]) => before !== item.index);
      expect(others.filter(([before, now]) => same.get(now) !== before)).toEqual([]);
      expect(added.length).toBe(removed.length);
    }),
    { numRuns: 40 },
  );
});
