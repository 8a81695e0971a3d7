/** A pass over one connection, to its end, by the use cases that a worker's activities call. */
import { settleDeletes } from '@lockstep/engine/deletes.ts';
import { readPages, writePage } from '@lockstep/engine/pass.ts';
import type { PushOutcome } from '@lockstep/engine/push.ts';
import type { Run } from '@lockstep/engine/run.ts';

/** Each page is a run of its own, as each activity is; with `full`, a full scan follows the feed. Returns the outcome of the last page that was written. */
export async function wholePass(run: () => Run, { full = false }: { readonly full?: boolean } = {}): Promise<PushOutcome> {
  const unheard = (): Promise<void> => Promise.resolve();
  const endless = (): boolean => false;
  await everyPage(() => readPages(run(), { fullScan: full, markedOnly: false }, unheard, endless));
  await settleDeletes(run());
  return everyPage(() => writePage(run()));
}

async function everyPage<T extends { readonly more: boolean }>(step: () => Promise<T>): Promise<T> {
  for (;;) {
    const outcome = await step();
    if (!outcome.more) return outcome;
  }
}
