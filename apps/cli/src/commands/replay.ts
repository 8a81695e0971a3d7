/** `lockstep replay`: what ran, against other code, again, or under another policy (docs/decisions/0021). */
import type { Command } from 'commander';
import { addReplayVerify } from './replay-verify.ts';

/** Adds the commands. */
export function addReplay(program: Command): void {
  const replay = program.command('replay').description('What ran: against the code of today, or again from a point');
  addReplayVerify(replay);
}
