/** Slack's refusals: HTTP 200 and `{ok: false, error}`, with what else the vendor puts beside it. */

export class SlackError extends Error {
  override readonly name = 'SlackError';
  readonly code: string;
  readonly more: Readonly<Record<string, unknown>>;

  constructor(code: string, more: Readonly<Record<string, unknown>> = {}) {
    super(code);
    this.code = code;
    this.more = more;
  }

  /** The body that Slack answers with. */
  body(): object {
    return { ok: false, error: this.code, ...this.more };
  }
}

/** A refusal that says which argument is wrong, in the vendor's lines: `[ERROR] must be a string [json-pointer:/channel]`. */
export function refusedAt(code: string, problem: string, pointer: string): SlackError {
  return new SlackError(code, { response_metadata: { messages: [`[ERROR] ${problem} [json-pointer:${pointer}]`] } });
}

/** An argument that has not the form it should have. */
export const invalidArgument = (name: string, problem: string): SlackError => refusedAt('invalid_arguments', problem, `/${name}`);
