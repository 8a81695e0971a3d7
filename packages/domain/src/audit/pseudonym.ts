/**
 * Names that say "the same one again" and nothing else: HMAC-SHA-256 under the workspace's secret key. Without the key nobody can try out ids or values,
 * however few there are.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import type { Image, RecordRef } from '../crm/change-set.ts';

/** Lower-case hex of 64 digits each. */
export interface Pseudonyms {
  /** Of a record: the same in every entry about it. */
  readonly subject: (record: RecordRef) => string;
  /** Of what a record showed. Salted by the record: equal values of two records have different hashes; its revision and the instant of reading do not count. */
  readonly image: (record: RecordRef, image: Image) => string;
  /** Of a text that goes to a person, salted by whom it goes to. */
  readonly text: (record: RecordRef, text: string) => string;
}

/** `key` is 32 random bytes of the workspace. */
export function pseudonymsOf(key: Uint8Array): Pseudonyms {
  if (key.length !== 32) throw new RangeError(`key of pseudonyms: expected 32 bytes, got ${key.length}`);
  // Kinds never meet: a text can not be given the hash of a record.
  const keyed = (kind: string, value: unknown): string => bytesToHex(hmac(sha256, key, utf8ToBytes(`${kind}\n${canonicalize(value)}`)));
  const placeOf = ({ connectionId, object, recordId }: RecordRef): readonly string[] => [connectionId, object, recordId];
  return {
    subject: (record) => keyed('subject', placeOf(record)),
    image: (record, { presence, fields, isAssociated }) =>
      keyed('image', [placeOf(record), { presence, fields, isAssociated: isAssociated ?? null }]),
    text: (record, text) => keyed('text', [placeOf(record), text]),
  };
}
