/** `lockstep replay list`: replays, newest first. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { wholeNumber } from '../../checks.ts';
import { replaysText } from '../../replay-text.ts';
import { perform } from '../../session.ts';

export function addReplayList(replay: Command): void {
  replay
    .command('list')
    .description('Replays, newest first')
    .addOption(
      new Option('--state <state>', 'only those that stand so').choices(['planned', 'awaiting-approval', 'running', 'paused', 'ended']),
    )
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .addHelpText('after', '\nExample:\n  $ lockstep replay list --state awaiting-approval')
    .action(async (options: { state?: string; limit: number }, command: Command) =>
      perform(command, async ({ api }) => {
        const replays = await api().replays(options);
        return { json: { replays }, text: replaysText(replays) };
      }),
    );
}
