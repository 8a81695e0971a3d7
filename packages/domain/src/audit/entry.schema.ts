/**
 * What may stand in the audit log. Codes, ids and hashes with bounds: a sentence, an e-mail address or a telephone number has no field that would take it.
 * (A single word is a code to any pattern: that codes are codes, callers see to.)
 */
import { z } from 'zod';
import type { NewAuditEntry } from './entry.ts';

/** Entries per append: a bound on memory and on how long the log's end is locked. */
const MOST_ENTRIES = 10_000;
const MOST_REASONS = 32;

const code = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*$/, 'expected a code: letters and digits, joined by - _ or .');
const id = z
  .string()
  .max(160)
  .regex(
    /^(?![0-9][0-9./:-]{6,}$)[A-Za-z0-9][A-Za-z0-9._:/-]*$/,
    'expected an id of ours: letters, digits and . _ : / -, and no telephone number',
  );
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits in lower case');
const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, 'expected an instant like 2026-01-31T09:30:00.000Z');

/** Only what is named here: an unknown key is refused. */
const newEntrySchema = z.strictObject({
  at: instant,
  actor: id,
  actorKind: z.enum(['human', 'agent', 'system']),
  intent: code,
  action: code,
  subject: hash.nullable(),
  segment: code.nullable(),
  changeSetId: id.nullable(),
  stepId: id.nullable(),
  connectionId: id.nullable(),
  policyVersion: id.nullable(),
  confidence: z.number().min(0).max(1).nullable(),
  approval: z
    .strictObject({
      state: z.enum(['autonomous', 'required', 'approved', 'rejected', 'expired', 'void']),
      approver: id.nullable(),
      policyVersion: id.nullable(),
      diffHash: hash.nullable(),
    })
    .nullable(),
  reviewer: id.nullable(),
  outcome: z.enum(['intended', 'done', 'refused', 'failed', 'unknown', 'skipped', 'escalated']),
  reasons: z.array(code).max(MOST_REASONS),
  beforeHash: hash.nullable(),
  afterHash: hash.nullable(),
  content: z.strictObject({ subjectHash: hash, bodyLength: z.int().min(0).max(10_000_000) }).nullable(),
  correlationId: id,
}) satisfies z.ZodType<NewAuditEntry>;

/** An entry holds what the log does not take. The message names fields and what they expect, never a value. */
export class InvalidEntry extends Error {
  override readonly name = 'InvalidEntry';
}

/** What may be appended, and nothing else. @throws InvalidEntry */
export function checkedEntries(entries: readonly NewAuditEntry[]): readonly NewAuditEntry[] {
  if (entries.length > MOST_ENTRIES)
    throw new InvalidEntry(`audit: expected at most ${MOST_ENTRIES} entries at a time, got ${entries.length}; append in parts`);
  return entries.map((entry, place) => {
    const checked = newEntrySchema.safeParse(entry);
    if (checked.success) return checked.data;
    const problems = checked.error.issues.map(({ path, code: kind, message }) =>
      // The message of an unknown key quotes the key.
      kind === 'unrecognized_keys' ? 'expected no other fields' : `${path.join('.')}: ${message}`,
    );
    throw new InvalidEntry(`audit entry ${place} of ${entries.length}: ${problems.join('; ')}; put texts elsewhere, the log takes codes`);
  });
}
