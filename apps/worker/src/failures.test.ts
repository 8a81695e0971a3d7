import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';
import { SetElsewhere } from '@lockstep/engine/crm/environment.ts';
import { afterError, toFailure, toldAsFailures } from './failures.ts';

const EXPECTED: Readonly<Record<ConnectorErrorCode, string>> = {
  Throttled: 'wait 10000',
  QuotaExhausted: 'wait 900000',
  AuthExpired: 'breaker',
  AuthRevoked: 'breaker',
  Conflict: 'wait 1000',
  OutcomeUnknown: 'wait 2000',
  CursorInvalid: 'wait 1000',
  Invalid: 'wait 15000',
  Forbidden: 'wait 60000',
  NotFound: 'wait 60000',
  Transient: 'retry',
};
const CODES = Object.entries(EXPECTED) as readonly [ConnectorErrorCode, string][];

test.for(CODES)('after %s of a whole page: %s', ([code, expected]) => {
  const next = afterError(new ConnectorError(code, 'jira: expected an answer'));
  expect(next.how === 'wait' ? `wait ${next.waitMs}` : next.how).toBe(expected);
});

test('J01 what the remote asks for stands before our own delay, also as the delay of a retry', () => {
  expect(afterError(new ConnectorError('Throttled', 'too many', { retryAfterMs: 30_000 }))).toEqual({ how: 'wait', waitMs: 30_000 });
  expect(toFailure(new ConnectorError('Transient', 'busy', { retryAfterMs: 7_000 }))).toMatchObject({
    type: 'Transient',
    message: 'busy',
    nonRetryable: false,
    nextRetryDelay: 7_000,
  });
});

test('J07 a wait does not stand in for a breaker, whatever the remote says', () => {
  expect(afterError(new ConnectorError('AuthRevoked', 'consent is gone', { retryAfterMs: 1_000 }))).toEqual({ how: 'breaker' });
});

test('C12 what is no error of a remote is told by name, code and place: its words may hold what a person has typed', () => {
  const error = Object.assign(new TypeError('invalid input syntax for type json: "Ines Doe, ines@canary.example"'), { code: '22P02' });
  const failure = toFailure(error);
  expect(failure).toMatchObject({ type: 'TypeError', nonRetryable: false });
  expect(failure.message).toMatch(/^TypeError 22P02 at …\/src\/failures\.test\.ts:\d+:\d+( < …\/\S+){0,2}$/);
  expect(`${failure.stack} ${JSON.stringify(failure)}`).not.toMatch(/Ines|canary/);
  expect(toFailure('ines@canary.example')).toMatchObject({ message: 'string was thrown' });
});

test('C12 whatever an activity throws is told so, around every activity; what is told already stays as it is', async () => {
  const around = toldAsFailures({} as never).inbound?.execute;
  const thrownFor = async (error: unknown): Promise<unknown> => {
    try {
      return await around?.({ args: [], headers: {} }, async () => {
        throw error;
      });
    } catch (thrown) {
      return thrown;
    }
  };
  const thrown = await thrownFor(Object.assign(new Error('ines@canary.example'), { name: 'DatabaseError', detail: 'Ines' }));
  expect(thrown).toBeInstanceOf(ApplicationFailure);
  expect(`${(thrown as Error).stack} ${JSON.stringify(thrown)}`).not.toMatch(/Ines|canary/);
  expect(await thrownFor(thrown)).toBe(thrown);
});

test('an error of ours that speaks of ids and states only keeps its words', () => {
  const message = 'change set cs-1: expected one whose diff is admitted, got one that is planned; refresh it first';
  expect(toFailure(new SetElsewhere(message))).toMatchObject({ type: 'SetElsewhere', message });
});
