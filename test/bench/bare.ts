/** Runs the bare loop in a process of its own, into a simulator of its own that also sends its webhooks, to somebody who only acknowledges them. */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { subscribeWebhooks } from '@lockstep/launcher/people/administrator.ts';
import { openSimulator } from './stage.ts';
import type { Place } from './stage.ts';

const LOOP = fileURLToPath(new URL('bare-loop.ts', import.meta.url));

/** Seconds until everything was sent, by tool and for all of them. */
export interface BareTimes {
  readonly jira: number;
  readonly notion: number;
  readonly hubspot: number;
  readonly all: number;
}

export async function runBareLoop(place: Place, items: number): Promise<BareTimes> {
  const simulator = await openSimulator(place, 'bare');
  const sink = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(202).end('{}'));
  });
  await new Promise<void>((done) => sink.listen(0, '127.0.0.1', done));
  await subscribeWebhooks(place.data, simulator.urls, (sink.address() as AddressInfo).port);
  const { NODE_OPTIONS: _profile, ...environment } = place.environment;
  const child = fork(LOOP, [], { env: environment, execArgv: ['--disable-warning=ExperimentalWarning'] });
  const answer = await new Promise<{ seconds?: BareTimes; error?: string }>((resolve) => {
    child.once('message', (message) => resolve(message as { seconds?: BareTimes; error?: string }));
    child.once('exit', (code) => resolve({ error: `exit code ${code}` }));
    child.send({ urls: simulator.urls, items });
  });
  await simulator.service.kill();
  sink.closeAllConnections();
  await new Promise((closed) => sink.close(closed));
  if (answer.seconds === undefined) throw new Error(`the bare loop: expected to load ${items} items, got ${answer.error ?? 'nothing'}`);
  return answer.seconds;
}
