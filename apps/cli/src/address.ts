/**
 * Where the worker's API is and with which token: flags and environment first, else what `npm start` has left in the data directory.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

export interface Address {
  /** `http://127.0.0.1:7780` */
  readonly url: string;
  readonly token: string;
}

export interface AddressOptions {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  /** The data directory. */
  readonly data: string;
}

/** Finds the API. A token of the data directory is only sent to that directory's own address. Throws `CommandFailure`. */
export function findAddress(options: AddressOptions): Address {
  if (options.url !== undefined) {
    const url = checkedUrl(options.url, '--url or LOCKSTEP_API_URL');
    if (options.token !== undefined) return { url, token: readToken(options.token) };
    const left = readLeft(options.data);
    if (left !== null && new URL(left.url).origin === new URL(url).origin) return { url, token: readTokenFile(options.data, left) };
    throw new CommandFailure(EXIT.usage, 'no_token', `token: expected --token or LOCKSTEP_API_TOKEN for ${url}, got none`);
  }
  const left = readLeft(options.data);
  if (left === null) {
    throw new CommandFailure(
      EXIT.unreachable,
      'unreachable',
      `address: expected ${join(options.data, 'api.json')} of a running worker, or --url and --token, got neither; run \`npm start\` here, or name its data directory with --data`,
    );
  }
  return {
    url: checkedUrl(left.url, join(options.data, 'api.json')),
    token: options.token === undefined ? readTokenFile(options.data, left) : readToken(options.token),
  };
}

interface Left {
  readonly url: string;
  /** Absolute, or relative to the data directory; null where the token came from the environment of `npm start`. */
  readonly tokenFile: string | null;
}

function readLeft(data: string): Left | null {
  const file = join(data, 'api.json');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const parsed = parseOrNull(text);
  if (isLeft(parsed)) return parsed;
  throw new CommandFailure(
    EXIT.failed,
    'bad_address_file',
    `${file}: expected {"url", "tokenFile"}, got something else; run \`npm start\` again, which writes it anew`,
  );
}

function isLeft(value: unknown): value is Left {
  return (
    typeof value === 'object' &&
    value !== null &&
    'url' in value &&
    typeof value.url === 'string' &&
    URL.canParse(value.url) &&
    'tokenFile' in value &&
    (typeof value.tokenFile === 'string' || value.tokenFile === null)
  );
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readTokenFile(data: string, left: Left): string {
  if (left.tokenFile === null) {
    throw new CommandFailure(
      EXIT.usage,
      'no_token',
      `token: expected --token or LOCKSTEP_API_TOKEN, as \`npm start\` was given one by its environment, got none`,
    );
  }
  const file = resolve(data, left.tokenFile);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new CommandFailure(
      EXIT.failed,
      'no_token',
      `token file ${file}: expected a readable file, got none; run \`npm start\`, or give --token`,
    );
  }
}

/** The worker's own setting may say `file:PATH`; so may ours. */
function readToken(token: string): string {
  if (!token.startsWith('file:')) return token;
  const file = resolve(token.slice(5));
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new CommandFailure(EXIT.usage, 'no_token', `token file ${file}: expected a readable file, got none`);
  }
}

function checkedUrl(url: string, place: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new CommandFailure(EXIT.usage, 'bad_url', `${place}: expected an address such as http://127.0.0.1:7780, got ${url}`);
}
