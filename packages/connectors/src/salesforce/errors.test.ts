import { describe, expect, it } from 'vitest';
import { FieldRefusal, recordFailure, salesforceFailure } from './errors.ts';

const call = { place: 'POST composite', isReading: false, waitMs: null };
const body = (errorCode: string, more: { message?: string; fields?: string[] } = {}) => [{ errorCode, message: 'no', ...more }];

describe('Salesforce: errors by consequence', () => {
  it.each([
    [403, body('REQUEST_LIMIT_EXCEEDED'), 'QuotaExhausted'],
    [403, body('INSUFFICIENT_ACCESS_OR_READONLY'), 'Forbidden'],
    [401, body('INVALID_SESSION_ID'), 'AuthExpired'],
    [404, body('NOT_FOUND'), 'NotFound'],
    [404, body('ENTITY_IS_DELETED'), 'NotFound'],
    [412, body('PRECONDITION_FAILED'), 'Conflict'],
    [400, body('UNABLE_TO_LOCK_ROW'), 'Transient'],
    [400, body('FIELD_CUSTOM_VALIDATION_EXCEPTION'), 'Invalid'],
    [400, body('DUPLICATES_DETECTED'), 'Invalid'],
    [400, body('INVALID_REPLICATION_DATE'), 'CursorInvalid'],
    [400, body('A_CODE_OF_TOMORROW'), 'Invalid'],
    [429, null, 'Throttled'],
    [503, body('SERVER_UNAVAILABLE'), 'Transient'],
    [500, body('UNKNOWN_EXCEPTION'), 'OutcomeUnknown'],
    [502, null, 'OutcomeUnknown'],
  ])('HTTP %i %j is %s', (status, answer, code) => {
    expect(salesforceFailure({ ...call, status, body: answer }).code).toBe(code);
  });

  it('J10 a server error of a read is passing; of a write nobody knows', () => {
    expect(salesforceFailure({ ...call, status: 500, body: null, isReading: true }).code).toBe('Transient');
  });

  it('J08 a refusal that names fields carries them, so that the others can be written', () => {
    const refusal = recordFailure(
      [
        { code: 'STRING_TOO_LONG', message: 'data value too large: secret words', fields: ['Title__c'] },
        { code: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', message: 'bad value: secret words', fields: ['Status__c'] },
      ],
      'PATCH composite/sobjects',
    );
    expect(refusal).toBeInstanceOf(FieldRefusal);
    expect((refusal as FieldRefusal).fields).toEqual(['Title__c', 'Status__c']);
  });

  it('K10 what Salesforce quotes of a value is in no message; a validation rule’s own words are', () => {
    const quoting = salesforceFailure({
      ...call,
      status: 400,
      body: body('STRING_TOO_LONG', { message: 'too large: secret words', fields: ['X__c'] }),
    });
    expect(quoting.message).toBe('Salesforce POST composite: HTTP 400: STRING_TOO_LONG (X__c)');
    const rule = salesforceFailure({
      ...call,
      status: 400,
      body: body('FIELD_CUSTOM_VALIDATION_EXCEPTION', { message: 'Done needs an owner' }),
    });
    expect(rule.message).toContain('Done needs an owner');
  });
});
