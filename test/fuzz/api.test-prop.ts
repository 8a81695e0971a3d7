/**
 * Every route of the API as its own OpenAPI document describes it, called with what nobody would send, on a socket. Generated from what is served: a route that
 * comes in is in it. Every answer has a status and a body that the document describes, none is 5xx, none is late, none shows a secret.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GUARDED_ROUTES } from '@lockstep/api/access.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import type { OpenApi } from '../contract/openapi.ts';
import { requestsOf } from './requests.ts';
import type { FuzzRequest } from './requests.ts';
import { servedContract } from './served.ts';
import type { Served, ServedOperation } from './served.ts';
import { openWholeApi, SECRETS } from './whole-api.ts';
import type { WholeApi } from './whole-api.ts';

const isLong = process.env['LOCKSTEP_LONG'] !== undefined;
const RUNS = isLong ? 2_000 : 30;
const STRANGERS_RUNS = isLong ? 200 : 5;
/** Longer than any answer may take that is not one of a whole CRM. */
const PATIENCE_MS = 10_000;
const LONGEST_MS = isLong ? 600_000 : 60_000;

const database = useTestStore();
let api: WholeApi;
let served: Served;
let document: OpenApi;
beforeAll(async () => {
  api = await openWholeApi(database);
  document = (await (await fetch(`${api.url}/v1/openapi.json`)).json()) as OpenApi;
  served = servedContract(document);
});
afterAll(() => api.close());

const operationOf = (method: string, path: string): ServedOperation => {
  const found = served.operations.find((one) => one.method === method && one.path === path.replaceAll(/:(\w+)/g, '{$1}'));
  if (found === undefined) throw new Error(`${method} ${path}: expected it in the document that is served, got none`);
  return found;
};

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function ask({ method, path, headers, body }: FuzzRequest, token: string | null): Promise<Answer> {
  const response = await fetch(api.url + path, {
    method,
    headers: { ...headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    ...(body === null ? {} : { body: Buffer.from(body) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return { status: response.status, text: await response.text() };
}

/** What of an answer no route may answer; empty where nothing is. */
function faultsOf(operation: ServedOperation, { method, path, body }: FuzzRequest, { status, text }: Answer): readonly string[] {
  const logged = api.errors.splice(0);
  const shown = Object.values(SECRETS).filter((secret) => text.includes(secret));
  const exchange = { status, answerText: text } as Parameters<Served['checker']['answerViolations']>[1];
  const described = status >= 500 ? [`status ${status}`] : served.checker.answerViolations(operation, exchange);
  const undescribed = operation.statuses.includes(status)
    ? []
    : [`status: expected one of ${operation.statuses.join(', ')}, got ${status}`];
  const faults = [...described, ...undescribed, ...logged, ...shown.map((secret) => `the answer shows ${secret}`)];
  const asked = `${method} ${path.slice(0, 300)} ${body === null ? '' : Buffer.from(body).toString().slice(0, 600)}`;
  return faults.length === 0 ? [] : [asked, ...faults, `answer ${status}: ${text.slice(0, 400)}`];
}

/** What costs much, and takes little in that could be wrong: a doctor asks every tool. */
const RUNS_OF: Readonly<Record<string, number>> = { 'GET /v1/doctor': 4, 'GET /v1/status': 10, 'GET /v1/plan': 15 };

const requestsTo = (operation: ServedOperation): fc.Arbitrary<FuzzRequest> =>
  requestsOf(operation, served.checker.contract.requests, api.known);

describe('every route that is served', () => {
  test.for(GUARDED_ROUTES)(
    '$method $path answers anything that is sent by who may call it as its document says, and never with 5xx',
    { timeout: LONGEST_MS },
    async ({ method, path }) => {
      const operation = operationOf(method, path);
      await fc.assert(
        fc.asyncProperty(requestsTo(operation), async (request) => {
          expect(faultsOf(operation, request, await ask(request, SECRETS.all))).toEqual([]);
        }),
        { numRuns: isLong ? RUNS : (RUNS_OF[operation.name] ?? RUNS) },
      );
    },
  );

  test('whoever has no token, another one, or not the role gets no further, whatever is sent', { timeout: LONGEST_MS }, async () => {
    for (const { method, path, access } of GUARDED_ROUTES) {
      const operation = operationOf(method, path);
      const isForViewers = access === 'viewer' || access === 'account';
      await fc.assert(
        fc.asyncProperty(requestsTo(operation), fc.constantFrom(null, '', 'another', SECRETS.viewer), async (request, token) => {
          const answer = await ask(request, token);
          expect(faultsOf(operation, request, answer)).toEqual([]);
          // What is compressed is refused before it is asked who sends it, where senders have tokens of their own.
          const refused = [401, ...(access === 'sender' ? [415] : []), ...(token === SECRETS.viewer ? [403] : [])];
          const mayCall = token === SECRETS.viewer && isForViewers;
          expect(mayCall || refused.includes(answer.status), `${path}: ${answer.status}`).toBe(true);
        }),
        { numRuns: STRANGERS_RUNS },
      );
    }
  });

  test('no line of the log holds a secret', () => {
    const all = api.lines.join('');
    expect(Object.values(SECRETS).filter((secret) => all.includes(secret))).toEqual([]);
  });
});
