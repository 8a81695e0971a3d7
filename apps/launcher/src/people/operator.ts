/** Priya, who operates Lockstep: what she types at a terminal, and a record of it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { THIS_CHECKOUT } from '../checkout.ts';
import type { DataDirectory } from '../data.ts';
import { LaunchError } from '../errors.ts';

export interface TypeOptions {
  /** How the command must end; 0 where it is left out. */
  readonly exitCode?: number;
  /** The root of another checkout whose `lockstep` is typed, and how it is called. */
  readonly checkout?: { readonly root: string; readonly name: string };
  /** The file with the token of somebody else's account, and their name. */
  readonly as?: { readonly tokenFile: string; readonly name: string };
}

/** What was said and typed, in order. */
export type Entry =
  | { readonly kind: 'heading' | 'words'; readonly text: string }
  | { readonly kind: 'typed'; readonly prompt: string; readonly command: string; readonly output: string; readonly exitCode: number };

export interface Operator {
  /** Types `lockstep …`. @throws LaunchError where it ends otherwise than expected */
  type(args: readonly string[], options?: TypeOptions): Promise<void>;
  /** Begins a part of the record. */
  begin(heading: string): void;
  /** Ends the part that was begun, if one was, with what was found. */
  end(found: string): void;
  /** Says what happens, and notes it. */
  note(words: string): void;
  readonly record: readonly Entry[];
}

interface Place {
  readonly data: DataDirectory;
  readonly environment: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

export function operator({ data, environment, say }: Place): Operator {
  const record: Entry[] = [];
  let isBegun = false;
  const run = async (args: readonly string[], { exitCode = 0, checkout, as }: TypeOptions) => {
    const token = as === undefined ? [] : ['--token', `file:${as.tokenFile}`];
    const program = join(checkout?.root ?? THIS_CHECKOUT, 'apps/cli/src/main.ts');
    const ended = await ran(program, [...args, ...token, '--data', data.path], environment);
    if (ended.code !== exitCode)
      throw new LaunchError(
        `lockstep ${args.join(' ')}: expected exit code ${exitCode}, got ${ended.code}: ${ended.stderr}${ended.stdout}`,
      );
    return ended;
  };
  return {
    record,
    async type(args, options = {}) {
      const { exitCode = 0, checkout, as } = options;
      const command = `lockstep ${args.map(quoted).join(' ')}`;
      const prompt = [as?.name, checkout?.name].filter((part) => part !== undefined).join(' ');
      say(`   ${prompt}$ ${command}`);
      const { stdout, stderr } = await run(args, options);
      // Where the data directory lies is nobody's business.
      record.push({ kind: 'typed', prompt, command, output: `${stderr}${stdout}`.replaceAll(data.path, '.lockstep').trimEnd(), exitCode });
    },
    begin(text) {
      isBegun = true;
      record.push({ kind: 'heading', text });
    },
    end(text) {
      if (isBegun) record.push({ kind: 'words', text });
      isBegun = false;
    },
    note(text) {
      say(text);
      record.push({ kind: 'words', text });
    },
  };
}

const quoted = (argument: string): string => (/^[\w./:=-]+$/.test(argument) ? argument : `"${argument}"`);

function ran(program: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], { env: environment });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString('utf8')));
  return new Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...said }));
  });
}
