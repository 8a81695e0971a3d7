/**
 * Histories of real runs, kept decrypted: replaying needs no key, none is kept with the code, and a change of the codec does not touch them. Whether
 * payloads can be decrypted is another question (test/workflows/codec.test.ts). They hold ids and numbers of made-up workspaces.
 *
 * They are added, never replaced: a workflow that runs somewhere may stand at any of them. The checksums notice one that was changed.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { historyToJSON, JSONToPayload, payloadToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowHandle } from '@temporalio/client';
import { encryptingCodec } from '@lockstep/worker/codec.ts';
import type { KeyRing } from '@lockstep/worker/codec.ts';

const FOLDER = new URL('histories/', import.meta.url);
const CHECKSUMS = new URL('histories/SHA256SUMS', import.meta.url);

export interface SavedHistory {
  /** `<workflow type>.<case>.<number>` */
  readonly name: string;
  readonly text: string;
}

const historyNames = (): readonly string[] => readdirSync(FOLDER).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));

export function savedHistories(): readonly SavedHistory[] {
  return historyNames().map((name) => ({ name, text: readFileSync(new URL(`${name}.json`, FOLDER), 'utf8') }));
}

/** Checksums by name, as recorded when the history was saved. */
export function checksums(): ReadonlyMap<string, string> {
  if (!existsSync(CHECKSUMS)) return new Map();
  const lines = readFileSync(CHECKSUMS, 'utf8').split('\n');
  return new Map(lines.filter((line) => line !== '').map((line) => [line.slice(66).replace(/\.json$/, ''), line.slice(0, 64)]));
}

export const checksumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Saves under the next free number of the case. */
export function saveHistory(scenario: string, text: string): void {
  let number = 1;
  while (existsSync(new URL(`${scenario}.${number}.json`, FOLDER))) number += 1;
  writeFileSync(new URL(`${scenario}.${number}.json`, FOLDER), text, { flag: 'wx' });
  writeFileSync(CHECKSUMS, `${checksumOf(text)}  ${scenario}.${number}.json\n`, { flag: 'a' });
}

/** The history of the handle's run as JSON, one event a line, with every payload decrypted. */
export async function decryptedHistory(handle: WorkflowHandle, ring: KeyRing): Promise<string> {
  const { events } = JSON.parse(historyToJSON(await handle.fetchHistory())) as { readonly events: readonly object[] };
  const lines = await Promise.all(events.map(async (event) => JSON.stringify(await decrypted(event, ring))));
  return `{"events":[\n${lines.join(',\n')}\n]}\n`;
}

const ENCRYPTED = Buffer.from('binary/encrypted').toString('base64');

/** Any part of a history: what has a payload's form and was encrypted is replaced by what it holds. */
async function decrypted(part: unknown, ring: KeyRing): Promise<unknown> {
  if (Array.isArray(part)) return Promise.all(part.map((element) => decrypted(element, ring)));
  if (typeof part !== 'object' || part === null) return part;
  if (isEncrypted(part)) {
    const [payload] = await encryptingCodec(ring).decode([JSONToPayload(part)]);
    return payload === undefined ? part : payloadToJSON(payload);
  }
  const entries = await Promise.all(Object.entries(part).map(async ([key, value]) => [key, await decrypted(value, ring)] as const));
  return Object.fromEntries(entries);
}

function isEncrypted(part: object): part is Parameters<typeof JSONToPayload>[0] {
  return 'metadata' in part && (part.metadata as { readonly encoding?: string } | null)?.encoding === ENCRYPTED;
}
