import { expect, test } from 'vitest';
import { endsWith } from './field-history.ts';
import { version } from './step.fixture.ts';

const OURS = version('name', 'new', 2, null);
const OLD = version('name', 'old', -50, 'maria');

test('C4 a history ends with our write where the newest version of every field is ours and has its value', () => {
  expect(endsWith({ name: 'new' }, [OURS, OLD])).toBe(true);
  expect(endsWith({ name: 'new', city: null }, [version('city', null, 2, null), OURS, OLD])).toBe(true);
});

test.each([
  ['somebody has set another value since', [version('name', 'theirs', 3, 'omar'), OURS, OLD]],
  ['somebody has set the same value since: it is theirs', [version('name', 'new', 3, 'omar'), OURS, OLD]],
  ['ours does not show', [OLD]],
  ['our newest has another value', [version('name', 'newer', 3, null), OURS, OLD]],
  ['there is nothing of the field', [version('city', 'Oslo', 2, null)]],
  ['the CRM keeps no history', null],
])('C4 it does not where %s', (_, history) => {
  expect(endsWith({ name: 'new' }, history)).toBe(false);
});
