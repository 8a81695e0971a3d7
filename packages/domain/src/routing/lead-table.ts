/** The life of a product-qualified lead as a total table. */

export type LeadState =
  /** The CRM has the account in a stage, and no score has crossed: its clocks between stages run for the record's owner, and it takes nobody's place. */
  | 'followed'
  /** Nobody has it: a decision is due. */
  | 'deciding'
  /** Somebody has been asked and has not said yes. */
  | 'offered'
  /** A named person knows that nobody has acknowledged it; whoever was asked may still do so. */
  | 'escalated'
  | 'accepted'
  /** It is no lead any more: lost, excluded, closed in the CRM, or done. */
  | 'closed';

export type LeadMove =
  /** The score of an account that was followed crosses its threshold. */
  | 'qualify'
  | 'assign'
  | 'escalate'
  | 'accept'
  /** Whoever was asked says no. */
  | 'decline'
  /** The offer is taken back: a rung of the ladder, an absence, a leaver. */
  | 'take-back'
  /** Whoever has it gives it back. */
  | 'release'
  /** A person has given it to somebody: by Lockstep or in the CRM. */
  | 'hand-over'
  | 'close';

type Row = Readonly<Record<LeadMove, LeadState | null>>;

const TABLE: Readonly<Record<LeadState, Row>> = {
  followed: {
    qualify: 'deciding',
    assign: null,
    escalate: null,
    accept: null,
    decline: null,
    'take-back': null,
    release: null,
    'hand-over': null,
    close: 'closed',
  },
  deciding: {
    qualify: null,
    assign: 'offered',
    escalate: 'escalated',
    accept: null,
    decline: null,
    'take-back': null,
    release: null,
    'hand-over': 'offered',
    close: 'closed',
  },
  offered: {
    qualify: null,
    assign: null,
    escalate: 'escalated',
    accept: 'accepted',
    decline: 'deciding',
    'take-back': 'deciding',
    release: 'deciding',
    'hand-over': 'offered',
    close: 'closed',
  },
  // A named person has it: it is not given to others behind their back.
  escalated: {
    qualify: null,
    assign: null,
    escalate: 'escalated',
    accept: 'accepted',
    decline: 'escalated',
    'take-back': 'escalated',
    release: 'escalated',
    'hand-over': 'offered',
    close: 'closed',
  },
  accepted: {
    qualify: null,
    assign: null,
    escalate: null,
    accept: null,
    decline: null,
    'take-back': 'deciding',
    release: 'deciding',
    'hand-over': 'accepted',
    close: 'closed',
  },
  closed: {
    qualify: null,
    assign: null,
    escalate: null,
    accept: null,
    decline: null,
    'take-back': null,
    release: null,
    'hand-over': null,
    close: null,
  },
};

/** Where a lead stands after a move; null: it does not move. */
export function moveLead(state: LeadState, move: LeadMove): LeadState | null {
  return TABLE[state][move];
}
