import { describe, expect, test } from 'vitest';
import { slackFailure } from './errors.ts';

const failure = (error: string, more: object = {}, isHarmless = false) =>
  slackFailure({ method: 'chat.postMessage', answer: { error, ...more }, isHarmless, waitMs: 1_500 });

describe('refusals of Slack, by consequence', () => {
  test.each([
    ['not_authed', 'AuthRevoked'],
    ['invalid_auth', 'AuthRevoked'],
    ['account_inactive', 'AuthRevoked'],
    ['token_revoked', 'AuthRevoked'],
    ['token_expired', 'AuthExpired'],
    ['missing_scope', 'Forbidden'],
    ['not_in_channel', 'Forbidden'],
    ['messages_tab_disabled', 'Forbidden'],
    ['restricted_action', 'Forbidden'],
    ['channel_not_found', 'NotFound'],
    ['is_archived', 'NotFound'],
    ['users_not_found', 'NotFound'],
    ['user_disabled', 'NotFound'],
    ['message_not_found', 'NotFound'],
    ['cant_update_message', 'Invalid'],
    ['edit_window_closed', 'Invalid'],
    ['msg_too_long', 'Invalid'],
    ['no_text', 'Invalid'],
    ['invalid_blocks', 'Invalid'],
    ['metadata_too_large', 'Invalid'],
    ['message_limit_exceeded', 'QuotaExhausted'],
    ['request_timeout', 'Transient'],
    ['a_code_that_is_new', 'Invalid'],
  ])('%s is %s', (error, code) => {
    expect(failure(error)).toMatchObject({ code, retryAfterMs: null });
  });

  test('J01 too many calls, said in a body: the wait is our budget’s', () => {
    for (const error of ['ratelimited', 'rate_limited']) expect(failure(error)).toMatchObject({ code: 'Throttled', retryAfterMs: 1_500 });
  });

  test('J10 what may have been done is unknown for a message, and asked again where that does no harm', () => {
    for (const error of ['internal_error', 'fatal_error', 'service_unavailable', '<html>Bad gateway</html>']) {
      expect(failure(error).code).toBe('OutcomeUnknown');
      expect(failure(error, {}, true).code).toBe('Transient');
    }
  });

  test('C12 a message says the method, the code, the scope and the place; nothing that was sent', () => {
    const messages = ['[ERROR] must be less than 3001 characters: Ines Keller <ines@northwind.example> [json-pointer:/blocks/0/text/text]'];
    expect(failure('invalid_blocks', { response_metadata: { messages } }).message).toBe(
      'Slack chat.postMessage: invalid_blocks, at /blocks/0/text/text',
    );
    expect(failure('missing_scope', { needed: 'im:write' }).message).toBe(
      'Slack chat.postMessage: missing_scope, needs the scope im:write',
    );
    expect(failure('<p>ines@northwind.example</p>').message).toBe('Slack chat.postMessage: expected JSON, got something else');
  });
});
