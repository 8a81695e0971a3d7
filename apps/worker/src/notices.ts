/** Telling people of change sets. Ids and codes: who they are and what the diff says is looked up where it is shown (C12). */
import type { Notice } from '@lockstep/workflows/contracts.ts';
import type { Logger } from 'pino';

export interface ChangeSetNotice {
  readonly changeSetId: string;
  readonly notice: Notice;
  /** ISO. */
  readonly at: string;
}

export interface Notifies {
  /** Resolves when the notice is on its way for good. The same one may come again. */
  notify(notice: ChangeSetNotice): Promise<void>;
}

/** For whom somebody must be called, not only told. */
const ALERTS: ReadonlySet<Notice> = new Set(['approval-expired', 'needs-operator', 'needs-operator-still']);

/** Notices as lines of the log, those that somebody must be called for with `alert: true`. */
export function loggedNotices(log: Logger): Notifies {
  return {
    async notify(notice) {
      if (ALERTS.has(notice.notice)) log.error({ alert: true, ...notice }, 'a change set needs a person');
      else log.info({ ...notice }, 'change set');
    },
  };
}
