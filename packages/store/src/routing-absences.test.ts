/** Times away that calendars tell, on a real PostgreSQL. */
import type { RoutingStore } from '@lockstep/domain/routing/routing-store.port.ts';
import { expect, test } from 'vitest';
import { inOne, LATER } from './routing.fixture.ts';
import { createRoutingStore } from './routing-store.ts';
import { latch, NOW, useTestStore } from './testing.ts';

const database = useTestStore();
const open = (): RoutingStore => createRoutingStore({ pool: database.pool, workspaceId: database.workspaceId() });
const minute = (place: number) => `2026-11-24T09:${String(place).padStart(2, '0')}:00.000Z`;

test('01 case 09 what a feed says of a member takes the place of what it said before, and of nothing else', async () => {
  const store = open();
  const away = (id: string, from: number, to: number) => ({ id, fromIso: minute(from), toIso: minute(to), reason: 'ABSENT' });
  const say = (memberId: string, feed: string, ...absences: readonly ReturnType<typeof away>[]) =>
    inOne(store, (tx) => tx.replaceAbsences(memberId, feed, absences));
  const known = async (after = minute(0)) => [...(await store.snapshot((reader) => reader.absences(['ann', 'ben'], after)))];
  await say('ann', 'ics', away('x', 10, 20), away('y', 5, 8));
  await say('ann', 'hr', away('x', 1, 2));
  await say('zoe', 'ics', away('x', 1, 2));
  expect(await known()).toEqual([['ann', [away('x', 1, 2), away('y', 5, 8), away('x', 10, 20)]]]);
  // Of two with one id the last counts; `y` is not said any more.
  await say('ann', 'ics', away('x', 11, 12), away('x', 10, 30), away('z', 40, 50));
  await say('ben', 'ics', away('x', 3, 4));
  expect(await known(minute(2))).toEqual([
    ['ben', [away('x', 3, 4)]],
    ['ann', [away('x', 10, 30), away('z', 40, 50)]],
  ]);
  await say('ann', 'ics');
  expect(await known(minute(4))).toEqual([]);
  await expect(say('ann', 'ics', away('x', 9, 9))).rejects.toThrow('check');
});

test('two readings of one feed at once leave one of them, not a mixture', async () => {
  const store = open();
  const away = (id: string) => ({ id, fromIso: NOW, toIso: LATER, reason: 'ABSENT' });
  const gate = latch();
  const first = inOne(store, async (tx) => {
    await tx.replaceAbsences('ann', 'ics', [away('one')]);
    gate.open();
    await database.blocked(1);
  });
  await gate.opened;
  const second = inOne(store, (tx) => tx.replaceAbsences('ann', 'ics', [away('two')]));
  await Promise.all([first, second]);
  expect(await store.snapshot((reader) => reader.absences(['ann'], NOW))).toEqual(new Map([['ann', [away('two')]]]));
});
