/** `lockstep replay`: what ran, against other code, again, or under another policy (docs/decisions/0021). One file for each command below it. */
import type { Command } from 'commander';
import { addReplayDecide } from './replay-decide.ts';
import { addReplayVerify } from './replay-verify.ts';
import { addReplayDecisions } from './replay/decisions.ts';
import { addReplayHolds } from './replay/holds.ts';
import { addReplayList } from './replay/list.ts';
import { addReplayRun } from './replay/run.ts';
import { addReplayShow } from './replay/show.ts';

/** Adds the command and those below it. */
export function addReplay(program: Command): void {
  const replay = program
    .command('replay')
    .description('What ran: against the code of today, again from a point with its effects seen before, or under another policy')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep replay verify                         would this code break what runs?
  $ lockstep replay decide --policy next.yaml      who would have got the leads of the past?
  $ lockstep replay run --from 2h                  what failed within two hours: a dry run
  $ lockstep replay run --from 2h --run --reason "deploy 81 is taken back" --wait
  $ lockstep replay show rp-01J…
  $ lockstep replay approve rp-01J…`,
    );
  for (const add of [addReplayVerify, addReplayRun, addReplayShow, addReplayList, addReplayDecisions, addReplayHolds, addReplayDecide])
    add(replay);
}
