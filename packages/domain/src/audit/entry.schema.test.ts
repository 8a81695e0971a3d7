import { describe, expect, it } from 'vitest';
import { anEntry } from './entry.fixture.ts';
import { checkedEntries, InvalidEntry } from './entry.schema.ts';
import type { NewAuditEntry } from './entry.ts';

const PERSONAL = ['kim.lee@acme.example', 'Kim Lee', '+49 151 2345678', '01512345678', 'Sent as Kim asked for it on Monday', 'Straße'];

/** Every text of an entry, replaced: also those within its approval, its content and its reasons. */
const TEXTS: Readonly<Record<string, (text: string) => unknown>> = {
  ...Object.fromEntries(
    Object.entries(anEntry(0))
      .filter(([, value]) => typeof value === 'string' || value === null)
      .map(([name]) => [name, (text: string) => ({ ...anEntry(0), [name]: text })]),
  ),
  'approval.approver': (text) => anEntry(0, { approval: { state: 'approved', approver: text, policyVersion: null, diffHash: null } }),
  'approval.policyVersion': (text) => anEntry(0, { approval: { state: 'approved', approver: null, policyVersion: text, diffHash: null } }),
  'approval.diffHash': (text) => anEntry(0, { approval: { state: 'approved', approver: null, policyVersion: null, diffHash: text } }),
  reasons: (text) => anEntry(0, { reasons: ['ICP_MATCH', text] }),
  'content.subjectHash': (text) => anEntry(0, { content: { subjectHash: text, bodyLength: 3 } }),
  'a field that there is not': (text) => ({ ...anEntry(0), [text]: 1 }),
};

const refusal = (entries: unknown): string => {
  try {
    checkedEntries(entries as readonly NewAuditEntry[]);
  } catch (error) {
    if (error instanceof InvalidEntry) return error.message;
    throw error;
  }
  return 'taken';
};

describe('an entry of the audit log', () => {
  it('is taken as it is: codes, ids and hashes', () => {
    const content = { subjectHash: 'e'.repeat(64), bodyLength: 247 };
    const entries = [anEntry(0), anEntry(1, { confidence: null, approval: null, reviewer: null, changeSetId: null, content })];
    expect(checkedEntries(entries)).toEqual(entries);
  });

  it.each(Object.keys(TEXTS))(
    'case 78 %s takes no address, no sentence, no name of two words and no telephone number, and no refusal repeats it',
    (field) => {
      for (const text of PERSONAL) {
        const message = refusal([anEntry(0), TEXTS[field]?.(text)]);
        expect(message).toMatch(/^audit entry 1 of 2: .*expected/);
        expect(message).not.toContain(text);
      }
    },
  );

  it.each([
    ['an agent that is surer than sure', { confidence: 1.7 }],
    ['no number', { confidence: Number.NaN }],
    ['another outcome', { outcome: 'sent' }],
    ['an instant without milliseconds', { at: '2026-11-24T09:00:00Z' }],
    ['thirty-three reasons', { reasons: Array.from({ length: 33 }, () => 'ICP_MATCH') }],
    ['a field too few', { correlationId: undefined }],
  ])('is refused with %s', (_, change) => {
    expect(refusal([{ ...anEntry(0), ...change }])).toMatch(/^audit entry 0 of 1: \w+.*: /);
  });

  it('comes with at most 10,000 others', () => {
    const many = Array.from({ length: 10_001 }, (_, place) => anEntry(place));
    expect(refusal(many)).toContain('expected at most 10000 entries at a time, got 10001');
  });
});
