import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether a signature is the HMAC-SHA256 of these bytes. In constant time; false for anything malformed. */
export function isSigned(secret: string, signed: Uint8Array | string, signature: string, encoding: 'hex' | 'base64'): boolean {
  const wanted = createHmac('sha256', secret).update(signed).digest();
  const given = Buffer.from(signature, encoding);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
