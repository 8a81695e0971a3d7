import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort, freePorts, isFreePort } from './ports.ts';

test('a port is free until somebody listens there', async () => {
  const port = await freePort();
  expect(await isFreePort(port)).toBe(true);
  const server = createServer();
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  expect(await isFreePort(port)).toBe(false);
  await new Promise((closed) => server.close(closed));
  expect(await isFreePort(port)).toBe(true);
});

test('ports that are chosen together are different, and none is one that the system gives away or that is spoken for', async () => {
  const spokenFor = new Set(Array.from({ length: 11_000 }, (_, index) => 20_000 + index));
  const ports = await freePorts(20, spokenFor);
  expect(new Set(ports).size).toBe(20);
  expect(ports.filter((port) => spokenFor.has(port) || port < 20_000 || port > 32_000)).toEqual([]);
});
