-- Faxes as the boxes saw them: what they say of pages and machines, beside the call that is charged. They cost nothing.
create table box_fax (
  contract_id text not null,
  fax_id text not null,
  gateway_id text not null,
  call_id text not null,
  service_id text not null,
  started_at_ms int8 not null,
  result text not null,
  pages int4 not null check (pages >= 0),
  -- the whole fact as it came
  fact jsonb not null,
  received_at_ms int8 not null,
  primary key (contract_id, fax_id)
);
create index box_fax_by_start on box_fax (contract_id, started_at_ms);
alter table box_fax enable row level security;
create policy own_contract on box_fax for select to engawa_contract
  using (contract_id = nullif(current_setting('engawa.contract', true), ''));
grant select on box_fax to engawa_contract;
