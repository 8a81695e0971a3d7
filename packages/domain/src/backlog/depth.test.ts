import { describe, expect, it } from 'vitest';
import { depthOf } from './depth.ts';
import { ITEM_KINDS } from './item.ts';

describe('depth', () => {
  it('H01 parents are created before their children', () => {
    const order = [...ITEM_KINDS].sort((left, right) => depthOf(left) - depthOf(right));
    for (const [parent, child] of [
      ['phase', 'epic'],
      ['epic', 'group'],
      ['phase', 'deliverable'],
      ['group', 'deliverable'],
      ['phase', 'gate'],
      ['group', 'task'],
      ['task', 'subtask'],
      ['gate', 'check'],
      ['task', 'check'],
    ] as const)
      expect(order.indexOf(parent), `${parent} before ${child}`).toBeLessThan(order.indexOf(child));
  });

  it('roots are at depth 0 and no two kinds share a place', () => {
    expect(depthOf('phase')).toBe(0);
    expect(new Set(ITEM_KINDS.map(depthOf)).size).toBe(ITEM_KINDS.length);
  });
});
