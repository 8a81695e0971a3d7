import type { ChangeSet, SetCause } from '@lockstep/domain/crm/change-set.ts';
import { moveSet } from '@lockstep/domain/crm/set-machine.ts';
import type { SetEvent } from '@lockstep/domain/crm/set-machine.ts';

/** The set after an event, for `saveChangeSet`; as it is where the event comes too late. The cause is kept where none is given. */
export function moved(set: ChangeSet, event: SetEvent, now: string, cause: SetCause | null = set.cause): ChangeSet {
  const place = moveSet(set.state, event);
  return place === null ? set : { ...set, ...place, cause, updatedAt: now };
}
