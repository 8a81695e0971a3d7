-- An answer that came too late committed the decision that was due before it without the lead that had been decided: every later one took its number, and failed.
-- Such a lead counts on from its last decision.
update lockstep.leads l set decisions = d.decisions
from (
  select workspace_id, lead_id, max(ordinal) as decisions from lockstep.routing_decisions group by workspace_id, lead_id
) d
where d.workspace_id = l.workspace_id and d.lead_id = l.lead_id and l.decisions < d.decisions;
