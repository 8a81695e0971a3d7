/** R6, case 81: past decisions from their stored inputs, over PostgreSQL, by other documents: what differs is told, and nothing changes anywhere. */
import { describe, expect, test } from 'vitest';
import { decide } from '@lockstep/domain/routing/decide.ts';
import { routingHash } from '@lockstep/domain/routing/policy.ts';
import type { DecisionRow } from '@lockstep/domain/routing/routing-store.port.ts';
import { policy, POLICY_TEXT, roster } from '@lockstep/domain/routing/routing.fixture.ts';
import { redecidePage } from '@lockstep/engine/routing/redeciding.ts';
import type { RedecidedPage, RedecideRequest } from '@lockstep/engine/routing/redeciding.ts';
import { createRoutingStore } from '@lockstep/store/routing-store.ts';
import { aDecision } from '@lockstep/store/routing.fixture.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { wholeStore } from '../../ingress/door.ts';

const database = useTestStore();
const FREE = { openLeads: 0, off: null, hasOwner: true };
const THEN = { policy: policy(), roster: roster() };
const ALL: RedecideRequest = {
  policy: null,
  roster: null,
  from: '2000-01-01T00:00:00.000Z',
  to: '2100-01-01T00:00:00.000Z',
  after: null,
  limit: 3,
};
const day = (place: number): string => `2026-11-${String(place + 1).padStart(2, '0')}T09:00:00.000Z`;

function decisionAt(place: number, country: string): DecisionRow {
  const base = aDecision(`d-${place}`);
  const members = Object.fromEntries(THEN.roster.people.map(({ id }) => [id, FREE]));
  const input = { ...base.input, at: day(place), country, confidence: null, passed: [], members, credits: {} };
  return {
    ...{ ...base, decidedAt: day(place), policyHash: routingHash(THEN.policy), rosterHash: routingHash(THEN.roster), input },
    decision: decide(THEN.policy, THEN.roster, input),
  };
}

/** Eight decisions, every second of an account in France. */
async function decided() {
  const store = createRoutingStore({ pool: database.pool, workspaceId: database.workspaceId() });
  await store.transaction(async (tx) => {
    for (const kind of ['policy', 'roster'] as const)
      await tx.saveDocument({ kind, hash: routingHash(THEN[kind]), version: THEN[kind].version, body: THEN[kind] });
    for (let place = 0; place < 8; place += 1) await tx.addDecision(decisionAt(place, place % 2 === 0 ? 'DE' : 'FR'));
  });
  return store;
}

async function pages(store: Awaited<ReturnType<typeof decided>>, change: Partial<RedecideRequest> = {}): Promise<readonly RedecidedPage[]> {
  const all: RedecidedPage[] = [];
  for (let after: string | null = null; ;) {
    const page: RedecidedPage = await redecidePage(store, { ...ALL, ...change, after });
    all.push(page);
    after = page.next;
    if (after === null) return all;
  }
}

describe('past decisions', () => {
  test('R6 give the same by the documents of then, page by page, each once', async () => {
    const all = await pages(await decided());
    expect(all.map(({ decisions, stored, rows }) => [decisions, stored.same, rows])).toEqual([
      [3, 3, []],
      [3, 3, []],
      [2, 2, []],
    ]);
  });

  test('R6 case 81 by another policy it is told who would have got them, of the time that is asked for; nothing is written', async () => {
    const store = await decided();
    const before = await wholeStore(database.pool);
    const [motion] = POLICY_TEXT.motions;
    const next = policy({
      motions: [motion, { motion: 'plg', when: {} }],
      rules: [{ ...POLICY_TEXT.rules[1], when: { motions: ['plg'], territories: ['germany'] } }],
    });
    const all = await pages(store, { policy: next, from: day(1), to: day(6) });
    expect(all.map(({ changes }) => [changes.same, changes['now-escalated']])).toEqual([
      [1, 2],
      [1, 1],
    ]);
    expect(all.flatMap(({ rows }) => rows)).toMatchObject(
      [1, 3, 5].map((place) => ({
        ...{ decisionId: `d-${place}`, decidedAt: day(place), stored: 'same', change: 'now-escalated' },
        before: { outcome: 'assigned', personId: 'cleo', ruleId: 'pql' },
        after: { outcome: 'escalated', personId: 'hana', ruleId: null, reason: 'NO_RULE' },
      })),
    );
    expect(await wholeStore(database.pool)).toEqual(before);
  });

  test('R6 one that was changed in the store is told, and so is one whose documents are not there', async () => {
    const store = await decided();
    const forged = decisionAt(8, 'DE');
    const lost = decisionAt(9, 'DE');
    await store.transaction(async (tx) => {
      await tx.addDecision({ ...forged, decision: { ...forged.decision, ruleId: 'asked' } });
      await tx.addDecision({ ...lost, policyHash: 'gone' });
    });
    const [page] = await pages(store, { from: day(7), limit: 100 });
    expect(page).toMatchObject({ decisions: 3, stored: { same: 1, differs: 1, unknown: 1 }, notDecided: 1, next: null });
    expect(page?.rows.map(({ decisionId, stored, change }) => [decisionId, stored, change])).toEqual([
      ['d-8', 'differs', 'other-way'],
      ['d-9', 'unknown', null],
    ]);
    // With both documents given, nothing of then is needed to decide.
    const [again] = await pages(store, { ...THEN, from: day(9), limit: 100 });
    expect(again).toMatchObject({ stored: { unknown: 1 }, notDecided: 0, changes: { same: 1 } });
  });
});
