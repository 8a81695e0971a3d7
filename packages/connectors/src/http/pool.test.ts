import { describe, expect, it } from 'vitest';
import { inParallel } from './pool.ts';

describe('work over a list', () => {
  it('answers in the order of the list and never runs more than its width', async () => {
    let [running, most] = [0, 0];
    const results = await inParallel([5, 1, 4, 2, 3], 2, async (value) => {
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < value; turn += 1) await Promise.resolve();
      running -= 1;
      return value * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  it('begins nothing more after a failure, and rejects when what runs has ended', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work = inParallel([1, 2, 3, 4], 2, async (value) => {
      begun.push(value);
      if (value === 1) throw new Error('one failed');
      await Promise.resolve();
      await Promise.resolve();
      ended.push(value);
      return value;
    });
    await expect(work).rejects.toThrow('one failed');
    expect(begun).toEqual([1, 2]);
    expect(ended).toEqual([2]);
  });

  it('an empty list is no work', async () => {
    expect(await inParallel([], 4, async () => 1)).toEqual([]);
  });
});
