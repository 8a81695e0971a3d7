/** The pages of docs/specs say which test proves what: here it is held that they cannot claim more than there is. */
import { describe, expect, it } from 'vitest';
import { numbersOf, withProofs } from '../../scripts/specs.ts';

describe('the numbers of a title', () => {
  it.each([
    ['S4 one twin', ['S4']],
    ['S1 S3: equal, and at rest', ['S1', 'S3']],
    ['A01, B06 and H02 in one', ['A01', 'B06', 'H02']],
    ['E04–E06 after a crash', ['E04', 'E05', 'E06']],
    ['F01 a delete is kept (S12, K02)', ['F01', 'S12', 'K02']],
    ['S7 10 pages at once', ['S7']],
    ['case 33 an owner', ['33']],
    ['C4 case 33 an owner, and 50 more (36, 41)', ['C4', '33', '36', '41']],
    ['C6 case 59 case 62 who may', ['C6', '59', '62']],
    ['a sentence with S4 in it', []],
  ])('%s', (title, numbers) => {
    expect([...numbersOf(title)].sort()).toEqual([...numbers].sort());
  });
});

describe('a page of laws', () => {
  const page = '- **S1 Convergence.** All are equal.\n  Whatever the order.\n- A01 Two edits.\n\nProse about S1.\n';
  const title = { file: 'test/a.test.ts', text: 'S1 they are', numbers: ['S1'] };

  it('names the tests under their entry, and says where there is none', () => {
    expect(withProofs(page, [title])).toBe(
      '- **S1 Convergence.** All are equal.\n  Whatever the order.\n  - `test/a.test.ts`: S1 they are\n- A01 Two edits.\n  - no test yet\n\nProse about S1.\n',
    );
  });

  it('forgets a test that is gone, and is the same after a second time', () => {
    const before = withProofs(page, [title, { ...title, text: 'S1 gone' }]);
    const after = withProofs(before, [title]);
    expect(after).not.toContain('gone');
    expect(withProofs(after, [title])).toBe(after);
  });
});
