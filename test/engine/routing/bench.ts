/**
 * Routing's engine as the worker wires it: a real PostgreSQL, the connectors and the simulators of HubSpot and Slack over HTTP. Change sets run to their end where
 * they are begun.
 */
import { createHash } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { createHubSpotRouting } from '@lockstep/connectors/hubspot/crm/routing.ts';
import { createSlackMessenger } from '@lockstep/connectors/slack/messenger.ts';
import { readEvent } from '@lockstep/domain/routing/event.ts';
import type { HolidaySource } from '@lockstep/domain/routing/calendar.port.ts';
import type { CloseReason } from '@lockstep/domain/routing/close-reason.ts';
import type { Clock } from '@lockstep/domain/routing/clock.ts';
import type { Crm } from '@lockstep/domain/crm/crm.port.ts';
import type { RoutingCrm } from '@lockstep/domain/routing/routing-crm.port.ts';
import type { Lead, Offer, OwedNotice } from '@lockstep/domain/routing/lead.ts';
import type { RoutingStore } from '@lockstep/domain/routing/routing-store.port.ts';
import { answer } from '@lockstep/engine/routing/answering.ts';
import type { Answer, AnswerOutcome } from '@lockstep/engine/routing/answering.ts';
import { closeLead } from '@lockstep/engine/routing/closing.ts';
import type { Documents, RoutingEngine } from '@lockstep/engine/routing/environment.ts';
import { createHolidaySource } from '@lockstep/connectors/calendar/holidays.ts';
import { hoursChanged } from '@lockstep/engine/routing/absences.ts';
import { ingest } from '@lockstep/engine/routing/ingest.ts';
import { stepAccount } from '@lockstep/engine/routing/stepping.ts';
import type { Stepped } from '@lockstep/engine/routing/stepping.ts';
import { tell } from '@lockstep/engine/routing/telling.ts';
import { endOfWrite, startWrite } from '@lockstep/engine/routing/writing.ts';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import type { ServedVendor } from '@lockstep/simulator/kernel/testing.ts';
import { createSlack } from '@lockstep/simulator/slack/server.ts';
import { createRoutingStore } from '@lockstep/store/routing-store.ts';
import type { TestStore } from '@lockstep/store/testing.ts';
import { CRM, openBench } from '../crm/bench.ts';
import type { Bench } from '../crm/bench.ts';
import { documentsOf } from './documents.ts';

const DOMAIN = 'acme-gears.de';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface RoutingBench {
  /** Of the store. */
  readonly workspaceId: string;
  readonly engine: RoutingEngine;
  readonly store: RoutingStore;
  readonly crm: Bench;
  readonly slack: ServedVendor;
  readonly accountId: string;
  /** Both may be changed by a test. */
  documents: Documents;
  holidays: HolidaySource;
  now(): string;
  advance(ms: number): void;
  /** Events of somebody at the account, each with a message id of its own unless it says otherwise. */
  track(name: string, more?: Readonly<Record<string, unknown>>, domain?: string): Promise<void>;
  /** A step, and everything that it owes: told and written. */
  step(domain?: string): Promise<Stepped>;
  /** Hours, share or standing of people have changed. */
  changed(cause?: 'ABSENCE' | 'HOLIDAY' | 'WORKING_HOURS'): Promise<void>;
  lead(domain?: string): Promise<Lead>;
  offers(domain?: string): Promise<readonly Offer[]>;
  clock(): Promise<Clock>;
  answer(kind: Answer['kind'], by: string, more?: Partial<Answer>): Promise<AnswerOutcome>;
  /** Whatever offer stands. */
  close(reason: CloseReason, by: string): Promise<AnswerOutcome>;
  notices(memberId: string): Promise<readonly string[]>;
}

/** 10:00 in Berlin's winter, on a day from tomorrow on: the simulators' clocks only go forward. */
function morning(): number {
  const tomorrow = Math.ceil(Date.now() / DAY_MS) * DAY_MS;
  return tomorrow + 9 * HOUR_MS;
}

/** A CRM in HubSpot's place. */
export interface OtherCrm {
  readonly served: ServedVendor;
  readonly crm: Crm;
  readonly routing: RoutingCrm;
}

/** `keep`: the simulators are closed by the caller, not with the test. */
export async function openRouting(database: TestStore, other: OtherCrm | null = null, { keep = false } = {}): Promise<RoutingBench> {
  const crms = other === null ? {} : { crms: new Map([[other.routing.connectionId, other.crm]]) };
  const crm = await openBench(database, { ...crms, keep });
  const slack = await serveVendor('slack', createSlack);
  if (!keep) onTestFinished(() => slack.close());
  const advance = (ms: number): void => {
    crm.advance(ms);
    slack.clock.advance(ms);
    other?.served.clock.advance(ms);
  };
  advance(morning() - Date.parse(crm.now()));
  const { now } = crm;
  const workspaceId = database.workspaceId();
  const store = createRoutingStore({ pool: database.pool, workspaceId });
  const clock = (): Date => new Date(now());
  const credentials = { baseUrl: crm.served.url, accessToken: 'pat-na1-lockstep' };
  const holder: { documents: Documents; holidays: HolidaySource } = { documents: documentsOf(), holidays: createHolidaySource() };
  const engine: RoutingEngine = {
    store,
    documents: { current: () => holder.documents },
    holidays: { holidaysOf: (region, years) => holder.holidays.holidaysOf(region, years) },
    crm: other?.routing ?? createHubSpotRouting(CRM, { clock, requestTimeoutMs: 10_000, credentials }),
    messengers: {
      slack: createSlackMessenger({ clock, requestTimeoutMs: 10_000, credentials: { baseUrl: slack.url, botToken: 'xoxb-lockstep' } }),
    },
    changeSets: {
      async begin({ changeSetId, reason, operations }) {
        await crm.plan(operations, { changeSetId, kind: 'routing', requestedBy: 'routing', actorKind: 'system', reason });
        // What the policy denies is taken back, as the workflow does it.
        if (crm.governing.policy === null) await crm.takeBack(changeSetId, 'policy');
        else await crm.run(changeSetId);
      },
      endOf: (changeSetId) => endOfWrite(crm.store, changeSetId),
    },
    accountIdOf: (key) => createHash('sha256').update(key).digest('hex').slice(0, 32),
    tzVersion: process.versions['tz'] ?? 'unknown',
  };
  const idOf = (domain: string): string => engine.accountIdOf(`domain:${domain}`);
  const accountId = idOf(DOMAIN);
  let calls = 0;
  const lead = async (domain = DOMAIN): Promise<Lead> => {
    const [newest] = await store.snapshot((reader) => reader.leadsOf(idOf(domain)));
    if (newest === undefined) throw new Error(`${domain}: expected a lead, got none`);
    return newest;
  };
  return {
    ...{ workspaceId, engine, store, crm, slack, accountId, now, advance, lead },
    get documents() {
      return holder.documents;
    },
    get holidays() {
      return holder.holidays;
    },
    set holidays(changed) {
      holder.holidays = changed;
    },
    set documents(changed) {
      holder.documents = changed;
    },
    async track(name, more = {}, domain = DOMAIN) {
      const call = { type: 'track', messageId: `m-${(calls += 1)}`, event: name, userId: `u-${domain}`, timestamp: now(), ...more };
      const context = {
        traits: { email: `ann@${domain}`, company: { name: domain === DOMAIN ? 'Acme Gears' : domain }, country: 'DE', employees: 200 },
      };
      const traits = { type: 'identify', messageId: `t-${calls}`, userId: `u-${domain}`, timestamp: now(), traits: context.traits };
      const reading = { receivedAt: now(), isBackfill: false };
      await ingest(engine, [readEvent(traits, reading), readEvent({ context, ...call }, reading)]);
    },
    async changed(cause = 'ABSENCE') {
      await hoursChanged(engine, accountId, cause, now());
    },
    async clock() {
      const { leadId } = await lead();
      const [row] = await store.snapshot((reader) => reader.clocksOf(leadId));
      if (row === undefined) throw new Error('expected a clock, got none');
      return row.clock;
    },
    async step(domain = DOMAIN) {
      const stepped = await stepAccount(engine, idOf(domain), now());
      for (const changeSetId of stepped.changeSets) await startWrite(engine, changeSetId, now());
      for (const noticeId of stepped.notices) await tell(engine, noticeId, 'slack', now());
      return stepped;
    },
    async offers(domain) {
      const { leadId } = await lead(domain);
      return store.snapshot((reader) => reader.offersOf(leadId));
    },
    async answer(kind, by, more = {}) {
      const { offerId } = await lead();
      return answer(engine, { accountId, kind, by, offerId: offerId ?? '', ...more }, now());
    },
    async close(reason, by) {
      const { leadId } = await lead();
      return closeLead(engine, { accountId, leadId, offerId: null, by, reason }, now());
    },
    notices: async (memberId) => {
      const told = await database.pool.query<{ notice: OwedNotice['notice'] }>(
        'select notice from lockstep.lead_notices where workspace_id = $1 and lead_id = $2 and member_id = $3 and delivered_at is not null order by owed_since, notice_id',
        [workspaceId, (await lead()).leadId, memberId],
      );
      return told.rows.map(({ notice }) => notice.title);
    },
  };
}
