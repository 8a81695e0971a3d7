import { describe, expect, it } from 'vitest';
import { findCycle } from './graph.ts';
import type { Edge } from './graph.ts';

const edge = (from: string, to: string): Edge => ({ from, to });

describe('the dependency graph', () => {
  it('H02 finds the cycle that a reversed dependency closes', () => {
    const edges = [edge('A', 'B'), edge('B', 'A')];
    expect(findCycle(edges, 'A')).toEqual(['A', 'B', 'A']);
    expect(findCycle(edges, 'B')).toEqual(['B', 'A', 'B']);
  });

  it('an item that waits for itself is a cycle', () => {
    expect(findCycle([edge('A', 'A')], 'A')).toEqual(['A', 'A']);
  });

  it('a diamond is none', () => {
    expect(findCycle([edge('A', 'B'), edge('A', 'C'), edge('B', 'D'), edge('C', 'D')], 'A')).toBeNull();
  });

  it('a cycle that does not lead through the start is not its cycle', () => {
    expect(findCycle([edge('A', 'B'), edge('B', 'C'), edge('C', 'B')], 'A')).toBeNull();
  });

  it('ten thousand items in a chain are no trouble', () => {
    const chain = Array.from({ length: 10_000 }, (_, index) => edge(`n${index}`, `n${index + 1}`));
    expect(findCycle(chain, 'n0')).toBeNull();
    expect(findCycle([...chain, edge('n10000', 'n0')], 'n0')).toHaveLength(10_002);
  });
});
