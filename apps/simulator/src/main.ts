/**
 * The simulator as a process: prints its addresses as one JSON line and serves until it is told to stop, or until whoever started it is gone.
 */
import { parseArgs } from 'node:util';
import { startSimulator } from './server.ts';

const HELP = `simulator: stands in for Jira Cloud, Notion, HubSpot, Salesforce and Slack over HTTP, and for a mail server

  --database FILE       keep records and the request log in this SQLite file (default: nothing is kept)
  --jira-port N         and --notion-port, --hubspot-port, --salesforce-port, --slack-port, --mail-port, --smtp-port, --admin-port: fixed ports (default: free ones)
  --rate-limits MODE    documented (default): the vendors' published limits; off: never a 429
  --latency-ms N        round trip added to each request (default 0)

Prints {"jira":"http://…","notion":…,"hubspot":…,"salesforce":…,"slack":…,"mail":…,"smtp":"smtp://…","admin":…} on one line when it serves. Each tool has a page for people under /ui.
`;

const { values } = parseArgs({
  options: {
    database: { type: 'string', default: ':memory:' },
    'jira-port': { type: 'string' },
    'notion-port': { type: 'string' },
    'hubspot-port': { type: 'string' },
    'salesforce-port': { type: 'string' },
    'slack-port': { type: 'string' },
    'mail-port': { type: 'string' },
    'smtp-port': { type: 'string' },
    'admin-port': { type: 'string' },
    'rate-limits': { type: 'string', default: 'documented' },
    'latency-ms': { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else {
  const port = (value: string | undefined): number => Number(value ?? '0');
  const simulator = await startSimulator({
    databaseFile: values.database,
    ports: {
      jira: port(values['jira-port']),
      notion: port(values['notion-port']),
      hubspot: port(values['hubspot-port']),
      salesforce: port(values['salesforce-port']),
      slack: port(values['slack-port']),
      mail: port(values['mail-port']),
      smtp: port(values['smtp-port']),
      admin: port(values['admin-port']),
    },
    rateLimits: values['rate-limits'] === 'off' ? 'off' : 'documented',
    latencyMs: Number(values['latency-ms']),
  });
  process.stdout.write(`${JSON.stringify(simulator.urls)}\n`);
  const stop = (): void => {
    simulator.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop);
}
