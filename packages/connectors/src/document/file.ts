/**
 * The plan's file: read as bytes that are UTF-8, replaced as a whole or not at all.
 */
import { randomUUID } from 'node:crypto';
import { constants, readFileSync, renameSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { access, open, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';

/**
 * Reads the file, byte-order mark included. Throws `ConnectorError`: `NotFound` for a file that is not there (an editor may be replacing it; nothing is
 * ever deleted for it), `Forbidden` for one that may not be read, `Invalid` for bytes that are not UTF-8 and for NUL, which no tool and no database takes.
 */
export async function readDocument(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw fileError(file, 'a plan that can be read', error);
  });
  const text = decoded(file, bytes);
  const nul = text.indexOf('\0');
  if (nul === -1) return text;
  const line = text.slice(0, nul).split('\n').length;
  throw new ConnectorError('Invalid', `${basename(file)}:${line}: expected text, got a NUL character; take it out`);
}

function decoded(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ConnectorError('Invalid', `${basename(file)}: expected UTF-8, got other bytes; save the file as UTF-8`);
  }
}

/**
 * Replaces the file's text in one step, keeping its mode and owner: a reader sees the old text or the new one. Refused with `Conflict` when the file is not
 * `before` any more. The new text is on disk before the file is looked at for the last time, and the rename follows that look with nothing in between.
 */
export async function replaceDocument(file: string, before: string, after: string): Promise<void> {
  const target = await realpath(file).catch((error: unknown) => {
    throw fileError(file, 'a plan that can be written', error);
  });
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.lockstep`);
  try {
    await removeLeftovers(target);
    const status = await stat(target);
    const handle = await open(temporary, 'wx', status.mode & 0o777);
    try {
      await keepOwner(handle, status);
      await handle.chmod(status.mode & 0o7777);
      await handle.writeFile(after, 'utf8');
      await handle.sync();
    } finally {
      await handle.close();
    }
    const now = readFileSync(target);
    if (!now.equals(Buffer.from(before, 'utf8')))
      throw new ConnectorError(
        'Conflict',
        `${basename(file)}: expected the text that was read, got another: it was edited meanwhile; nothing was written`,
      );
    renameSync(temporary, target);
  } catch (error) {
    throw error instanceof ConnectorError ? error : fileError(file, 'a plan that can be written', error);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncDirectory(dirname(target));
}

/** What a crash has left of earlier replacements. One process writes a document (its workflow's lease), so they are nobody's. */
async function removeLeftovers(target: string): Promise<void> {
  const beginning = `.${basename(target)}.`;
  const names = await readdir(dirname(target));
  const left = names.filter((name) => name.startsWith(beginning) && /^[0-9a-f-]{36}\.lockstep$/.test(name.slice(beginning.length)));
  await Promise.all(left.map((name) => rm(join(dirname(target), name), { force: true })));
}

/** A worker that runs as another user must not take the file from the people who edit it. Where it may not give files away, the folder's rules decide. */
async function keepOwner(handle: FileHandle, { uid, gid }: Stats): Promise<void> {
  const own = await handle.stat();
  if (own.uid === uid && own.gid === gid) return;
  try {
    await handle.chown(uid, gid);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) throw error;
  }
}

/** True where the file and its folder can be written. */
export async function isWritable(file: string): Promise<boolean> {
  try {
    await access(file, constants.W_OK);
    await access(dirname(file), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Makes the rename last through a power cut; folders cannot be synced everywhere. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // The file system keeps names in its own way: the new text itself is on disk.
  }
}

function fileError(file: string, expected: string, error: unknown): ConnectorError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
  const name = basename(file);
  if (code === 'ENOENT')
    return new ConnectorError('NotFound', `${name}: expected ${expected}, got none; nothing is deleted for it`, {
      retryAfterMs: 5_000,
      cause: error,
    });
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new ConnectorError('Forbidden', `${name}: expected ${expected}, got ${code}: give the user of the worker the permission`, {
      cause: error,
    });
  return new ConnectorError('Transient', `${name}: expected ${expected}, got ${code}`, { cause: error });
}
