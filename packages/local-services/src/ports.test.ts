import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort, isFreePort } from './ports.ts';

test('a port is free until somebody listens there', async () => {
  const port = await freePort();
  expect(await isFreePort(port)).toBe(true);
  const server = createServer();
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  expect(await isFreePort(port)).toBe(false);
  await new Promise((closed) => server.close(closed));
  expect(await isFreePort(port)).toBe(true);
});
