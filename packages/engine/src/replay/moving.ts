/** What happens to a replay from outside: paused, resumed, stopped, run out of time. Each is on record, with who did it, before it answers. */
import { moveReplay } from '@lockstep/domain/replay/life.ts';
import type { ReplayEvent } from '@lockstep/domain/replay/life.ts';
import type { Replay } from '@lockstep/domain/replay/replay.ts';
import { audit } from '../crm/audit-entries.ts';
import { entryOfReplay } from './entries.ts';
import { replayOf } from './environment.ts';
import type { ReplayEngine } from './environment.ts';

/** The replay after an event, for `saveReplay`; as it is where the event comes too late. */
export function moved(replay: Replay, event: ReplayEvent, now: string): Replay {
  const place = moveReplay(replay.state, event);
  return place === null ? replay : { ...replay, ...place, updatedAt: now };
}

export type Hold = Extract<ReplayEvent, 'paused' | 'resumed' | 'stopped' | 'expired'>;

const ACTIONS = { paused: 'pause', resumed: 'resume', stopped: 'stop', expired: 'expire' } as const satisfies Record<Hold, string>;

/** Moves it, where it can be moved so. The same again changes nothing. `by`: id of an account, or `system`. */
export async function holdReplay(engine: ReplayEngine, replayId: string, event: Hold, by: string, now: string): Promise<Replay> {
  return engine.store.transaction(async (tx) => {
    const replay = (await tx.lockReplay(replayId)) ?? (await replayOf(tx, replayId));
    const after = moved(replay, event, now);
    if (after === replay) return replay;
    await tx.saveReplay(after);
    await audit(tx, [entryOfReplay(after, { at: now, action: ACTIONS[event], outcome: 'done', by })]);
    return after;
  });
}
