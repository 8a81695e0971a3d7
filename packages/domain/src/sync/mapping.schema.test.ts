import { describe, expect, it } from 'vitest';
import { mappingSchema } from './mapping.schema.ts';

const BASE = { version: 1, connector: 'jira', target: { project: 'GROW' }, kinds: { task: { remote: 'Task' } } };
const TITLE = { remote: 'summary', direction: 'both', rule: 'text' };

/** Places and messages of everything that is wrong. */
function problems(mapping: unknown): readonly string[] {
  const result = mappingSchema.safeParse(mapping);
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

describe('a mapping', () => {
  it('loads, with its defaults', () => {
    const mapping = mappingSchema.parse({ ...BASE, fields: { title: TITLE } });
    expect(mapping).toMatchObject({ onDelete: 'archive', createOptions: false, status: {}, priority: {}, users: {} });
  });

  it('S13 does not load where a two-way field is left undeclared', () => {
    expect(problems({ ...BASE, fields: { title: { remote: 'summary', direction: 'both' } } })).toEqual([
      'fields.title.rule: two-way field: expected a rule (text, set, order, manual, owner:<connection>), got none (law S13)',
    ]);
  });

  it.each(['in', 'out'])('S13 a field that goes only %s needs no rule', (direction) => {
    expect(problems({ ...BASE, fields: { title: { remote: 'summary', direction } } })).toEqual([]);
  });

  it.each([
    ['labels', 'set', true],
    ['dependsOn', 'set', true],
    ['title', 'set', false],
    ['dueDate', 'set', false],
    ['title', 'text', true],
    ['description', 'text', true],
    ['labels', 'text', false],
    ['status', 'text', false],
    ['status', 'manual', true],
    ['owner', 'order', true],
    ['owner', 'owner:notion', true],
    ['owner', 'owner:', false],
    ['owner', 'owner:Not A Name', false],
    ['owner', 'newest', false],
  ])('S13 rule of %s: %s → %s', (field, rule, isAllowed) => {
    expect(problems({ ...BASE, fields: { [field]: { remote: 'x', direction: 'both', rule } } }).length === 0).toBe(isAllowed);
  });

  it('only references are referred by something', () => {
    expect(problems({ ...BASE, fields: { parent: { remote: 'parent', direction: 'both', rule: 'order', refersBy: 'title' } } })).toEqual(
      [],
    );
    expect(problems({ ...BASE, fields: { owner: { remote: 'x', direction: 'out', refersBy: 'id' } } })).toEqual([
      'fields.owner.refersBy: refersBy: expected a reference field, got line',
    ]);
  });

  it.each([
    [{ version: 2 }, /^version/],
    [{ connector: 'trello' }, /^connector/],
    [{ kinds: { tusk: { remote: 'Task' } } }, /^kinds/],
    [{ fields: { colour: TITLE } }, /^fields/],
    [{ fields: { title: { ...TITLE, kinds: [] } } }, /^fields\.title\.kinds/],
    [{ fields: { title: { ...TITLE, rmeote: 'x' } } }, /^fields\.title/],
    [{ status: { finished: 'Done' } }, /^status/],
    [{ onDelete: 'forget' }, /^onDelete/],
    [{ feilds: {} }, /feilds/],
  ])('says where it is wrong: %j', (change, place) => {
    const [first] = problems({ ...BASE, fields: { title: TITLE }, ...change });
    expect(first).toMatch(place);
  });
});
