import { expect, test } from 'vitest';
import { endsWith } from './field-history.ts';
import { version } from './step.fixture.ts';

const shown = (field: string, value: string | null, seconds: number, by: string | null) => ({
  ...version(field, value, seconds, by),
  isShown: true as const,
});
const OURS = shown('name', 'new', 2, null);
const OLD = version('name', 'old', -50, 'maria');

test('C4 a history ends with our write where the newest version of every field is ours and has its value', () => {
  expect(endsWith({ name: 'new' }, [OURS, OLD])).toBe(true);
  expect(endsWith({ name: 'new', city: null }, [shown('city', null, 2, null), OURS, OLD])).toBe(true);
});

test.each([
  ['somebody has set another value since', [shown('name', 'theirs', 3, 'omar'), version('name', 'new', 2, null), OLD]],
  ['somebody has set the same value since: it is theirs', [shown('name', 'new', 3, 'omar'), version('name', 'new', 2, null), OLD]],
  ['ours does not show', [{ ...OLD, isShown: true as const }]],
  ['the record was not seen, or shows something else', [version('name', 'new', 2, null), OLD]],
  ['our newest has another value', [shown('name', 'newer', 3, null), version('name', 'new', 2, null), OLD]],
  ['there is nothing of the field', [version('city', 'Oslo', 2, null)]],
  ['the CRM keeps no history', null],
])('C4 it does not where %s', (_, history) => {
  expect(endsWith({ name: 'new' }, history)).toBe(false);
});
