import { describe, expect, it } from 'vitest';
import { answerButtons, pressedAnswer } from './answer-buttons.ts';

describe('25 buttons under an offer', () => {
  it('say what was pressed, and about which offer', () => {
    const pressed = answerButtons('lead-1', 'offer-2', 30).map(({ actionId, value }) => pressedAnswer(actionId, value));
    const ids = { leadId: 'lead-1', offerId: 'offer-2' };
    expect(pressed).toEqual([
      { kind: 'accept', ...ids, snoozeMinutes: null },
      { kind: 'decline', ...ids, snoozeMinutes: null },
      { kind: 'snooze', ...ids, snoozeMinutes: 30 },
    ]);
  });

  it.each([
    ['lead.accept', 'lead-1'],
    ['lead.accept', 'a/b/c'],
    ['lead.accept', '/offer'],
    ['lead.acceptance', 'a/b'],
    ['lead.snooze', 'a/b'],
    ['lead.snooze.0', 'a/b'],
    ['lead.snooze.99999', 'a/b'],
    ['other.accept', 'a/b'],
    ['', ''],
  ])('%s with %s is none of ours', (actionId, value) => {
    expect(pressedAnswer(actionId, value)).toBeNull();
  });
});
