/** Routing on the real Temporal over a bench of the engine: PostgreSQL, and the simulators of HubSpot and Slack. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import type { TestStore } from '@lockstep/store/testing.ts';
import { engineRouting } from '@lockstep/worker/engine-routing.ts';
import type { RoutingCases } from '@lockstep/worker/routing-cases.ts';
import { startRouting } from '@lockstep/worker/routing.ts';
import { connectTemporal } from '@lockstep/worker/temporal.ts';
import { openRouting } from '../engine/routing/bench.ts';
import { makeKeyRing } from './harness.ts';

/** The bench's morning is the time of every use case: the simulators live in it. */
function at(cases: RoutingCases, now: () => string): RoutingCases {
  return {
    ...cases,
    stepAccount: (accountId) => cases.stepAccount(accountId, now()),
    answer: (said) => cases.answer(said, now()),
    tell: (noticeId, channel) => cases.tell(noticeId, channel, now()),
    startWrite: (changeSetId) => cases.startWrite(changeSetId, now()),
  };
}

/** A worker over a bench, until the test has ended. */
export async function openPqlLane(database: TestStore) {
  const bench = await openRouting(database);
  const workspaceId = `lane-${randomUUID()}`;
  const keyRing = makeKeyRing('k1');
  const temporal = await connectTemporal(keyRing, await testTemporalAddress());
  const cases = at(engineRouting(bench.engine), () => bench.now());
  const routing = await startRouting({ cases, workspaceId, temporal, keyRing, log: pino({ level: 'silent' }), sweepEveryMs: 3_600_000 });
  onTestFinished(async () => {
    routing.shutdown();
    await routing.ended;
    await temporal.close();
  });
  return { bench, workspaceId, keyRing, temporal, cases, routing };
}
