import { describe, expect, it } from 'vitest';
import { mergeObserved } from './merge.ts';
import { ScriptedHub } from './scripted-hub.ts';

const THREE = ['jira', 'notion', 'hubspot'];
const ALL_ORDERS = [
  ['jira', 'notion', 'hubspot'],
  ['jira', 'hubspot', 'notion'],
  ['notion', 'jira', 'hubspot'],
  ['notion', 'hubspot', 'jira'],
  ['hubspot', 'jira', 'notion'],
  ['hubspot', 'notion', 'jira'],
];

/** Everything is where it should be, and a second pass finds nothing to do. */
function expectInStep(hub: ScriptedHub, connections: readonly string[]): void {
  const writes = hub.sent.length;
  hub.pass();
  expect(hub.sent.length, 'S3: writes of a second pass').toBe(writes);
  for (const connectionId of connections) expect(hub.shows(connectionId), `S1: ${connectionId}`).toEqual(hub.item.fields);
}

describe('A. concurrent edits', () => {
  it('A01 edits of different fields in two tools reach all tools with no conflict', () => {
    const hub = new ScriptedHub({ connections: THREE, start: { priority: 'medium', dueDate: null } });
    hub.edit('jira', { priority: 'high' });
    hub.edit('notion', { dueDate: '2026-12-24' });
    hub.pass();
    expect(hub.item.fields).toEqual({ priority: 'high', dueDate: '2026-12-24' });
    expect(hub.conflicts).toEqual([]);
    expect(hub.sent).toEqual([
      { connectionId: 'jira', fields: { dueDate: '2026-12-24' } },
      { connectionId: 'notion', fields: { priority: 'high' } },
      { connectionId: 'hubspot', fields: { priority: 'high', dueDate: '2026-12-24' } },
    ]);
    expectInStep(hub, THREE);
  });

  it.each(ALL_ORDERS.map((order) => [order]))(
    "A02 the owner's value stands everywhere, the other stays on record, read in order %j",
    (order) => {
      const hub = new ScriptedHub({ connections: THREE, start: { dueDate: '2026-01-01' }, rules: { dueDate: 'owner:notion' } });
      hub.edit('jira', { dueDate: '2026-02-02' });
      hub.edit('notion', { dueDate: '2026-03-03' });
      hub.pass(order);
      expect(hub.item.fields.dueDate).toBe('2026-03-03');
      expect(hub.conflicts).toMatchObject([
        { kind: 'concurrent-edit', connectionId: 'jira', canonicalValue: '2026-03-03', remoteValue: '2026-02-02', baseValue: '2026-01-01' },
      ]);
      expectInStep(hub, THREE);
    },
  );

  it('A02 an owner does not win over an edit whose author had seen the owner’s value', () => {
    const hub = new ScriptedHub({ connections: THREE, start: { dueDate: '2026-01-01' }, rules: { dueDate: 'owner:notion' } });
    hub.edit('notion', { dueDate: '2026-03-03' });
    hub.pass();
    hub.edit('jira', { dueDate: '2026-04-04' });
    hub.pass();
    expect(hub.item.fields.dueDate).toBe('2026-04-04');
    expect(hub.conflicts).toEqual([]);
    expectInStep(hub, THREE);
  });

  it('A03 under manual neither side is overwritten, other fields flow, and one conflict opens', () => {
    const hub = new ScriptedHub({
      connections: ['jira', 'notion'],
      start: { owner: 'CGO', priority: 'medium' },
      rules: { owner: 'manual' },
    });
    hub.edit('jira', { owner: 'Maria' });
    hub.edit('notion', { owner: 'Omar', priority: 'high' });
    hub.pass();
    hub.pass();
    hub.pass();
    expect(hub.shows('jira')).toEqual({ owner: 'Maria', priority: 'high' });
    expect(hub.shows('notion')).toEqual({ owner: 'Omar', priority: 'high' });
    expect(hub.conflicts).toMatchObject([
      { kind: 'manual', field: 'owner', connectionId: 'notion', canonicalValue: 'Maria', remoteValue: 'Omar', baseValue: 'CGO' },
    ]);
  });

  it('A03 a conflict ends by itself when the person in the tool takes the edit back, or makes the same one', () => {
    for (const settled of ['CGO', 'Maria']) {
      const hub = new ScriptedHub({ connections: ['jira', 'notion'], start: { owner: 'CGO' }, rules: { owner: 'manual' } });
      hub.edit('jira', { owner: 'Maria' });
      hub.edit('notion', { owner: 'Omar' });
      hub.pass();
      hub.edit('notion', { owner: settled });
      hub.pass();
      expect(hub.link('notion').bases.owner?.held).toBeUndefined();
      expect(hub.shows('notion')).toEqual({ owner: 'Maria' });
      expectInStep(hub, ['jira', 'notion']);
    }
  });

  it('A04 the same new value on both sides: the base moves on, nothing is written, nothing is in conflict', () => {
    const hub = new ScriptedHub({ connections: ['jira', 'notion'], start: { owner: 'CGO' }, rules: { owner: 'manual' } });
    hub.edit('jira', { owner: 'Maria' });
    hub.edit('notion', { owner: 'Maria' });
    hub.pass();
    expect(hub.sent).toEqual([]);
    expect(hub.conflicts).toEqual([]);
    for (const connectionId of ['jira', 'notion']) expect(hub.link(connectionId).bases.owner).toEqual({ remote: 'Maria', agreed: 'Maria' });
  });

  it('A06 a value that changes while a push is in flight ends as the newest, and the intermediate one is not taken back in', () => {
    const hub = new ScriptedHub({ connections: ['jira', 'notion'], start: { owner: 'CGO' } });
    hub.edit('notion', { owner: 'Maria' });
    hub.pull('notion');
    hub.push('jira', () => {
      hub.edit('notion', { owner: 'Omar' });
      hub.pull('notion');
    });
    expect(hub.shows('jira')).toEqual({ owner: 'Maria' });
    expect(hub.pull('jira'), 'our own intermediate value').toEqual([]);
    hub.push('jira');
    expect(hub.shows('jira')).toEqual({ owner: 'Omar' });
    expect(hub.conflicts).toEqual([]);
    expectInStep(hub, ['jira', 'notion']);
  });

  it('A07 A→B→A between two polls writes nothing', () => {
    const hub = new ScriptedHub({ connections: THREE, start: { owner: 'CGO', labels: ['a', 'b'] } });
    hub.edit('jira', { owner: 'Maria', labels: ['b'] });
    hub.edit('jira', { owner: 'CGO', labels: ['b', 'a'] });
    hub.pass();
    expect(hub.sent).toEqual([]);
    expect(hub.conflicts).toEqual([]);
    expect(hub.item.stamps).toEqual({});
  });

  it.each(ALL_ORDERS.map((order) => [order]))('A08 edits of one field in three tools settle by the order, arriving as %j', (order) => {
    const hub = new ScriptedHub({ connections: THREE, start: { owner: 'CGO' }, rules: { owner: 'order' } });
    for (const connectionId of THREE) hub.edit(connectionId, { owner: `owner of ${connectionId}` });
    for (const connectionId of order) hub.pull(connectionId);
    hub.pass();
    expect(hub.item.fields.owner).toBe('owner of jira');
    const onRecord = hub.conflicts.flatMap((conflict) => [conflict.remoteValue, conflict.canonicalValue]);
    expect(onRecord, 'S2').toEqual(expect.arrayContaining(['owner of notion', 'owner of hubspot']));
    expectInStep(hub, THREE);
  });

  it.each(ALL_ORDERS.map((order) => [order]))('A08 also where each tool is written before the next is read, as %j', (order) => {
    const hub = new ScriptedHub({ connections: THREE, start: { owner: 'CGO' }, rules: { owner: 'order' } });
    for (const connectionId of THREE) hub.edit(connectionId, { owner: `owner of ${connectionId}` });
    for (const connectionId of order) {
      hub.pull(connectionId);
      hub.push(connectionId);
    }
    hub.pass();
    expect(hub.item.fields.owner).toBe('owner of jira');
    expectInStep(hub, THREE);
  });

  it('A09 a label added in one tool and one removed in another: the result has the one and lacks the other', () => {
    const hub = new ScriptedHub({ connections: THREE, start: { labels: ['keep', 'y'] }, rules: { labels: 'set' } });
    hub.edit('jira', { labels: ['keep', 'x', 'y'] });
    hub.edit('notion', { labels: ['keep'] });
    hub.pass();
    expect(hub.item.fields.labels).toEqual(['keep', 'x']);
    expect(hub.conflicts).toEqual([]);
    expectInStep(hub, THREE);
  });
});

describe('B. echo and loops', () => {
  it('B01 our own write is recognised by value against the base, however often and late it comes back', () => {
    const hub = new ScriptedHub({ connections: ['jira', 'notion'], start: { owner: 'CGO' } });
    hub.edit('jira', { owner: 'Maria' });
    hub.pass();
    const stamps = hub.item.stamps;
    for (let delivery = 0; delivery < 3; delivery += 1) expect(hub.pull('notion')).toEqual([]);
    expect(hub.item.stamps).toEqual(stamps);
    expect(hub.owed('jira')).toEqual({});
    expect(hub.sent).toHaveLength(1);
  });

  it('B02 of our write and a human edit in one event only the human edit is propagated', () => {
    const hub = new ScriptedHub({ connections: ['jira', 'notion'], start: { owner: 'CGO', priority: 'medium' } });
    hub.edit('jira', { owner: 'Maria' });
    hub.pass();
    hub.edit('notion', { priority: 'high' });
    expect(hub.pull('notion')).toEqual(['priority']);
    expect(hub.owed('jira')).toEqual({ priority: 'high' });
    expect(hub.conflicts).toEqual([]);
  });

  it('B04 the remote’s normalised form becomes the base and is not written a second time', () => {
    const hub = new ScriptedHub({
      connections: ['jira', 'notion'],
      start: { description: 'start' },
      rules: { description: 'text' },
      stores: (connectionId, _, value) => (connectionId === 'jira' && typeof value === 'string' ? value.trim().replace(/ +/g, ' ') : value),
    });
    hub.edit('notion', { description: 'two  words ' });
    hub.pass();
    expect(hub.link('jira').bases.description).toMatchObject({ remote: 'two words', agreed: 'two  words ' });
    hub.pass();
    hub.pass();
    expect(hub.sent).toHaveLength(1);
    expect(hub.item.fields.description).toBe('two  words ');
    expect(hub.conflicts).toEqual([]);
  });

  it('B06 S5 one edit with four connections costs three writes', () => {
    const four = [...THREE, 'plan'];
    for (const editor of four) {
      const hub = new ScriptedHub({ connections: four, start: { owner: 'CGO', labels: ['a'] } });
      hub.edit(editor, { owner: 'Maria', labels: ['a', 'b'] });
      for (let round = 0; round < 5; round += 1) hub.pass();
      expect(hub.sent).toHaveLength(3);
      expectInStep(hub, four);
    }
  });

  it('S8 a tool that puts back what we wrote is held for a person after its second time', () => {
    const hub = new ScriptedHub({ connections: ['jira', 'notion'], start: { owner: 'robot' }, rules: { owner: 'order' } });
    for (let round = 0; round < 20; round += 1) {
      hub.edit('jira', { owner: 'Maria' });
      hub.pass();
      // An automation in Notion.
      hub.edit('notion', { owner: 'robot' });
      hub.pass();
    }
    expect(hub.conflicts.filter((conflict) => conflict.kind === 'flapping')).toHaveLength(1);
    expect(hub.link('notion').bases.owner?.held).toBe('robot');
    expect(hub.item.fields.owner).toBe('Maria');
    expect(hub.sent.filter((write) => write.connectionId === 'notion').length).toBeLessThanOrEqual(3);
  });
});

describe('G. absent, null and empty', () => {
  it('G10 a field that a partial answer leaves out is not cleared', () => {
    const hub = new ScriptedHub({ connections: ['jira', 'notion'], start: { owner: 'CGO', dueDate: '2026-01-01', labels: ['a'] } });
    expect(hub.pull('jira', { owner: 'Maria' })).toEqual(['owner']);
    expect(hub.item.fields).toEqual({ owner: 'Maria', dueDate: '2026-01-01', labels: ['a'] });
    expect(hub.pull('jira', {})).toEqual([]);
  });

  it.each([null, ''])('G10 %j is an edit that clears a text, and stays what it is', (cleared) => {
    const hub = new ScriptedHub({ connections: ['jira', 'notion'], start: { owner: 'CGO' } });
    hub.edit('jira', { owner: cleared });
    hub.pass();
    expect(hub.item.fields.owner).toBe(cleared);
    expect(hub.shows('notion')).toEqual({ owner: cleared });
    expect(hub.conflicts).toEqual([]);
  });

  it('G10 an empty set clears a set; null for a set says the same and is no second edit', () => {
    const hub = new ScriptedHub({ connections: ['jira', 'notion'], start: { labels: ['a', 'b'] } });
    hub.edit('jira', { labels: [] });
    hub.pass();
    expect(hub.item.fields.labels).toEqual([]);
    expect(hub.pull('notion', { labels: null })).toEqual([]);
    expect(hub.item.fields.labels).toEqual([]);
    expect(hub.owed('jira')).toEqual({});
  });

  it('G10 a field that no side has ever had is not owed', () => {
    const hub = new ScriptedHub({ connections: ['jira', 'notion'], start: { owner: 'CGO', dueDate: null } });
    expect(hub.pull('jira', { owner: 'CGO', dueDate: null })).toEqual([]);
    expect(hub.owed('notion')).toEqual({});
  });
});

describe("a remote's default values", () => {
  const item = { itemId: 'i', kind: 'task', fields: { title: 'T' }, stamps: {}, deletedAt: null, deletedBy: null } as const;
  const mapped = [{ field: 'status', direction: 'both' }] as const;
  const unread = { remoteKey: null, url: null, revision: null, missedScans: 0 };
  const bases = { status: { remote: 'todo', agreed: null } };
  const link = { ...unread, itemId: 'i', connectionId: 'jira', remoteId: '1', state: 'linked', bases } as const;
  const policy = { rules: {}, ranks: {} };

  it('S3 what a remote shows of itself in a record that we made is no edit', () => {
    const { changed, item: after } = mergeObserved({ item, link, observed: { status: 'todo' }, mapped, policy });
    expect(changed).toEqual([]);
    expect(after.fields).toEqual({ title: 'T' });
  });

  it('S2 a change from that default is an edit, and the way back is another', () => {
    const first = mergeObserved({ item, link, observed: { status: 'done' }, mapped, policy });
    expect(first.item.fields.status).toBe('done');
    const second = mergeObserved({ item: first.item, link: first.link, observed: { status: 'todo' }, mapped, policy });
    expect(second.item.fields.status).toBe('todo');
  });
});
