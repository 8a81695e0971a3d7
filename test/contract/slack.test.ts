/** The laws of contracts for Slack, whose document is old and whose refusals have status 200: what is put into another form first is said in slack-contract.ts. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Operation } from './contract.ts';
import { coverageOf, documented, reported } from './coverage.ts';
import { RUNS } from './generated.ts';
import type { Exchange } from './recorder.ts';
import { changedAll } from './schema.ts';
import { isRefused, NEWER_ARGUMENTS, normalised, SLACK_RELAXATIONS, unrelaxed } from './slack-contract.ts';
import { sendInvalidCalls, sendValidCalls } from './slack-generated.ts';
import type { SlackRuns } from './slack-generated.ts';
import { openSlackStage, runSlackProgram, tourSlack } from './slack-stage.ts';
import type { SlackStage } from './slack-stage.ts';
import { skipsWithoutSpecs } from './specs.ts';
import { told } from './stage.ts';
import { callsOf, claimedRoutes } from './tour.ts';

const PAGE = new URL('../../docs/specs/contracts.md', import.meta.url);
const LONGEST_MS = 60_000 + 5_000 * RUNS;

describe.skipIf(skipsWithoutSpecs('Slack'))('Slack: contract', () => {
  let stage: SlackStage;
  beforeAll(async () => {
    stage = await openSlackStage();
    await runSlackProgram(stage);
    stage.recorder.by('tour');
    await tourSlack(stage);
    stage.recorder.by('others');
  }, LONGEST_MS);
  afterAll(() => stage.close());

  const spoken = (...by: readonly string[]): readonly Exchange[] =>
    stage.recorder.exchanges.filter((exchange) => by.includes(exchange.by)).map(normalised);
  const covered = (exchanges: readonly Exchange[]): readonly { exchange: Exchange; operation: Operation }[] =>
    exchanges.flatMap((exchange) => {
      const operation = stage.checker.operationOf(exchange.method, exchange.path);
      return operation === null ? [] : [{ exchange, operation }];
    });

  test('Slack requests of our connector are valid against the contract: methods, arguments, and nothing that it does not have', () => {
    const found = covered(spoken('connector'));
    expect(found.length).toBeGreaterThan(200);
    expect(found.flatMap(({ exchange, operation }) => told(exchange, stage.checker.requestViolations(operation, exchange)))).toEqual([]);
  });

  test('Slack requests of our connector: all have a contract, arguments that are newer than it are those that are listed, and the page says so', () => {
    const coverage = coverageOf(stage.checker, spoken('connector'));
    process.stdout.write(reported('Slack', coverage));
    expect(coverage.uncovered).toEqual([]);
    expect(readFileSync(PAGE, 'utf8').split('\n'), 'docs/specs/contracts.md has another row').toContain(documented('Slack', coverage));
    const isSent = NEWER_ARGUMENTS.map(({ method, name }) =>
      spoken('connector').some(({ path, query }) => path === `/api/${method}` && new URLSearchParams(query).has(name)),
    );
    expect(isSent).toEqual(NEWER_ARGUMENTS.map(() => true));
  });

  test('Slack requests made wrong are found: the check can fail', () => {
    for (const { exchange, operation } of covered(spoken('connector')).slice(0, 20)) {
      const query = `${exchange.query}&noSuchArgument=1`;
      expect(stage.checker.requestViolations(operation, { ...exchange, query }), operation.name).not.toEqual([]);
      const none = stage.checker.requestViolations(operation, { ...exchange, query: '' });
      expect(none.length, operation.name).toBe(operation.requiredQuery.length);
    }
  });

  test('Slack answers of the simulator are valid under the stated relaxations, and an answer made wrong is found', () => {
    const found = covered(spoken('connector', 'tour'));
    expect(found.flatMap(({ exchange, operation }) => told(exchange, stage.checker.answerViolations(operation, exchange)))).toEqual([]);
    for (const { exchange, operation } of found) {
      const broken = { ...exchange, answerText: JSON.stringify({ ok: 'yes' }) };
      expect(stage.checker.answerViolations(operation, broken), operation.name).not.toEqual([]);
    }
  });

  test.each(SLACK_RELAXATIONS.map((relaxation) => [relaxation.rule, relaxation] as const))(
    'Slack: relaxation: %s',
    (_, { at, change, reason }) => {
      let count = 0;
      changedAll(unrelaxed(), (schema, place) => {
        if (at.test(place) && JSON.stringify(change(schema)) !== JSON.stringify(schema)) count += 1;
        return schema;
      });
      expect(count, reason).toBeGreaterThan(0);
    },
  );

  test('Slack routes that the simulator claims are all called, and all answer with a success', () => {
    const exchanges = stage.recorder.exchanges
      .filter(({ by }) => by === 'connector' || by === 'tour')
      .map((exchange) => (isRefused(exchange) ? { ...exchange, status: 400 } : exchange));
    const calls = callsOf(claimedRoutes(stage.routes), exchanges);
    expect(calls.length).toBeGreaterThan(20);
    expect(calls.filter(({ successes }) => successes === 0).map(({ route }) => `${route.method} ${route.path}`)).toEqual([]);
  });

  describe('generated calls', () => {
    const valid: SlackRuns[] = [];
    const invalid: SlackRuns[] = [];
    beforeAll(async () => {
      const operations = stage.checker.contract.operations.filter(({ path }) => stage.routes.some((route) => route.path === path));
      for (const operation of operations) {
        valid.push(await sendValidCalls(stage, operation));
        invalid.push(await sendInvalidCalls(stage, operation));
      }
      const sum = (runs: readonly SlackRuns[]): number => runs.reduce((total, { runs: made }) => total + made, 0);
      process.stdout.write(`contract: Slack: ${sum(valid)} generated valid requests, ${sum(invalid)} invalid ones\n`);
    }, LONGEST_MS);

    test('Slack valid ones get answers of the contract’s shape or a refusal that the vendor knows, and each method succeeds', () => {
      expect(valid.length).toBe(13);
      expect(valid.flatMap(({ failure }) => failure ?? [])).toEqual([]);
      expect(valid.flatMap(({ operation, successes }) => (successes === 0 ? [operation] : []))).toEqual([]);
    });

    test('Slack invalid ones (an argument missing, or of another type) get a refusal that the vendor knows, never a success or a 5xx', () => {
      expect(invalid.flatMap(({ failure }) => failure ?? [])).toEqual([]);
      expect(invalid.filter(({ runs }) => runs > 0).length).toBeGreaterThan(10);
    });

    test('Slack nothing ended in a 5xx', () => {
      expect(stage.recorder.exchanges.filter(({ status }) => status >= 500)).toEqual([]);
    });
  });
});
