-- Accounts that the CRM has in a stage, and of which the product has made no lead, are followed: their clocks run for the owner of the record.
alter table lockstep.leads drop constraint leads_state_check;
alter table lockstep.leads
  add check (state in ('followed', 'deciding', 'offered', 'escalated', 'accepted', 'closed')),
  add column followed_by text collate "C";
alter table lockstep.leads
  add check ((state = 'followed') = (followed_by is not null)),
  add check (state <> 'followed' or offer_id is null);
create index leads_followed_by on lockstep.leads (workspace_id, followed_by, account_id) where followed_by is not null;

-- The CRM's id of who has the record.
alter table lockstep.crm_stages add column owner_id text;
-- Since when a CRM is read: what stood in a stage before is nobody's clock. Of those that are read already, from now on.
alter table lockstep.crm_stage_cursors add column since timestamptz not null default now();
alter table lockstep.crm_stage_cursors alter column since drop default;
