/**
 * Writes of ours whose outcome a crash has kept from the record. What the remote shows may be our own value, which is not the base yet and not the
 * canonical value any more where somebody has edited the item since: an echo, not an edit (laws S5, A06). It is told by value: the canonical value once was
 * this one, after the base.
 */
import type { FieldMap, FieldName, FieldValue } from '@lockstep/domain/backlog/item.ts';
import { sameValue } from '@lockstep/domain/backlog/value.ts';
import type { Base, Link } from '@lockstep/domain/sync/link.ts';
import type { LedgerRow, StoreReader } from '@lockstep/domain/sync/store.port.ts';
import type { Run } from './run.ts';

/** Item id → what the backlog was made to hold, newest first: for items with a write whose outcome is not on record. */
export type UnrecordedWrites = ReadonlyMap<string, readonly LedgerRow[]>;

/** More changes of one item than happen while a process is away. */
const MOST_ROWS = 200;

/**
 * Reads what is known of such writes among these items. Items that the caller knows to be in doubt are named; else every write under way counts: no page of a
 * connection is read while another of its pages is being sent.
 */
export async function unrecordedWrites(
  reader: StoreReader,
  run: Run,
  itemIds: readonly string[],
  doubtful?: ReadonlySet<string>,
): Promise<UnrecordedWrites> {
  if (itemIds.length === 0) return new Map();
  const named = doubtful === undefined ? await underWay(reader, run, itemIds) : itemIds.filter((itemId) => doubtful.has(itemId));
  const found = new Map<string, readonly LedgerRow[]>();
  for (const itemId of named) {
    const rows = await reader.ledger({ itemId, limit: MOST_ROWS });
    found.set(
      itemId,
      rows.filter(({ target }) => target === 'canonical'),
    );
  }
  return found;
}

async function underWay(reader: StoreReader, run: Run, itemIds: readonly string[]): Promise<readonly string[]> {
  const { connectionId } = run.connection;
  const rows = await reader.outbox({ connectionId, itemIds, state: 'sending', limit: itemIds.length });
  return rows.map(({ itemId }) => itemId);
}

/** The link as it would be had the outcome been recorded: fields that show what we have written have it for their base. */
export function withOwnWrites(link: Link, observed: FieldMap, history: readonly LedgerRow[] | undefined): Link {
  if (history === undefined) return link;
  const bases: Partial<Record<FieldName, Base>> = { ...link.bases };
  for (const [name, value] of Object.entries(observed)) {
    const field = name as FieldName;
    const base = link.bases[field];
    if (value === undefined || sameValue(value, base?.remote)) continue;
    const sent = valuesSince(history, field, base).find((past) => sameValue(past, value));
    if (sent === undefined) continue;
    bases[field] = { remote: value, agreed: sent, ...(base === undefined ? {} : overwritten(base)) };
  }
  return { ...link, bases };
}

/** What the field has held since both sides agreed, newest first. */
function valuesSince(history: readonly LedgerRow[], field: FieldName, base: Base | undefined): readonly FieldValue[] {
  const values = history.flatMap(({ after }) => (after[field] === undefined ? [] : [after[field]]));
  const agreed = base === undefined ? -1 : values.findIndex((value) => sameValue(value, base.agreed));
  return agreed === -1 ? values : values.slice(0, agreed);
}

function overwritten({ remote, flips }: Base): Pick<Base, 'overwrote' | 'flips'> {
  return { overwrote: remote, ...(flips === undefined ? {} : { flips }) };
}
