import { describe, expect, it } from 'vitest';
import type { FieldVersion } from './crm.port.ts';
import { editsBetween } from './overlooked.ts';
import { at, image, version } from './step.fixture.ts';

const OLD = version('name', 'old', -50, 'maria');
const THEIRS = version('name', 'theirs', 0.5, 'omar');
const OURS = version('name', 'new', 1.5, null);
const CONFLICT = { field: 'name', before: 'old', ours: 'new', now: 'theirs', by: 'omar', at: at(0.5), code: 'CONFLICT_HUMAN' };

/** Compared at second 0, sent at 1, done at 2. */
function found(history: readonly FieldVersion[] | null, before: Readonly<Record<string, string>> = { name: 'old' }) {
  return editsBetween({ before: image(before), ours: { name: 'new' }, history, sentAt: at(1), doneAt: at(2) });
}

describe('edits that landed between our comparison and our write', () => {
  it('C4 are found in the history read after it, with all three values, who and when', () => {
    expect(found([OURS, THEIRS, OLD])).toEqual([CONFLICT]);
  });

  it('C4 are found also where somebody has edited again since', () => {
    expect(found([version('name', 'later', 5, 'maria'), OURS, THEIRS, OLD])).toEqual([CONFLICT]);
  });

  it('C4 are found where the field was not compared at all', () => {
    expect(found([OURS, THEIRS], {})).toEqual([{ ...CONFLICT, before: null }]);
  });

  it.each<[string, readonly FieldVersion[] | null]>([
    ['the CRM keeps no history', null],
    ['nobody came between', [OURS, OLD]],
    ['nothing is older than ours', [OURS]],
    ['an edit came after ours: it stands', [version('name', 'later', 5, 'omar'), OURS, OLD]],
    ['what came between was ours', [OURS, version('name', 'mid', 0.5, null), OLD]],
    ['it was another field', [version('name', 'new', 1.5, null), version('stage', 'theirs', 0.5, 'omar'), OLD]],
    ['the history is behind and shows what we had compared with', [OLD]],
    ['the history is behind and shows nothing', []],
    ['they had set the same value, so that ours changed nothing', [version('name', 'new', 0.5, 'omar'), OLD]],
    ['the history is behind, and the edit came after the write was sent', [version('name', 'theirs', 1.5, 'omar'), OLD]],
    ['the history is behind, and ends with ours of before', [version('name', 'mid', 0.5, null), OLD]],
  ])('C4 none where %s', (_, history) => {
    expect(found(history)).toEqual([]);
  });

  it('C4 are found where they have set anew what we had compared with: it is theirs since', () => {
    expect(found([OURS, version('name', 'old', 0.7, 'omar'), OLD])).toEqual([{ ...CONFLICT, now: 'old', at: at(0.7) }]);
    expect(found([OURS, version('name', 'old', 0, 'omar'), OLD])).toEqual([]);
  });

  it('C4 are found by their instant where our version does not show yet', () => {
    expect(found([THEIRS, OLD])).toEqual([CONFLICT]);
    expect(found([version('name', 'theirs', 1, 'omar'), OLD])).toMatchObject([{ at: at(1) }]);
  });

  it('C4 each field has its own', () => {
    const history = [OURS, THEIRS, version('stage', 'b', 1.5, null), version('stage', 'theirs', 0.6, 'ada')];
    const before = image({ name: 'old', stage: 'a' });
    const all = editsBetween({ before, ours: { name: 'new', stage: 'b' }, history, sentAt: at(1), doneAt: at(2) });
    expect(all.map(({ field, by }) => [field, by])).toEqual([
      ['name', 'omar'],
      ['stage', 'ada'],
    ]);
  });
});
