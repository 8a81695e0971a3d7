/**
 * What others did while we wrote. Jira has no precondition for a write, but a history: read after the write, it shows the edit that landed between
 * compare and write (reported as overwritten) and the one that landed between write and read-back (left for the next pull to find).
 */
import type { FieldName, FieldValue } from '@lockstep/domain/backlog/item.ts';
import { normalise, sameValue } from '@lockstep/domain/backlog/value.ts';
import type { FieldNotice, Overwritten, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { SiteField } from './catalogue.ts';
import type { HistoryEntry } from './client.ts';
import { decodeChoice, decodeLabels } from './decode.ts';
import type { DecodeContext } from './decode.ts';
import { siteFields } from './mapping.ts';

/** A write that took place. */
export interface Written {
  /** The record as it was compared; null for one that we made. */
  readonly before: RemoteRecord | null;
  /** Instant from which others' changes count, epoch milliseconds: the last update that we had seen. */
  readonly sinceMs: number;
  readonly sent: Readonly<Partial<Record<FieldName, FieldValue>>>;
  readonly refused: readonly FieldNotice[];
  readonly readBack: RemoteRecord;
  readonly history: readonly HistoryEntry[];
}

export interface Settled {
  readonly record: RemoteRecord;
  readonly overwritten: readonly Overwritten[];
}

/**
 * The record as our write left it. Where somebody has edited it meanwhile, its revision is one that no pull will show, so that the next pull reads it
 * and finds their edit; a base that already held their value would hide it (law S2).
 */
export function settle(context: DecodeContext, ourAccount: string, written: Written): Settled {
  const { readBack, before, sent } = written;
  const fields: Partial<Record<FieldName, FieldValue>> = { ...readBack.fields };
  const overwritten: Overwritten[] = [];
  const untouched = new Set(written.refused.flatMap(({ field, cause }) => (cause === 'clipped' || field === null ? [] : [field])));
  let isStale = false;
  for (const { name, site } of readBack.kind === null ? [] : siteFields(context.mapping, context.catalogue, readBack.kind)) {
    const value = sent[name];
    if (site === null) continue;
    if (value === undefined || untouched.has(name)) {
      // A neighbour that is another than when we compared: an edit that nobody has merged yet.
      if (before !== null && before.fields[name] !== undefined && !sameValue(before.fields[name], fields[name])) isStale = true;
      continue;
    }
    if (site.storedAs === 'links') {
      // Links are written one by one: what is there beside them was set by others.
      if (!sameValue(value, fields[name])) {
        fields[name] = value;
        isStale = true;
      }
      continue;
    }
    const others = meddling(written, ourAccount, site);
    if (others.before !== null) {
      const lost = decodeChange(context, name, site, others.before);
      if (lost !== undefined) overwritten.push({ field: name, value: lost });
    }
    if (others.isLast) {
      fields[name] = value;
      isStale = true;
    }
  }
  return { record: isStale ? { ...readBack, fields, revision: `${readBack.revision} and before` } : readBack, overwritten };
}

interface Change {
  readonly from: string | null;
  readonly fromString: string | null;
}

/** Others' changes of a field: what our first change after the last of them replaced, and whether theirs is the last. */
function meddling({ history, sinceMs }: Written, ourAccount: string, site: SiteField): { before: Change | null; isLast: boolean } {
  const changes = history
    .filter((entry) => entry.atMs > sinceMs)
    .toSorted((a, b) => a.atMs - b.atMs)
    .flatMap((entry) =>
      entry.items.filter((item) => item.fieldId === site.id).map((item) => ({ ...item, isOurs: entry.accountId === ourAccount })),
    );
  let before: Change | null = null;
  for (const [index, change] of changes.entries()) if (change.isOurs && changes[index - 1]?.isOurs === false) before = change;
  return { before, isLast: changes.at(-1)?.isOurs === false };
}

/** A value of the history, decoded; undefined where it cannot be. Documents are shown there by their words. */
function decodeChange(context: DecodeContext, name: FieldName, site: SiteField, change: Change): FieldValue | undefined {
  switch (site.storedAs) {
    case 'line':
    case 'document':
      return change.fromString === null || change.fromString === '' ? null : normalise(change.fromString);
    case 'date':
      return change.from ?? change.fromString;
    case 'labels':
      return decodeLabels(context.mapping, (change.fromString ?? '').split(/\s+/).filter(Boolean));
    case 'status':
    case 'priority': {
      const choice = change.from === null ? null : { id: change.from, name: change.fromString ?? '' };
      const decoded = decodeChoice(context, name, site.storedAs, choice);
      return 'value' in decoded ? decoded.value : undefined;
    }
    case 'parent':
      return change.from === null || change.from === '' ? null : `id:${change.from}`;
    default:
      return undefined;
  }
}
