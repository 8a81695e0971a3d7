/**
 * What a write has come to: the record as it was right after it, and what it replaced. A person's edit that came in between is told apart by who modified the
 * record last: it is no part of what we wrote, so that the next read sees it as theirs.
 */
import type { ItemKind } from '@lockstep/domain/backlog/item.ts';
import { sameValue } from '@lockstep/domain/backlog/value.ts';
import type { Overwritten, WriteOutcome } from '@lockstep/domain/sync/connector.port.ts';
import { mappedColumns } from './catalogue.ts';
import type { Fields, Layout } from './catalogue.ts';
import { decodeColumn, decodeRow, isNotice } from './mapping.ts';
import type { Session } from './sessions.ts';
import type { Row } from './wire.ts';

export interface Written {
  readonly layout: Layout;
  readonly fields: Fields;
  readonly session: Session;
  readonly id: string;
  readonly kind: ItemKind;
  /** API name → value, as sent. */
  readonly values: Readonly<Record<string, string | null>>;
  /** Sent besides: the marker of a new record. */
  readonly own: Readonly<Record<string, string>>;
  /** As the engine compared it; null for a new one. */
  readonly compared: Row | null;
  /** In the call of the write, right before it; null where that was not read. */
  readonly before: Row | null;
  /** Right after it; null where that could not be read. */
  readonly after: Row | null;
}

export function writtenOutcome(written: Written): Extract<WriteOutcome, { ok: true }> {
  const { layout, fields, session } = written;
  const record = decodeRow({ layout, fields, instanceUrl: session.instanceUrl }, rowAfter(written));
  return { ok: true, record, overwritten: overwrittenBy(written), refused: [] };
}

function rowAfter({ fields, session, id, values, own, compared, after }: Written): Row {
  const blank = Object.fromEntries(fields.selected.map((name) => [name, null]));
  if (after === null) return { ...blank, ...compared, ...own, ...values, Id: id };
  const editor = after['LastModifiedById'];
  const isOurs = session.userId === null || typeof editor !== 'string' || isSameId(editor, session.userId);
  return isOurs ? after : { ...after, ...values, Id: after.Id };
}

/** Of the 18 characters of an id the last three are a checksum. */
const isSameId = (left: string, right: string): boolean => left.slice(0, 15) === right.slice(0, 15);

/** Values that stood there right before our write, are not those that we had compared, and are not ours. */
function overwrittenBy({ layout, fields, kind, values, compared, before }: Written): readonly Overwritten[] {
  if (compared === null || before === null) return [];
  return mappedColumns(layout, fields, kind).flatMap((mapped): readonly Overwritten[] => {
    const { name, column } = mapped;
    const sent = values[column?.name ?? ''];
    if (column === null || sent === undefined) return [];
    const [seen, known, ours] = [before, compared, { ...before, [column.name]: sent }].map((row) =>
      decodeColumn(layout.mapping, mapped, row),
    );
    if (seen === undefined || isNotice(seen) || known === undefined || isNotice(known) || ours === undefined || isNotice(ours)) return [];
    return sameValue(seen, known) || sameValue(seen, ours) ? [] : [{ field: name, value: seen }];
  });
}
