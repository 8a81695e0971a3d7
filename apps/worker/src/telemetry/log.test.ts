import { expect, test } from 'vitest';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { AuditTampered } from '@lockstep/engine/audit.ts';
import { createLog } from './log.ts';

function logged(error: unknown): { readonly line: string; readonly err: unknown } {
  const lines: string[] = [];
  createLog('warn', { write: (line) => void lines.push(line) }).warn({ err: error }, 'it failed');
  return { line: lines.join(''), err: (JSON.parse(lines.join('')) as { readonly err: unknown }).err };
}

test('C12 an error of PostgreSQL is logged by its name, its code and where it was thrown, without its words, its detail and its cause', () => {
  const told = Object.assign(new Error('invalid input: "Ines Doe"\n    at ines@canary.example'), {
    ...{ name: 'DatabaseError', code: '23505', detail: 'Key (email)=(ines@canary.example) already exists.', where: 'Ines' },
    cause: new Error('Ines'),
  });
  const { line, err } = logged(told);
  expect(line).not.toMatch(/Ines|canary/i);
  expect(err).toEqual({
    type: 'DatabaseError',
    message: expect.stringMatching(/^DatabaseError 23505 at …\/telemetry\/log\.test\.ts:\d+:\d+/) as unknown,
    stack: expect.stringMatching(/^ {4}at .*log\.test\.ts:\d+:\d+/) as unknown,
  });
});

test('an error of a remote, and of ours about ids, keeps its words: who has tampered with the audit log has to be read', () => {
  const words = 'audit log: expected to go on from entry 12, got another';
  expect(logged(new AuditTampered(words)).err).toMatchObject({ type: 'AuditTampered', message: words });
  expect(logged(new ConnectorError('Throttled', 'Jira GET /search: expected an answer, got HTTP 429')).err).toMatchObject({
    message: 'Jira GET /search: expected an answer, got HTTP 429',
  });
});

test('C12 what is thrown and is no error is told by its type', () => {
  expect(logged('ines@canary.example').err).toEqual({ type: 'string', message: 'string was thrown', stack: '' });
});
