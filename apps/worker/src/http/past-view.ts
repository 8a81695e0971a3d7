/** Past leads, and what surrounds them, as the API shows them. */
import type { ApiPastLead, ApiRoutingContext } from '@lockstep/api/routing-past-schemas.ts';
import type { PastLead } from '@lockstep/domain/routing/past-lead.ts';
import type { RoutingContext } from '@lockstep/engine/routing/past.ts';

export function pastLeadView({ facts, offers, ...lead }: PastLead): ApiPastLead {
  return { ...lead, facts: { ...facts }, offers: offers.map((offer) => ({ ...offer })) };
}

export function contextView({ documents, holidays, absences }: RoutingContext): ApiRoutingContext {
  const { scoring, policy, roster, slas } = documents;
  return {
    documents: { scoring: { ...scoring }, policy: { ...policy }, roster: { ...roster }, slas: slas.map((sla) => ({ ...sla })) },
    holidays: Object.fromEntries(Object.entries(holidays).map(([region, days]) => [region, days.map((day) => ({ ...day }))])),
    absences: Object.fromEntries(Object.entries(absences).map(([member, away]) => [member, away.map((one) => ({ ...one }))])),
  };
}
