/** Above a threshold a person must have said yes, at the terminal or by --yes. */
import { canAsk, confirm } from './ask.ts';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

/** Changes that a command makes without asking. */
export const THRESHOLD = 25;

export interface Approval {
  /** How many things would be changed. */
  readonly count: number;
  readonly threshold: number;
  /** --yes was given. */
  readonly yes: boolean;
  /** What would be done: "25 writes to jira, notion". */
  readonly what: string;
}

/** Returns where it may go on. Throws `CommandFailure` (refused) where nobody has said yes. */
export async function needApproval(approval: Approval): Promise<void> {
  const { count, threshold, yes, what } = approval;
  if (yes || count <= threshold) return;
  if (!canAsk()) {
    throw new CommandFailure(
      EXIT.refused,
      'threshold',
      `${what}: expected at most ${threshold} without a yes, got ${count}; look at them first, then say --yes`,
    );
  }
  if (!(await confirm(`${what}. Go on?`))) throw new CommandFailure(EXIT.refused, 'declined', 'nothing was changed');
}
