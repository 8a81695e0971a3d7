/** Telling people of change sets. The log sees ids and codes; who they are and what they are told is between the store and the channels (C12). */
import type { SetNotice } from '@lockstep/domain/crm/notice.ts';
import { checkSlack } from '@lockstep/connectors/slack/check.ts';
import type { Finding } from '@lockstep/domain/sync/connector.port.ts';
import type { CrmEngine } from '@lockstep/engine/crm/environment.ts';
import { oweNotice, tellDue } from '@lockstep/engine/crm/telling.ts';
import type { Telling } from '@lockstep/engine/crm/telling.ts';
import type { Logger } from 'pino';
import type { Settings } from './config.ts';
import { startCourier } from './courier.ts';
import { configuredReaders } from './policies.ts';
import { configuredMessengers } from './routing-channels.ts';

export interface ChangeSetNotice {
  readonly changeSetId: string;
  readonly notice: SetNotice;
  /** When the workflow asked for it: the same however often it is tried. ISO. */
  readonly askedAt: string;
  /** ISO. */
  readonly at: string;
}

export interface Notifies {
  /** Resolves when the notice is on its way for good. The same one may come again. */
  notify(notice: ChangeSetNotice): Promise<void>;
}

/** For whom somebody must be called, not only told. */
const ALERTS: ReadonlySet<SetNotice> = new Set(['approval-expired', 'needs-operator', 'needs-operator-still']);

/** Notices as lines of the log, those that somebody must be called for with `alert: true`. */
export function loggedNotices(log: Logger): Notifies {
  return {
    async notify({ askedAt: _askedAt, ...notice }) {
      if (ALERTS.has(notice.notice)) log.error({ alert: true, ...notice }, 'a change set needs a person');
      else log.info({ ...notice }, 'change set');
    },
  };
}

export interface RunningNotices extends Notifies {
  stop(): void;
  /** Resolves when nobody is being told any more. */
  ended(): Promise<void>;
}

export interface NoticeParts {
  readonly telling: Telling;
  readonly log: Logger;
  readonly now?: () => string;
  readonly everyMs?: number;
}

/** What a killed worker has left on its way is found within it. */
const EVERY_MS = 15_000;

/** Notices as rows that a courier takes to people, and as lines of the log. */
export function startNotices({ telling, log, now = () => new Date().toISOString(), everyMs = EVERY_MS }: NoticeParts): RunningNotices {
  const logged = loggedNotices(log);
  const courier = startCourier({ tellDue: (at) => tellDue(telling, at), now, everyMs, log });
  return {
    async notify(notice) {
      const { changeSetId } = notice;
      const owed = await oweNotice(telling, notice, notice.at);
      await logged.notify(notice);
      if (owed.reachable < Math.max(1, owed.concerned))
        log.warn(
          { changeSetId, notice: notice.notice, ...owed },
          'not everybody whom a notice concerns can be reached; give principals an address',
        );
      courier.wake();
    },
    stop: () => courier.stop(),
    ended: () => courier.ended(),
  };
}

export interface ConfiguredNotices {
  readonly settings: Pick<Settings, 'config' | 'secret'>;
  readonly engine: CrmEngine;
  readonly log: Logger;
}

/** Null where no channel is configured: the log alone tells people, and says so. Throws `ConfigError`. */
export function startConfiguredNotices({ settings, engine, log }: ConfiguredNotices): RunningNotices | null {
  const { changeSets, routing, requestTimeoutSeconds } = settings.config;
  const channels = { slack: changeSets.slack ?? routing?.slack, mail: changeSets.mail ?? routing?.mail };
  if (channels.slack === undefined && channels.mail === undefined) {
    if (changeSets.policy !== undefined)
      log.warn('nobody is told of change sets but by this log: set changeSets.slack or changeSets.mail, and addresses of principals');
    return null;
  }
  const { messengers } = configuredMessengers({
    config: channels,
    secret: settings.secret,
    requestTimeoutMs: requestTimeoutSeconds * 1_000,
  });
  const readers = configuredReaders(changeSets);
  const unreachable = changeSets.principals.filter(({ person, roles }) => person !== null && roles.length > 0 && !readers.has(person));
  if (unreachable.length > 0)
    log.warn({ principals: unreachable.length }, 'approvers or operators have no address: they are told of change sets by this log alone');
  return startNotices({ telling: { engine, messengers, readerOf: (person) => readers.get(person) ?? null }, log });
}

/** What the doctor says of the Slack of change sets; undefined where they use that of routing, or none. */
export function noticesDoctor({ config, secret }: ConfiguredNotices['settings']): (() => Promise<readonly Finding[]>) | undefined {
  const { slack } = config.changeSets;
  if (slack === undefined) return undefined;
  const { client } = configuredMessengers({ config: { slack }, secret, requestTimeoutMs: config.requestTimeoutSeconds * 1_000 });
  return async () => (client === null ? [] : checkSlack({ client, teamId: null, hasSigningSecret: null }));
}
