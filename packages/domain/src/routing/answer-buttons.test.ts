import { describe, expect, it } from 'vitest';
import { answerButtons, pressedAnswer, refusalText } from './answer-buttons.ts';

describe('25 buttons under an offer', () => {
  it('say what was pressed, and about which offer', () => {
    const ids = { leadId: 'account-1', offerId: 'account-1/2' };
    expect(answerButtons('account-1/2').map(({ actionId, value }) => pressedAnswer(actionId, value))).toEqual([
      { kind: 'accept', ...ids, snoozeMinutes: null },
      { kind: 'decline', ...ids, snoozeMinutes: null },
      { kind: 'snooze', ...ids, snoozeMinutes: 30 },
    ]);
  });

  it.each([
    ['accept', 'account-1'],
    ['accept', 'a/b/1'],
    ['accept', '/1'],
    ['accept', 'a/0'],
    ['accept', 'a/x'],
    ['acceptance', 'a/1'],
    ['toString', 'a/1'],
    ['', ''],
  ])('%s with %s is none of ours', (actionId, value) => {
    expect(pressedAnswer(actionId, value)).toBeNull();
  });
});

describe('25 a press that does not count', () => {
  it.each(['NOT_CURRENT', 'NOT_YOURS', 'TOO_LATE', 'NO_LEAD', 'NO_SUCH_LEAD', 'UNKNOWN_MEMBER'])('25 %s has words of its own', (code) => {
    expect(refusalText(code)).not.toBe(refusalText('ANOTHER'));
  });

  it('25 one whose rule has no words is told where to look', () => {
    expect(refusalText(null)).toContain('lockstep pql explain');
  });
});
