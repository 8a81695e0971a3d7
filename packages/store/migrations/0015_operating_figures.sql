-- Figures by which operators decide: open change sets are few among many that have ended.
create index change_sets_open on lockstep.change_sets (workspace_id, state, requested_at) where state <> 'ended';

-- In which traces (W3C traceparent: two random ids, nothing else) something was left to be done, so that whoever does it goes on with the trace. Written only
-- where traces are on; a row that is lost costs a link and nothing else.
create table lockstep.traces (
  workspace_id text collate "C" not null,
  -- What is to be done: `marked/<connection>`, `owed/<connection>`, `set/<change set>`.
  subject text collate "C" not null,
  traceparent text collate "C" not null,
  noted_at timestamptz not null,
  primary key (workspace_id, subject, traceparent)
);
create index traces_by_age on lockstep.traces (workspace_id, noted_at);
