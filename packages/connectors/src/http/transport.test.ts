/** Time-outs of the one way out, by a clock of the test's own, with a real server behind it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { createBudget } from './budget.ts';
import { createTransport } from './transport.ts';

/** No other timer is of this length. */
const TIMEOUT_MS = 29_999;
const closers: (() => void)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  for (const close of closers.splice(0)) close();
});

/** A server that answers when it is told to, and a transport to it that gives up after half a minute. */
async function started() {
  const asked = Promise.withResolvers<() => void>();
  const server = createServer((_request, response) => asked.resolve(() => response.end('{}')));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const send = createTransport({ vendor: 'Jira', budget: createBudget(Date.now), timeoutMs: TIMEOUT_MS }, (method) => method === 'GET');
  return {
    asked: asked.promise,
    send: (method: string) => send(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x`, { method }),
  };
}

test('a time-out ends with its request, and holds nothing for the rest of its time', async () => {
  const { asked, send } = await started();
  const [set, cleared] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'clearTimeout')];
  const sent = send('GET');
  (await asked)();
  expect((await sent).status).toBe(200);
  const timers = set.mock.results.filter((_, call) => set.mock.calls[call]?.[1] === TIMEOUT_MS).map(({ value }) => value as unknown);
  expect(timers).toHaveLength(1);
  expect(cleared).toHaveBeenCalledWith(timers[0]);
});

test.each([
  ['GET', 'Transient'],
  ['POST', 'OutcomeUnknown'],
])('nothing within the time: a %s has the outcome %s', async (method, code) => {
  const { asked, send } = await started();
  const failed = send(method).catch((error: unknown) => error);
  await asked;
  vi.advanceTimersByTime(TIMEOUT_MS);
  expect(await failed).toMatchObject({ code, message: `Jira ${method} /x: expected an answer, got nothing within ${TIMEOUT_MS} ms` });
});
