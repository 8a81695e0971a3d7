import { describe, expect, it } from 'vitest';
import { identify, signaturesOf } from './identify.ts';
import type { Identities } from './identify.ts';
import { parsePlan } from './parse.ts';
import { BAKERY_PLAN, SPEC_KIT_PLAN } from './plan.fixture.ts';
import type { Plan } from './plan.ts';

interface Compared {
  readonly found: Identities;
  /** Titles before → after of what is the same under another title. */
  readonly renamed: readonly (readonly [string, string])[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Titles in doubt: before | after. */
  readonly doubtful: readonly string[];
}

function compare(before: string, after: string): Compared {
  const was = parsePlan(before);
  const is = parsePlan(after);
  const found = identify(signaturesOf(was), signaturesOf(is));
  const seen = [...found.same.values(), ...found.removed, ...found.ambiguous.flatMap((group) => group.before)];
  expect(seen.toSorted((left, right) => left - right)).toEqual(was.items.map(({ index }) => index));
  const shown = [...found.same.keys(), ...found.added, ...found.ambiguous.flatMap((group) => group.after)];
  expect(shown.toSorted((left, right) => left - right)).toEqual(is.items.map(({ index }) => index));
  return {
    found,
    renamed: [...found.same].flatMap(([now, then]) =>
      titleOf(was, then) === titleOf(is, now) ? [] : [[titleOf(was, then), titleOf(is, now)] as const],
    ),
    added: found.added.map((index) => titleOf(is, index)),
    removed: found.removed.map((index) => titleOf(was, index)),
    doubtful: found.ambiguous.map((group) =>
      [group.before.map((index) => titleOf(was, index)).join(', '), group.after.map((index) => titleOf(is, index)).join(', ')].join(' | '),
    ),
  };
}

function titleOf(plan: Plan, index: number): string {
  return String(plan.items[index]?.fields.title);
}

const SAME = { renamed: [], added: [], removed: [], doubtful: [] };

/** A plan with these checks in two sections. */
function checks(first: readonly string[], second: readonly string[] = ['Last']): string {
  const list = (entries: readonly string[]): string => entries.map((entry) => `- [ ] ${entry}\n`).join('');
  return `# Checks\n\n## One\n\n${list(first)}\n## Two\n\n${list(second)}`;
}

describe('who is who without ids', () => {
  it('the same text: everything is what it was, prose and blank lines aside', () => {
    expect(compare(BAKERY_PLAN, BAKERY_PLAN)).toMatchObject(SAME);
    expect(compare(BAKERY_PLAN, BAKERY_PLAN.replaceAll('\n', '\r\n').replace('Prose with', 'Other prose with'))).toMatchObject(SAME);
    expect(compare(BAKERY_PLAN, BAKERY_PLAN.replaceAll(/ \| (?=\S)/g, '  |  '))).toMatchObject(SAME);
  });

  it('the same text elsewhere: a row that moves to another phase or list, or up and down', () => {
    const row = '| **Counter** | Owner | Oven works | Counter stands | Queue below 5 min |\n';
    const moved = BAKERY_PLAN.replace(row, '').replace('| **Oven** |', `${row}| **Oven** |`);
    expect(compare(BAKERY_PLAN, moved)).toMatchObject(SAME);
    expect(compare(BAKERY_PLAN, BAKERY_PLAN.replace('| **Phase 2** | Paint', '| **Phase 1** | Paint'))).toMatchObject(SAME);
    expect(compare(checks(['a b c', 'd e f', 'g h i']), checks(['g h i', 'a b c'], ['d e f', 'Last']))).toMatchObject(SAME);
  });

  it('the most similar text in the same place: a row that is renamed, or says something else under its name', () => {
    expect(compare(BAKERY_PLAN, BAKERY_PLAN.replace('| Paint the counter |', '| Paint the long counter |'))).toMatchObject({
      ...SAME,
      renamed: [['Paint the counter', 'Paint the long counter']],
    });
    const rewritten = BAKERY_PLAN.replace(
      'Owner + Painter | Ten recipes tested; paint | Two coats | No drips',
      'Cleo | | Three coats of the green one | Ask Ann',
    );
    expect(compare(BAKERY_PLAN, rewritten)).toMatchObject(SAME);
    expect(compare(BAKERY_PLAN, BAKERY_PLAN.replace('- [ ] Oven is off', '- [ ] Oven is off and cold'))).toMatchObject({
      ...SAME,
      renamed: [['Oven is off', 'Oven is off and cold']],
    });
  });

  it('a phase or a section that is renamed keeps what stands in it', () => {
    const renamed = BAKERY_PLAN.replace('### Phase 2: Shop (Weeks 5–9)', '### Phase 2: Shop and café (Weeks 5–9)').replace(
      '### E.1 Before opening',
      '### E.1 In the morning',
    );
    expect(compare(BAKERY_PLAN, renamed)).toMatchObject({
      ...SAME,
      renamed: [['Phase 2: Shop (Weeks 5–9)', 'Phase 2: Shop and café (Weeks 5–9)']],
    });
  });

  it('a new row is new and a missing one is gone, though the others are alike', () => {
    expect(compare(checks(['Wash hands', 'Wash floor']), checks(['Wash hands', 'Order flour for May', 'Wash floor']))).toMatchObject({
      ...SAME,
      added: ['Order flour for May'],
    });
    expect(compare(checks(['Wash hands', 'Wash floor']), checks(['Wash floor']))).toMatchObject({ ...SAME, removed: ['Wash hands'] });
    const without = BAKERY_PLAN.replace(/\| \*\*Phase 1\*\* \| Test ten.*\n/, '');
    expect(compare(BAKERY_PLAN, without)).toMatchObject({ ...SAME, removed: ['Test ten bread recipes'] });
  });
});

describe('what could be two things is neither', () => {
  it('two alike rows that both change: a person is asked', () => {
    const { doubtful, added, removed } = compare(checks(['Check oven 1', 'Check oven 2']), checks(['Check oven 3', 'Check oven 4']));
    expect(added).toEqual([]);
    expect(removed).toEqual([]);
    expect(doubtful.join()).toContain('Check oven 1');
  });

  it('of two rows that are word for word the same, neighbours say which is gone', () => {
    const gone = compare(checks(['a a a', 'Twin', 'b b b', 'Twin', 'c c c']), checks(['a a a', 'b b b', 'Twin', 'c c c']));
    expect(gone).toMatchObject({ ...SAME, removed: ['Twin'] });
    expect(gone.found.removed).toEqual([1]);
  });

  it('of two that stand side by side, nobody can say: a person is asked', () => {
    expect(compare(checks(['a a a', 'Twin', 'Twin', 'b b b']), checks(['a a a', 'Twin', 'b b b']))).toMatchObject({
      ...SAME,
      doubtful: ['Twin, Twin | Twin'],
    });
  });

  it('two of one text that both go elsewhere are never deleted and made anew', () => {
    const before = `${checks(['Twin'], ['Twin'])}\n## Three\n\n- [ ] x y z\n\n## Four\n\n- [ ] r s t\n`;
    const after = '# Checks\n\n## Three\n\n- [ ] Twin\n- [ ] x y z\n\n## Four\n\n- [ ] r s t\n- [ ] Twin\n';
    expect(compare(before, after)).toMatchObject({ ...SAME, doubtful: ['Twin, Twin | Twin, Twin'] });
  });

  it('as many twins as before are the same in their order', () => {
    const { found } = compare(checks(['Twin', 'Twin', 'a a a']), checks(['Twin', 'a a a', 'Twin']));
    expect([...found.same]).toEqual(
      expect.arrayContaining([
        [0, 0],
        [2, 1],
        [1, 2],
      ]),
    );
  });

  it('what waits is matched as soon as the rows differ enough', () => {
    const before = signaturesOf(parsePlan(checks(['Wash the left oven', 'Wash the right oven'])));
    const now = signaturesOf(parsePlan(checks(['Wash the left oven!', 'Wash the right oven, too'])));
    const { same, ambiguous } = identify(before.slice(2), now, before.slice(0, 2));
    expect(ambiguous).toEqual([]);
    expect([...same].toSorted(([left], [right]) => left - right)).toEqual([
      [0, 1],
      [1, 2],
      [2, 0],
    ]);
  });
});

describe('ids that the plan carries', () => {
  it('decide, whatever else changes, the kind included', () => {
    const rewritten = SPEC_KIT_PLAN.replace(
      'T001 Create project structure per implementation plan',
      'T001 Something else altogether',
    ).replace('  - [ ] T005', '- [ ] T005');
    expect(compare(SPEC_KIT_PLAN, rewritten)).toMatchObject({
      ...SAME,
      renamed: [['Create project structure per implementation plan', 'Something else altogether']],
    });
  });

  it('two ids are two items, however alike', () => {
    expect(compare(SPEC_KIT_PLAN, SPEC_KIT_PLAN.replace('T002 [P]', 'T102 [P]'))).toMatchObject({
      ...SAME,
      added: ['Configure linting'],
      removed: ['Configure linting'],
    });
  });
});
