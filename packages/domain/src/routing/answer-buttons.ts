/** Buttons under an offer, and what a press of one means. Their ids stand in messages that people keep for weeks: they are forever. */
import type { NoticeButton } from './messenger.port.ts';

export interface Pressed {
  readonly kind: 'accept' | 'decline' | 'snooze';
  /** `<lead>/<number>`. */
  readonly offerId: string;
  readonly leadId: string;
  /** Of a snooze: for how long. */
  readonly snoozeMinutes: number | null;
}

const SNOOZE_MINUTES = 30;
const OFFER = /^([^/\s]{1,200})\/[1-9]\d{0,5}$/;

/** Accept, decline and snooze of one offer. */
export function answerButtons(offerId: string): readonly NoticeButton[] {
  return [
    { label: 'Accept', actionId: 'accept', value: offerId, tone: 'primary' },
    { label: 'Decline', actionId: 'decline', value: offerId, tone: 'plain' },
    { label: `Snooze ${SNOOZE_MINUTES} min`, actionId: 'snooze', value: offerId, tone: 'plain' },
  ];
}

/** What was pressed; null for a button that is none of these. */
export function pressedAnswer(actionId: string, value: string): Pressed | null {
  const leadId = OFFER.exec(value)?.[1];
  if (leadId === undefined || (actionId !== 'accept' && actionId !== 'decline' && actionId !== 'snooze')) return null;
  return { kind: actionId, offerId: value, leadId, snoozeMinutes: actionId === 'snooze' ? SNOOZE_MINUTES : null };
}

/** What is said to somebody whose press does not count, by the rule that it met. In one sentence what is, and in one what to do. */
const REFUSALS: Readonly<Record<string, string>> = {
  NOT_CURRENT: 'This offer is over: the lead is with somebody else by now, or was taken back. There is nothing for you to do.',
  NOT_YOURS: 'This lead was not offered to you. Whoever has it can give it to you.',
  TOO_LATE: 'It is too late for that: a named person knows of this lead already. Accept it, or speak with them.',
  NO_LEAD: 'This lead is not there any more. There is nothing for you to do.',
  NO_SUCH_LEAD: 'This lead is not there any more. There is nothing for you to do.',
  UNKNOWN_MEMBER: 'You are not on the roster of those who take leads. Ask whoever runs Lockstep to put you there.',
};

/** Why a press does not count. Holds nothing of the lead: whoever pressed may not be meant to know of it. */
export function refusalText(code: string | null): string {
  return REFUSALS[code ?? ''] ?? 'This does not count now. `lockstep pql explain` shows who has the lead, and why.';
}
