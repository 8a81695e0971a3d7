/**
 * One item on its way from where it is made to another place, with a process that dies on the way. A world for each pair of places, used over and over:
 * each history has an item, or a value, of its own.
 */
import { afterAll } from 'vitest';
import { createPool } from '@lockstep/store/pool.ts';
import { createMigratedDatabase } from '@lockstep/store/testing.ts';
import { createStore } from '@lockstep/store/store.ts';
import { conflictsOf, expectLaws, itemTitled, linksOf } from '../scenarios/laws.ts';
import type { PersonsEdit } from '../scenarios/laws.ts';
import { handsOf } from '../scenarios/hands.ts';
import type { Hands } from '../scenarios/hands.ts';
import { jiraHands } from '../scenarios/people-jira.ts';
import { INDEX_LAG_MS } from '../scenarios/resting.ts';
import { createWorld } from '../scenarios/world.ts';
import type { ConnectionId, Tool, World } from '../scenarios/world.ts';
import { DoomedProcess, MOMENTS } from './doomed-process.ts';
import type { Moment } from './doomed-process.ts';

export type Deed = 'create' | 'update';

const PLAN = `# Orchard: plan

## Phases

### Phase 1: Roots (Weeks 1–4)
**Objective:** The ground is ready.

## Backlog

| Phase | Task | Owner | Dependencies | Definition of Done | Metric |
|-------|------|-------|--------------|--------------------|--------|
| **Phase 1** | Dig the trenches | Ann | | A spade deep | 40 metres |
`;
const PHASE = 'Phase 1: Roots (Weeks 1–4)';
const FIRST = 'Dig the trenches';
const JIRA_METRIC = 'customfield_10203';
/** Longer than anything that was written lately is doubted, so that each history finds the world as the first one did. */
const A_DAY_MS = 86_400_000;

/** Where a process dies: the number of the await point, its name, and whether the call has had its effect. */
export interface Death {
  readonly point: number;
  readonly name: string;
  readonly moment: Moment;
}

export interface Deaths {
  /** How many points one undisturbed history awaits. */
  readonly points: number;
  /** At every point before the call; and after it, but for reads: what is left behind then is what was there before. */
  readonly deaths: readonly Death[];
}

export interface CrashBench {
  deaths(deed: Deed): Promise<Deaths>;
  /** Plays a history in which the process dies there; then another goes on, for one round. Says what is wrong then; null where nothing is. */
  dies(deed: Deed, death: Death): Promise<string | null>;
  /** Brings the world to rest and holds it against S1–S6. */
  laws(): Promise<void>;
}

const READ = /^(snapshot|waitingWork|pageStart|writtenRevisions|GET .*|\w+\.(pull|fetch|findByMarker))$/;

/** Makes the bench while its test file is collected: the titles say how many points there are. */
export async function openCrashBench(target: ConnectionId): Promise<CrashBench> {
  const database = await createMigratedDatabase();
  const pool = createPool(database.url, { max: 4, applicationName: 'crashes' });
  const mortal = new DoomedProcess();
  const source = target === 'document' ? 'jira' : 'document';
  const tool = target === 'document' ? source : target;
  const store = mortal.store(createStore({ pool, workspaceId: 'crashes' }));
  const world = await createWorld({ store, plan: PLAN, connections: ['document', tool], wrap: mortal.wrap, keep: true });
  afterAll(async () => {
    await world.close();
    await pool.end();
    await database.drop();
  });
  await world.rest();
  const history = new History(world, mortal, { source, target, tool: tool as Tool });
  return {
    async deaths(deed) {
      const wrong = await history.play(deed, null);
      if (wrong !== null) throw new Error(`an undisturbed ${deed}: ${wrong}`);
      const deaths = history.points.flatMap((name, point) =>
        MOMENTS.flatMap((moment) => (moment === 'after' && READ.test(name) ? [] : [{ point, name, moment }])),
      );
      return { points: history.points.length, deaths };
    },
    dies: (deed, death) => history.play(deed, death),
    laws: () => expectLaws(world, history.edits),
  };
}

interface Places {
  readonly source: ConnectionId;
  readonly target: ConnectionId;
  /** That of the two which is a tool. */
  readonly tool: Tool;
}

class History {
  /** What people have done; law S2 asks what has become of it. */
  readonly edits: PersonsEdit[] = [];
  points: readonly string[] = [];
  private readonly world: World;
  private readonly mortal: DoomedProcess;
  private readonly source: ConnectionId;
  private readonly target: ConnectionId;
  private readonly tool: Tool;
  private count = 0;

  constructor(world: World, mortal: DoomedProcess, places: Places) {
    this.world = world;
    this.mortal = mortal;
    this.source = places.source;
    this.target = places.target;
    this.tool = places.tool;
  }

  async play(deed: Deed, death: Death | null): Promise<string | null> {
    const { world, mortal } = this;
    await world.advance(A_DAY_MS);
    const before = await this.creates();
    const edit = deed === 'create' ? await this.make() : await this.change();
    await world.advance(INDEX_LAG_MS);
    mortal.start(death);
    const hasDied = await mortal.live(() => this.round());
    this.points = [...mortal.points];
    if (hasDied !== (death !== null))
      return `expected to die there, got ${hasDied ? `a death at ${this.points.at(-1)}` : 'an end'} after ${this.points.length} points`;
    mortal.start(null);
    this.edits.push(edit);
    await this.round();
    const created = (await this.creates()) - before;
    const wanted = deed === 'create' && this.target === this.tool ? 1 : 0;
    if (created !== wanted) return `expected ${wanted} records to be made, got ${created}`;
    return this.wrong(edit);
  }

  private async round(): Promise<void> {
    for (const place of [this.source, this.target, this.source]) await this.world.pass(place);
  }

  /** A new task with words of its own, where it begins. */
  private async make(): Promise<PersonsEdit> {
    const title = `Task ${(this.count += 1)}`;
    const value = `${this.count} metres`;
    if (this.source === 'document') this.world.editText((text) => `${text}| **Phase 1** | ${title} | Bo | | Done | ${value} |\n`);
    else {
      const parent = { id: (await this.world.people.jira.find(PHASE))[0]?.id };
      await jiraHands(this.world).make({ summary: title, parent, [JIRA_METRIC]: paragraph(value) });
    }
    return { title, field: 'metric', value };
  }

  /** The task that is everywhere gets another metric. */
  private async change(): Promise<PersonsEdit> {
    const value = `${(this.count += 1)} metres`;
    await this.hands.edit(this.source, await this.idOf(this.source, FIRST), 'metric', value);
    // What nobody has seen may be written over by the same person.
    this.edits.splice(0, this.edits.length, ...this.edits.filter(({ title }) => title !== FIRST));
    return { title: FIRST, field: 'metric', value };
  }

  /** What a person sees who looks for the task in both places. */
  private async wrong({ title, value }: PersonsEdit): Promise<string | null> {
    const rows = this.world.text().split(`| ${title} |`).length - 1;
    if (rows !== 1) return `expected one row "${title}", got ${rows}`;
    await this.world.one(this.tool, title);
    for (const place of [this.source, this.target]) {
      const shown = await this.hands.read(place, await this.idOf(place, title), 'metric');
      if (shown !== value) return `${place}: expected "${value}", got "${shown}"`;
    }
    const conflicts = await conflictsOf(this.world);
    return conflicts.length === 0 ? null : `expected no conflict, got ${conflicts.map(({ message }) => message).join('; ')}`;
  }

  private get hands(): Hands {
    return handsOf(this.world);
  }

  /** As `Hands` names a record: the document's by its title. */
  private async idOf(place: ConnectionId, title: string): Promise<string> {
    if (place === 'document') return title;
    const { itemId } = await itemTitled(this.world, title);
    const link = (await linksOf(this.world, place)).find((candidate) => candidate.itemId === itemId);
    if (link === undefined) throw new Error(`${place}: expected a record of "${title}", got none`);
    return link.remoteId;
  }

  private async creates(): Promise<number> {
    return (await this.world.admin<{ creates: number }>(`/counts?tool=${this.tool}&account=lockstep`)).creates;
  }
}

function paragraph(text: string): unknown {
  return { version: 1, type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] };
}
