/** Upkeep of the audit log: a checkpoint whenever one is due. */
import type { AuditParts } from '@lockstep/engine/audit.ts';
import { checkpointAudit } from '@lockstep/engine/audit.ts';
import type { Logger } from 'pino';
import type { WorkspaceLease } from './lease.ts';

/** How often it is asked whether a checkpoint is due: the delay that is added to the rule of audit.ts. */
const EVERY_MS = 5_000;

export interface AuditUpkeep {
  /** Resolves when what is under way has come to its end. */
  stop(): Promise<void>;
}

/** Begins at once. A checkpoint that cannot be made is logged, once for each cause, and tried again: the appends do not wait for it. */
export function keepCheckpoints(parts: AuditParts, lease: Pick<WorkspaceLease, 'isHeld'>, log: Logger): AuditUpkeep {
  let said = '';
  let running: Promise<void> = Promise.resolve();
  let isIdle = true;
  const round = async (): Promise<void> => {
    isIdle = false;
    try {
      const checkpoint = await checkpointAudit(parts, new Date().toISOString());
      if (checkpoint !== null) log.debug({ size: checkpoint.size, root: checkpoint.root }, 'audit checkpoint');
      said = '';
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      if (cause !== said) log.error({ err: error }, 'no audit checkpoint was signed');
      said = cause;
    } finally {
      isIdle = true;
    }
  };
  const begin = (): void => {
    // Two deployments would sign two histories of one log.
    if (isIdle && lease.isHeld()) running = round();
  };
  const timer = setInterval(begin, EVERY_MS);
  begin();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
