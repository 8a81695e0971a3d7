-- Of a decision that was not written to the CRM: who had the account there when that was seen. A person's choice is another one (case 23).
alter table lockstep.lead_writes add column kept_owner text;
