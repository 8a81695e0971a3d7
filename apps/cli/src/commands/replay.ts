/** `lockstep replay`: what went wrong runs again, and its side effects are seen before. One file for each command below it. */
import type { Command } from 'commander';
import { addReplayDecisions } from './replay/decisions.ts';
import { addReplayHolds } from './replay/holds.ts';
import { addReplayList } from './replay/list.ts';
import { addReplayRun } from './replay/run.ts';
import { addReplayShow } from './replay/show.ts';

/** Adds the command and those below it. */
export function addReplay(program: Command): void {
  const replay = program
    .command('replay')
    .description('Failed workflows run again from a point: what would happen again is shown, approved where it must be, and done once')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep replay run --from 2h                  what failed within two hours: a dry run
  $ lockstep replay run --from 2h --run --reason "deploy 81 is taken back" --wait
  $ lockstep replay show rp-01J…
  $ lockstep replay approve rp-01J…`,
    );
  for (const add of [addReplayRun, addReplayShow, addReplayList, addReplayDecisions, addReplayHolds]) add(replay);
}
