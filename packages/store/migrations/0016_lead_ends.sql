-- A lead has an end: why it was closed, and by whom where a person has said so. Until now only decisions that left a lead out have closed any.
alter table lockstep.leads add column close_reason text, add column closed_by text collate "C";
update lockstep.leads set close_reason = 'excluded' where state = 'closed';
alter table lockstep.leads
  add check (close_reason in ('won', 'lost', 'disqualified', 'opportunity', 'excluded')),
  add check ((state = 'closed') = (close_reason is not null)),
  add check (closed_by is null or state = 'closed');

alter table lockstep.lead_notices drop constraint lead_notices_purpose_check;
alter table lockstep.lead_notices
  add check (purpose in ('offer', 'remind', 'warn', 'taken-back', 'moved', 'escalate', 'accepted', 'uncovered', 'closed'));

-- Accepted leads of before whose end the CRM has shown since: each account is looked at once more, by the sweeper.
update lockstep.routed_accounts a set evidence_version = evidence_version + 1
from lockstep.leads l where l.workspace_id = a.workspace_id and l.account_id = a.account_id and l.state = 'accepted';
