import { expect, test } from 'vitest';
import { mailFailure } from './errors.ts';

const failure = (parts: object) => mailFailure(Object.assign(new Error('550 no mailbox for lena@growth.example'), parts));

test.each([
  [{ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550 }, 'NotFound'],
  [{ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 554 }, 'Forbidden'],
  [{ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 451 }, 'Transient'],
  [{ code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 550 }, 'Forbidden'],
  [{ code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 530 }, 'AuthRevoked'],
  [{ code: 'EMESSAGE', command: 'DATA', responseCode: 554 }, 'Invalid'],
  [{ code: 'EMESSAGE', command: 'DATA', responseCode: 452 }, 'Transient'],
  [{ code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535 }, 'AuthRevoked'],
  [{ code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 454 }, 'Transient'],
  [{ code: 'EAUTH', command: 'API' }, 'AuthRevoked'],
  [{ code: 'ESOCKET', command: 'CONN', originalCode: 'ECONNREFUSED' }, 'Transient'],
  [{ code: 'EDNS', command: 'CONN' }, 'Transient'],
  [{ code: 'ETLS', command: 'STARTTLS' }, 'Transient'],
  [{ code: 'ETLS', command: 'STARTTLS', responseCode: 502 }, 'Forbidden'],
  [{ code: 'ETIMEDOUT', command: 'CONN', timeoutType: 'CONNECT_TIMEOUT' }, 'Transient'],
  [{ code: 'ETIMEDOUT', command: 'CONN', timeoutType: 'SOCKET_TIMEOUT' }, 'OutcomeUnknown'],
  [{ code: 'ECONNECTION', command: 'CONN' }, 'OutcomeUnknown'],
  [{ code: 'ESOCKET', command: 'CONN', originalCode: 'ECONNRESET' }, 'OutcomeUnknown'],
  [{}, 'OutcomeUnknown'],
])('R8 %j is %s', (parts, code) => {
  expect(failure(parts).code).toBe(code);
});

test('C12 a message repeats the step and the code, never the server’s words', () => {
  const { message, status } = failure({ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550 });
  expect([message, status]).toEqual(['Mail RCPT TO: expected the message to be taken, got 550', 550]);
  expect(mailFailure('nothing that is an error').message).toBe('Mail connection: expected the message to be taken, got unknown');
});
