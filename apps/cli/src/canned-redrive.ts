/** For tests: three issues that a mapping mistake has parked, and a field that the tool did not take. */
import type { ParkedCause, ParkedList, ParkedThing, RedriveAnswer } from '@lockstep/api/redrive-schemas.ts';

const AT = '2026-11-24T08:00:00.000Z';
const NOTHING_LEFT = { held: 0, 'under-way': 0, 'not-configured': 0 };

const WRITE: ParkedThing = {
  ...{ kind: 'write', connectionId: 'jira', id: 'item-2', itemId: 'item-2', title: 'Pricing page test', remoteId: null, field: null },
  ...{ code: 'Invalid', message: 'task: expected an issue type "Taks" in the project, found none', attempts: 1, since: AT },
};
const FIELD: ParkedThing = {
  ...{ kind: 'field', connectionId: 'notion', id: 'conflict-9', itemId: 'item-3', title: 'Pricing, "final"', remoteId: 'page-3' },
  ...{ field: 'priority', code: 'FieldLeftOut', message: 'priority: expected an option, got "Hihg"\u001b[31m', attempts: 0, since: AT },
};

const CAUSES: readonly ParkedCause[] = [
  {
    ...{ causeId: 'a1b2c3d4e5', connectionId: 'jira', kind: 'write', code: 'Invalid', count: 3, left: NOTHING_LEFT, oldest: AT },
    words: 'task: expected an issue type "…" in the project, found none',
    ...{ example: WRITE, remedy: 'put the value or the mapping right (`lockstep doctor` checks it)' },
  },
  {
    ...{ causeId: '0011223344', connectionId: 'notion', kind: 'field', code: 'FieldLeftOut', count: 2, oldest: AT },
    left: { ...NOTHING_LEFT, 'under-way': 1 },
    words: 'priority: expected an option, got "…"',
    ...{ example: FIELD, remedy: 'put the value or the mapping right (`lockstep doctor` checks it)' },
  },
];

export const PARKED: ParkedList = { causes: [...CAUSES], more: { causes: 0, things: 0 }, total: 5 };

export function redriven(dryRun: boolean): RedriveAnswer {
  return {
    ...{ dryRun, redriveId: dryRun ? null : 'redrive-01k2', at: AT, driven: 4, causes: [...CAUSES], things: [WRITE, FIELD] },
    ...{ woken: dryRun ? [] : ['jira', 'notion'], closed: [{ connectionId: 'jira', gate: 'plan-first', isBroken: false }] },
  };
}
