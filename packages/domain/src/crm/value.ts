import type { CrmValue } from './change-set.ts';

/**
 * Equality of values as CRMs store them: empty is null or '', and a number or a truth value equals its text, since histories tell
 * everything as text (HubSpot). An absent value (a field that was not read) equals nothing.
 */
export function sameValue(left: CrmValue | undefined, right: CrmValue | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  return textOf(left) === textOf(right);
}

function textOf(value: CrmValue): string {
  return value === null ? '' : String(value);
}
