import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A TCP port of the loopback address that is free now. Whoever takes it must still be ready to find it taken. */
export function freePort(): Promise<number> {
  return take(0);
}

/** Whether a TCP port of the loopback address is free now. */
export function isFreePort(port: number): Promise<boolean> {
  return take(port).then(
    () => true,
    () => false,
  );
}

function take(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
