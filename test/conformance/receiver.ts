/** A place where vendors deliver webhooks, for tests: keeps what arrives as it arrived. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Delivery } from '@lockstep/domain/sync/connector.port.ts';
import { onTestFinished } from 'vitest';

export interface Receiver {
  readonly url: string;
  /** In the order of arrival. */
  readonly deliveries: readonly Delivery[];
}

/** Listens until the test ends; answers 200 to everything. `now` is the instant of receipt, epoch milliseconds. */
export async function receiver(now: () => number): Promise<Receiver> {
  const deliveries: Delivery[] = [];
  let url = '';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
      );
      deliveries.push({
        method: request.method ?? '',
        url,
        headers,
        body: Buffer.concat(chunks),
        receivedAt: new Date(now()).toISOString(),
      });
      response.end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/test`;
  return { url, deliveries };
}
