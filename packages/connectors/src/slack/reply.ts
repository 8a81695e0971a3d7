/**
 * An answer to who has pressed a button, seen by nobody else: through the press's own `response_url`, which needs no token and no scope, and is no conversation
 * that the app has to be in. Source: https://docs.slack.dev/interactivity/handling-user-interaction, "Message responses".
 */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { createBudget, retryAfterMs } from '../http/budget.ts';
import { createTransport, serverFailure } from '../http/transport.ts';

export interface ReplyOptions {
  /** `https://slack.com`: besides Slack's own host for answers, nothing is sent anywhere else. */
  readonly baseUrl: string;
  readonly requestTimeoutMs: number;
  readonly clock: () => Date;
}

/** Where Slack takes answers. */
const HOOKS = 'https://hooks.slack.com';
/** The address is a secret for half an hour: it stands in no message. */
const PLACE = 'POST response_url';

/** Sends a plain text. Once: nothing is retried. Rejects with `ConnectorError`. */
export type PressReply = (responseUrl: string, text: string) => Promise<void>;

export function createPressReply({ baseUrl, requestTimeoutMs, clock }: ReplyOptions): PressReply {
  const budget = createBudget(() => clock().getTime());
  const transport = createTransport({ vendor: 'Slack', budget, timeoutMs: requestTimeoutMs, place: PLACE }, () => false);
  const origins: ReadonlySet<string | undefined> = new Set([HOOKS, URL.parse(baseUrl)?.origin]);
  return async (responseUrl, text) => {
    const url = URL.parse(responseUrl);
    if (url === null || !origins.has(url.origin))
      throw new ConnectorError('Invalid', `Slack ${PLACE}: expected an address of ${HOOKS}, got another; nothing was sent`);
    const response = await transport(url.href, {
      method: 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text: inert(text) }),
    });
    const { status } = response;
    if (status === 429) {
      const waitMs = budget.refused(retryAfterMs(response.headers.get('retry-after'), clock().getTime()));
      throw new ConnectorError('Throttled', `Slack ${PLACE}: HTTP 429`, { status, retryAfterMs: waitMs });
    }
    if (status >= 500) throw serverFailure('Slack', PLACE, status, false);
    if (!response.ok) throw new ConnectorError('NotFound', `Slack ${PLACE}: expected one that is open, got HTTP ${status}`, { status });
    budget.passed();
  };
}

/** The three signs that begin mentions, links and entities. Source: https://docs.slack.dev/messaging/formatting-message-text, "Escaping text". */
const inert = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
