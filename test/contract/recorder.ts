/** A small HTTP proxy before a tool of the simulator, which writes down what passes. */
import { Agent, createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Exchange {
  /** Who was speaking: `connector`, `tour`, `generated`. */
  readonly by: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestText: string;
  readonly status: number;
  readonly answerHeaders: Readonly<Record<string, string>>;
  readonly answerText: string;
}

export interface Recorder {
  readonly url: string;
  /** In the order in which they ended. */
  readonly exchanges: readonly Exchange[];
  /** What is recorded from now on is said by this one. */
  by(speaker: string): void;
  close(): Promise<void>;
}

/** Of one connection only. */
const HOP_BY_HOP = new Set(['connection', 'host', 'content-length', 'transfer-encoding', 'keep-alive', 'expect']);

/**
 * Listens on a free port and forwards to `target`. Where a tool tells clients its own address and they go there, `rewritesAddresses` puts the recorder's
 * in its place.
 */
export async function record(target: string, rewritesAddresses = false): Promise<Recorder> {
  const exchanges: Exchange[] = [];
  let speaker = 'connector';
  const server = createServer((incoming, outgoing) => {
    const own = rewritesAddresses ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : target;
    forward(target, incoming, outgoing, (text) => text.replaceAll(target, own))
      .then((exchange) => exchanges.push({ by: speaker, ...exchange }))
      // The tool broke the connection: so do we.
      .catch(() => outgoing.destroy());
  });
  // Connections end with the recorder: whoever checks answers for seconds must not find his connection closed meanwhile.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    by: (next) => {
      speaker = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function forward(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  rewritten: (text: string) => string,
): Promise<Omit<Exchange, 'by'>> {
  const requestHeaders = withoutHop(incoming.headers);
  const { method = 'GET', url = '/' } = incoming;
  const requestText = await textOf(incoming);
  const answer = await send(target + url, method, requestHeaders, requestText);
  const answerHeaders = withoutHop(answer.headers);
  outgoing.writeHead(answer.status, answerHeaders);
  const answerText = rewritten(answer.text);
  outgoing.end(answerText);
  const [path = '/', query = ''] = url.split('?', 2);
  return { method, path, query, requestHeaders, requestText, status: answer.status, answerHeaders, answerText };
}

const withoutHop = (headers: IncomingHttpHeaders): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' && !HOP_BY_HOP.has(name) ? [[name, value]] : [])),
  );

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

const agent = new Agent({ keepAlive: false });

/** One request on a connection of its own. */
export function send(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = request(url, { method, agent, headers: { ...headers, ...length } }, (answer) => {
      textOf(answer).then((text) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }), reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
