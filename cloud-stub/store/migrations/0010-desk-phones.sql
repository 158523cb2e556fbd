-- The customer's LAN as a box reported it last: phones, DHCP, warnings. One row a gateway, whole each time.
create table lan_report (
  contract_id text not null,
  gateway_id text not null,
  report jsonb not null,
  received_at_ms int8 not null,
  primary key (contract_id, gateway_id)
);

-- What boxes were told to do at once, by whom, and what became of it. Null while nothing has come back.
create table box_command (
  contract_id text not null,
  command_id text not null,
  gateway_id text not null,
  command jsonb not null,
  by_whom text not null,
  sent_at_ms int8 not null,
  result jsonb,
  answered_at_ms int8,
  primary key (contract_id, command_id)
);
create index box_command_by_time on box_command (contract_id, sent_at_ms);

-- The hardware of a desk phone is in one contract at a time: two boxes would set up two phones as one.
alter table name_owner drop constraint name_owner_kind_check;
alter table name_owner add constraint name_owner_kind_check
  check (kind in ('number', 'gateway', 'service_id', 'phone'));

do $$
declare
  name text;
begin
  foreach name in array array['lan_report', 'box_command']
  loop
    execute format('alter table %I enable row level security', name);
    execute format(
      'create policy own_contract on %I for select to engawa_contract using (contract_id = nullif(current_setting(''engawa.contract'', true), ''''))',
      name);
    execute format('grant select on %I to engawa_contract', name);
  end loop;
end
$$;
