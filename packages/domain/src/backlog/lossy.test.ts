import { describe, expect, it } from 'vitest';
import { ScriptedHub } from './scripted-hub.ts';

/** A tool that has room for six words (as HubSpot and Jira have for characters). */
function clippingHub(): ScriptedHub {
  return new ScriptedHub({
    connections: ['plan', 'jira'],
    start: { description: 'one two three four five six seven eight', owner: 'CGO' },
    rules: { description: 'text', owner: 'order' },
    stores: (connectionId, field, value) =>
      connectionId === 'jira' && field === 'description' && typeof value === 'string' ? value.split(' ').slice(0, 6).join(' ') : value,
  });
}

describe('S9 what a tool cannot hold', () => {
  it('S9 PutGet: after a write and its read-back nothing is owed and nothing has changed', () => {
    const hub = clippingHub();
    hub.edit('plan', { description: '1 2 3 4 5 6 7 8' });
    hub.pass();
    expect(hub.owed('jira')).toEqual({});
    expect(hub.pull('jira')).toEqual([]);
    expect(hub.item.fields.description).toBe('1 2 3 4 5 6 7 8');
  });

  it('S9 is carried unchanged when a neighbouring field changes there', () => {
    const hub = clippingHub();
    hub.edit('jira', { owner: 'Maria' });
    hub.pass();
    expect(hub.item.fields).toEqual({ description: 'one two three four five six seven eight', owner: 'Maria' });
    expect(hub.sent).toEqual([{ connectionId: 'plan', fields: { owner: 'Maria' } }]);
  });

  it('S9 is carried unchanged when another part of the text changes there', () => {
    const hub = clippingHub();
    hub.edit('jira', { description: 'one TWO three four five six' });
    hub.pass();
    expect(hub.shows('plan').description).toBe('one TWO three four five six seven eight');
    expect(hub.conflicts).toEqual([]);
  });

  it.each([
    ['one two three four five SIX', 'one two three four five SIX seven eight'],
    ['one two three four five', 'one two three four five seven eight'],
    ['ONE', 'ONE seven eight'],
  ])('S2 the clipped end is not lost when the last words that the tool shows are edited there: %s', (edited, merged) => {
    const hub = clippingHub();
    hub.edit('jira', { description: edited });
    hub.pass();
    expect(hub.item.fields.description).toBe(merged);
    expect(hub.conflicts).toEqual([]);
    hub.pass();
    expect(hub.shows('plan').description).toBe(merged);
    expect(hub.shows('jira').description).toBe(merged.split(' ').slice(0, 6).join(' '));
  });

  it('S6 a text that is cleared there is cleared, with its unseen end on record', () => {
    const hub = clippingHub();
    hub.edit('jira', { description: '' });
    hub.pass();
    expect(hub.item.fields.description).toBe('');
    expect(hub.conflicts).toMatchObject([
      { kind: 'concurrent-edit', field: 'description', canonicalValue: '', remoteValue: 'one two three four five six seven eight' },
    ]);
  });

  it('S6 words that a rewriting tool does not show are on record when an edit there replaces their place', () => {
    const hub = new ScriptedHub({
      connections: ['plan', 'notion'],
      start: { description: 'call <mention Ana> today' },
      rules: { description: 'text' },
      stores: (connectionId, _, value) => (connectionId === 'notion' && typeof value === 'string' ? value.replace(/<[^>]*> /, '') : value),
    });
    hub.edit('notion', { description: 'write tomorrow' });
    hub.pass();
    expect(hub.item.fields.description).toBe('write tomorrow');
    expect(hub.conflicts).toMatchObject([{ kind: 'concurrent-edit', remoteValue: 'call <mention Ana> today' }]);
  });

  it('a tool that only trims blanks causes no record', () => {
    const hub = new ScriptedHub({
      connections: ['plan', 'jira'],
      start: { description: 'call Ana ' },
      rules: { description: 'text' },
      stores: (_connectionId, _field, value) => (typeof value === 'string' ? value.trim() : value),
    });
    hub.edit('jira', { description: 'call Omar' });
    hub.pass();
    expect(hub.item.fields.description).toContain('call Omar');
    expect(hub.conflicts).toEqual([]);
  });

  it('S2 a clip inside a word is no place to merge at: the edit stands, the unseen end is on record', () => {
    const hub = new ScriptedHub({
      connections: ['plan', 'jira'],
      start: { description: 'alpha beta gamma' },
      rules: { description: 'text' },
      stores: (connectionId, _, value) => (connectionId === 'jira' && typeof value === 'string' ? value.slice(0, 8) : value),
    });
    expect(hub.shows('jira').description).toBe('alpha be');
    hub.edit('jira', { description: 'ALPHA be' });
    hub.pass();
    expect(hub.item.fields.description, 'the cut word is as it was').toBe('ALPHA beta gamma');
    expect(hub.conflicts).toEqual([]);
    hub.pass();
    hub.edit('jira', { description: 'ALPHA X' });
    hub.pass();
    expect(hub.item.fields.description).toBe('ALPHA X');
    expect(hub.conflicts).toMatchObject([{ canonicalValue: 'ALPHA X', remoteValue: 'ALPHA beta gamma' }]);
  });
});
