import type { Console } from './console.ts';
import type { DataDirectory } from './data.ts';
import type { LaunchOptions } from './options.ts';
import type { Running } from './running.ts';

/** What a run of either kind has at hand. */
export interface LaunchParts {
  readonly options: LaunchOptions;
  readonly data: DataDirectory;
  readonly running: Running;
  readonly console: Console;
  readonly environment: NodeJS.ProcessEnv;
}
