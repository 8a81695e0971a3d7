/** Starts engines as a launcher would, for tests that kill it: prints one JSON line when they serve and then waits. */
import { startEngines } from './engines.ts';
import { startPostgres } from './postgres.ts';

const [how, directory = ''] = process.argv.slice(2);
if (how === 'engines') {
  const { databaseUrl } = await startEngines({
    directory,
    environment: { ...process.env, TEMPORAL_ADDRESS: 'not-started', DATABASE_URL: '' },
    durable: false,
    progress: () => undefined,
  });
  process.stdout.write(`${JSON.stringify({ url: databaseUrl })}\n`);
} else {
  const { url } = await startPostgres({ directory, durable: false });
  process.stdout.write(`${JSON.stringify({ url })}\n`);
}
setInterval(() => undefined, 60_000);
