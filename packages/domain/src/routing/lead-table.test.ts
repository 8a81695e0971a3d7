import { describe, expect, it } from 'vitest';
import { moveLead } from './lead-table.ts';
import type { LeadMove, LeadState } from './lead-table.ts';

const MOVES: readonly LeadMove[] = ['qualify', 'assign', 'escalate', 'accept', 'decline', 'take-back', 'release', 'hand-over', 'close'];

/** Written a second time, move by move: a change of the table has to be meant. */
const EXPECTED: Readonly<Record<LeadState, readonly (LeadState | null)[]>> = {
  //          qualify   assign     escalate     accept      decline      take-back    release      hand-over   close
  followed: ['deciding', null, null, null, null, null, null, null, 'closed'],
  deciding: [null, 'offered', 'escalated', null, null, null, null, 'offered', 'closed'],
  offered: [null, null, 'escalated', 'accepted', 'deciding', 'deciding', 'deciding', 'offered', 'closed'],
  escalated: [null, null, 'escalated', 'accepted', 'escalated', 'escalated', 'escalated', 'offered', 'closed'],
  accepted: [null, null, null, null, null, 'deciding', 'deciding', 'accepted', 'closed'],
  closed: [null, null, null, null, null, null, null, null, null],
};
const STATES = Object.keys(EXPECTED) as readonly LeadState[];

describe('the life of a lead', () => {
  it.each(STATES)('R1 every move from "%s" leads where the table says, or nowhere', (state) => {
    expect(MOVES.map((move) => moveLead(state, move))).toEqual(EXPECTED[state]);
  });

  it('an end is never left, and every state that is none can come to it', () => {
    expect(MOVES.map((move) => moveLead('closed', move))).toEqual(MOVES.map(() => null));
    expect(STATES.filter((state) => moveLead(state, 'close') === 'closed')).toEqual(STATES.filter((state) => state !== 'closed'));
  });

  it('R2 who is known to a named person is not decided again behind their back, and only an offer is accepted', () => {
    expect(MOVES.filter((move) => ['deciding', 'offered'].includes(moveLead('escalated', move) ?? ''))).toEqual(['hand-over']);
    expect(STATES.filter((state) => moveLead(state, 'accept') === 'accepted')).toEqual(['offered', 'escalated']);
  });
});
