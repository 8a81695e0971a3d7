/** K02: the store is lost. What the tools carry of us, and what the document says, is enough to go on without a second record of anything. */
import { describe, expect, it } from 'vitest';
import { useTestStore } from '@lockstep/store/testing.ts';
import { conflictsOf, everyItem, expectLaws, itemTitled, linksOf } from './laws.ts';
import { jiraHands } from './people-jira.ts';
import { notionHands } from './people-notion.ts';
import { createWorld, TOOLS } from './world.ts';
import type { ConnectionId } from './world.ts';

const database = useTestStore();
const DIG = 'Dig the trenches';
const PLANT = 'Plant the saplings';
const ALL: readonly ConnectionId[] = ['document', ...TOOLS];

describe('K. the store is lost', () => {
  it.for(ALL)(
    'K02 S4 an empty store that reads %s first finds every link again, makes nothing, and writes only what a tool shows and others lack',
    async (first) => {
      const lost = await createWorld({ store: database.store() });
      await lost.rest();
      // Words of people that only one tool holds come back as well.
      await jiraHands(lost).set((await lost.one('jira', DIG)).id, { priority: { name: 'High' }, labels: ['soil'] });
      await lost.rest();
      const world = await createWorld({ store: database.store(), beside: lost });
      const text = world.text();
      await world.pass(first);
      await world.rest();
      expect(world.text()).toBe(text);
      // Jira's default priority: that nobody had chosen it is not known any more.
      const written = (await world.workspace.store.snapshot((reader) => reader.ledger({ limit: 1_000 }))).filter(
        ({ target }) => target !== 'canonical',
      );
      expect(new Set(written.map(({ operation, after }) => JSON.stringify([operation, after])))).toEqual(
        new Set(['["update",{"priority":"medium"}]']),
      );
      expect((await everyItem(world)).size).toBe((await everyItem(lost)).size);
      for (const connectionId of ALL) expect(await linksOf(world, connectionId)).toHaveLength((await linksOf(lost, connectionId)).length);
      expect((await itemTitled(world, DIG)).fields).toMatchObject({ priority: 'high', labels: ['soil'] });
      expect(await conflictsOf(world, 'open')).toEqual([]);
      await world.people.notion.edit((await world.one('notion', PLANT)).id, { owner: 'Dora' });
      await expectLaws(world, [{ title: PLANT, field: 'owner', value: 'Dora' }]);
    },
  );

  it('K02 S2 S6 what cannot be matched is listed; edits that nobody had read yet stand or are on record; what is owed is written', async () => {
    const lost = await createWorld({ store: database.store() });
    await lost.rest();
    lost.editText((text) => text.replace('40 metres', '55 metres'));
    await lost.people.jira.edit((await lost.one('jira', PLANT)).id, { metric: '59 of 60 alive' });
    const { itemId } = await itemTitled(lost, DIG);
    const omar = await notionHands(lost);
    const copy = await omar.make('A copy', { 'Lockstep ID': { rich_text: [{ text: { content: itemId } }] } });
    await lost.advance(2_000);
    const world = await createWorld({ store: database.store(), beside: lost });
    await world.rest();
    const asked = (await conflictsOf(world, 'open')).filter(({ kind }) => kind === 'duplicate-marker');
    expect(asked).toMatchObject([{ connectionId: 'notion' }]);
    expect([copy, (await linksOf(world, 'notion')).find(({ itemId: id }) => id === itemId)?.remoteId]).toContain(asked[0]?.remoteId);
    expect((await world.one('hubspot', DIG)).fields.metric).toBe('55 metres');
    // He says that the copy is a task of its own.
    await omar.set(copy, { 'Lockstep ID': { rich_text: [] } });
    await expectLaws(world, [
      { title: DIG, field: 'metric', value: '55 metres' },
      { title: PLANT, field: 'metric', value: '59 of 60 alive' },
    ]);
  });
});
