import { describe, expect, it } from 'vitest';
import type { Image } from '../crm/change-set.ts';
import { pseudonymsOf } from './pseudonym.ts';

const KEY = Uint8Array.from({ length: 32 }, (_, place) => place);
const RECORD = { connectionId: 'hubspot', object: 'contacts', recordId: '101' };
const IMAGE: Image = {
  presence: 'present',
  fields: { firstname: 'Kim', email: 'kim@acme.example' },
  revision: 'r1',
  readAt: '2026-11-24T09:00:00.000Z',
};
const { subject, image, text } = pseudonymsOf(KEY);

describe('a pseudonym', () => {
  it('is the HMAC-SHA-256 of what it stands for', () => {
    // printf 'subject\n["hubspot","contacts","101"]' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f
    expect(subject(RECORD)).toBe('d47eaeb982e7744cce479e649ff5127eaaea8c52251b2f71d69b0f1a534e5e3e');
  });

  it('says the same again under the same key, and something else under another', () => {
    expect(pseudonymsOf(KEY).subject(RECORD)).toBe(subject(RECORD));
    expect(pseudonymsOf(KEY.map((byte) => byte ^ 1)).subject(RECORD)).not.toBe(subject(RECORD));
    expect(() => pseudonymsOf(KEY.slice(1))).toThrow('expected 32 bytes, got 31');
  });

  it('does not run ids together, nor records, images and texts', () => {
    const all = [
      subject(RECORD),
      subject({ ...RECORD, object: 'contact', recordId: 's101' }),
      subject({ ...RECORD, recordId: '102' }),
      image(RECORD, IMAGE),
      text(RECORD, ''),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('of an image depends on what was shown and on whose it is, never on order, revision or the instant of reading', () => {
    const { fields } = IMAGE;
    const reversed = Object.fromEntries(Object.entries(fields).toReversed());
    expect(image(RECORD, { ...IMAGE, fields: reversed, revision: 'r2', readAt: '2027-01-01T00:00:00.000Z' })).toBe(image(RECORD, IMAGE));
    expect(image(RECORD, { ...IMAGE, fields: { ...fields, email: null } })).not.toBe(image(RECORD, IMAGE));
    expect(image(RECORD, { ...IMAGE, presence: 'archived' })).not.toBe(image(RECORD, IMAGE));
    expect(image({ ...RECORD, recordId: '102' }, IMAGE)).not.toBe(image(RECORD, IMAGE));
  });
});
