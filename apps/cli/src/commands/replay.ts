/** `lockstep replay`: what runs again, and what is known of it before (decision 0021). */
import type { Command } from 'commander';
import { addReplayDecide } from './replay-decide.ts';

/** Adds the command and those below it. */
export function addReplay(program: Command): void {
  const replay = program
    .command('replay')
    .description('Run again what has run: past decisions by other documents')
    .addHelpText('after', '\nExamples:\n  $ lockstep replay decide --policy next-policy.yaml');
  addReplayDecide(replay);
}
