/** Upkeep of a remote's subscriptions: those that run out are renewed, and one that is lost is a question to a person until it is there again (C07). */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { noticeRow } from './conflict-rows.ts';
import type { Run } from './run.ts';

const ABOUT = 'webhooks: ';
/** The newest open questions of a connection, among which the one about its webhooks is. */
const MOST_NOTICES = 10_000;

/** Never ends a scan that went through: what fails is tried with the next one. */
export async function keepWatches(run: Run): Promise<void> {
  const { connectionId, connector } = run.connection;
  const upkeep = connector.watches?.upkeep;
  if (upkeep === undefined) return;
  try {
    const notices = await upkeep();
    await run.workspace.store.transaction(async (tx) => {
      const open = await tx.conflicts({ state: 'open', connectionId, limit: MOST_NOTICES });
      const asked = open.filter(({ message, itemId, remoteId }) => itemId === null && remoteId === null && message.startsWith(ABOUT));
      if (notices.length > 0)
        await tx.raiseConflicts(notices.map(({ message }) => noticeRow(run, { kind: 'notice', itemId: null, remoteId: null, message })));
      else if (asked.length > 0)
        await tx.resolveConflicts(
          asked.map(({ conflictId }) => conflictId),
          'alive again',
          run.now,
        );
    });
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
  }
}
