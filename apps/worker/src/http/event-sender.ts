/**
 * Who sends product events: by a token in a header, or by a signature over the body's bytes. Fails closed: without credentials nobody does. Comparisons take the
 * same time whatever is given.
 *
 * Sources: Segment's libraries authenticate with the write key as the user of basic authentication and an empty password
 * (https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/#authentication); its webhooks destination signs the body with HMAC-SHA1 in hex
 * as `X-Signature` (https://segment.com/docs/connections/destinations/catalog/actions-webhook/#authentication). Over batches that destination signs the first
 * call alone: they are refused, so batching has to be off there.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface EventCredentials {
  /** Bearer tokens or write keys, each as good as the other. */
  readonly tokens: readonly string[];
  /** Secrets that bodies are signed with; several while one takes the place of another. */
  readonly secrets: readonly string[];
}

/** True for `Bearer <token>`, and for basic authentication with a token as the user and an empty password. */
export function bearsToken(authorization: string, tokens: readonly string[]): boolean {
  const given = digest(authorization);
  const expected = tokens.flatMap((token) => [`Bearer ${token}`, `Basic ${Buffer.from(`${token}:`).toString('base64')}`]);
  return expected.filter((header) => timingSafeEqual(given, digest(header))).length > 0;
}

/** True for the HMAC of these bytes in hex: SHA-1 of 40 digits, as Segment has it, or SHA-256 of 64, with or without `sha1=` or `sha256=`. */
export function isSignedBy(secrets: readonly string[], body: Uint8Array, signature: string): boolean {
  const [, name, hex] = /^(?:(sha1|sha256)=)?([0-9a-f]{40}|[0-9a-f]{64})$/.exec(signature) ?? [];
  if (hex === undefined) return false;
  const algorithm = hex.length === 40 ? 'sha1' : 'sha256';
  if (name !== undefined && name !== algorithm) return false;
  const given = Buffer.from(hex, 'hex');
  return secrets.filter((secret) => timingSafeEqual(given, createHmac(algorithm, secret).update(body).digest())).length > 0;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
