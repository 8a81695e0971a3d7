/** Sources that import each other: none can be read, or tested, without the other. */
import { breach, resolved } from './rule.ts';
import type { Rule } from './rule.ts';
import type { House, Source } from './sources.ts';

/** What is loaded goes one way. Types are erased before the code runs: two files may name each other's. */
export const cycles: Rule = (source, house) => {
  const ring = ringsIn(house).get(source.path);
  // Told once, by the first of the ring in the order of paths.
  if (ring === undefined || ring[0] !== source.path) return [];
  return [
    breach(
      source,
      `imports itself, by ${[...ring.slice(1), source.path].join(' → ')}`,
      'sources do not import each other in a circle.',
      'move what both need into a third file, or hand one of them what it calls as an argument.',
    ),
  ];
};

type Ring = readonly string[];

const ringsOf = new WeakMap<House, ReadonlyMap<string, Ring>>();

/** A shortest ring for every source that lies in one, from its first source in the order of paths on. */
function ringsIn(house: House): ReadonlyMap<string, Ring> {
  const known = ringsOf.get(house);
  if (known !== undefined) return known;
  const targets = new Map(house.sources.map((source) => [source.path, loadedBy(source)]));
  const rings = new Map<string, Ring>();
  for (const path of [...targets.keys()].toSorted()) {
    const ring = rings.has(path) ? null : ringFrom(path, targets);
    for (const member of ring ?? []) if (!rings.has(member)) rings.set(member, ring ?? []);
  }
  ringsOf.set(house, rings);
  return rings;
}

function loadedBy(source: Source): readonly string[] {
  return source.imports.flatMap((found) => (found.isType ? [] : [resolved(source, found)]));
}

/** Breadth first, so that the ring that is told is a short one; null where no way leads back. */
function ringFrom(start: string, targets: ReadonlyMap<string, readonly string[]>): Ring | null {
  const cameFrom = new Map<string, string>();
  for (const queue = [start]; queue.length > 0;) {
    const path = queue.shift() ?? '';
    for (const target of targets.get(path) ?? []) {
      if (target === start) return wayTo(path, start, cameFrom);
      if (!targets.has(target) || cameFrom.has(target)) continue;
      cameFrom.set(target, path);
      queue.push(target);
    }
  }
  return null;
}

function wayTo(end: string, start: string, cameFrom: ReadonlyMap<string, string>): Ring {
  const way = [end];
  for (let path = end; path !== start;) {
    path = cameFrom.get(path) ?? start;
    way.unshift(path);
  }
  return way;
}
