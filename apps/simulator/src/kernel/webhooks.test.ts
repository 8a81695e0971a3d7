import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClock } from './clock.ts';
import { createFaultLog } from './fault-log.ts';
import type { FaultLog } from './fault-log.ts';
import { createWebhookQueue } from './webhooks.ts';
import type { WebhookQueue } from './webhooks.ts';

let server: Server;
let queue: WebhookQueue;
let faultLog: FaultLog;
let url: string;
let received: string[];
/** Statuses of the next answers; 200 where there are none. */
let answers: number[];

beforeEach(async () => {
  received = [];
  answers = [];
  server = createServer((request, response) => {
    request.setEncoding('utf8');
    let body = '';
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      received.push(`${body} ${String(request.headers['x-attempt'])}`);
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  faultLog = createFaultLog(createClock());
  queue = createWebhookQueue(faultLog);
});
afterEach(async () => {
  queue.close();
  await new Promise<void>((closed) => {
    server.close(() => closed());
    server.closeAllConnections();
  });
});

const send = (body: string, isRetried?: (status: number) => boolean): void =>
  queue.send({ url, body, headers: (attempt) => ({ 'x-attempt': String(attempt) }), ...(isRetried === undefined ? {} : { isRetried }) });

test('deliveries come in order, once each', async () => {
  for (const body of ['a', 'b', 'c']) send(body);
  await queue.settled();
  expect(received).toEqual(['a 1', 'b 1', 'c 1']);
  expect(queue.counts).toEqual({ delivered: 3, failed: 0, dropped: 0, held: 0 });
});

test('C04 dropped deliveries never come, and are counted', async () => {
  queue.faults.drop = true;
  send('a');
  queue.faults.drop = false;
  send('b');
  await queue.settled();
  expect([received, queue.counts.dropped]).toEqual([['b 1'], 1]);
});

test('C01 C02 held deliveries come when they are let go: doubled and in reverse where that was asked for', async () => {
  queue.faults.hold = true;
  for (const body of ['a', 'b']) send(body);
  await queue.settled();
  expect([received, queue.counts.held]).toEqual([[], 2]);
  Object.assign(queue.faults, { hold: false, reversed: true, copies: 2 });
  queue.release();
  await queue.settled();
  expect([received, queue.counts.held]).toEqual([['b 1', 'b 1', 'a 1', 'a 1'], 0]);
});

test('a delivery that fails is made again with the headers of that attempt, and does not hold up those behind it', async () => {
  answers.push(503);
  for (const body of ['a', 'b']) send(body);
  await expect.poll(() => received).toEqual(['a 1', 'b 1', 'a 2']);
  await expect.poll(() => queue.counts.delivered).toBe(2);
});

test('a status that the vendor does not try again ends the delivery', async () => {
  answers.push(400);
  send('a', (status) => status >= 500);
  await queue.settled();
  expect([received, queue.counts]).toEqual([['a 1'], { delivered: 0, failed: 1, dropped: 0, held: 0 }]);
});

test('by rate: the same seed loses, doubles, delays and swaps the same deliveries, and the log says which', async () => {
  const bodies = Array.from({ length: 40 }, (_, index) => String(index));
  const played: (readonly string[])[] = [];
  for (let round = 1; round <= 2; round += 1) {
    received.length = 0;
    queue.set({ dropRate: 0.2, copyRate: 0.2, lateRate: 0.3, lateMs: 20, swapRate: 0.2, seed: 7 });
    for (const body of bodies) send(body);
    await expect.poll(() => new Set(received).size).toBe(bodies.length - queue.counts.dropped / round);
    played.push(received.toSorted());
  }
  const told = new Set(faultLog.list().map(({ fault }) => fault));
  expect([...told].toSorted()).toEqual(['webhook-doubled', 'webhook-late', 'webhook-lost', 'webhook-swapped']);
  expect(played[0]).toEqual(played[1]);
  expect(received.length).toBeGreaterThan(new Set(received).size);
});

test('nothing is sent after the end', async () => {
  queue.close();
  send('a');
  await queue.settled();
  expect(received).toEqual([]);
});
