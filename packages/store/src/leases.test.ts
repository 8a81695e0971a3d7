import { expect, test } from 'vitest';
import { createLeases } from './leases.ts';
import { useTestStore } from './testing.ts';

const database = useTestStore();
const TTL_MS = 30_000;
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 24, 9, 0, seconds)).toISOString();
const open = () => createLeases({ pool: database.pool, workspaceId: database.workspaceId() });

test('K03 a second deployment is fenced out until the lease has run out', async () => {
  const leases = open();
  expect(await leases.acquire('worker', 'one', TTL_MS, at(0))).toBe(1);
  expect(await leases.acquire('worker', 'two', TTL_MS, at(29))).toBeNull();
  expect(await leases.renew('worker', 'one', 1, TTL_MS, at(29))).toBe(true);
  expect(await leases.acquire('worker', 'two', TTL_MS, at(58))).toBeNull();
  expect(await leases.acquire('worker', 'two', TTL_MS, at(59))).toBe(2);
  expect(await leases.renew('worker', 'one', 1, TTL_MS, at(60))).toBe(false);
});

test('K03 a lease that has run out is not renewed, even if nobody took it', async () => {
  const leases = open();
  await leases.acquire('worker', 'one', TTL_MS, at(0));
  expect(await leases.renew('worker', 'one', 1, TTL_MS, at(30))).toBe(false);
});

test('K03 a token is never given out twice: not after a release, not to a restart under the same name', async () => {
  const leases = open();
  expect(await leases.acquire('worker', 'one', TTL_MS, at(0))).toBe(1);
  await leases.release('worker', 'one', 1);
  expect(await leases.renew('worker', 'one', 1, TTL_MS, at(1))).toBe(false);
  expect(await leases.acquire('worker', 'two', TTL_MS, at(1))).toBe(2);
  expect(await leases.acquire('worker', 'two', TTL_MS, at(2))).toBe(3);
  expect(await leases.renew('worker', 'two', 2, TTL_MS, at(3))).toBe(false);
});

test('K03 who holds it, since when and until when is told; nobody does after a release', async () => {
  const leases = open();
  expect(await leases.holder('worker')).toBeNull();
  await leases.acquire('worker', 'one', TTL_MS, at(0));
  await leases.renew('worker', 'one', 1, TTL_MS, at(10));
  expect(await leases.holder('worker')).toEqual({ holder: 'one', since: at(0), expiresAt: at(40) });
  await leases.release('worker', 'one', 1);
  expect(await leases.holder('worker')).toBeNull();
});

test('K03 only the holder of the token releases', async () => {
  const leases = open();
  await leases.acquire('worker', 'one', TTL_MS, at(0));
  await leases.release('worker', 'two', 1);
  await leases.release('worker', 'one', 9);
  expect(await leases.acquire('worker', 'two', TTL_MS, at(1))).toBeNull();
});

test('K03 of many that ask at the same time one gets the lease; other names and workspaces are free', async () => {
  const leases = open();
  const tokens = await Promise.all(Array.from({ length: 20 }, (_, place) => leases.acquire('worker', `holder-${place}`, TTL_MS, at(0))));
  expect(tokens.filter((token) => token !== null)).toEqual([1]);
  expect(await leases.acquire('schedule', 'two', TTL_MS, at(0))).toBe(1);
  expect(await open().acquire('worker', 'two', TTL_MS, at(0))).toBe(1);
});
