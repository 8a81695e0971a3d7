/** For tests: two pages of past decisions that are decided again. */
import type { RedecidedPage, RedecidedRow } from '@lockstep/api/replay-decide-schemas.ts';

const AT = '2026-11-24T08:00:00.000Z';
const NONE: RedecidedPage['changes'] = {
  ...{
    same: 0,
    'other-person': 0,
    'other-way': 0,
    'now-escalated': 0,
    'no-longer-escalated': 0,
    'now-excluded': 0,
    'no-longer-excluded': 0,
  },
};

const OMAR: RedecidedRow['before'] = {
  outcome: 'assigned',
  personId: 'omar',
  ruleId: 'smb',
  poolId: 'ae-dach',
  slaId: 'pql',
  reason: null,
};
const ROW: RedecidedRow = {
  ...{ decisionId: 'acme-1/1', leadId: 'acme-1', decidedAt: AT, stored: 'same', change: 'other-person', before: OMAR, unread: ['eve'] },
  after: { ...OMAR, personId: 'ines', ruleId: 'smb\u001b[31m' },
};
export const ESCALATED: RedecidedRow = {
  ...{ ...ROW, decisionId: 'bolt-1/1', leadId: 'bolt-1', change: 'now-escalated', unread: [] },
  after: { outcome: 'escalated', personId: 'hana', ruleId: null, poolId: null, slaId: null, reason: 'NO_RULE' },
};

export function redecided(after: string | undefined): RedecidedPage {
  const isFirst = after === undefined;
  return {
    decisions: 3,
    stored: { same: 3, differs: 0, unknown: 0 },
    changes: isFirst ? { ...NONE, same: 2, 'other-person': 1 } : { ...NONE, same: 2, 'now-escalated': 1 },
    notDecided: 0,
    rows: [isFirst ? ROW : ESCALATED],
    next: isFirst ? 'cobalt-1/1' : null,
  };
}
