/** What became of a write at a CRM, by consequence: pure. */
import type { CrmValue, FindingCode, Image, StepFinding } from '@lockstep/domain/crm/change-set.ts';
import type { CrmOutcome, CrmWrite, Crm } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';

/**
 * `business`: the CRM will never take this, whoever waits (C8). `nothing-happened`: a technical failure before any effect. `unknown`: it may have taken
 * place, and is probed before anything is sent again (C5).
 */
type Consequence = 'business' | 'nothing-happened' | 'unknown';

const CONSEQUENCES: Readonly<Record<ConnectorErrorCode, Consequence>> = {
  Invalid: 'business',
  Forbidden: 'business',
  NotFound: 'business',
  Conflict: 'business',
  Throttled: 'nothing-happened',
  Transient: 'nothing-happened',
  QuotaExhausted: 'nothing-happened',
  AuthExpired: 'nothing-happened',
  AuthRevoked: 'nothing-happened',
  CursorInvalid: 'nothing-happened',
  OutcomeUnknown: 'unknown',
};

const FINDINGS: Readonly<Partial<Record<ConnectorErrorCode, FindingCode>>> = {
  Forbidden: 'FORBIDDEN',
  NotFound: 'GONE',
  Conflict: 'CONFLICT_HUMAN',
};

/** One write's end. */
export type Sent =
  | { readonly kind: 'done'; readonly recordId: string; readonly after: Image }
  | { readonly kind: 'refused'; readonly finding: StepFinding; readonly isPrecondition: boolean }
  | { readonly kind: 'nothing-happened' | 'unknown'; readonly error: ConnectorError }
  /** A probe has found no effect: it may be sent again. */
  | { readonly kind: 'had-no-effect' }
  /** A probe cannot tell: a person has to look, and nothing is sent again. */
  | { readonly kind: 'unclear' };

/** Sends the writes, one answer each. What a call throws, all its writes have met. @throws whatever is no `ConnectorError`. */
export async function send(crm: Crm, writes: readonly CrmWrite[]): Promise<readonly Sent[]> {
  try {
    const outcomes = await crm.write(writes);
    return writes.map((_, index) => sentOf(outcomes[index]));
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return writes.map(() => failed(error, []));
  }
}

function sentOf(outcome: CrmOutcome | undefined): Sent {
  if (outcome === undefined)
    return failed(new ConnectorError('OutcomeUnknown', 'write: expected an outcome each, got fewer; it is probed'), []);
  if (outcome.ok) return { kind: 'done', recordId: outcome.recordId, after: outcome.after };
  return failed(outcome.error, outcome.fields);
}

function failed(error: ConnectorError, fields: readonly string[]): Sent {
  const consequence = CONSEQUENCES[error.code];
  if (consequence !== 'business') return { kind: consequence, error };
  const code = FINDINGS[error.code] ?? 'INVALID';
  return { kind: 'refused', finding: { code, message: error.message, fields }, isPrecondition: error.code === 'Conflict' };
}

/** The first technical failure among them, for whoever retries (C8); null for none. */
export function firstFailure(sent: readonly Sent[]): ConnectorError | null {
  for (const one of sent) if (one.kind === 'nothing-happened' || one.kind === 'unknown') return one.error;
  return null;
}

/** Later of two instants, ISO. */
export function later(left: string, right: string): string {
  return Date.parse(left) >= Date.parse(right) ? left : right;
}

/** The fields that a step wrote, as an image shows them; those that it does not show are as they were asked for. */
export function writtenFields(fields: Readonly<Record<string, CrmValue>>, image: Image): Image {
  const shown = Object.entries(fields).map(([name, value]) => [name, name in image.fields ? (image.fields[name] ?? null) : value] as const);
  return { ...image, fields: Object.fromEntries(shown) };
}
