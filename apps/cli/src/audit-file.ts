/** Files of an audit: the exported log, checkpoints, public keys. Read as bytes: an audit must see what is there, not what a decoder makes of it. */
import { isUtf8 } from 'node:buffer';
import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { checkpointText, readCheckpoint } from '@lockstep/api/audit-verification.ts';
import type { SignatureVerdict, SignedCheckpoint } from '@lockstep/api/audit-verification.ts';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

export interface FileLine {
  readonly text: string;
  /** Whether its bytes are UTF-8. */
  readonly isText: boolean;
}

const NEWLINE = 0x0a;

/** The lines of a file, whatever its size. @throws CommandFailure for a file that cannot be read. */
export async function* linesOf(file: string): AsyncGenerator<FileLine> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      rest = Buffer.concat([rest, chunk as Buffer]);
      let start = 0;
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, start)) {
        yield lineOf(rest.subarray(start, end));
        start = end + 1;
      }
      rest = rest.subarray(start);
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  if (rest.length > 0) yield lineOf(rest);
}

function lineOf(bytes: Buffer): FileLine {
  return { text: bytes.toString('utf8'), isText: isUtf8(bytes) };
}

export interface CheckpointFiles {
  readonly checkpoints: readonly SignedCheckpoint[];
  /** Lines that are none: `file:line`. */
  readonly strangers: readonly string[];
}

/** The checkpoints of all files. */
export async function checkpointsOf(files: readonly string[]): Promise<CheckpointFiles> {
  const checkpoints: SignedCheckpoint[] = [];
  const strangers: string[] = [];
  for (const file of files) {
    let number = 0;
    for await (const { text, isText } of linesOf(file)) {
      number += 1;
      const checkpoint = isText ? readCheckpoint(text) : null;
      if (checkpoint === null) strangers.push(`${file}:${number}`);
      else checkpoints.push(checkpoint);
    }
  }
  return { checkpoints, strangers };
}

/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410, 4). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** Checks signatures by the public keys of a file, `id:base64` a line. @throws CommandFailure for a line that is no key. */
export async function signaturesBy(file: string): Promise<(checkpoint: SignedCheckpoint) => SignatureVerdict> {
  const keys = new Map<string, KeyObject>();
  const lines = (await textOf(file)).split('\n').filter((line) => line.trim() !== '');
  for (const [index, line] of lines.entries()) {
    const [, keyId, encoded] = /^([^:\s]+):([A-Za-z0-9+/]{43}=)$/.exec(line.trim()) ?? [];
    if (keyId === undefined || encoded === undefined)
      throw new CommandFailure(
        EXIT.failed,
        'bad_key',
        `${file}, key ${index + 1}: expected id:base64 of an Ed25519 public key, got something else`,
      );
    keys.set(keyId, createPublicKey({ key: Buffer.concat([SPKI, Buffer.from(encoded, 'base64')]), format: 'der', type: 'spki' }));
  }
  return (checkpoint) => {
    const key = keys.get(checkpoint.keyId);
    if (key === undefined) return 'unknown-key';
    const text = Buffer.from(checkpointText(checkpoint), 'utf8');
    return verify(null, text, key, Buffer.from(checkpoint.signature, 'base64')) ? 'good' : 'bad';
  };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): CommandFailure {
  const cause = error instanceof Error ? error.message : String(error);
  return new CommandFailure(EXIT.failed, 'unreadable', `${file}: expected a readable file, got: ${cause}`);
}
