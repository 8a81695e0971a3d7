import { describe, expect, it } from 'vitest';
import { createAccountWakes } from './account-wakes.ts';

/** Signals whose end a test decides. */
function scripted(most = { now: 2, background: 1 }) {
  const sent: string[] = [];
  const open = new Map<string, PromiseWithResolvers<void>>();
  const wakes = createAccountWakes(async (accountId) => {
    sent.push(accountId);
    const held = Promise.withResolvers<void>();
    open.set(accountId, held);
    await held.promise;
  }, most);
  const settle = async (accountId: string, error?: Error): Promise<void> => {
    const held = open.get(accountId);
    if (error === undefined) held?.resolve();
    else held?.reject(error);
    await new Promise(setImmediate);
  };
  return { sent, wakes, settle };
}

describe('waking accounts', () => {
  it('10 wakes of one account that have not gone out yet are one signal; one that comes while it is on its way is another', async () => {
    const { sent, wakes, settle } = scripted({ now: 1, background: 1 });
    const first = wakes.wake(['a', 'a']);
    const more = [wakes.wake(['a']), wakes.wake(['a'])];
    expect(sent).toEqual(['a']);
    await settle('a');
    expect(sent).toEqual(['a', 'a']);
    await settle('a');
    await Promise.all([first, ...more]);
    expect(sent).toEqual(['a', 'a']);
  });

  it('29 imported history is woken a few at a time, and what happens now goes before it', async () => {
    const { sent, wakes, settle } = scripted();
    const imported = wakes.wake(['h1', 'h2', 'h3'], 'background');
    const live = wakes.wake(['n1', 'n2', 'n3']);
    expect(sent).toEqual(['h1', 'n1', 'n2']);
    await settle('n1');
    expect(sent.at(-1)).toBe('n3');
    const urgent = wakes.wake(['h3']);
    await settle('n2');
    expect(sent.at(-1)).toBe('h3');
    for (const id of ['n3', 'h3', 'h1', 'h2']) await settle(id);
    await Promise.all([imported, live, urgent]);
    expect(sent).toEqual(['h1', 'n1', 'n2', 'n3', 'h3', 'h2']);
  });

  it('a signal that fails is told, and holds no other up', async () => {
    const { sent, wakes, settle } = scripted({ now: 1, background: 1 });
    const told = wakes.wake(['a', 'b']).catch((error: unknown) => error);
    await settle('a', new Error('no server'));
    await settle('b');
    expect(await told).toEqual(new Error('no server'));
    expect(sent).toEqual(['a', 'b']);
  });
});
