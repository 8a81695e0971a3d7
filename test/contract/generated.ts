/** Requests that nobody wrote: made from the contract's schemas, valid ones and ones made wrong, sent to the simulator. */
import fc from 'fast-check';
import { ABSENT, generatorOf } from './arbitrary.ts';
import type { Words } from './arbitrary.ts';
import type { Operation } from './contract.ts';
import { mutated, mutation } from './mutation.ts';
import type { Mutation } from './mutation.ts';
import type { Exchange } from './recorder.ts';
import type { Request, Route, Stage } from './stage.ts';
import { claimedRoutes } from './tour.ts';

/** What a vendor brings: what plausibly stands where. */
export interface Vocabulary {
  /** A route of the simulator as those that the contract has a path for; left out: as it is. */
  readonly routes?: (route: Route) => readonly Route[];
  /** Of path parameters, by operation and name (`GET /v1/pages/{page_id} page_id`); others are any text. The first that fits. */
  readonly params: readonly (readonly [param: RegExp, arbitrary: fc.Arbitrary<string>])[];
  /** Of members, by operation and place. The first that fits. */
  readonly words: readonly (readonly [operation: RegExp, at: RegExp, arbitrary: fc.Arbitrary<unknown>])[];
  /** Members of queries are held against the contract too where the vendor refuses those that it does not know. */
  readonly refusesUnknownQuery: boolean;
  /** Invalid by the contract, and yet taken: by the vendor, as far as is known, and so by the simulator. */
  readonly taken: readonly Taken[];
}

interface Taken {
  readonly operation: RegExp;
  readonly violation: RegExp;
  /** Only values like this one, where it is about one of the body. */
  readonly value?: (value: unknown) => boolean;
  readonly why: string;
}

/** An operation of the contract, and the routes of the simulator that stand for it. */
interface Claimed {
  readonly operation: Operation;
  readonly routes: readonly Route[];
}

export interface Outcomes {
  readonly valid: readonly Outcome[];
  readonly invalid: readonly Outcome[];
}

export interface Outcome {
  readonly operation: string;
  /** Where nothing that is wrong can be made (the operation takes anything), none. */
  readonly runs: number;
  readonly successes: number;
  /** The smallest request that breaks the law, with the seed; null where none was found. */
  readonly failure: string | null;
}

const SEED = Number(process.env['CONTRACT_SEED'] ?? 20_261_124);
/** For each operation, of each kind. */
export const RUNS = Number(process.env['CONTRACT_RUNS'] ?? 12);
/** For each operation; then the runs that were made count. */
const LONGEST_MS = 400 * RUNS;

/** HubSpot's contract has paths for contacts, and for objects of any type. */
const OBJECT_TYPES = ['tasks', 'contacts'];
const NONE = {} as Operation;

/** What the simulator claims of the contract, removals last: what is gone answers nothing more. */
function claimedOperations({ checker }: Stage, routes: readonly Route[]): readonly Claimed[] {
  const found = new Map<Operation, Route[]>();
  for (const route of routes)
    for (const type of OBJECT_TYPES) {
      const operation = checker.operationOf(route.method, route.path.replaceAll(':type', type).replaceAll(/:\w+/g, 'x'));
      const known = found.get(operation ?? NONE) ?? [];
      // Forms are made by the tour only.
      if (operation !== null && (operation.body?.encoding ?? 'json') === 'json' && !known.includes(route))
        found.set(operation, [...known, route]);
    }
  // What holds the others goes last.
  const isRemoval = ({ method, path }: Operation): number =>
    method === 'DELETE' || path.includes('archive') ? 100 - path.split('/').length : path.endsWith('merge') ? 1 : 0;
  return [...found]
    .map(([operation, its]) => ({ operation, routes: its }))
    .toSorted((left, right) => isRemoval(left.operation) - isRemoval(right.operation));
}

/** Both kinds to every operation that the simulator claims. Fills the account first, so that requests have something to speak of. */
export async function sendAll(stage: Stage, vocabularyOf: (stage: Stage) => Promise<Vocabulary>): Promise<Outcomes> {
  const vocabulary = await vocabularyOf(stage);
  const routes = await routesOf(stage, vocabulary);
  stage.recorder.by('generated');
  const outcomes = { valid: [] as Outcome[], invalid: [] as Outcome[] };
  for (const claimed of claimedOperations(stage, routes)) {
    outcomes.valid.push(await sendValid(stage, claimed, vocabulary));
    outcomes.invalid.push(await sendInvalid(stage, claimed, vocabulary));
  }
  return outcomes;
}

async function routesOf(stage: Stage, { routes }: Vocabulary): Promise<readonly Route[]> {
  const claimed = claimedRoutes(await stage.routes());
  return routes === undefined ? claimed : claimed.flatMap(routes);
}

/** Both kinds to one operation. */
export async function sendOne(stage: Stage, vocabulary: Vocabulary, name: string): Promise<Outcomes> {
  const claimed = claimedOperations(stage, await routesOf(stage, vocabulary)).find(({ operation }) => operation.name === name);
  if (claimed === undefined) throw new Error(`expected ${name} among the operations, got none`);
  return { valid: [await sendValid(stage, claimed, vocabulary)], invalid: [await sendInvalid(stage, claimed, vocabulary)] };
}

/** Valid requests get answers of the contract's shape: a success, or the vendor's refusal. */
async function sendValid(stage: Stage, claimed: Claimed, vocabulary: Vocabulary): Promise<Outcome> {
  return sent(
    stage,
    claimed,
    requestsOf(stage, claimed, vocabulary).map(({ request }) => request),
    (exchange) => {
      const { operation } = claimed;
      const own = stage.checker.requestViolations(operation, exchange);
      if (own.length > 0) throw new Error(`expected the generator to keep to the contract, got ${own.join('; ')}`);
      return stage.checker.answerViolations(operation, exchange);
    },
  );
}

/** Invalid ones are refused in the vendor's shape. */
async function sendInvalid(stage: Stage, claimed: Claimed, vocabulary: Vocabulary): Promise<Outcome> {
  const { operation } = claimed;
  const broken = fc.tuple(requestsOf(stage, claimed, vocabulary), mutation, fc.boolean()).map(([made, change, inQuery]) => {
    const hasBody = operation.body?.encoding === 'json';
    const hasQuery = Object.keys(made.query).length > 0 || vocabulary.refusesUnknownQuery;
    return hasBody && !(inQuery && hasQuery)
      ? requestOf(operation, made.path, made.query, mutated(made.body, change))
      : requestOf(operation, made.path, brokenQuery(made.query, change, vocabulary), made.body);
  });
  const isWrong = (request: Request): boolean => {
    const [, query = ''] = request.path.split('?', 2);
    const violations = stage.checker.requestViolations(operation, { query, requestText: (request.body as string | undefined) ?? '' });
    const isTaken = (violation: string): boolean =>
      vocabulary.taken.some(
        (rule) =>
          rule.operation.test(operation.name) && rule.violation.test(violation) && (rule.value?.(wrongValue(request, violation)) ?? true),
      );
    return violations.some((violation) => !isTaken(violation));
  };
  return sent(stage, claimed, broken, (exchange) => stage.checker.errorViolations(exchange), isWrong);
}

/** The value that a violation of the body is about. */
function wrongValue({ body }: Request, violation: string): unknown {
  const path = /^body([^:]*):/.exec(violation)?.[1] ?? '';
  const steps = path.split('/').slice(1);
  return steps.reduce<unknown>(
    (part, step) => (part as Readonly<Record<string, unknown>> | null)?.[step],
    JSON.parse((body as string | undefined) ?? 'null'),
  );
}

/** A query with a member of another type, or one that the contract does not have. */
function brokenQuery(query: Made['query'], { place, instead, kind }: Mutation, { refusesUnknownQuery }: Vocabulary): Made['query'] {
  const names = Object.keys(query);
  if (names.length === 0 || kind === 'unknown') return refusesUnknownQuery ? { ...query, noSuchMember: '1' } : query;
  const name = names[Math.floor(place * names.length)] ?? '';
  return { ...query, [name]: instead };
}

interface Made {
  /** Without its query. */
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly request: Request;
}

function requestsOf(stage: Stage, { operation, routes }: Claimed, vocabulary: Vocabulary): fc.Arbitrary<Made> {
  const words: Words = (at) => vocabulary.words.find(([of, where]) => of.test(operation.name) && where.test(at))?.[2];
  const generator = generatorOf(stage.checker.contract.requests, words);
  const params = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => paramOf(vocabulary, `${operation.name} ${name}`));
  const query = fc.record(
    Object.fromEntries(Object.entries(operation.query).map(([name, schema]) => [name, generator(schema, `query.${name}`)])),
    { requiredKeys: [...operation.requiredQuery] },
  );
  const present = query.map((members) =>
    Object.fromEntries(Object.entries(members).filter(([, value]) => value !== ABSENT && isPlain(value))),
  );
  const body = operation.body?.encoding === 'json' ? generator(operation.body.schema, 'body') : fc.constant(undefined);
  return fc.record({ route: fc.constantFrom(...routes), params: fc.tuple(...params), query: present, body }).map((made) => {
    // A contract that has a path for contacts leaves out the type that the route has first.
    const values = [...Array<string>(countOf(made.route.path, ':') - made.params.length).fill('contacts'), ...made.params];
    const path = made.route.path.replaceAll(/:\w+/g, () => encodeURIComponent(values.shift() ?? ''));
    return { path, query: made.query, body: made.body, request: requestOf(operation, path, made.query, made.body) };
  });
}

const countOf = (text: string, mark: string): number => text.split(mark).length - 1;

/** What a query can hold: one text, or some. */
const isPlain = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0 && value.every((part) => typeof part !== 'object' && !/^$|,/.test(String(part)))
    : typeof value !== 'object';

function paramOf({ params }: Vocabulary, name: string): fc.Arbitrary<string> {
  const plausible = params.find(([param]) => param.test(name))?.[1];
  return plausible === undefined ? anyParam : fc.oneof({ weight: 8, arbitrary: plausible }, { weight: 1, arbitrary: anyParam });
}

const anyParam = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !/^\.{1,2}$/.test(text));

function requestOf({ method }: Operation, path: string, query: Readonly<Record<string, unknown>>, body: unknown): Request {
  const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
  const params = new URLSearchParams(
    Object.fromEntries(
      Object.entries(query).map(([name, value]) => [name, Array.isArray(value) ? value.map(textOf).join(',') : textOf(value)]),
    ),
  );
  return {
    method,
    path: params.size === 0 ? path : `${path}?${params.toString()}`,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

async function sent(
  stage: Stage,
  { operation }: Claimed,
  requests: fc.Arbitrary<Request>,
  law: (exchange: Exchange) => readonly string[],
  isMeant: (request: Request) => boolean = () => true,
): Promise<Outcome> {
  // Schemas are compiled here, so that it does not count as time of the first run.
  stage.checker.requestViolations(operation, { query: '', requestText: '{}' });
  const before = stage.recorder.exchanges.length;
  const property = fc.asyncProperty(requests, async (request) => {
    fc.pre(isMeant(request));
    await stage.ask(request);
    const exchange = stage.recorder.exchanges.at(-1);
    if (exchange === undefined) throw new Error('expected an exchange, got none');
    const violations = law(exchange);
    if (violations.length > 0) throw new Error(`HTTP ${exchange.status} ${exchange.answerText.slice(0, 300)}: ${violations.join('; ')}`);
  });
  const details = await fc.check(property, {
    seed: SEED,
    numRuns: RUNS,
    interruptAfterTimeLimit: LONGEST_MS,
    markInterruptAsFailure: false,
  });
  const made = stage.recorder.exchanges.slice(before);
  const [request] = details.counterexample ?? [];
  const runs = made.length;
  return {
    operation: operation.name,
    runs,
    successes: made.filter(({ status }) => status < 300).length,
    failure:
      details.failed && details.counterexample !== null
        ? `${operation.name} (seed ${SEED}): ${JSON.stringify(request)?.slice(0, 600) ?? ''} → ${details.errorInstance instanceof Error ? details.errorInstance.message.slice(0, 600) : 'failed'}`
        : null,
  };
}
