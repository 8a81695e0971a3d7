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
