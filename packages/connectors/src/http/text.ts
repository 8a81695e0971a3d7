/** Text that no vendor takes, or that would come back as another one. */
import type { FieldMap, FieldName } from '@lockstep/domain/backlog/item.ts';
import type { FieldNotice } from '@lockstep/domain/sync/connector.port.ts';

/** Why a text cannot be sent; null where it can. NUL and halves of surrogate pairs are refused before they are mangled (I04). */
export function unsendable(text: string): string | null {
  if (text.includes('\0')) return 'expected text, got a NUL character';
  return text.isWellFormed() ? null : 'expected whole Unicode characters, got half of a surrogate pair';
}

/** Takes the fields out that hold unsendable text, with a notice for each. */
export function sendableFields(fields: FieldMap): { readonly fields: FieldMap; readonly refused: readonly FieldNotice[] } {
  const refused: FieldNotice[] = [];
  const kept = Object.entries(fields).filter(([field, value]) => {
    const problem = (Array.isArray(value) ? value : [value])
      .map((part) => (typeof part === 'string' ? unsendable(part) : null))
      .find((found) => found !== null);
    if (problem !== undefined) refused.push({ field: field as FieldName, cause: 'unwritable', message: `${field}: ${problem}` });
    return problem === undefined;
  });
  return { fields: Object.fromEntries(kept), refused };
}

/**
 * A text cut to a vendor's limit (UTF-16 code units) at a border of what people see as a character, with the notice that says so.
 */
export function clipped(
  field: FieldName,
  text: string | null,
  most: number,
): { readonly text: string | null; readonly clip: { readonly clip?: FieldNotice } } {
  if (text === null || text.length <= most) return { text, clip: {} };
  const message = `${field}: expected at most ${most} characters, got ${text.length}; the rest is not shown here`;
  return { text: beginningOf(text, most), clip: { clip: { field, cause: 'clipped', message } } };
}

/** The longest beginning of a text within a limit (UTF-16 code units) that ends at a border of what people see as a character. */
export function beginningOf(text: string, most: number): string {
  if (text.length <= most) return text;
  let end = 0;
  for (const { index, segment } of new Intl.Segmenter().segment(text.slice(0, most + 2))) {
    if (index + segment.length > most) break;
    end = index + segment.length;
  }
  // One "character" longer than the limit: cut between its code points, never within one.
  if (end === 0) end = text.slice(0, most).isWellFormed() ? most : Math.max(0, most - 1);
  return text.slice(0, end);
}
