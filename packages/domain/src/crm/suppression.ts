/** May this go out now? Asked at the instant of sending, one send at a time (cases 67, 69, 70). */
import type { DueSend, Sender, SuppressionList } from './sending.port.ts';

export type SendVerdict = 'send' | 'not-due' | 'suppressed' | 'stopped' | 'day-full';

export interface SendQuestion {
  readonly send: Pick<DueSend, 'dueAt'>;
  readonly isSuppressed: boolean;
  /** The kill switch. */
  readonly isStopped: boolean;
  /** What this agent has sent today, and how many it may. */
  readonly sentToday: number;
  readonly mostPerDay: number;
  readonly now: string;
}

/** What is not allowed for good is said before what is only not allowed yet. An instant or a number that is none sends nothing. */
export function maySend({ send, isSuppressed, isStopped, sentToday, mostPerDay, now }: SendQuestion): SendVerdict {
  if (isSuppressed) return 'suppressed';
  if (isStopped) return 'stopped';
  if (!(sentToday < mostPerDay)) return 'day-full';
  return Date.parse(now) >= Date.parse(send.dueAt) ? 'send' : 'not-due';
}

/** Instants for so many sends from one on, evenly within a window, so that a STOP in its midst still finds most of them unsent; ISO. */
export function staggered(count: number, fromIso: string, windowMs: number): readonly string[] {
  const fromMs = Date.parse(fromIso);
  return Array.from({ length: count }, (_, index) => new Date(fromMs + Math.floor((index * windowMs) / count)).toISOString());
}

export interface SendRound {
  readonly queue: readonly DueSend[];
  readonly sender: Sender;
  readonly suppressions: SuppressionList;
  readonly isStopped: () => Promise<boolean>;
  readonly sentToday: number;
  readonly mostPerDay: number;
  readonly now: string;
}

/**
 * Sends what is due. The list and the kill switch are asked right before each send, so that a STOP in mid-round holds from the next send on. One verdict a
 * send, in order: `suppressed` is what the queue shows. Throws what the sender throws; what came before it is sent.
 */
export async function sendDue(round: SendRound): Promise<readonly { readonly key: string; readonly verdict: SendVerdict }[]> {
  const verdicts: { readonly key: string; readonly verdict: SendVerdict }[] = [];
  let { sentToday } = round;
  for (const send of round.queue) {
    const [suppressed, isStopped] = await Promise.all([round.suppressions.suppressed([send.subject]), round.isStopped()]);
    const { mostPerDay, now } = round;
    const verdict = maySend({ send, isSuppressed: suppressed.has(send.subject), isStopped, sentToday, mostPerDay, now });
    if (verdict === 'send') {
      await round.sender.send(send);
      sentToday += 1;
    }
    verdicts.push({ key: send.key, verdict });
  }
  return verdicts;
}
