/** Whose working time a service level means. */
import { allOf, ALWAYS, anyOf, hoursOf } from './business-time.ts';
import type { Hours } from './business-time.ts';
import type { WorkCalendar } from './calendar.ts';
import type { SlaSpec } from './sla.schema.ts';

export interface Calendars {
  /** Null while nobody has it: then the team's are meant. */
  readonly owner: WorkCalendar | null;
  readonly team: readonly WorkCalendar[];
  /** Null where nobody has said when the customer works: then it is not narrowed by it. */
  readonly customer: WorkCalendar | null;
}

/** The hours of a service level. A team of nobody covers nothing. */
export function hoursFor(calendar: SlaSpec['calendar'], { owner, team, customer }: Calendars): Hours {
  const ours = (): Hours => anyOf(team.map(hoursOf));
  const theirs = customer === null ? ALWAYS : hoursOf(customer);
  switch (calendar) {
    case 'owner':
      return owner === null ? ours() : hoursOf(owner);
    case 'team':
      return ours();
    case 'customer':
      return theirs;
    case 'customer-and-team':
      return allOf([ours(), theirs]);
  }
}
