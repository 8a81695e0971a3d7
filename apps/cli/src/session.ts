/**
 * What every command gets: the API, the output, and the one way to end.
 */
import { createApiClient } from '@lockstep/api/client.ts';
import type { ApiClient } from '@lockstep/api/client.ts';
import type { Command } from 'commander';
import { findAddress } from './address.ts';
import { EXIT } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { failureOf } from './failure.ts';
import { createOutput } from './output.ts';
import type { Output } from './output.ts';

/** Options that every command has. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly color: boolean;
  readonly url?: string;
  readonly token?: string;
  readonly data: string;
  readonly debug: boolean;
}

export interface Session {
  readonly output: Output;
  /** The client of the worker's API; finding its address may fail. */
  readonly api: () => ApiClient;
}

/** What a command has to say: as JSON, as text, and by its exit code (0 where it is left out). */
export interface Answer {
  readonly json: unknown;
  readonly text: string;
  readonly exitCode?: ExitCode;
}

/** Runs a command's work and ends in its exit code. Never throws. */
export async function perform(command: Command, work: (session: Session) => Promise<Answer>): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const output = createOutput(options);
  try {
    const answer = await work({ output, api: () => createApiClient(toClient(options)) });
    output.answer(answer.json, answer.text);
    process.exitCode = answer.exitCode ?? EXIT.ok;
  } catch (error) {
    const failure = failureOf(error);
    output.note(`lockstep ${command.name()}: ${failure.message}`);
    if (options.debug && error instanceof Error) output.note(error.stack ?? '');
    if (options.json) output.answer({ error: failure }, '');
    process.exitCode = failure.exitCode;
  }
}

function toClient(options: GlobalOptions): { readonly baseUrl: string; readonly token: string } {
  const { url, token } = findAddress(options);
  return { baseUrl: url, token };
}
