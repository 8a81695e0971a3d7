/** The whole API on a socket of its own, over a real PostgreSQL: in a bad hour, or in a quiet one. */
import type { ApiBudget } from '@lockstep/engine/figures.ts';
import type { TestStore } from '@lockstep/store/testing.ts';
import { createApi } from '@lockstep/worker/http/api.ts';
import type { Account } from '@lockstep/worker/http/identity.ts';
import { listen } from '@lockstep/worker/http/server.ts';
import { benchOf } from '../engine/bench-of-remotes.ts';
import { openDesk as openReplayDesk } from '../engine/replay/desk.ts';
import { apiParts, TOKEN } from './api-desk.ts';
import { openRoutingDesk } from './routing-desk.ts';
import { AT, openSituation, playBadHour } from './situation.ts';

export const SPENT: ApiBudget = {
  allowances: [{ scope: 'day', limit: 1_000, remaining: 40 }],
  heldSeconds: 900,
  requests: { answered: 960, throttled: 2, refused: 1, failed: 0, unanswered: 60 },
};
const AT_REST: ApiBudget = {
  allowances: [{ scope: 'day', limit: 1_000, remaining: 900 }],
  heldSeconds: 0,
  requests: { answered: 100, throttled: 0, refused: 0, failed: 0, unanswered: 0 },
};

export interface FiguresDesk {
  readonly url: string;
  /** With the token. */
  get(path: string): Promise<string>;
  close(): Promise<void>;
}

export async function openFiguresDesk(database: TestStore, hour: 'bad' | 'quiet'): Promise<FiguresDesk> {
  const store = database.store();
  const { workspace } = await benchOf(store, ['jira', 'notion']);
  const { changeSets, replays, routing } = openSituation(database);
  if (hour === 'bad') await playBadHour(store, { changeSets, replays, routing });
  const ines: Account = { principal: { id: 'ines', kind: 'human', person: 'ines', members: [], roles: [] }, token: 'token-of-ines' };
  const desk = await openRoutingDesk(database, { accounts: [ines] });
  await desk.close();
  const { parts } = desk;
  const { engine } = openReplayDesk(database, 0);
  if (parts.changeSets === undefined || parts.routing === undefined) throw new Error('desk: expected change sets and routing');
  const workflows = {
    start: async () => undefined,
    decide: async () => ({ kind: 'decided', outcome: 'refused', code: null }) as const,
    hold: async () => true,
  };
  const app = createApi({
    ...apiParts(workspace),
    changeSets: { ...parts.changeSets, engine: { ...parts.changeSets.engine, store: changeSets } },
    routing: { ...parts.routing, store: routing },
    replays: { engine: { ...engine, store: replays }, workflows, now: () => AT, newId: () => 'one' },
    budgets: () => new Map([['jira', hour === 'bad' ? SPENT : AT_REST]]),
  });
  const server = await listen(app.fetch, { port: 0, host: '127.0.0.1' });
  return {
    url: server.url,
    get: async (path) => (await fetch(server.url + path, { headers: { authorization: `Bearer ${TOKEN}` } })).text(),
    close: () => server.close(),
  };
}

/** Of Prometheus' page: `name{labels}` → value. */
export function samplesOf(page: string): ReadonlyMap<string, number> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}
