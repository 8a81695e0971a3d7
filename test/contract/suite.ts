/**
 * The laws of contracts for one vendor: what our connector sends, what the simulator answers, which of its routes were called. A vendor brings its tour.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Operation } from './contract.ts';
import { coverageOf, documented, reported } from './coverage.ts';
import { RUNS, sendAll, sendOne } from './generated.ts';
import type { Outcomes, Vocabulary } from './generated.ts';
import type { Limit } from './limits.ts';
import { runProgram } from './program.ts';
import type { Exchange } from './recorder.ts';
import { countChanged, RELAXATIONS } from './relaxations.ts';
import type { ContractVendor } from './relaxations.ts';
import { openStage, told } from './stage.ts';
import type { Route, Stage } from './stage.ts';
import { callsOf, claimedRoutes } from './tour.ts';
import { skipsWithoutSpecs } from './specs.ts';

const PAGE = new URL('../../docs/specs/contracts.md', import.meta.url);

export interface ContractSubject {
  /** A route of the simulator as those that the contract has a path for; left out: as it is. */
  readonly routes?: (route: Route) => readonly Route[];
  /** How many of our connector's requests the contract has at least; left out: more than 50. */
  readonly fewest?: number;
  /** "Jira". */
  readonly name: string;
  readonly tool: ContractVendor;
  /** What our connector sends at other times than the program does. */
  readonly aside?: (stage: Stage) => Promise<void>;
  readonly tour: (stage: Stage) => Promise<void>;
  /** Requests of our connector that the contract does not have, each with what is known of them instead. */
  readonly uncovered: readonly { readonly request: string; readonly why: string }[];
  /** Fills the account with what generated requests can speak of, and says what that is. */
  readonly words: (stage: Stage) => Promise<Vocabulary>;
  /** An operation with a body, by the contract's name. */
  readonly posted: string;
  readonly limits: (stage: Stage) => Promise<readonly Limit[]>;
  /** Routes that have no success to give: what the vendor has switched off. */
  readonly refusing?: readonly string[];
}

/** Registers the suite's tests for one vendor; `more` are the vendor's own, on the same stage. */
export function contractLaws(subject: ContractSubject, more: (stage: () => Stage) => void): void {
  const { name, tool } = subject;
  describe.skipIf(skipsWithoutSpecs(name))(`${name}: contract`, () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await openStage(tool);
      await runProgram(stage);
      await subject.aside?.(stage);
      stage.recorder.by('tour');
      await subject.tour(stage);
    });
    afterAll(() => stage.close());
    const spoken = (by: string): readonly Exchange[] => stage.recorder.exchanges.filter((exchange) => exchange.by === by);

    requestLaws(subject, () => stage, spoken);
    answerLaws(subject, () => stage, spoken);
    routeLaws(subject, () => stage);
    limitLaws(subject, () => stage);
    generatedLaws(subject, () => stage);
    more(() => stage);
  });
}

/** Those that the contract has, with their operation. */
function covered({ checker }: Stage, exchanges: readonly Exchange[]): readonly { exchange: Exchange; operation: Operation }[] {
  return exchanges.flatMap((exchange) => {
    const operation = checker.operationOf(exchange.method, exchange.path);
    return operation === null ? [] : [{ exchange, operation }];
  });
}

type Spoken = (by: string) => readonly Exchange[];

function requestLaws({ name, uncovered, fewest = 50 }: ContractSubject, stage: () => Stage, spoken: Spoken): void {
  test(`${name} requests of our connector are valid against the contract: paths, queries, bodies, and nothing that it does not have`, () => {
    const found = covered(stage(), spoken('connector'));
    expect(found.length).toBeGreaterThan(fewest);
    expect(found.flatMap(({ exchange, operation }) => told(exchange, stage().checker.requestViolations(operation, exchange)))).toEqual([]);
  });

  test(`${name} requests that no contract describes are those that are listed, and docs/specs/contracts.md says so`, () => {
    const coverage = coverageOf(stage().checker, spoken('connector'));
    process.stdout.write(reported(name, coverage));
    expect(coverage.uncovered).toEqual(uncovered.map(({ request }) => request).toSorted());
    expect(readFileSync(PAGE, 'utf8').split('\n'), 'docs/specs/contracts.md has another row').toContain(documented(name, coverage));
  });

  test(`${name} requests made wrong are found: the check can fail`, () => {
    const found = covered(stage(), spoken('connector'));
    const { checker } = stage();
    for (const { exchange, operation } of found) {
      const query = `${exchange.query}${exchange.query === '' ? '' : '&'}noSuchMember=1`;
      expect(checker.requestViolations(operation, { ...exchange, query }), operation.name).not.toEqual([]);
      const broken = exchange.requestText === '' ? '{"noSuchMember":1}' : '[7]';
      expect(checker.requestViolations(operation, { ...exchange, requestText: broken }), operation.name).not.toEqual([]);
    }
  });
}

function answerLaws({ name, tool }: ContractSubject, stage: () => Stage, spoken: Spoken): void {
  test(`${name} answers of the simulator are valid under the stated relaxations`, () => {
    const found = covered(stage(), [...spoken('connector'), ...spoken('tour')]);
    expect(found.flatMap(({ exchange, operation }) => told(exchange, stage().checker.answerViolations(operation, exchange)))).toEqual([]);
  });

  test(`${name} refusals have the vendor's shape, and nothing ends in a 5xx`, () => {
    const refused = stage().recorder.exchanges.filter((exchange) => exchange.status >= 400);
    const shapeless = refused.filter((exchange) => {
      const operation = stage().checker.operationOf(exchange.method, exchange.path);
      return operation === null && stage().checker.errorViolations(exchange).length > 0;
    });
    expect(shapeless.map((exchange) => told(exchange, stage().checker.errorViolations(exchange)))).toEqual([]);
  });

  describe('relaxations', () => {
    test.each(RELAXATIONS.filter(({ vendors }) => vendors.includes(tool)).map((relaxation) => [relaxation.rule, relaxation] as const))(
      `${name}: %s`,
      (_, relaxation) => {
        const { raw } = stage().checker.contract;
        expect(countChanged(relaxation, raw), relaxation.reason).toBeGreaterThan(0);
      },
    );
  });
}

function routeLaws({ name, refusing = [] }: ContractSubject, stage: () => Stage): void {
  test(`${name} routes that the simulator claims are all called, and all but those switched off answer with a success`, async () => {
    const calls = callsOf(claimedRoutes(await stage().routes()), stage().recorder.exchanges);
    const named = (found: typeof calls): readonly string[] => found.map(({ route }) => `${route.method} ${route.path}`);
    expect(calls.length).toBeGreaterThan(20);
    expect(named(calls.filter((route) => route.calls === 0))).toEqual([]);
    expect(named(calls.filter((route) => route.successes === 0))).toEqual(refusing);
  });

  test(`${name} requests of the tour are valid against the contract, so that it shows what the vendor would take`, () => {
    const toured = stage().recorder.exchanges.filter((exchange) => exchange.by === 'tour' && exchange.status < 300);
    const found = covered(stage(), toured);
    expect(found.flatMap(({ exchange, operation }) => told(exchange, stage().checker.requestViolations(operation, exchange)))).toEqual([]);
  });
}

function limitLaws({ name, limits }: ContractSubject, stage: () => Stage): void {
  test(`${name} limits: what keeps to them is taken, what goes one beyond gets the vendor's refusal`, async () => {
    stage().recorder.by('limits');
    const { recorder, checker } = stage();
    for (const { what, within, beyond } of await limits(stage())) {
      const { status, body } = await stage().ask(within);
      expect(status, `${what}: ${JSON.stringify(body)?.slice(0, 300) ?? ''}`).toBeLessThan(300);
      await stage().ask(beyond);
      const refused = recorder.exchanges.at(-1);
      expect(refused === undefined ? ['nothing was sent'] : checker.errorViolations(refused), `one beyond ${what}`).toEqual([]);
    }
  });
}

const LONGEST_MS = 20_000 * RUNS;

function generatedLaws(subject: ContractSubject, stage: () => Stage): void {
  const { name, words, routes } = subject;
  const routed = routes === undefined ? {} : { routes };
  describe('generated requests', () => {
    let outcomes: Outcomes;
    beforeAll(async () => {
      outcomes = await sendAll(stage(), async (own) => ({ ...(await words(own)), ...routed }));
      const count = (kind: keyof Outcomes): number => outcomes[kind].reduce((sum, { runs }) => sum + runs, 0);
      process.stdout.write(`contract: ${name}: ${count('valid')} generated valid requests, ${count('invalid')} invalid ones\n`);
    }, LONGEST_MS);

    test(`${name} laws can fail: a tool that ends in a 5xx, takes what is wrong or answers in another shape is found`, async () => {
      const none: Vocabulary = { params: [], words: [], refusesUnknownQuery: false, taken: [], ...routed };
      const found = async (status: number): Promise<readonly boolean[]> => {
        await stage().pretend({ status, body: { of: 'another shape', results: 7, issues: 7 } });
        const { valid, invalid } = await sendOne(stage(), none, subject.posted);
        await stage().pretend(null);
        return [...valid, ...invalid].map(({ failure }) => failure !== null);
      };
      expect(await found(500)).toEqual([true, true]);
      expect(await found(200)).toEqual([true, true]);
      expect(await found(400)).toEqual([true, true]);
    });

    test(`${name} valid ones get answers of the contract's shape: a success, or the vendor's refusal`, () => {
      expect(outcomes.valid.flatMap(({ failure }) => failure ?? [])).toEqual([]);
      expect(outcomes.valid.flatMap(({ operation, successes }) => (successes === 0 ? [operation] : []))).toEqual([]);
    });

    test(`${name} invalid ones (another type, a member missing or unknown) get the vendor's refusal, never a success, a 5xx or silence`, () => {
      expect(outcomes.invalid.flatMap(({ failure }) => failure ?? [])).toEqual([]);
      expect(outcomes.invalid.filter(({ runs }) => runs > 0).length).toBeGreaterThan(10);
    });
  });
}
