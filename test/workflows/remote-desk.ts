/**
 * Paper remotes over HTTP: they live on in the test's own process while the worker's process is killed.
 */
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { paperRemote } from '../engine/paper-remote.ts';

/** Serves connectors by name until it is closed. Only answers cross it, no failures of the remotes. */
export async function serveRemotes(
  connectorOf: (name: string) => Connector,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const [, name = '', call = ''] = (request.url ?? '').split('/');
    bodyOf(request)
      .then((args) => answer(connectorOf(name), call, args))
      .then(
        (result) => response.end(JSON.stringify(result)),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<readonly never[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as readonly never[];
}

function answer({ pulls, pushes }: Connector, call: string, [first, second]: readonly never[]): Promise<unknown> {
  switch (call) {
    case 'pull':
      return pulls.pull(first as never);
    case 'fetch':
      return pulls.fetch(first as never, second);
    case 'findByMarker':
      return pulls.findByMarker(first as never, second);
    case 'create':
      return pushes.create(first as never);
    case 'update':
      return pushes.update(first as never);
    case 'remove':
      return pushes.remove(first as never);
    default:
      throw new Error(`desk: expected a call of the connector port, got ${call}`);
  }
}

/** The connector of a remote that another process serves. */
export function distantRemote(url: string, name: string): Connector {
  const local = paperRemote(name).connector;
  const ask = async <T>(call: string, ...args: readonly unknown[]): Promise<T> => {
    try {
      const response = await fetch(`${url}/${name}/${call}`, { method: 'POST', body: JSON.stringify(args) });
      if (response.ok) return (await response.json()) as T;
      throw new Error(await response.text());
    } catch (error) {
      throw new ConnectorError(['create', 'update', 'remove'].includes(call) ? 'OutcomeUnknown' : 'Transient', `${name}: no answer`, {
        cause: error,
      });
    }
  };
  return {
    mappedFields: (kind) => local.mappedFields(kind),
    limits: local.limits,
    check: async () => [],
    pulls: {
      pull: (request) => ask('pull', request),
      fetch: (remoteIds, cursor) => ask('fetch', remoteIds, cursor),
      findByMarker: (markers, cursor) => ask('findByMarker', markers, cursor),
    },
    pushes: {
      create: (drafts) => ask('create', drafts),
      update: (changes) => ask('update', changes),
      remove: (removals) => ask('remove', removals),
    },
  };
}
