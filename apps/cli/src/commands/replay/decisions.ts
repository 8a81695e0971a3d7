/** `lockstep replay approve` and `reject`: a yes or a no to exactly one plan. */
import type { Command } from 'commander';
import { replayText } from '../../replay-text.ts';
import { perform } from '../../session.ts';

const DECISIONS = [
  { name: 'approve', description: 'Say yes to exactly the plan that is shown now (not by the one who asked for it)' },
  { name: 'reject', description: 'Say no: the replay ends and sets nothing back' },
] as const;

interface DecisionOptions {
  readonly plan?: string;
  readonly acceptUnsafe?: readonly string[];
}

export function addReplayDecisions(replay: Command): void {
  for (const { name, description } of DECISIONS) {
    const command = replay
      .command(name)
      .description(description)
      .argument('<replay>', "the replay's id")
      .option('--plan <hash>', 'the plan that you have seen; another one is refused')
      .addHelpText('after', `\nExamples:\n  $ lockstep replay show rp-01J…\n  $ lockstep replay ${name} rp-01J… --token file:my-token`);
    if (name === 'approve')
      command.option('--accept-unsafe <activities...>', 'activities that may do twice what nothing can tell, by name');
    command.action(async (id: string, { plan, acceptUnsafe = [] }: DecisionOptions, self: Command) =>
      perform(self, async ({ api, output }) => {
        const client = api();
        const decision = { planHash: plan ?? (await client.replay(id)).replay.planHash, accepts: [...acceptUnsafe] };
        const detail = await (name === 'approve' ? client.approveReplay(id, decision) : client.rejectReplay(id, decision));
        return { json: detail, text: replayText(detail, output) };
      }),
    );
  }
}
