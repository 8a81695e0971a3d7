/**
 * The process that owns PostgreSQL and Temporal. It stops them when it is told to, and when whoever started it is gone, even by `kill -9`: the
 * channel to its parent closes then.
 */
import { startPostgres } from './postgres.ts';
import type { RunningPostgres } from './postgres.ts';
import { startTemporal } from './temporal.ts';
import type { RunningTemporal } from './temporal.ts';

/** What the supervisor is asked to start; null for what the user brings. */
export interface SupervisorOptions {
  readonly postgres: {
    readonly directory: string;
    readonly durable: boolean;
    readonly port?: number;
    readonly socketFolder?: string;
  } | null;
  readonly temporal: {
    readonly directory: string;
    readonly port?: number;
    readonly uiPort?: number;
    readonly timeSkipping?: boolean;
  } | null;
}

export type SupervisorMessage =
  | { readonly kind: 'progress'; readonly message: string }
  | {
      readonly kind: 'ready';
      readonly postgresUrl: string | null;
      readonly temporal: { readonly address: string; readonly uiUrl: string; readonly serverVersion: string } | null;
    }
  | { readonly kind: 'failed'; readonly message: string }
  /** One of them has ended without being told to; the others are stopped, and the supervisor ends. */
  | { readonly kind: 'lost'; readonly message: string };

const tell = (message: SupervisorMessage): void => {
  // The parent may be gone; then nobody is left to be told.
  if (process.connected) process.send?.(message);
};

let starting: Promise<{ postgres: RunningPostgres | null; temporal: RunningTemporal | null }> | undefined;

process.once('message', (options: SupervisorOptions) => {
  starting = start(options);
  starting.then(
    ({ postgres, temporal }) => {
      tell({ kind: 'ready', postgresUrl: postgres?.url ?? null, temporal: temporal === null ? null : addressesOf(temporal) });
      for (const service of [postgres, temporal]) {
        void service?.lost.then((message) => {
          // Told before this process ends: what is sent may otherwise go with it.
          if (process.connected) process.send?.({ kind: 'lost', message } satisfies SupervisorMessage, () => void stop());
          else void stop();
        });
      }
    },
    (error: unknown) => {
      tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
      process.exitCode = 1;
      process.disconnect();
    },
  );
});
process.once('disconnect', () => void stop());
// The signals of a terminal are for the parent, which stops us in order.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => void stop());

function addressesOf({
  address,
  uiUrl,
  serverVersion,
}: RunningTemporal): NonNullable<Extract<SupervisorMessage, { kind: 'ready' }>['temporal']> {
  return { address, uiUrl, serverVersion };
}

async function start(options: SupervisorOptions): Promise<{ postgres: RunningPostgres | null; temporal: RunningTemporal | null }> {
  const progress = (message: string): void => tell({ kind: 'progress', message });
  const outcomes = await Promise.allSettled([
    options.postgres === null ? null : startPostgres(options.postgres),
    options.temporal === null ? null : startTemporal({ ...options.temporal, environment: process.env, progress }),
  ]);
  const [postgres, temporal] = outcomes;
  if (postgres.status === 'fulfilled' && temporal.status === 'fulfilled') return { postgres: postgres.value, temporal: temporal.value };
  await Promise.all(outcomes.map(async (outcome) => (outcome.status === 'fulfilled' ? outcome.value?.stop() : undefined)));
  throw outcomes.find((outcome) => outcome.status === 'rejected')?.reason;
}

async function stop(): Promise<void> {
  const running = await starting?.catch(() => undefined);
  await Promise.all([running?.temporal?.stop(), running?.postgres?.stop()]);
  process.exit();
}
