/**
 * Encryption of everything that goes to Temporal: AES-256-GCM, with the key's id in the payload's metadata, so that keys can be rotated while old
 * histories stay readable. The metadata is authenticated along with the data.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ValueError } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
// CommonJS whose names Node cannot see: only the default import works outside a bundler.
import proto from '@temporalio/proto';

const ENCODING = 'binary/encrypted';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const text = new TextEncoder();

/** Keys by id; `current` encrypts, the others still decrypt. Each is 32 bytes. */
export interface KeyRing {
  readonly current: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** A codec over a key ring. Decoding a payload of a key that is unknown, or not the one that encrypted it, throws `ValueError` and names the key id. */
export function encryptingCodec(ring: KeyRing): PayloadCodec {
  return {
    encode: async (payloads) => payloads.map((payload) => encrypt(ring, payload)),
    decode: async (payloads) => payloads.map((payload) => decrypt(ring, payload)),
  };
}

/** Seals texts for the store with the same keys: a length, the key's id, then what a payload's data is. */
export function sealing(ring: KeyRing): { seal(plain: string): Uint8Array; open(sealed: Uint8Array): string } {
  return {
    seal: (plain) => {
      const keyId = text.encode(ring.current);
      return Buffer.concat([Uint8Array.of(keyId.length), keyId, closed(ring, text.encode(plain))]);
    },
    open: (sealed) => {
      const end = 1 + (sealed[0] ?? 0);
      const keyId = readText(sealed.subarray(1, end));
      return readText(opened(keyOf(ring, keyId), keyId, sealed.subarray(end)));
    },
  };
}

function closed(ring: KeyRing, plain: Uint8Array): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(ring, ring.current), iv);
  cipher.setAAD(text.encode(ring.current));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function encrypt(ring: KeyRing, payload: Payload): Payload {
  const data = closed(ring, proto.temporal.api.common.v1.Payload.encode(payload).finish());
  return { metadata: { encoding: text.encode(ENCODING), 'encryption-key-id': text.encode(ring.current) }, data };
}

function decrypt(ring: KeyRing, payload: Payload): Payload {
  if (readText(payload.metadata?.['encoding']) !== ENCODING || payload.data === null || payload.data === undefined) return payload;
  const keyId = readText(payload.metadata?.['encryption-key-id']);
  return proto.temporal.api.common.v1.Payload.decode(opened(keyOf(ring, keyId), keyId, payload.data));
}

function opened(key: Uint8Array, keyId: string, data: Uint8Array): Uint8Array {
  const end = data.length - TAG_BYTES;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(text.encode(keyId));
    decipher.setAuthTag(data.subarray(end));
    return Buffer.concat([decipher.update(data.subarray(IV_BYTES, end)), decipher.final()]);
  } catch {
    throw new ValueError(
      `encryption key ${keyId}: expected the key that encrypted this payload, got another one under its id, or an altered payload; put the right key into LOCKSTEP_ENCRYPTION_KEYS`,
    );
  }
}

function keyOf(ring: KeyRing, keyId: string): Uint8Array {
  const key = ring.keys.get(keyId);
  if (key === undefined)
    throw new ValueError(
      `encryption key: expected one of ${[...ring.keys.keys()].join(', ')}, got ${keyId}; keep retired keys in LOCKSTEP_ENCRYPTION_KEYS`,
    );
  return key;
}

function readText(bytes: Uint8Array | null | undefined): string {
  return bytes === null || bytes === undefined ? '' : new TextDecoder().decode(bytes);
}
