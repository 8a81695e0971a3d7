import { expect, test } from 'vitest';
import { inOrder, pageOfRows } from './query.ts';
import type { Row } from './query.ts';

const rows = (count: number): Row[] => Array.from({ length: count }, (_, seq) => ({ id: `row-${seq}`, keys: [null, seq] }));

function scan(all: readonly Row[], most: number): { ids: string[]; incomplete: boolean[] } {
  const ids: string[] = [];
  const incomplete: boolean[] = [];
  let cursor: string | undefined;
  do {
    const page = pageOfRows(all, [false], { size: 3, cursor }, 'scope', most);
    ids.push(...page.part.map(({ id }) => id));
    incomplete.push(page.incomplete);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return { ids, incomplete };
}

test('a query that gives up says so on its last page, and one that ends there does not', () => {
  expect(scan(rows(9), 7)).toEqual({ ids: rows(7).map(({ id }) => id), incomplete: [false, false, true] });
  expect(scan(rows(7), 7)).toEqual({ ids: rows(7).map(({ id }) => id), incomplete: [false, false, false] });
});

test('empty values come last, whatever the direction', () => {
  const given: Row[] = [
    { id: 'none', keys: [null, 1] },
    { id: 'b', keys: ['b', 2] },
    { id: 'a', keys: ['a', 3] },
  ];
  expect(inOrder([...given], [false]).map(({ id }) => id)).toEqual(['a', 'b', 'none']);
  expect(inOrder([...given], [true]).map(({ id }) => id)).toEqual(['b', 'a', 'none']);
});
