/**
 * Which item of the text as it is now is which item of the text that both sides last agreed on. A plan without ids has nothing else to go by.
 *
 * The same explicit id decides. Then, each within one kind: the same text between the same neighbours; the same text in the same place; the same text
 * elsewhere; the same title in the same place, then elsewhere; the one row between two known neighbours; the most similar text in the same place. A match
 * counts only where it is the only one. What could be two things is neither: it is reported as ambiguous and stays without a match on both sides, and is
 * never taken for a delete and a new item.
 */
import type { ItemKind } from '../backlog/item.ts';
import { evened } from './draft.ts';
import { Matching } from './matching.ts';
import type { Plan, PlanItem } from './plan.ts';

/** What identity goes by. Plain JSON: an item that is waiting for a person is kept in this form. */
export interface Signature {
  readonly kind: ItemKind;
  readonly explicitId: string | null;
  readonly title: string;
  readonly text: string;
  /** Kind and words of the parent, or the section: where the item stands. */
  readonly place: string;
}

export interface Identities {
  /** Index after → index before. */
  readonly same: ReadonlyMap<number, number>;
  /** Indices after: new items. */
  readonly added: readonly number[];
  /** Indices before: items that are gone. */
  readonly removed: readonly number[];
  /** What a person must decide. */
  readonly ambiguous: readonly { readonly before: readonly number[]; readonly after: readonly number[] }[];
}

/** They hold others: matched first, so that their new names do not move what they hold. */
const HOLDERS: ReadonlySet<ItemKind> = new Set(['phase', 'epic', 'group']);

/** The signatures of a plan's items, in their order. */
export function signaturesOf(plan: Plan): readonly Signature[] {
  return plan.items.map((item) => ({
    kind: item.kind,
    explicitId: item.explicitId,
    title: keyOf(String(item.fields.title)),
    text: keyOf(item.text),
    place: placeOf(plan, item),
  }));
}

/**
 * Matches signatures. Deterministic. `waiting`: earlier items that have been ambiguous so far and stand in no order; their indices follow those of
 * `before`.
 */
export function identify(before: readonly Signature[], after: readonly Signature[], waiting: readonly Signature[] = []): Identities {
  const all = [...before, ...waiting];
  const identified = pairsById(all, after);
  const holders = new Matching(all, after, before.length, (one) => HOLDERS.has(one.kind));
  for (const [one, other] of identified) holders.pair(one, other);
  holders.run();
  const renamed = new Map<string, string>();
  for (const [now, earlier] of holders.same) {
    const is = after[now];
    const was = all[earlier];
    if (is !== undefined && was !== undefined) renamed.set(holderName(is), holderName(was));
  }
  const inOldPlaces = after.map((one) => ({ ...one, place: renamed.get(one.place) ?? one.place }));
  const rest = new Matching(all, inOldPlaces, before.length, (one) => !HOLDERS.has(one.kind));
  for (const [one, other] of identified) rest.pair(one, other);
  rest.run();
  return {
    same: new Map([...holders.same, ...rest.same]),
    added: [...holders.openAfter, ...rest.openAfter].sort((left, right) => left - right),
    removed: [...holders.openBefore, ...rest.openBefore].sort((left, right) => left - right),
    ambiguous: [...holders.ambiguous, ...rest.ambiguous],
  };
}

/** Before → after by the ids that both texts carry: an entry that is nested elsewhere, or ticked off in another list, may be of another kind now. */
function pairsById(before: readonly Signature[], after: readonly Signature[]): ReadonlyMap<number, number> {
  const places = new Map(after.flatMap((one, index) => (one.explicitId === null ? [] : [[one.explicitId, index] as const])));
  return new Map(
    before.flatMap((one, index) => {
      const other = one.explicitId === null ? undefined : places.get(one.explicitId);
      return other === undefined ? [] : [[index, other] as const];
    }),
  );
}

/** A row's place is its phase, an entry's its list; the phase's own words may change without moving all that stands in it, so the label decides. */
function placeOf(plan: Plan, item: PlanItem): string {
  const parent = item.parent === null ? undefined : plan.items[item.parent];
  if (parent !== undefined) return `${parent.kind} ${keyOf(String(parent.fields.title))}`;
  return keyOf(item.parentWords ?? item.section ?? '');
}

/** The place of what this item holds. */
function holderName(one: Signature): string {
  return `${one.kind} ${one.title}`;
}

function keyOf(text: string): string {
  return evened(text).normalize('NFC');
}
