/** `lockstep replay`: what ran, against other code, again, or under another policy (docs/decisions/0021). */
import type { Command } from 'commander';
import { addReplayDecide } from './replay-decide.ts';
import { addReplayVerify } from './replay-verify.ts';

/** Adds the commands. */
export function addReplay(program: Command): void {
  const replay = program
    .command('replay')
    .description('What ran: histories against the code of today, past decisions by other documents')
    .addHelpText('after', '\nExamples:\n  $ lockstep replay verify\n  $ lockstep replay decide --policy next-policy.yaml');
  addReplayVerify(replay);
  addReplayDecide(replay);
}
