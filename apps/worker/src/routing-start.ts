/** Routing as the worker runs it: the engine from the configuration, its worker on Temporal, its calendars, and what the API and Slack speak to. */
import type { Hono } from 'hono';
import type { WorkflowBundle } from '@temporalio/worker';
import { personOf } from '@lockstep/domain/routing/roster.ts';
import { calendarsOf } from '@lockstep/engine/routing/calendars.ts';
import { pqlWorkflowId } from '@lockstep/workflows/contracts.ts';
import type { Logger } from 'pino';
import { configuredFeeds, watchFeeds } from './calendar-feeds.ts';
import type { RunningChangeSets } from './change-sets.ts';
import type { KeyRing } from './codec.ts';
import type { Composition } from './compose.ts';
import { ConfigError } from './config.ts';
import type { Settings } from './config.ts';
import { engineRouting } from './engine-routing.ts';
import type { ApiParts } from './http/api.ts';
import { createSlackDoor } from './http/slack.ts';
import { withCountedAttempts } from './notice-attempts.ts';
import { checkDocuments } from './routing-check.ts';
import { watchStages } from './crm-stages.ts';
import { configuredRouting } from './routing-engine.ts';
import { redecideByTexts } from './routing-redecide.ts';
import { startRouting } from './routing.ts';
import type { RunningRouting } from './routing.ts';
import type { RoutingCases } from './routing-cases.ts';
import { workflowTraces } from './telemetry/subjects.ts';
import type { Traces } from './telemetry/traces.ts';
import { afterBoth } from './sweeper.ts';
import type { TemporalLinks } from './temporal.ts';

export interface RoutingStart {
  readonly settings: Settings;
  readonly composition: Composition;
  readonly changeSets: RunningChangeSets;
  readonly temporal: TemporalLinks;
  readonly keyRing: KeyRing;
  readonly workspaceId: string;
  readonly workflowBundle: WorkflowBundle;
  readonly traces: Traces;
  readonly log: Logger;
}

export interface StartedRouting {
  readonly api: NonNullable<ApiParts['routing']>;
  readonly slackDoor: Hono;
  shutdown(): void;
  /** Resolves when the worker and the reading of calendars and stages have stopped. */
  readonly ended: Promise<void>;
}

/** Null where nothing is routed. Throws `ConfigError`. */
export async function startConfiguredRouting(start: RoutingStart): Promise<StartedRouting | null> {
  const { settings, composition, log } = start;
  const { routing } = settings.config;
  if (routing === undefined) return null;
  const { now } = composition.workspace;
  const whenChanged = (changing: Promise<void>): void => {
    // The sweeper makes up for it.
    changing.catch((error: unknown) => log.warn({ err: error }, 'clocks could not be worked out anew'));
  };
  let started: RunningRouting | null = null;
  const { engine, channels, documents, current } = configuredRouting({
    ...{ settings, routing, log, pool: composition.pool, connections: composition.connections, lease: composition.lease },
    ...{ crm: composition.crm, changeSets: start.changeSets },
    onRoster: (memberIds) => {
      // Before it runs: all clocks are worked out anew at its start.
      if (started !== null) whenChanged(started.rosterChanged(memberIds));
    },
  });
  const { cases, counts } = withCountedAttempts(engineRouting(engine));
  const memberFeeds = feedsOf(start, (memberId) => personOf(current().roster, memberId)?.zone ?? null);
  const { temporal, keyRing, workspaceId, workflowBundle, traces } = start;
  const running = await startRouting({ cases, temporal, keyRing, workspaceId, workflowBundle, traces, log });
  started = running;
  // What has changed in roster, holidays and time-zone data while no worker ran.
  whenChanged(running.rosterChanged(current().roster.people.map(({ id }) => id)));
  const feeds = watchFeeds({
    ...{ feeds: memberFeeds, everyMs: routing.calendarSeconds * 1_000, onAbsences: running.absences, now: Date.now, log },
  });
  const stages = watchStages({ pull: cases.pullStages, wake: running.wake, everyMs: routing.stageSeconds * 1_000, log });
  const { secret } = settings;
  return {
    api: {
      ...{ cases, store: engine.store, attempts: counts, now, workflows: running, doctor: channels.check },
      check: (request) =>
        checkDocuments(request, {
          ...{ texts: documents.texts, connections: routing.crm === undefined ? [] : [routing.crm], holidays: engine.holidays, now },
          calendarsOf: (roster, at) => engine.store.snapshot((reader) => calendarsOf(engine, reader, roster, at)),
        }),
      redecide: (request) => redecideByTexts(engine.store, request, now()),
      events: {
        ...{ ingest: tracedIngest(start, cases.ingest), wake: running.wake, now, log, excluded: () => current().policy.excluded },
        credentials: { tokens: routing.events.tokens.map(secret), secrets: routing.events.secrets.map(secret) },
      },
    },
    slackDoor: createSlackDoor({
      ...{ now, log, answer: running.answer, memberOf: (userId) => channels.memberOf(current().roster, userId) },
      ...(channels.slack ?? { signingSecret: null, teamId: null, reply: null }),
    }),
    shutdown() {
      documents.stop();
      running.shutdown();
    },
    ended: afterBoth(running.ended, async () => void (await Promise.all([feeds.stop(), stages.stop()]))),
  };
}

/** Accounts with new evidence go on with the trace of the delivery. */
function tracedIngest({ traces, workspaceId }: RoutingStart, ingest: RoutingCases['ingest']): RoutingCases['ingest'] {
  return (readings, now) =>
    traces.doing({ name: 'product events', subject: null, attributes: { 'lockstep.events': readings.length } }, async () => {
      const ingested = await ingest(readings, now);
      for (const accountId of ingested.accounts) await traces.leave(workflowTraces(pqlWorkflowId(workspaceId, accountId)));
      return ingested;
    });
}

function feedsOf({ settings }: RoutingStart, zoneOf: (memberId: string) => string | null) {
  return configuredFeeds(settings.config.routing?.calendars ?? [], {
    ...{ directory: settings.configDirectory, secret: settings.secret, now: Date.now },
    timeoutMs: settings.config.requestTimeoutSeconds * 1_000,
    zoneOf(memberId) {
      const zone = zoneOf(memberId);
      if (zone === null) throw new ConfigError(`routing.calendars: expected members of the roster, got ${memberId}`);
      return zone;
    },
  });
}
