/**
 * PostgreSQL and Temporal for one start of Lockstep: the user's own where the environment names them, else ours.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { LocalServiceError } from './errors.ts';
import type { SupervisorMessage, SupervisorOptions } from './supervisor.ts';

export interface EnginesOptions {
  /** Where our own engines keep their data. */
  readonly directory: string;
  /** `DATABASE_URL` and `TEMPORAL_ADDRESS` name the user's own engines. */
  readonly environment: NodeJS.ProcessEnv;
  readonly durable: boolean;
  readonly timeSkipping?: boolean;
  /** As in PostgresOptions. */
  readonly socketFolder?: string;
  readonly ports?: { readonly postgres?: number; readonly temporal?: number; readonly temporalUi?: number };
  readonly progress: (message: string) => void;
}

export interface Engines {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** Null for a Temporal that is not ours. */
  readonly temporalUiUrl: string | null;
  /** Resolves when our own engines have stopped. */
  stop(): Promise<void>;
  /** Resolves with a message if the engines end while they are needed. */
  readonly lost: Promise<string>;
}

const SUPERVISOR = fileURLToPath(new URL('supervisor.ts', import.meta.url));

/** Starts what is needed and waits until it serves. Rejects with `LocalServiceError`; nothing is left running then. */
export async function startEngines(options: EnginesOptions): Promise<Engines> {
  const databaseUrl = options.environment['DATABASE_URL'];
  const temporalAddress = options.environment['TEMPORAL_ADDRESS'];
  const { directory, durable, ports = {}, socketFolder } = options;
  const asked: SupervisorOptions = {
    postgres: databaseUrl
      ? null
      : {
          ...{ directory, durable },
          ...(ports.postgres === undefined ? {} : { port: ports.postgres }),
          ...(socketFolder === undefined ? {} : { socketFolder }),
        },
    temporal: temporalAddress
      ? null
      : {
          directory,
          timeSkipping: options.timeSkipping ?? false,
          ...(ports.temporal === undefined ? {} : { port: ports.temporal }),
          ...(ports.temporalUi === undefined ? {} : { uiPort: ports.temporalUi }),
        },
  };
  // A process group of its own: Ctrl-C in the terminal must not end the engines before the worker.
  const supervisor = fork(SUPERVISOR, [], { detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: options.environment });
  const ended = new Promise<void>((done) => supervisor.once('exit', () => done()));
  let stopping = false;
  const loss = Promise.withResolvers<string>();
  const ready = await new Promise<Extract<SupervisorMessage, { kind: 'ready' }>>((resolve, reject) => {
    supervisor.on('message', (message: SupervisorMessage) => {
      if (message.kind === 'progress') options.progress(message.message);
      else if (message.kind === 'ready') resolve(message);
      else if (message.kind === 'lost') loss.resolve(message.message);
      else reject(new LocalServiceError(message.message));
    });
    supervisor.once('error', reject);
    supervisor.once('exit', () => reject(new LocalServiceError('engines: expected the supervisor to serve, got its end')));
    supervisor.send(asked);
  });
  void ended.then(() => {
    if (!stopping) loss.resolve('the process that owns PostgreSQL and Temporal has ended');
  });
  return {
    databaseUrl: databaseUrl || (ready.postgresUrl ?? ''),
    temporalAddress: temporalAddress || (ready.temporal?.address ?? ''),
    temporalUiUrl: ready.temporal?.uiUrl ?? null,
    async stop() {
      stopping = true;
      if (supervisor.connected) supervisor.disconnect();
      await ended;
    },
    lost: loss.promise,
  };
}
