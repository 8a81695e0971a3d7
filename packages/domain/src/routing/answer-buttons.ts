/** Buttons under an offer, and what a press of one means. Ids stand in messages that people keep for weeks: they are forever. */
import type { NoticeButton } from './messenger.port.ts';

/** What can be said to an offer with a button. */
export type PressedKind = 'accept' | 'decline' | 'snooze';

export interface Pressed {
  readonly kind: PressedKind;
  readonly leadId: string;
  readonly offerId: string;
  /** Of a snooze: for how long. */
  readonly snoozeMinutes: number | null;
}

const ACTION = /^lead\.(accept|decline|snooze\.([1-9]\d{0,3}))$/;
const VALUE = /^([^/\s]{1,200})\/([^/\s]{1,200})$/;

/** Accept, decline and snooze of one offer. Ids hold neither `/` nor blanks. */
export function answerButtons(leadId: string, offerId: string, snoozeMinutes: number): readonly NoticeButton[] {
  const value = `${leadId}/${offerId}`;
  return [
    { label: 'Accept', actionId: 'lead.accept', value, tone: 'primary' },
    { label: 'Decline', actionId: 'lead.decline', value, tone: 'danger' },
    { label: `Snooze ${snoozeMinutes} min`, actionId: `lead.snooze.${snoozeMinutes}`, value, tone: 'plain' },
  ];
}

/** What was pressed; null for a button that is none of these. */
export function pressedAnswer(actionId: string, value: string): Pressed | null {
  const [, action, minutes] = ACTION.exec(actionId) ?? [];
  const [, leadId, offerId] = VALUE.exec(value) ?? [];
  if (action === undefined || leadId === undefined || offerId === undefined) return null;
  if (minutes !== undefined) return { kind: 'snooze', leadId, offerId, snoozeMinutes: Number(minutes) };
  return { kind: action === 'accept' ? 'accept' : 'decline', leadId, offerId, snoozeMinutes: null };
}
