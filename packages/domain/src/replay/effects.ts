/** What would happen again outside of a workflow that is set back: by activity, from its history and from the store's word on its keys. Pure. */
import type { HistoryOutline } from './outline.ts';
import type { Effect, ReplayableType } from './replay.ts';

/**
 * `own`: reads, and writes nothing but our own rows, under keys of ours: called again it changes nothing. `keyed`: writes to a tool, to a CRM or to people under a
 * key of ours; the store knows what of it is done.
 */
export type ActivityEffect = 'own' | 'keyed';

/** Every activity that a workflow of ours calls. A new one does not compile before it stands here (packages/workflows/src/replay/effects.test.ts). */
export const ACTIVITY_EFFECTS = {
  backlogSync: { pullPage: 'own', pushPage: 'keyed', pauseConnection: 'own', resumeConnection: 'own' },
  backlogReconcile: {},
  changeSet: {
    readSet: 'own',
    judgeSet: 'own',
    decideSet: 'own',
    acquireLeases: 'own',
    refreshSet: 'own',
    applyBatch: 'keyed',
    verifySet: 'own',
    commitSet: 'own',
    compensateBatch: 'keyed',
    endSet: 'own',
    // A set of its own, under an id that follows from this one's.
    askAgain: 'own',
    // Owes a row for each person, whose key is the question's or the end's; a courier delivers what is owed, whatever is replayed.
    tellPeople: 'keyed',
  },
  pqlRouting: { step: 'own', answer: 'own', tell: 'keyed', startChangeSet: 'keyed' },
} as const satisfies Readonly<Record<ReplayableType, Readonly<Record<string, ActivityEffect>>>>;

/** What the store says of a workflow's keys, by activity: of things, not of calls. */
export type Settled = Readonly<Record<string, Pick<Effect, 'doneByKey' | 'willRun' | 'unsafe'>>>;

/**
 * Effects by activity: every activity that was called behind the point, and those of which the store says that something is done or due. What history names and
 * nobody knows, as an activity of another version, counts as unsafe, once a call.
 */
export function effectsOf(
  workflowType: ReplayableType,
  outline: HistoryOutline,
  resetEventId: number,
  settled: Settled,
): readonly Effect[] {
  const shown = new Map<string, number>();
  for (const event of outline)
    if (event.kind === 'activity-scheduled' && event.taskId >= resetEventId)
      shown.set(event.activity, (shown.get(event.activity) ?? 0) + 1);
  const due = Object.entries(settled).flatMap(([activity, { doneByKey, willRun, unsafe }]) =>
    doneByKey + willRun + unsafe > 0 ? [activity] : [],
  );
  const known: Readonly<Record<string, ActivityEffect>> = ACTIVITY_EFFECTS[workflowType];
  return [...new Set([...shown.keys(), ...due])].toSorted().map((activity) => {
    const calls = shown.get(activity) ?? 0;
    const nothing = { activity, shown: calls, doneByKey: 0, willRun: 0, unsafe: 0 };
    // `constructor` is not an activity of ours.
    switch (Object.hasOwn(known, activity) ? known[activity] : undefined) {
      case 'own':
        return nothing;
      case 'keyed':
        return { ...nothing, ...settled[activity] };
      case undefined:
        return { ...nothing, unsafe: calls };
    }
  });
}

/** Activities with unsafe effects in any of the targets, by name: what an approval has to name. */
export function unsafeActivities(targets: readonly { readonly effects: readonly Effect[] }[]): readonly string[] {
  const unsafe = targets.flatMap(({ effects }) => effects.flatMap(({ activity, unsafe: count }) => (count > 0 ? [activity] : [])));
  return [...new Set(unsafe)].toSorted();
}

/** Effects of many targets, by activity. */
export function sumOfEffects(targets: readonly { readonly effects: readonly Effect[] }[]): readonly Effect[] {
  const sums = new Map<string, Effect>();
  for (const effect of targets.flatMap(({ effects }) => effects)) {
    const { activity } = effect;
    const sum = sums.get(activity) ?? { activity, shown: 0, doneByKey: 0, willRun: 0, unsafe: 0 };
    sums.set(activity, {
      activity,
      shown: sum.shown + effect.shown,
      doneByKey: sum.doneByKey + effect.doneByKey,
      willRun: sum.willRun + effect.willRun,
      unsafe: sum.unsafe + effect.unsafe,
    });
  }
  return [...sums.keys()].toSorted().flatMap((activity) => sums.get(activity) ?? []);
}
