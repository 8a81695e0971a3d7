/** A bad hour on a real PostgreSQL, told by the stores themselves: what every face of the operating figures has to show the same of. */
import type { ChangeSet } from '@lockstep/domain/crm/change-set.ts';
import type { OwedSetNotice } from '@lockstep/domain/crm/notice.ts';
import type { Replay } from '@lockstep/domain/replay/replay.ts';
import type { Store } from '@lockstep/domain/sync/store.port.ts';
import { createChangeSetStore } from '@lockstep/store/change-set-store.ts';
import { createReplayStore } from '@lockstep/store/replay-store.ts';
import { aClock, aNotice } from '@lockstep/store/routing.fixture.ts';
import { createRoutingStore } from '@lockstep/store/routing-store.ts';
import { aConflict, aWrite } from '@lockstep/store/testing.ts';
import type { TestStore } from '@lockstep/store/testing.ts';

/** The clock of a bench. */
export const AT = '2026-11-24T09:00:00.000Z';
const AT_MS = Date.parse(AT);
const ago = (seconds: number): string => new Date(AT_MS - seconds * 1_000).toISOString();

/** More than any list of clocks shows. */
export const AT_RISK = 1_200;
const ON_TIME = 300;

/** What nobody may see in any label, name or line. */
export const CANARY = 'ada.canary@example.com';

export interface Situation {
  readonly changeSets: ReturnType<typeof createChangeSetStore>;
  readonly replays: ReturnType<typeof createReplayStore>;
  readonly routing: ReturnType<typeof createRoutingStore>;
}

/** Stores of a workspace of their own. */
export function openSituation(database: TestStore): Situation {
  const place = { pool: database.pool, workspaceId: database.workspaceId() };
  return { changeSets: createChangeSetStore(place), replays: createReplayStore(place), routing: createRoutingStore(place) };
}

/** The connections `jira` and `notion` are on record already. */
export async function playBadHour(store: Store, situation: Situation): Promise<void> {
  await store.transaction(async (tx) => {
    const rows = await tx.connections();
    for (const row of rows)
      await tx.saveConnection({
        ...row,
        ...(row.connectionId === 'jira'
          ? { lastPulledAt: ago(900), lastFullScanAt: ago(100_000) }
          : { gate: 'paused', breaker: { cause: 'auth', message: CANARY, count: 1, since: AT } }),
      });
    await tx.oweWrites([aWrite('p1'), aWrite('p2'), aWrite('p3')], ago(7_200));
    await tx.claimWrites('jira', 9, AT);
    const back = { connectionId: 'jira', state: 'parked', notBefore: null, countAttempt: true } as const;
    await tx.returnWrites([
      { ...back, itemId: 'p1', error: { code: 'Invalid', message: `the owner ${CANARY}` } },
      { ...back, itemId: 'p2', error: { code: 'Invalid', message: 'the owner' } },
      { ...back, itemId: 'p3', error: { code: 'Forbidden', message: 'no' } },
    ]);
    await tx.oweWrites([aWrite('sending')], ago(600));
    await tx.claimWrites('jira', 9, AT);
    await tx.oweWrites([aWrite('owed-1'), aWrite('owed-2')], ago(120));
    await tx.markDirty('jira', [{ remoteId: CANARY, deleted: false }], ago(660));
    await tx.parkRecords([
      { connectionId: 'jira', remoteId: CANARY, cause: 'ambiguous-match', message: CANARY, attempts: 1, firstSeenAt: AT },
    ]);
    await tx.raiseConflicts([aConflict('c1', { kind: 'manual', message: CANARY }), aConflict('c2', { kind: 'cycle', field: 'owner' })]);
  });
  await openSets(situation);
  await openLeads(situation);
}

async function openSets({ changeSets, replays }: Situation): Promise<void> {
  await changeSets.transaction(async (tx) => {
    await tx.saveChangeSet(aSet('asked', { state: 'awaiting-approval', requestedAt: ago(10_800) }));
    await tx.saveChangeSet(aSet('applying', { state: 'applying' }));
    await tx.saveChangeSet(aSet('stuck', { state: 'ended', end: 'needs-operator', updatedAt: ago(5_400) }));
    await tx.acquireLeases('stuck', [{ connectionId: 'hubspot', object: 'contacts', recordId: CANARY }], ago(5_400));
    await tx.oweSetNotices([A_SET_NOTICE]);
    await tx.saveChangeSet(aSet('taken-over', { state: 'ended', end: 'needs-operator', updatedAt: ago(9_999) }));
  });
  await replays.transaction((tx) => tx.saveReplay(AN_ASKED_REPLAY));
}

async function openLeads({ routing }: Situation): Promise<void> {
  const hour = 3_600_000;
  const spans = [{ fromMs: AT_MS - hour, toMs: AT_MS + 3 * hour }];
  const running = { startedAtMs: AT_MS - hour, settledAtMs: AT_MS - hour, budgetMs: 4 * hour, bufferMs: hour / 2, spans } as const;
  await routing.transaction(async (tx) => {
    for (let at = 0; at < AT_RISK + ON_TIME; at += 1) {
      const isLate = at < AT_RISK;
      await tx.saveClock(
        aClock(`c${at}`, { ...running, deadlineMs: AT_MS + hour + at, ...(isLate ? { bufferMs: 3 * hour } : {}) }, CANARY),
      );
    }
    // Its workflow has not come by.
    await tx.saveClock(aClock('late', { ...running, deadlineMs: AT_MS - 660_000, state: 'breached' }));
    await tx.saveClock(aClock('nobody', { ...running, state: 'uncovered' }));
    await tx.saveClock({ ...aClock('not-stepped', running), dueAt: ago(420) });
    await tx.oweNotices([aNotice('n', { owedSince: ago(180), memberId: CANARY })]);
  });
}

function aSet(changeSetId: string, rest: Partial<ChangeSet>): ChangeSet {
  return {
    ...{ changeSetId, kind: 'bulk', requestedBy: CANARY, actorKind: 'human', requestedAt: ago(60), reason: CANARY, confidence: null },
    ...{ rollsBack: [], steps: 0, state: 'planned', end: null, cause: null, diffHash: null, policyVersion: null },
    ...{ approvalExpiresAt: null, deadlineAt: null, updatedAt: AT, ...rest },
  };
}

const A_SET_NOTICE: OwedSetNotice = {
  ...{ noticeId: 'asked/approval-asked/h/0', changeSetId: 'asked', notice: 'approval-asked', person: CANARY },
  words: { title: CANARY, why: [CANARY], score: null, deadlineIso: AT, link: null, buttons: [] },
  ...{ owedSince: ago(480), until: ago(-60), attempt: null, triedSince: null, settledAt: null, outcome: null, receipt: null },
};

const AN_ASKED_REPLAY: Replay = {
  ...{
    replayId: 'rp',
    requestedBy: CANARY,
    actorKind: 'human',
    requestedAt: AT,
    reason: CANARY,
    selection: { by: 'query', query: CANARY },
  },
  ...{ point: { at: 'failing-activity' }, batchSize: 1, perSecond: 1, targets: 1, state: 'awaiting-approval', end: null, planHash: 'h' },
  ...{ reasons: ['MANY_TARGETS'], approvalExpiresAt: ago(-60), approver: null, decidedAt: null, acceptedUnsafe: [], updatedAt: AT },
};
