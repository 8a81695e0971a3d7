/** `pqlRouting` on the real Temporal with activities that answer as a test has written: its own decisions alone, without a store or a channel. */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { WorkflowBundle } from '@temporalio/worker';
import { pino } from 'pino';
import { afterEach } from 'vitest';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import { startRouting } from '@lockstep/worker/routing.ts';
import type { RunningRouting } from '@lockstep/worker/routing.ts';
import type { RoutingCases } from '@lockstep/worker/routing-cases.ts';
import { connectTemporal } from '@lockstep/worker/temporal.ts';
import type { TemporalLinks } from '@lockstep/worker/temporal.ts';
import { pqlStatusQuery, pqlWorkflowId } from '@lockstep/workflows/contracts.ts';
import type { PqlRoutingStatus, Stepped } from '@lockstep/workflows/contracts.ts';
import type { pqlRouting } from '@lockstep/workflows/pql-routing/workflow.ts';
import { documentsOf } from '../engine/routing/documents.ts';
import { paperLead } from '../worker/paper-routing.ts';
import type { KeyRing } from '@lockstep/worker/codec.ts';
import { makeKeyRing } from './harness.ts';
import { useTemporalSdk } from './sdk.ts';
import { skipTime } from './time-skipping.ts';

/** An account as the digest that ids are made of. */
export const ACCOUNT = '9f86d081884c7d659a2feaa0c55ad015';

/** A use case that was called: its name, what it was about, and the instant that it was given. */
export interface Called {
  readonly name: string;
  readonly about: string;
  readonly atMs: number;
}

export interface PqlScript {
  readonly keyRing: KeyRing;
  readonly temporal: TemporalLinks;
  readonly routing: RunningRouting;
  readonly calls: readonly Called[];
  readonly handle: WorkflowHandle<typeof pqlRouting>;
  status(): Promise<PqlRoutingStatus>;
  /** Skips so much of the workflow's time. */
  skip(ms: number): Promise<void>;
  /** The names of the calls so far, with what they were about. */
  named(): readonly string[];
}

export interface PqlScripts {
  /** A worker whose use cases answer quietly but for these; on another Temporal than the one that tests share where it is named. */
  play(answers: Partial<RoutingCases>, options?: PlayOptions): Promise<PqlScript>;
  /** The workflows as the sandbox loads them. */
  bundle(): WorkflowBundle;
}

export interface PlayOptions {
  readonly sweepEveryMs?: number;
  readonly temporalAddress?: string;
}

export const open = (change: Partial<Stepped> = {}): Stepped => ({ state: 'open', wakeAt: null, notices: [], changeSets: [], ...change });
export const closed = (change: Partial<Stepped> = {}): Stepped => ({ ...open(change), state: 'closed' });

/** The sweeper does not come in between, unless a test asks for it. */
const NEVER_MS = 3_600_000;

/** Nothing has happened, and nothing is due. */
const QUIETLY: RoutingCases = {
  ingest: async () => ({ fresh: 0, duplicates: 0, accounts: [] }),
  stepAccount: async () => open(),
  answer: async () => ({ kind: 'answered', outcome: 'taken', code: null }),
  tell: async () => ({ kind: 'told', outcome: 'delivered' }),
  startWrite: async () => undefined,
  explainAccount: async () => null,
  slaReport: async (now) => ({ since: now, open: [], counts: [] }),
  lead: async (leadId) => paperLead(leadId, { accountId: ACCOUNT }),
  leads: async () => [],
  rosterChanged: async () => [],
  takeAbsences: async () => [],
  openAccounts: async () => [],
  scores: async () => [],
  pullStages: async () => ({ accounts: [], more: false }),
  pastLeads: async () => ({ leads: [], credits: null }),
  context: async () => ({ documents: documentsOf(), holidays: {}, absences: {} }),
};

/** Registers the hooks; call it at the top of a test file. */
export function usePqlScripts(): PqlScripts {
  const bundle = useTemporalSdk();
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  return {
    bundle,
    async play(answers, { sweepEveryMs = NEVER_MS, temporalAddress } = {}) {
      const [keyRing, workspaceId] = [makeKeyRing('k1'), `script-${randomUUID()}`];
      const temporal = await connectTemporal(keyRing, temporalAddress ?? (await testTemporalAddress()));
      const calls: Called[] = [];
      const routing = await startRouting({
        ...{ workspaceId, temporal, keyRing, sweepEveryMs, workflowBundle: bundle(), log: pino({ level: 'silent' }) },
        cases: noted({ ...QUIETLY, ...answers }, calls),
      });
      ends.push(async () => {
        routing.shutdown();
        await routing.ended;
        await temporal.close();
      });
      const handle = temporal.client.workflow.getHandle<typeof pqlRouting>(pqlWorkflowId(workspaceId, ACCOUNT));
      return {
        ...{ keyRing, temporal, routing, calls, handle },
        status: () => handle.query(pqlStatusQuery),
        skip: (ms) => skipTime(temporal, handle.workflowId, ms),
        named: () => calls.map(({ name, about }) => `${name} ${about}`),
      };
    },
  };
}

function noted(cases: RoutingCases, calls: Called[]): RoutingCases {
  const note = (name: string, about: string, now: string): void => void calls.push({ name, about, atMs: Date.parse(now) });
  return {
    ...cases,
    stepAccount(accountId, now) {
      note('step', accountId, now);
      return cases.stepAccount(accountId, now);
    },
    answer(answer, now) {
      note('answer', answer.kind, now);
      return cases.answer(answer, now);
    },
    tell(noticeId, channel, now) {
      note('tell', `${noticeId} ${channel}`, now);
      return cases.tell(noticeId, channel, now);
    },
    startWrite(changeSetId, now) {
      note('write', changeSetId, now);
      return cases.startWrite(changeSetId, now);
    },
  };
}
