/**
 * The data directory belongs to one running Lockstep at a time. The lock is a socket: the kernel frees it when its owner dies, however it dies.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalServiceError } from './errors.ts';

export interface DirectoryLock {
  release(): Promise<void>;
}

/** Makes the directory (private to its owner) and takes it, or says who has it. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  mkdirSync(directory, { recursive: true });
  const place = `lockstep-${createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 24)}.lock`;
  const server = process.platform === 'linux' ? await listen(`\0${place}`) : await listenAt(join(tmpdir(), place));
  if (server === null) {
    throw new LocalServiceError(
      `data directory ${directory}: expected to be free, got one that another Lockstep uses now. Stop it (Ctrl-C there), or choose another with --data DIR`,
    );
  }
  return { release: () => new Promise((done) => server.close(() => done())) };
}

/**
 * A socket that is a file stays behind when its owner dies, and is taken over where nobody answers. Linux has sockets without a file: there the kernel
 * forgets them, and two starts after a crash cannot both take over.
 */
async function listenAt(socket: string): Promise<Server | null> {
  const server = await listen(socket);
  if (server !== null || (await answers(socket))) return server;
  rmSync(socket, { force: true });
  return listen(socket);
}

function listen(socket: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((peer) => peer.end());
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(socket, () => {
      server.unref();
      resolve(server);
    });
  });
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const peer = connect(socket);
    peer.once('connect', () => {
      peer.destroy();
      resolve(true);
    });
    peer.once('error', () => resolve(false));
  });
}
