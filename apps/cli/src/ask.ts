/** Questions to the person at the terminal. They go to stderr, so that stdout stays the answer. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { isatty } from 'node:tty';

/** True where somebody can answer. */
export function canAsk(): boolean {
  return isatty(process.stdin.fd) && isatty(process.stderr.fd);
}

/** Asks for a line; the default is taken for an empty one. A `secret` is not echoed. */
export async function ask(question: string, options: { readonly default?: string; readonly secret?: boolean } = {}): Promise<string> {
  const secret = options.secret === true;
  const hint = options.default === undefined ? '' : ` [${options.default}]`;
  if (secret) process.stderr.write(`${question}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: secret ? silent : process.stderr, terminal: true });
  try {
    const line = (await lines.question(secret ? '' : `${question}${hint}: `)).trim();
    if (secret) process.stderr.write('\n');
    return line === '' ? (options.default ?? '') : line;
  } finally {
    lines.close();
  }
}

/** Asks for a yes; anything else is a no. */
export async function confirm(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await ask(`${question} (yes/no)`));
}
