import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCycle } from './graph.ts';

const name = fc.constantFrom('A', 'B', 'C', 'D', 'E');
const edges = fc.array(fc.record({ from: name, to: name }), { maxLength: 12 });

/** Every item that can be reached from `start`, by another way than the code under test. */
function reachable(graph: readonly { readonly from: string; readonly to: string }[], start: string): ReadonlySet<string> {
  const reached = new Set<string>();
  for (let before = -1; before !== reached.size;) {
    before = reached.size;
    for (const { from, to } of graph) if (from === start || reached.has(from)) reached.add(to);
  }
  return reached;
}

describe('the dependency graph', () => {
  it('H02 finds a cycle exactly where there is one', () => {
    fc.assert(
      fc.property(edges, (graph) => {
        expect(findCycle(graph, 'A') !== null).toBe(reachable(graph, 'A').has('A'));
      }),
    );
  });

  it('H02 names the same cycle whatever the order of the edges, and it is one of edges', () => {
    fc.assert(
      fc.property(
        edges.chain((graph) => fc.tuple(fc.constant(graph), fc.shuffledSubarray(graph, { minLength: graph.length }))),
        ([graph, shuffled]) => {
          const path = findCycle(graph, 'A') ?? [];
          expect(findCycle(shuffled, 'A') ?? []).toEqual(path);
          const steps = path.slice(1).map((to, index) => ({ from: path[index], to }));
          expect(graph).toEqual(expect.arrayContaining(steps));
        },
      ),
    );
  });
});
