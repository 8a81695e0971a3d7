import { expect, test } from 'vitest';
import { ACTIVITY_EFFECTS } from '@lockstep/domain/replay/effects.ts';
import { REPLAYABLE } from '@lockstep/domain/replay/replay.ts';
import type { BacklogSyncActivities } from '../backlog-sync/activities.ts';
import type { ChangeSetActivities } from '../change-set/activities.ts';
import type { PqlRoutingActivities } from '../pql-routing/activities.ts';

type Table = typeof ACTIVITY_EFFECTS;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

test('81 every activity of every workflow that is replayed says what it does outside, and no other is in the table', () => {
  // Compiles only while the names are the same, in both directions.
  const same: {
    readonly backlogSync: Same<keyof Table['backlogSync'], keyof BacklogSyncActivities>;
    readonly backlogReconcile: Same<keyof Table['backlogReconcile'], never>;
    readonly changeSet: Same<keyof Table['changeSet'], keyof ChangeSetActivities>;
    readonly pqlRouting: Same<keyof Table['pqlRouting'], keyof PqlRoutingActivities>;
  } = { backlogSync: true, backlogReconcile: true, changeSet: true, pqlRouting: true };
  expect(Object.keys(same)).toEqual([...REPLAYABLE]);
  expect(Object.keys(ACTIVITY_EFFECTS)).toEqual([...REPLAYABLE]);
});
