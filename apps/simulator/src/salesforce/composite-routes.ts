/** Several requests in one: in order, with references between them, all or none of them where that is asked for. Source: vendor-apis.md 4, "batch". */
import { badRequest } from './errors.ts';
import type { Dispatch } from './dispatch.ts';
import { bodyOf, flag, objectOf } from './operations.ts';
import type { Answer, Call, Operation } from './operations.ts';
import type { Org } from './org.ts';
import { resolved } from './references.ts';
import type { Body } from './writing.ts';

const MOST_SUBREQUESTS = 25;
const METHODS = new Set(['GET', 'POST', 'PATCH', 'DELETE', 'PUT']);

interface SubAnswer {
  readonly body: unknown;
  readonly httpHeaders: Readonly<Record<string, string>>;
  readonly httpStatusCode: number;
  readonly referenceId: string;
}

export function compositeOperations(org: Org, dispatch: Dispatch, countCall: () => void): readonly Operation[] {
  return [
    { method: 'POST', path: '/composite', name: 'composite', run: (call) => composite(org, dispatch, call) },
    { method: 'POST', path: '/composite/batch', name: 'batch', run: (call) => batch(org, dispatch, countCall, call) },
    {
      method: 'GET',
      path: '/composite',
      name: 'composite resources',
      run: ({ version }) => {
        const base = `/services/data/${version}/composite`;
        return { status: 200, body: { batch: `${base}/batch`, sobjects: `${base}/sobjects` } };
      },
    },
  ];
}

interface CompositeRequest {
  readonly method: string;
  readonly url: string;
  readonly referenceId: string;
  readonly body: unknown;
  readonly headers: ReadonlyMap<string, string>;
}

class RolledBack extends Error {}

function composite(org: Org, dispatch: Dispatch, call: Call): Answer {
  const { compositeRequest, allOrNone } = bodyOf(call);
  const isAllOrNone = flag(allOrNone, 'allOrNone');
  const requests = subrequestsIn(compositeRequest, 'compositeRequest').map(compositeRequestOf);
  const names = requests.map(({ referenceId }) => referenceId);
  const doubled = names.find((name, index) => names.indexOf(name) !== index);
  if (doubled !== undefined) throw badRequest('JSON_PARSER_ERROR', `Duplicate ReferenceId provided: ${doubled}`);
  const { effect, records } = call.trace;
  const answers: SubAnswer[] = [];
  try {
    org.transaction(() => {
      for (const request of requests) {
        const answer = answerOf(org, dispatch, { call, request, answers });
        answers.push(answer);
        if (isAllOrNone && answer.httpStatusCode >= 400) throw new RolledBack();
      }
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
    Object.assign(call.trace, { effect, records });
    const failed = answers.at(-1);
    return {
      status: 200,
      body: { compositeResponse: names.map((name) => (name === failed?.referenceId ? failed : halted(name, ROLLED_BACK))) },
    };
  }
  return { status: 200, body: { compositeResponse: answers } };
}

const ROLLED_BACK = 'The transaction was rolled back since another operation in the same transaction failed.';

const halted = (referenceId: string, message: string): SubAnswer => ({
  body: [{ errorCode: 'PROCESSING_HALTED', message }],
  httpHeaders: {},
  httpStatusCode: 400,
  referenceId,
});

function answerOf(
  org: Org,
  dispatch: Dispatch,
  { call, request, answers }: { readonly call: Call; readonly request: CompositeRequest; readonly answers: readonly SubAnswer[] },
): SubAnswer {
  const { referenceId, method, headers } = request;
  const known = new Map(answers.filter(({ httpStatusCode }) => httpStatusCode < 400).map((answer) => [answer.referenceId, answer.body]));
  const [url, body] = [resolved(request.url, known, true), resolved(request.body, known, false)];
  const missing = url.missing ?? body.missing;
  if (missing !== null)
    return halted(referenceId, `Invalid reference specified. No value for ${missing} found in ${missing.split(/[.[]/)[0] ?? ''}`);
  const answer = org.transaction(() => dispatch(call, { method, url: String(url.value), body: body.value, headers }));
  const location = answer.headers?.['location'];
  return {
    body: answer.body ?? null,
    httpHeaders: location === undefined ? {} : { Location: location },
    httpStatusCode: answer.status,
    referenceId,
  };
}

function subrequestsIn(value: unknown, name: string): readonly Body[] {
  if (!Array.isArray(value) || value.length === 0) throw badRequest('JSON_PARSER_ERROR', `${name}: expected a list of subrequests`);
  if (value.length > MOST_SUBREQUESTS)
    throw badRequest('LIMIT_EXCEEDED', `The number of subrequests can't exceed ${MOST_SUBREQUESTS}; the request has ${value.length}.`);
  return value.map((one) => objectOf(one));
}

function compositeRequestOf(one: Body): CompositeRequest {
  const { method, url, referenceId, body, httpHeaders } = one;
  if (typeof method !== 'string' || !METHODS.has(method.toUpperCase()))
    throw badRequest('JSON_PARSER_ERROR', `method: expected an HTTP method`);
  if (typeof url !== 'string') throw badRequest('JSON_PARSER_ERROR', 'url: expected a text');
  if (typeof referenceId !== 'string' || !/^[A-Za-z]\w*$/.test(referenceId))
    throw badRequest(
      'JSON_PARSER_ERROR',
      `Provided referenceId ('${String(referenceId)}') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').`,
    );
  const headers = httpHeaders === undefined || httpHeaders === null ? {} : objectOf(httpHeaders);
  return {
    method: method.toUpperCase(),
    url,
    referenceId,
    body,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)])),
  };
}

function batch(org: Org, dispatch: Dispatch, countCall: () => void, call: Call): Answer {
  const { batchRequests, haltOnError } = bodyOf(call);
  const isHalting = flag(haltOnError, 'haltOnError');
  const results: { statusCode: number; result: unknown }[] = [];
  const hasFailed = (): boolean => results.some(({ statusCode }) => statusCode >= 400);
  for (const { method, url, richInput } of subrequestsIn(batchRequests, 'batchRequests')) {
    if (typeof method !== 'string' || typeof url !== 'string')
      throw badRequest('JSON_PARSER_ERROR', 'expected a method and a url in each of batchRequests');
    if (isHalting && hasFailed()) {
      results.push({ statusCode: 412, result: [{ errorCode: 'BATCH_PROCESSING_HALTED', message: 'Batch processing halted per request' }] });
      continue;
    }
    countCall();
    const address = `/services/data/${url.replace(/^\/?(?:services\/data\/)?/, '')}`;
    const answer = org.transaction(() =>
      dispatch(call, { method: method.toUpperCase(), url: address, body: richInput, headers: new Map() }),
    );
    results.push({ statusCode: answer.status, result: answer.body ?? null });
  }
  return { status: 200, body: { hasErrors: hasFailed(), results } };
}
