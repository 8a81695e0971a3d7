/** What a person does about a cause before it is driven again. */
import type { ConflictKind } from './store.port.ts';
import type { ConnectorErrorCode } from './errors.ts';
import { HELD_BY_BREAKER } from './parked.ts';
import type { ParkedKind, ParkedThing } from './parked.ts';

const BY_KIND: Readonly<Record<ParkedKind, string>> = {
  write: 'see what the message expects, put it right in the tool or in the mapping',
  field: 'put the value or the mapping right (`lockstep doctor` checks it)',
  record: 'see `lockstep conflicts`, and put the record right',
  comment: 'see what the tool expects of a comment',
};

/** Of writes and comments. */
const BY_ERROR: Readonly<Partial<Record<ConnectorErrorCode, string>>> = {
  Invalid: 'put the value or the mapping right (`lockstep doctor` checks it)',
  Forbidden: "give Lockstep's account the permission that it lacks there",
  NotFound: "bring the record back, or within reach of Lockstep's account",
  Conflict: 'somebody edits it all the time: wait until they are done',
};

/** Of records. */
const BY_QUESTION: Readonly<Partial<Record<ConflictKind, string>>> = {
  'unmapped-kind': "name the record's type in the mapping, or take the record out of the project",
  'ambiguous-match': 'rename what is the same, or settle it with `lockstep resolve`',
  'duplicate-marker': 'delete the copy, or take our marker out of it',
};

/** Total: one sentence, without what to do afterwards. */
export function remedyOf({ kind, code }: Pick<ParkedThing, 'kind' | 'code'>): string {
  if (code === HELD_BY_BREAKER)
    return 'look at `lockstep plan`, then `lockstep apply --approve-deletes` if they are meant; a redrive leaves them alone';
  const table: Readonly<Partial<Record<string, string>>> = kind === 'record' ? BY_QUESTION : BY_ERROR;
  return (kind === 'field' ? undefined : table[code]) ?? BY_KIND[kind];
}
