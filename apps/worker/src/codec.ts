/**
 * Encryption of everything that goes to Temporal: AES-256-GCM, with the key's id in the payload's metadata, so that keys can be rotated while old
 * histories stay readable. The metadata is authenticated along with the data.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ValueError } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

const ENCODING = 'binary/encrypted';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const text = new TextEncoder();

/** Keys by id; `current` encrypts, the others still decrypt. Each is 32 bytes. */
export interface KeyRing {
  readonly current: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** A codec over a key ring. Decoding a payload of an unknown key throws `ValueError` and names the key id. */
export function encryptingCodec(ring: KeyRing): PayloadCodec {
  return {
    encode: async (payloads) => payloads.map((payload) => encrypt(ring, payload)),
    decode: async (payloads) => payloads.map((payload) => decrypt(ring, payload)),
  };
}

function encrypt(ring: KeyRing, payload: Payload): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(ring, ring.current), iv);
  cipher.setAAD(text.encode(ring.current));
  const plain = temporal.api.common.v1.Payload.encode(payload).finish();
  const data = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: text.encode(ENCODING), 'encryption-key-id': text.encode(ring.current) }, data };
}

function decrypt(ring: KeyRing, payload: Payload): Payload {
  if (readText(payload.metadata?.['encoding']) !== ENCODING || payload.data === null || payload.data === undefined) return payload;
  const keyId = readText(payload.metadata?.['encryption-key-id']);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(ring, keyId), payload.data.subarray(0, IV_BYTES));
  decipher.setAAD(text.encode(keyId));
  decipher.setAuthTag(payload.data.subarray(payload.data.length - TAG_BYTES));
  const plain = Buffer.concat([decipher.update(payload.data.subarray(IV_BYTES, payload.data.length - TAG_BYTES)), decipher.final()]);
  return temporal.api.common.v1.Payload.decode(plain);
}

function keyOf(ring: KeyRing, keyId: string): Uint8Array {
  const key = ring.keys.get(keyId);
  if (key === undefined) throw new ValueError(`encryption key: expected one of ${[...ring.keys.keys()].join(', ')}, got ${keyId}`);
  return key;
}

function readText(bytes: Uint8Array | null | undefined): string {
  return bytes === null || bytes === undefined ? '' : new TextDecoder().decode(bytes);
}
