import { createServer } from 'node:net';
import type { Server } from 'node:net';

/**
 * Below the ranges from which Linux (32768–60999) and macOS (49152–65535) give a port to whoever asks for any: an outgoing connection, or Temporal's server,
 * which chooses a handful for itself, then never has the port that we chose a moment ago.
 */
const FIRST = 20_000;
const LAST = 32_000;
const MOST_TRIES = 10_000;

/** A TCP port of the loopback address that is free now. Whoever takes it must still be ready to find it taken. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port ?? 0;
}

/** So many different ports, each free now and none of them in `besides`. Rejects when it finds none. */
export async function freePorts(count: number, besides: ReadonlySet<number> = new Set()): Promise<readonly number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries += 1) {
    if (tries === MOST_TRIES)
      throw new Error(
        `ports ${FIRST} to ${LAST} of 127.0.0.1: expected a free one in ${MOST_TRIES} tries, got none. Stop what listens there`,
      );
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (!besides.has(port) && !found.has(port) && (await isFreePort(port))) found.add(port);
  }
  return [...found];
}

/** Whether a TCP port of the loopback address is free now. */
export async function isFreePort(port: number): Promise<boolean> {
  const probe = await listen(port);
  if (probe === null) return false;
  await new Promise((closed) => probe.close(closed));
  return true;
}

function listen(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(null));
    probe.listen(port, '127.0.0.1', () => resolve(probe));
  });
}
