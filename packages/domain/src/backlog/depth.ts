import { ITEM_KINDS } from './item.ts';
import type { ItemKind } from './item.ts';

/** A kind's place in the tree, 0 for roots: parents are created before their children. */
export function depthOf(kind: ItemKind): number {
  return ITEM_KINDS.indexOf(kind);
}
