/** Ed25519 signatures of checkpoints. Of a ring of keys the first signs; the others are named so that what they have signed still verifies. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { CheckpointSigner } from '@lockstep/domain/audit/audit.port.ts';
import type { KeyRing } from './codec.ts';

export interface AuditKeys extends CheckpointSigner {
  /** Public halves by key id, 32 bytes in base64. */
  readonly publicKeys: ReadonlyMap<string, string>;
}

/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410, 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The keys of the ring are the secret halves, 32 bytes each. */
export function auditKeys(ring: KeyRing): AuditKeys {
  const secrets = new Map([...ring.keys].map(([keyId, seed]) => [keyId, secretOf(seed)]));
  const current = secrets.get(ring.current);
  if (current === undefined) throw new Error(`audit key ${ring.current}: expected among the keys of its ring, it is not`);
  return {
    keyId: ring.current,
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), current).toString('base64'),
    publicKeys: new Map([...secrets].map(([keyId, secret]) => [keyId, publicHalf(secret)])),
  };
}

function secretOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
}

function publicHalf(secret: KeyObject): string {
  const { x = '' } = createPublicKey(secret).export({ format: 'jwk' });
  return Buffer.from(x, 'base64url').toString('base64');
}
