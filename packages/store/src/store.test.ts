import type { StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { aLink, anItem, aWrite, latch, NOW, run, useTestStore } from './testing.ts';
import { UnstorableText } from './storable.ts';

const database = useTestStore();

function serverError(code: string): Error {
  return Object.assign(new pg.DatabaseError('could not serialize access', 1, 'error'), { code, severity: 'ERROR' });
}

describe('transactions', () => {
  test('S7 a page commits whole or not at all', async () => {
    const store = database.store();
    const page = run(store, async (tx) => {
      await tx.saveItems([anItem('a')], NOW);
      await tx.saveLinks([aLink('a')], NOW);
      await tx.oweWrites([aWrite('a')], NOW);
      await tx.saveCheckpoint('jira', 'changes', 'next', 0);
      throw new Error('killed');
    });
    await expect(page).rejects.toThrow('killed');
    await store.snapshot(async (tx) => {
      expect(await tx.items(['a'])).toEqual([]);
      expect(await tx.linksByItem(['a'])).toEqual([]);
      expect(await tx.outbox({ limit: 9 })).toEqual([]);
      expect(await tx.checkpoint('jira', 'changes')).toEqual({ cursor: null, version: 0 });
    });
  });

  test('S7 of two transactions in a real deadlock, one is run again and both commit', async () => {
    const store = database.store();
    await run(store, (tx) => tx.saveItems([anItem('a'), anItem('b')], NOW));
    const [hasA, hasB] = [latch(), latch()];
    let attempts = 0;
    const cross = (mine: string, theirs: string, have: typeof hasA, other: typeof hasB) =>
      run(store, async (tx) => {
        attempts += 1;
        await tx.lockItems([mine]);
        have.open();
        await other.opened;
        await tx.saveItems([anItem(theirs, { title: `written with ${mine}` })], NOW);
      });
    await Promise.all([cross('a', 'b', hasA, hasB), cross('b', 'a', hasB, hasA)]);
    // Once more where what is run again meets the other transaction before it has ended.
    expect(attempts).toBeGreaterThanOrEqual(3);
    expect((await store.snapshot((tx) => tx.items(['a', 'b']))).map((item) => item.fields.title)).toEqual([
      'written with b',
      'written with a',
    ]);
  });

  test.each(['40001', '40P01'])('a failure with SQLSTATE %s is retried five times, from a clean slate, then thrown', async (code) => {
    const store = database.store();
    const found: number[] = [];
    const failing = run(store, async (tx) => {
      found.push((await tx.items(['a'])).length);
      await tx.saveItems([anItem('a')], NOW);
      throw serverError(code);
    });
    await expect(failing).rejects.toMatchObject({ code });
    expect(found).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('one that a caller has given another name is retried all the same', async () => {
    let attempts = 0;
    const failing = run(database.store(), async () => {
      attempts += 1;
      throw new Error('the audit log: expected it to take entries', { cause: serverError('40P01') });
    });
    await expect(failing).rejects.toThrow('the audit log');
    expect(attempts).toBe(6);
  });

  test('no other failure is retried', async () => {
    const store = database.store();
    let attempts = 0;
    const failing = run(store, async () => {
      attempts += 1;
      throw serverError('23505');
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(attempts).toBe(1);
  });

  test("S6 a statement's error that the work swallows still fails the transaction", async () => {
    const store = database.store();
    await run(store, (tx) => tx.saveLinks([aLink('a', { remoteId: '1' })], NOW));
    const careless = run(store, async (tx) => {
      await tx.saveItems([anItem('b')], NOW);
      await tx.saveLinks([aLink('b', { remoteId: '1' })], NOW).catch(() => undefined);
    });
    await expect(careless).rejects.toMatchObject({ code: '23505' });
    expect(await store.snapshot((tx) => tx.items(['b']))).toEqual([]);
  });

  test('I04 a refused text leaves the transaction usable', async () => {
    const store = database.store();
    await run(store, async (tx) => {
      await expect(tx.saveItems([anItem('bad', { title: 'a\0' })], NOW)).rejects.toThrow(UnstorableText);
      await tx.saveItems([anItem('good')], NOW);
    });
    expect((await store.snapshot((tx) => tx.items(['bad', 'good']))).map((item) => item.itemId)).toEqual(['good']);
  });

  test('calls at the same time run one after the other, in the order of the calls', async () => {
    const store = database.store();
    const read = await run(store, async (tx) => {
      const calls = await Promise.all([
        tx.saveItems([anItem('a')], NOW),
        tx.items(['a']),
        tx.saveItems([anItem('a', { title: 'new' })], NOW),
        tx.items(['a']),
      ]);
      return [calls[1], calls[3]];
    });
    expect(read).toEqual([[anItem('a')], [anItem('a', { title: 'new' })]]);
  });

  test('a call after the end is refused', async () => {
    const store = database.store();
    let kept: StoreTransaction | undefined;
    await run(store, async (tx) => {
      kept = tx;
    });
    await expect(kept?.saveItems([anItem('late')], NOW)).rejects.toThrow('saveItems: expected a transaction that is still open');
  });
});

describe('snapshots', () => {
  test('S11 a snapshot does not see what is committed while it reads', async () => {
    const store = database.store();
    await run(store, (tx) => tx.saveItems([anItem('a', { title: 'old' })], NOW));
    await store.snapshot(async (tx) => {
      expect(await tx.items(['a'])).toMatchObject([{ fields: { title: 'old' } }]);
      await run(store, (other) => other.saveItems([anItem('a', { title: 'new' }), anItem('b')], NOW));
      expect(await tx.itemsPage({ after: null, limit: 9 })).toMatchObject([{ itemId: 'a', fields: { title: 'old' } }]);
    });
    expect(await store.snapshot((tx) => tx.items(['a', 'b']))).toHaveLength(2);
  });

  test('a snapshot has no way to write', async () => {
    const methods = await database.store().snapshot(async (tx) => Object.keys(tx));
    expect(
      methods.filter((name) =>
        /^(save|lock|owe|claim|settle|return|drop|raise|resolve|append|accept|mark|clear|park(?!ed)|unpark|touch|countMissed)/.test(name),
      ),
    ).toEqual([]);
    expect(methods).toContain('counts');
  });
});
