import { describe, expect, it } from 'vitest';
import { contextValues, hubspotFailure, PropertyRefusal } from './errors.ts';

const failure = (status: number, body: object | string, more: { isReading?: boolean; waitMs?: number } = {}) =>
  hubspotFailure({
    status,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    place: 'POST /crm/objects/2026-09/tasks/batch/update',
    isReading: more.isReading ?? false,
    waitMs: more.waitMs ?? null,
  });

describe('answers of HubSpot, by consequence', () => {
  it.each([
    [401, { category: 'EXPIRED_AUTHENTICATION' }, 'AuthExpired', null],
    [401, { category: 'INVALID_AUTHENTICATION' }, 'AuthRevoked', null],
    [401, '', 'AuthRevoked', null],
    [403, { category: 'MISSING_SCOPES' }, 'Forbidden', null],
    [404, { category: 'OBJECT_NOT_FOUND' }, 'NotFound', null],
    [409, { category: 'CONFLICT' }, 'Conflict', null],
    [409, { category: 'OBJECT_ALREADY_EXISTS' }, 'Conflict', null],
    [400, { category: 'VALIDATION_ERROR' }, 'Invalid', null],
    [423, {}, 'Transient', 2_000],
    [477, {}, 'Throttled', 60_000],
    [429, { policyName: 'TEN_SECONDLY_ROLLING' }, 'Throttled', 60_000],
    [500, {}, 'OutcomeUnknown', null],
    [502, '<html>', 'OutcomeUnknown', null],
    [504, {}, 'OutcomeUnknown', null],
    [524, {}, 'OutcomeUnknown', null],
  ])('%i %j is %s', (status, body, code, wait) => {
    expect(failure(status, body)).toMatchObject({ code, status, retryAfterMs: wait });
  });

  it('J09 a day that is used up is not the same as a full window', () => {
    expect(failure(429, { policyName: 'DAILY' }, { waitMs: 3_600_000 })).toMatchObject({ code: 'QuotaExhausted', retryAfterMs: 3_600_000 });
    expect(failure(429, { policyName: 'SECONDLY' }, { waitMs: 700 })).toMatchObject({ code: 'Throttled', retryAfterMs: 700 });
  });

  it('J10 a server error of a read is asked again, of a write is looked up first', () => {
    expect(failure(503, {}, { isReading: true }).code).toBe('Transient');
    expect(failure(503, {}).code).toBe('OutcomeUnknown');
  });

  it('says what, where and what HubSpot said, at a bearable length', () => {
    const { message } = failure(400, { category: 'VALIDATION_ERROR', message: 'x'.repeat(5_000) });
    expect(message).toMatch(/^HubSpot POST \/crm\/objects\/2026-09\/tasks\/batch\/update: HTTP 400: VALIDATION_ERROR: x+$/);
    expect(message.length).toBeLessThan(520);
  });

  it('J08 a refusal names the properties that it is about', () => {
    const error = failure(400, {
      category: 'VALIDATION_ERROR',
      errors: [{ message: 'no', code: 'INVALID_OPTION', context: { propertyName: ['hs_task_status'] } }],
    });
    expect(error).toBeInstanceOf(PropertyRefusal);
    expect(error).toMatchObject({ properties: ['hs_task_status'] });
    expect(failure(400, { category: 'VALIDATION_ERROR' })).not.toBeInstanceOf(PropertyRefusal);
  });

  it('reads contexts of lists and of plain texts', () => {
    expect(contextValues({ ids: ['1', '2'], id: '3', count: 4 })).toEqual(['1', '2', '3']);
    expect(contextValues('{missingScopes=[a]}')).toEqual([]);
    expect(contextValues(undefined)).toEqual([]);
  });
});
