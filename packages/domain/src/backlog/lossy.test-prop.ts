import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldValue } from './item.ts';
import { ScriptedHub } from './scripted-hub.ts';

const words = fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 9 });

/** A tool that clips at so many characters, in the middle of a word too, and drops blanks at the end. */
function clippingHub(text: string, room: number): ScriptedHub {
  return new ScriptedHub({
    connections: ['plan', 'jira'],
    start: { description: text },
    rules: { description: 'text' },
    stores: (connectionId, _, value) => (connectionId === 'jira' && typeof value === 'string' ? value.slice(0, room).trimEnd() : value),
  });
}

function wordsOf(value: FieldValue | undefined): readonly string[] {
  return typeof value === 'string' ? value.split(/\s+/).filter((word) => word !== '') : [];
}

describe('S9 a tool that clips', () => {
  it('S9 GetPut and PutGet: what it shows is no edit, and nothing is owed after a write', () => {
    fc.assert(
      fc.property(words, words, fc.nat(30), (before, after, room) => {
        const hub = clippingHub(before.join(' '), room);
        expect(hub.pull('jira')).toEqual([]);
        hub.edit('plan', { description: after.join(' ') });
        hub.pass();
        expect(hub.pull('jira')).toEqual([]);
        expect(hub.owed('jira')).toEqual({});
        expect(hub.item.fields.description).toBe(after.join(' '));
      }),
    );
  });

  it('S2 S6 an edit there keeps every word that its author could not see, or they are on record', () => {
    fc.assert(
      fc.property(words, words, fc.integer({ min: 1, max: 30 }), (before, edited, room) => {
        const text = before.join(' ');
        const hub = clippingHub(text, room);
        hub.edit('jira', { description: edited.join(' ') });
        hub.pass();
        const unseen = wordsOf(text.slice(room)).slice(/\S/.test(text[room - 1] ?? ' ') && /\S/.test(text[room] ?? ' ') ? 1 : 0);
        const kept = [hub.item.fields.description, ...hub.conflicts.map((conflict) => conflict.remoteValue)].flatMap(wordsOf);
        expect(kept).toEqual(expect.arrayContaining([...unseen]));
        expect(wordsOf(hub.item.fields.description).join(' ')).toContain(edited.slice(0, -1).join(' '));
        for (let round = 0; round < 5; round += 1) hub.pass();
        const writes = hub.sent.length;
        hub.pass();
        expect(hub.sent.length, 'S3').toBe(writes);
      }),
      { numRuns: 2_000 },
    );
  });
});
