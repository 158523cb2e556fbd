-- Warnings of boxes as they came and went, once each.
create table box_event (
  contract_id text not null,
  fact_id text not null,
  gateway_id text not null,
  code text not null,
  raised boolean not null,
  at_ms int8 not null,
  warning jsonb not null,
  received_at_ms int8 not null,
  primary key (contract_id, fact_id)
);
create index box_event_by_time on box_event (contract_id, at_ms);

-- The newest state and the newest figures of each box.
create table box_view (
  contract_id text not null,
  gateway_id text not null,
  kind text not null check (kind in ('state', 'counters')),
  boot text not null,
  seq int8 not null,
  at_ms int8 not null,
  fact jsonb not null,
  received_at_ms int8 not null,
  primary key (contract_id, gateway_id, kind)
);

do $$
declare
  name text;
begin
  foreach name in array array['box_event', 'box_view']
  loop
    execute format('alter table %I enable row level security', name);
    execute format(
      'create policy own_contract on %I for select to engawa_contract using (contract_id = nullif(current_setting(''engawa.contract'', true), ''''))',
      name);
    execute format('grant select on %I to engawa_contract', name);
  end loop;
end
$$;
