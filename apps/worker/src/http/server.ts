/**
 * The socket under the API and the ingress. Whoever sends slowly is cut off, so that nobody holds connections and half bodies for long: head and body must
 * be here in time, and an idle connection is closed.
 */
import { serve } from '@hono/node-server';

export interface ServerOptions {
  readonly port: number;
  readonly host: string;
  /** How long a whole request may take to come in, body included. The answer then is 408, and the connection is closed. */
  readonly requestMs?: number;
}

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The largest body is 2 MiB, or an import from the same machine: whoever needs longer is not one of ours. */
const REQUEST_MS = 20_000;
const HEADERS_MS = 10_000;
/**
 * For how long an idle connection stays open: longer than the 60 s of common load balancers (AWS, nginx). Closed by us first, it meets a request that is on
 * its way: the balancer answers 502, and the sender has to send its webhook again.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html (idle_timeout.timeout_seconds)
 */
const IDLE_MS = 65_000;
/** How often slow ones are looked for. */
const LOOK_MS = 1_000;

/** Serves until closed. Rejects where the port is taken. */
export function listen(fetch: (request: Request) => Response | Promise<Response>, options: ServerOptions): Promise<RunningServer> {
  const requestTimeout = options.requestMs ?? REQUEST_MS;
  const timeouts = { requestTimeout, headersTimeout: Math.min(HEADERS_MS, requestTimeout), keepAliveTimeout: IDLE_MS };
  const connectionsCheckingInterval = Math.min(LOOK_MS, requestTimeout);
  return new Promise((done, fail) => {
    const server = serve(
      { fetch, port: options.port, hostname: options.host, serverOptions: { ...timeouts, connectionsCheckingInterval } },
      (address) => {
        const close = (): Promise<void> =>
          new Promise((closed) => {
            server.close(() => closed());
            // Clients that keep their connection open would hold the stop up.
            if ('closeAllConnections' in server) server.closeAllConnections();
          });
        done({ url: `http://${options.host}:${address.port}`, close });
      },
    );
    server.once('error', fail);
  });
}
