/** Routing from the configuration: documents, store, CRM, channels and calendars become the engine that the use cases work on. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { createHolidaySource } from '@lockstep/connectors/calendar/holidays.ts';
import { personOf } from '@lockstep/domain/routing/roster.ts';
import { shippedSlas } from '@lockstep/domain/routing/shipped-slas.ts';
import { problemText } from '@lockstep/domain/routing/problem.ts';
import type { RoutingStore } from '@lockstep/domain/routing/routing-store.port.ts';
import { createdRecord, endOfWrite } from '@lockstep/engine/routing/writing.ts';
import { createSet } from '@lockstep/engine/crm/create.ts';
import type { CrmEngine } from '@lockstep/engine/crm/environment.ts';
import type { Documents, RoutingEngine } from '@lockstep/engine/routing/environment.ts';
import { createRoutingStore } from '@lockstep/store/routing-store.ts';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { RunningChangeSets } from './change-sets.ts';
import { ConfigError } from './config.ts';
import type { Settings } from './config.ts';
import type { RoutingConfig } from './config.schema.ts';
import type { ConfiguredConnection } from './connectors.ts';
import { assertHeld } from './lease.ts';
import type { WorkspaceLease } from './lease.ts';
import { configuredChannels } from './routing-channels.ts';
import type { RoutingChannels } from './routing-channels.ts';
import { watchDocuments } from './routing-documents.ts';
import type { LoadedDocuments, WatchedDocuments } from './routing-documents.ts';

export interface RoutingWiring {
  readonly settings: Pick<Settings, 'config' | 'configDirectory' | 'secret'>;
  readonly routing: RoutingConfig;
  readonly pool: Pool;
  readonly connections: readonly Pick<ConfiguredConnection, 'config' | 'routing'>[];
  readonly lease: WorkspaceLease;
  readonly crm: CrmEngine;
  readonly changeSets: Pick<RunningChangeSets, 'start'>;
  /** Members who work at other times now, or have come or left. */
  readonly onRoster: (memberIds: readonly string[]) => void;
  readonly log: Logger;
}

export interface ConfiguredRouting {
  readonly engine: RoutingEngine;
  readonly channels: RoutingChannels;
  readonly documents: WatchedDocuments;
  /** What is in force. */
  readonly current: () => Documents;
}

/** Throws `ConfigError` for documents that do not load, and for secrets that are not there. */
export function configuredRouting(wiring: RoutingWiring): ConfiguredRouting {
  const { settings, routing, log } = wiring;
  const fileOf = (file: string | undefined): string | null => (file === undefined ? null : resolve(settings.configDirectory, file));
  const files = {
    scoring: fileOf(routing.scoring),
    roster: fileOf(routing.roster),
    policy: fileOf(routing.policy),
    slas: fileOf(routing.slas),
  };
  const documents = watchDocuments({
    files,
    onChange: (before, after) => {
      log.info(
        { policy: after.policy?.version, roster: after.roster?.version, scoring: after.scoring?.version },
        'routing goes by other documents',
      );
      wiring.onRoster(changedMembers(before, after));
    },
    onProblems: (problems) =>
      log.error({ alert: true, problems: problems.map(problemText) }, 'documents of routing do not load: those before them stay in force'),
  });
  const channels = configuredChannels({
    config: routing,
    secret: settings.secret,
    requestTimeoutMs: settings.config.requestTimeoutSeconds * 1_000,
  });
  const current = (): Documents => inForce(documents.current());
  const crm = wiring.connections.find(({ config }) => config.id === routing.crm)?.routing ?? null;
  const engine: RoutingEngine = {
    store: guarded(createRoutingStore({ pool: wiring.pool, workspaceId: settings.config.workspace }), wiring.lease),
    documents: { current },
    holidays: createHolidaySource(),
    crm,
    messengers: channels.messengers,
    changeSets: setsOf(wiring),
    accountIdOf: (accountKey) => createHash('sha256').update(accountKey).digest('hex').slice(0, 32),
    tzVersion: process.versions['tz'] ?? 'unknown',
  };
  return { engine, channels, documents, current };
}

/** As `fenced` for the backlog: nothing is put on record once another deployment may be at work. */
function guarded(store: RoutingStore, lease: WorkspaceLease): RoutingStore {
  return {
    snapshot: (work) => store.snapshot(work),
    async transaction(work) {
      assertHeld(lease);
      return store.transaction(work);
    },
  };
}

/** The change sets of decisions: asked for by the system, under ids that follow from the decision's. */
function setsOf({ crm, changeSets }: RoutingWiring): RoutingEngine['changeSets'] {
  const setOf = (changeSetId: string) => crm.store.snapshot((reader) => reader.changeSet(changeSetId));
  return {
    async begin({ changeSetId, reason, operations }, now) {
      const asked = { kind: 'routing', requestedBy: 'routing', actorKind: 'system', confidence: null } as const;
      await createSet(crm, { changeSetId, reason, operations, ...asked }, now);
      if ((await setOf(changeSetId))?.end === null) await changeSets.start(changeSetId);
    },
    endOf: (changeSetId) => endOfWrite(crm.store, changeSetId),
    createdBy: (changeSetId) => createdRecord(crm.store, changeSetId),
  };
}

function inForce({ scoring, roster, policy, slas }: LoadedDocuments): Documents {
  if (scoring === null || roster === null || policy === null)
    throw new ConfigError('routing: expected files of scoring, roster and policy, got fewer');
  return { scoring, roster, policy, slas: slas?.slas ?? shippedSlas(roster.territoryGap) };
}

/** Whoever has come, left, or has other hours, shares or capacities. */
function changedMembers(before: LoadedDocuments, after: LoadedDocuments): readonly string[] {
  const ids = new Set([before, after].flatMap(({ roster }) => (roster?.people ?? []).map(({ id }) => id)));
  const shown = ({ roster }: LoadedDocuments, id: string): string => JSON.stringify(roster === null ? null : personOf(roster, id));
  return [...ids].filter((id) => shown(before, id) !== shown(after, id));
}
