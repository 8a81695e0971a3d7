/** The life of an SLA clock as a total table: from any state, by anything that happens, to one state or nowhere. */

export type ClockState =
  /** Nobody covers it for now, and not for long: no budget is used. */
  | 'waiting'
  | 'running'
  /** It runs, and its owner has asked not to be reminded for a while. */
  | 'snoozed'
  /** Nobody covers it for longer than the service level allows for; a named person has been told. No budget is used. */
  | 'uncovered'
  /** A named person has it before the deadline (R2). The budget is still counted. */
  | 'escalated'
  /** The deadline has passed, which was reported. It can only be closed. */
  | 'breached'
  /** Stopped before the deadline. */
  | 'met'
  /** Ended in any other way; its outcome says how. */
  | 'closed';

export type ClockMove =
  | 'begin'
  | 'pause'
  | 'warn'
  | 'remind'
  | 'reassign'
  | 'escalate'
  | 'lose-cover'
  | 'snooze'
  | 'wake'
  | 'hand-over'
  | 'expire'
  | 'stop'
  /** Stopped before it has ever run: nobody was on duty, and no share of a budget can be claimed. */
  | 'stop-unrun'
  | 'withdraw';

/** Where a move leads; null where it cannot happen or comes too late, and nothing changes. */
type Cell = ClockState | null;

const NOWHERE = {
  begin: null,
  pause: null,
  warn: null,
  remind: null,
  reassign: null,
  escalate: null,
  'lose-cover': null,
  snooze: null,
  wake: null,
  'hand-over': null,
  expire: null,
  stop: null,
  'stop-unrun': null,
  withdraw: null,
} as const satisfies Readonly<Record<ClockMove, Cell>>;

/** What ends a clock whose deadline has not passed. */
const ENDS = { stop: 'met', 'stop-unrun': 'closed', withdraw: 'closed' } as const;

const TABLE: Readonly<Record<ClockState, Readonly<Record<ClockMove, Cell>>>> = {
  // A mark may fall on the end of a span, when nobody is there any more; the deadline too.
  waiting: {
    ...NOWHERE,
    ...ENDS,
    begin: 'running',
    warn: 'waiting',
    remind: 'waiting',
    reassign: 'waiting',
    escalate: 'escalated',
    'lose-cover': 'uncovered',
    snooze: 'snoozed',
    'hand-over': 'waiting',
    expire: 'breached',
  },
  running: {
    ...NOWHERE,
    ...ENDS,
    pause: 'waiting',
    warn: 'running',
    remind: 'running',
    reassign: 'running',
    escalate: 'escalated',
    'lose-cover': 'uncovered',
    snooze: 'snoozed',
    'hand-over': 'running',
    expire: 'breached',
  },
  // Reminders and reassignment wait until it is over; what a named person or the books must hear does not.
  snoozed: {
    ...NOWHERE,
    ...ENDS,
    warn: 'snoozed',
    escalate: 'escalated',
    'lose-cover': 'uncovered',
    snooze: 'snoozed',
    wake: 'running',
    // The new owner has not asked for quiet.
    'hand-over': 'running',
    expire: 'breached',
  },
  uncovered: {
    ...NOWHERE,
    ...ENDS,
    begin: 'running',
    warn: 'uncovered',
    remind: 'uncovered',
    reassign: 'uncovered',
    escalate: 'escalated',
    'hand-over': 'uncovered',
    expire: 'breached',
  },
  // Somebody by name has it: it is not given to others behind their back.
  escalated: {
    ...NOWHERE,
    ...ENDS,
    warn: 'escalated',
    remind: 'escalated',
    escalate: 'escalated',
    'lose-cover': 'escalated',
    'hand-over': 'escalated',
    expire: 'breached',
  },
  breached: { ...NOWHERE, escalate: 'breached', 'hand-over': 'breached', stop: 'closed', 'stop-unrun': 'closed', withdraw: 'closed' },
  met: NOWHERE,
  closed: NOWHERE,
};

/** Where a clock stands after a move. Null: it does not move. An end is never left. */
export function moveClock(state: ClockState, move: ClockMove): ClockState | null {
  return TABLE[state][move];
}

/** Whether a clock has come to its end. */
export function isEnded(state: ClockState): boolean {
  return state === 'met' || state === 'closed';
}
