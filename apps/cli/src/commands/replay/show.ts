/** `lockstep replay show`: one replay. */
import type { Command } from 'commander';
import { wholeNumber } from '../../checks.ts';
import { replayText } from '../../replay-text.ts';
import { perform } from '../../session.ts';

export function addReplayShow(replay: Command): void {
  replay
    .command('show')
    .description('One replay: its effects, who has said yes, how far it is, what became of each workflow')
    .argument('<replay>', "the replay's id")
    .option('--from <n>', 'begin with this workflow of it', wholeNumber, 0)
    .option('--limit <n>', 'workflows to show', wholeNumber, 200)
    .addHelpText('after', '\nExample:\n  $ lockstep replay show rp-01J… --json')
    .action(async (id: string, options: { from: number; limit: number }, command: Command) =>
      perform(command, async ({ api, output }) => {
        const detail = await api().replay(id, options);
        return { json: detail, text: replayText(detail, output) };
      }),
    );
}
