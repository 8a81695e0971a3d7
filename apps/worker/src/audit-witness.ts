/**
 * The witness as a file: one checkpoint a line, appended and flushed to the disk. It is worth as much as it is out of reach of whoever owns the database:
 * put it on a volume that only grows, or ship it away.
 */
import { appendFile, mkdir, open, readFile, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AuditWitness, SignedCheckpoint } from '@lockstep/domain/audit/audit.port.ts';
import { checkpointLine, readCheckpoint } from '@lockstep/domain/audit/checkpoint.ts';

/** The last line is no checkpoint: nothing is appended to a file that somebody has altered. */
export class WitnessUnreadable extends Error {
  override readonly name = 'WitnessUnreadable';
}

/**
 * The witness at this path; the file and its folder are made at the first checkpoint. The public keys, by id in base64, stand beside it in `public-keys`,
 * `id:base64` a line: a key that has signed is never taken out, so that what it signed can be verified after it was rotated.
 */
export function fileWitness(file: string, publicKeys: ReadonlyMap<string, string>): AuditWitness {
  // Read once: this process appends what comes after.
  let known: SignedCheckpoint | null | undefined;
  let arePublished = false;
  return {
    async latest() {
      known ??= await lastOf(file);
      return known;
    },
    async append(checkpoint) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      if (!arePublished) await publish(join(dirname(file), 'public-keys'), publicKeys);
      arePublished = true;
      const handle = await open(file, 'a', 0o600);
      try {
        await handle.appendFile(`${checkpointLine(checkpoint)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      known = checkpoint;
    },
  };
}

async function lastOf(file: string): Promise<SignedCheckpoint | null> {
  const text = await textOf(file);
  const end = text.lastIndexOf('\n') + 1;
  // A crash in the middle of a line: the checkpoint was never given.
  if (end < text.length) await truncate(file, Buffer.byteLength(text.slice(0, end)));
  const line = text.slice(0, end).trimEnd().split('\n').at(-1) ?? '';
  if (line === '') return null;
  const checkpoint = readCheckpoint(line);
  if (checkpoint === null)
    throw new WitnessUnreadable(
      `${file}: expected a checkpoint in its last line, got something else; it was altered, or is another file. Keep it, and set LOCKSTEP_AUDIT_WITNESS to a new one`,
    );
  return checkpoint;
}

/** Those that are not there yet. */
async function publish(file: string, publicKeys: ReadonlyMap<string, string>): Promise<void> {
  const known = (await textOf(file)).split('\n');
  const fresh = [...publicKeys].map(([keyId, key]) => `${keyId}:${key}`).filter((line) => !known.includes(line));
  if (fresh.length > 0) await appendFile(file, fresh.map((line) => `${line}\n`).join(''));
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
