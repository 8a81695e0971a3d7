/**
 * PostgreSQL refuses to run as root. As root we run it as the unprivileged user `nobody`, which every Unix has, so that nothing needs to be added to
 * the machine; what that user could not reach (a clone under /root or in a private temporary folder) is kept in /var/tmp instead.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { LocalServiceError } from './errors.ts';

/** Who runs the server; null where the current user may. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const ASIDE = '/var/tmp/lockstep';
const OTHERS_MAY_ENTER = 0o001;

export function serverAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** The folder itself, or one in /var/tmp where the account could not enter it. */
export function reachableFolder(folder: string, account: Account | null): string {
  if (account === null || isReachable(folder)) return folder;
  return join(aside(), createHash('sha256').update(folder).digest('hex').slice(0, 16));
}

/** The server's own files, copied once where the account could not reach them. `version` names the copy. */
export function reachableServer(native: string, version: string, account: Account | null): string {
  if (account === null || isReachable(native)) return native;
  const copy = join(aside(), `postgresql-${version}`);
  if (existsSync(copy)) return copy;
  const partial = `${copy}.${process.pid}`;
  cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(partial, copy);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    // Another start was faster: its copy is as good.
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

/** Makes a folder that is the account's alone. */
export function ownFolder(folder: string, account: Account | null): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  if (account !== null) chownSync(folder, account.uid, account.gid);
}

function aside(): string {
  mkdirSync(ASIDE, { recursive: true, mode: 0o755 });
  const { uid, mode } = statSync(ASIDE);
  if (uid !== 0 || (mode & 0o022) !== 0) {
    throw new LocalServiceError(
      `${ASIDE}: expected a folder that only root can change, got one of user ${uid}. Remove it, or run as an ordinary user`,
    );
  }
  chmodSync(ASIDE, 0o755);
  return ASIDE;
}

function isReachable(path: string): boolean {
  const { root } = parse(path);
  for (let at = existsSync(path) && statSync(path).uid !== 0 ? dirname(path) : path; at !== root; at = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & OTHERS_MAY_ENTER) === 0) return false;
  }
  return true;
}
