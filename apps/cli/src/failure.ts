/**
 * How a command ends when it cannot do what it was asked: a message in house form (what, where, expected, got, what to do) and an exit code.
 */
import { ApiError } from '@lockstep/api/client.ts';
import { EXIT } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';

/** A command that ends with a message for the person who called it. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: ExitCode;
  /** A stable word for scripts. */
  readonly code: string;

  constructor(exitCode: ExitCode, code: string, message: string) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
  }
}

/** What scripts and people are told about an error. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** Names any error by its consequence. An error that we do not know shows its message; `--debug` shows where it came from. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CommandFailure) return { code: error.code, message: error.message, exitCode: error.exitCode };
  if (error instanceof ApiError) return { code: error.code, message: apiMessage(error), exitCode: EXIT_OF_API[error.code] };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), exitCode: EXIT.failed };
}

const EXIT_OF_API: Readonly<Record<ApiError['code'], ExitCode>> = {
  bad_request: EXIT.failed,
  unauthorized: EXIT.failed,
  forbidden: EXIT.refused,
  not_found: EXIT.failed,
  bad_steps: EXIT.failed,
  stale_plan: EXIT.refused,
  refused: EXIT.refused,
  too_large: EXIT.failed,
  compressed: EXIT.failed,
  rate_limited: EXIT.failed,
  internal: EXIT.failed,
  unreachable: EXIT.unreachable,
};

/** What to do next, where the API's own message does not say it. */
const REMEDY: Readonly<Partial<Record<ApiError['code'], string>>> = {
  unauthorized: 'give the right one with --token or LOCKSTEP_API_TOKEN, or name the data directory of the running worker with --data',
  stale_plan: 'run `lockstep plan`, then apply that one',
};

function apiMessage(error: ApiError): string {
  const remedy = REMEDY[error.code];
  const problems = error.problems.map(({ place, message }) => `\n  ${place}: ${message}`).join('');
  return (remedy === undefined ? error.message : `${error.message}; ${remedy}`) + problems;
}
