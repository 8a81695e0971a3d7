/** Whether a workflow may be replayed now, by Temporal's word and by the store's. */
import type { ReplayReader } from '@lockstep/domain/replay/replay-store.port.ts';
import type { SkipCode, Subject } from '@lockstep/domain/replay/replay.ts';
import type { LatestRun } from '@lockstep/domain/replay/runtime.port.ts';
import type { Settled } from '@lockstep/domain/replay/effects.ts';
import { settledAccount, settledOutbox, settledSet } from '@lockstep/domain/replay/settled.ts';
import type { ReplayEngine } from './environment.ts';

const OBJECTIONS: Readonly<Record<LatestRun['status'], SkipCode | null>> = {
  running: 'OPEN',
  completed: 'DONE',
  failed: null,
  cancelled: 'CANCELLED',
  terminated: null,
  continued: 'CONTINUED',
  'timed-out': null,
  other: 'OPEN',
};

/** Why a run is left alone by what Temporal says; null where nothing is against it. */
export function objectionTo(latest: LatestRun | null): SkipCode | null {
  if (latest === null) return 'GONE';
  return latest.workflowType === null ? 'FOREIGN' : OBJECTIONS[latest.status];
}

/** What the store says of the work of many workflows, three statements for any number. */
export interface StoreWord {
  /** Its work has come to its end: there is nothing to go on with. */
  isOver(subject: Subject): boolean;
  settled(subject: Subject): Settled;
}

const NOBODY = { delivered: 0, tried: 0, owed: 0, writesStarted: 0, writesOwed: 0 };

export async function storeWord(engine: ReplayEngine, subjects: readonly Subject[]): Promise<StoreWord> {
  const idsOf = (kind: Subject['kind']): readonly string[] => [
    ...new Set(subjects.flatMap((subject) => (subject.kind === kind ? [subject.id] : []))),
  ];
  return engine.store.snapshot(async (reader: ReplayReader) => {
    const sets = await reader.setCounts(idsOf('change-set'));
    const outboxes = await reader.outboxCounts(idsOf('connection'));
    const accounts = await reader.accountCounts(idsOf('account'));
    return {
      isOver: ({ kind, id }) => kind === 'change-set' && (sets.get(id)?.state ?? 'ended') === 'ended',
      settled({ kind, id }) {
        if (kind === 'connection') return settledOutbox(outboxes.get(id) ?? { owed: 0, sending: 0 });
        if (kind === 'account') return settledAccount(accounts.get(id) ?? NOBODY, engine.canLookUpNotices);
        const counts = sets.get(id);
        return counts === undefined ? {} : settledSet(counts);
      },
    };
  });
}
