/**
 * What a mail server's refusals mean, by reply code (RFC 5321, 4.2) and by the step at which they came; and failures of the connection, by nodemailer's
 * names for them. Messages repeat codes only: a server's words may quote the address.
 */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';
import { z } from 'zod';

const failureSchema = z.object({
  /** `EAUTH`, `EENVELOPE`, … */
  code: z.string().optional().catch(undefined),
  /** `RCPT TO`, `DATA`, `AUTH PLAIN`, … */
  command: z.string().optional().catch(undefined),
  responseCode: z.number().optional().catch(undefined),
  /** The system's, under nodemailer's own. */
  originalCode: z.string().optional().catch(undefined),
  timeoutType: z.string().optional().catch(undefined),
});
type Failure = z.infer<typeof failureSchema>;

/** Failures before a message could leave. */
const NEVER_LEFT = new Set([
  ...['EDNS', 'ETLS', 'EPROXY', 'ECONFIG', 'ENOAUTH', 'CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT'],
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
]);
/** Replies 5xx that speak of the reader. */
const NO_SUCH_READER = new Set([550, 551, 553, 556]);

/** Any failure of a sending. */
export function mailFailure(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const failure = failureSchema.safeParse(error).data ?? {};
  const { code = 'unknown', command = '', responseCode } = failure;
  const place = command === '' || command === 'CONN' ? 'connection' : command;
  const message = `Mail ${place}: expected the message to be taken, got ${responseCode ?? code}`;
  const details = { cause: error, ...(responseCode === undefined ? {} : { status: responseCode }) };
  return new ConnectorError(consequence(failure), message, details);
}

function consequence({ code = '', command, responseCode, originalCode = '', timeoutType = '' }: Failure): ConnectorErrorCode {
  if (responseCode !== undefined) {
    if (responseCode < 500) return 'Transient';
    // It has no TLS, and nothing is sent in clear.
    if (code === 'ETLS') return 'Forbidden';
    if (code === 'EAUTH' || responseCode === 530 || responseCode === 535) return 'AuthRevoked';
    if (command === 'RCPT TO') return NO_SUCH_READER.has(responseCode) ? 'NotFound' : 'Forbidden';
    return command === 'MAIL FROM' ? 'Forbidden' : 'Invalid';
  }
  if (code === 'EAUTH') return 'AuthRevoked';
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return 'Invalid';
  // A connection that never was, against one that broke: the message may be with the server by then.
  return [code, originalCode, timeoutType].some((name) => NEVER_LEFT.has(name)) ? 'Transient' : 'OutcomeUnknown';
}
