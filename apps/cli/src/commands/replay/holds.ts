/** `lockstep replay pause`, `resume` and `stop`. */
import type { Command } from 'commander';
import { replayText } from '../../replay-text.ts';
import { perform } from '../../session.ts';

const HOLDS = [
  { name: 'pause', description: 'No further batch begins until it is resumed' },
  { name: 'resume', description: 'Go on with a replay that is paused' },
  { name: 'stop', description: 'End a replay: what was set back stays so, the rest is left alone' },
] as const;

export function addReplayHolds(replay: Command): void {
  for (const { name, description } of HOLDS)
    replay
      .command(name)
      .description(description)
      .argument('<replay>', "the replay's id")
      .addHelpText('after', `\nExample:\n  $ lockstep replay ${name} rp-01J…`)
      .action(async (id: string, _options: unknown, command: Command) =>
        perform(command, async ({ api, output }) => {
          const detail = await api().holdReplay(id, name);
          return { json: detail, text: replayText(detail, output) };
        }),
      );
}
