/**
 * The dependency graph: "must be done first". Cycles are refused (H02).
 */

export interface Edge {
  /** The item that waits. */
  readonly from: string;
  /** The item that must be done first. */
  readonly to: string;
}

/** The first path from `start` back to itself over `edges`, or null. Looks at each edge once. */
export function findCycle(edges: readonly Edge[], start: string): readonly string[] | null {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const parent = new Map<string, string>();
  const queue = [start];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    for (const target of [...(next.get(node) ?? [])].sort()) {
      if (target === start) return pathTo(parent, start, node);
      if (!parent.has(target)) {
        parent.set(target, node);
        queue.push(target);
      }
    }
  }
  return null;
}

function pathTo(parent: ReadonlyMap<string, string>, start: string, end: string): readonly string[] {
  const path = [end];
  for (let node = end; node !== start;) {
    node = parent.get(node) ?? start;
    path.unshift(node);
  }
  return [...path, start];
}
