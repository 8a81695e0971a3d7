/**
 * Buttons pressed in Slack: verify over the raw body, answer within 3 s, and say what was pressed to the lead's workflow. A press that is delivered twice is one
 * answer, because its id is the Update's (case 25); what is forged, replayed or stale is 401 and a line in the security log (case 64).
 */
import { Hono } from 'hono';
import { pressedAnswer, refusalText } from '@lockstep/domain/routing/answer-buttons.ts';
import { readInteractivity } from '@lockstep/connectors/slack/interactivity.ts';
import type { ButtonPress } from '@lockstep/connectors/slack/interactivity.ts';
import type { Answered } from '@lockstep/workflows/contracts.ts';
import type { Logger } from 'pino';
import type { LeadAnswer } from '../routing-cases.ts';
import { bodyOf, CLOSE, isPlain } from './body.ts';

export interface SlackParts {
  /** Null: every press is refused. */
  readonly signingSecret: string | null;
  /** The only workspace whose presses count; null: the one that the secret belongs to. */
  readonly teamId: string | null;
  /** The roster's member behind a user of Slack; null for somebody else. */
  readonly memberOf: (slackUserId: string) => Promise<string | null>;
  /** `key`: the same for the same press. */
  readonly answer: (answer: LeadAnswer, key: string) => Promise<Answered>;
  /** Says something to who has pressed, and to nobody else; null: nobody is told. */
  readonly reply: ((responseUrl: string, text: string) => Promise<void>) | null;
  readonly now: () => string;
  readonly log: Logger;
  /** How long Slack is kept waiting. */
  readonly patienceMs?: number;
}

/** Payloads are some kilobytes: a message of ours with its buttons. */
const MOST_BYTES = 512 * 1024;
/** Slack gives up after 3 s and shows that the app has failed. */
const PATIENCE_MS = 2_500;
const MINUTE_MS = 60_000;

export const SLACK_PATH = '/slack/interactivity';

export function createSlackDoor(parts: SlackParts): Hono {
  const app = new Hono();
  const door = { ...parts, explained: rememberingPresses() };
  app.post(SLACK_PATH, async (c) => {
    const refused = (reason: string, status: 400 | 401 | 413 | 415) => {
      if (status === 401) parts.log.warn({ security: true, source: 'slack', reason }, 'a press of a button was refused');
      return c.json({ error: reason }, status, CLOSE);
    };
    if (!isPlain(c.req.header('content-encoding'))) return refused('expected an uncompressed body', 415);
    const body = await bodyOf(c.req.raw, MOST_BYTES);
    if (body === 'too large') return refused(body, 413);
    if (body === 'broken off') return refused(body, 400);
    const headers = Object.fromEntries(c.req.raw.headers);
    const verdict = readInteractivity(parts.signingSecret, {
      method: c.req.method,
      url: c.req.url,
      headers,
      body,
      receivedAt: parts.now(),
    });
    if (!verdict.ok) return refused(verdict.reason, verdict.reason === 'malformed' ? 400 : 401);
    const strange = verdict.presses.find(({ teamId }) => parts.teamId !== null && teamId !== parts.teamId);
    if (strange !== undefined) return refused('another-workspace', 401);
    // What takes longer is on its way to the workflow, and is not waited for; what has failed in time is shown to who has pressed.
    await inTime(Promise.all(verdict.presses.map((press) => said(door, press))), parts.patienceMs ?? PATIENCE_MS);
    return c.body(null, 200);
  });
  return app;
}

/** Waits for it, at most so long. Rejects where it fails in that time. */
async function inTime(work: Promise<unknown>, mostMs: number): Promise<void> {
  const { promise: timeUp, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, mostMs);
  try {
    await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** True for a press that was not asked about before. What was forgotten is older than Slack delivers anything again. */
type FirstOf = (pressId: string) => boolean;

const MOST_REMEMBERED = 10_000;

function rememberingPresses(): FirstOf {
  const known = new Set<string>();
  return (pressId) => {
    if (known.has(pressId)) return false;
    known.add(pressId);
    const [oldest] = known;
    if (known.size > MOST_REMEMBERED && oldest !== undefined) known.delete(oldest);
    return true;
  };
}

interface Door extends SlackParts {
  readonly explained: FirstOf;
}

/** Tells who has pressed why it does not count, once a press. The press is answered, whatever becomes of the telling. */
async function explain({ reply, explained, log }: Door, { pressId, responseUrl }: ButtonPress, code: string | null): Promise<void> {
  if (reply === null || responseUrl === null || !explained(pressId)) return;
  try {
    await reply(responseUrl, refusalText(code));
  } catch (error) {
    log.warn({ err: error, code }, 'who has pressed a button could not be told why it does not count');
  }
}

async function said(parts: Door, press: ButtonPress): Promise<void> {
  const { log } = parts;
  const pressed = pressedAnswer(press.actionId, press.value);
  // Links and buttons of other messages of the app.
  if (pressed === null) return;
  const { kind, leadId, offerId, snoozeMinutes } = pressed;
  try {
    const by = await parts.memberOf(press.userId);
    if (by === null) {
      log.warn({ security: true, source: 'slack', reason: 'not-on-the-roster', leadId }, 'a press of a button does not count');
      await explain(parts, press, 'UNKNOWN_MEMBER');
      return;
    }
    const until = snoozeMinutes === null ? {} : { until: new Date(Date.parse(parts.now()) + snoozeMinutes * MINUTE_MS).toISOString() };
    const { outcome, code } = await parts.answer({ kind, leadId, offerId, by, ...until }, press.pressId);
    log.info({ leadId, offerId, kind, outcome, code }, 'a button was pressed');
    if (outcome === 'refused') await explain(parts, press, code);
  } catch (error) {
    log.error({ err: error, leadId, offerId, kind }, 'a press of a button could not be put on record');
    throw error;
  }
}
