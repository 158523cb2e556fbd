-- Signed systems that boxes may be told to run; the files lie in the state folder.
create table release (
  version text primary key,
  compatible text not null,
  size_bytes int8 not null,
  sha256 text not null,
  signature_checked boolean not null,
  added_at_ms int8 not null
);

-- Rollouts, each whole but for its boxes. Nothing is ever taken away.
create table rollout (
  rollout_id text primary key,
  started_at_ms int8 not null,
  head jsonb not null
);

-- Where each box of a rollout is.
create table rollout_box (
  contract_id text not null,
  rollout_id text not null,
  gateway_id text not null,
  enrolled_at_ms int8 not null,
  place jsonb not null,
  primary key (contract_id, rollout_id, gateway_id)
);
create index rollout_box_by_rollout on rollout_box (rollout_id);

-- The last order for each gateway: what is retained at the broker. Serial numbers only grow.
create table update_order (
  contract_id text not null,
  gateway_id text not null,
  serial int8 not null,
  issued jsonb not null,
  primary key (contract_id, gateway_id)
);
create index update_order_by_gateway on update_order (gateway_id);

-- What each box told last of its system.
create table update_report (
  contract_id text not null,
  gateway_id text not null,
  report jsonb not null,
  received_at_ms int8 not null,
  primary key (contract_id, gateway_id)
);

do $$
declare
  name text;
begin
  foreach name in array array['rollout_box', 'update_order', 'update_report']
  loop
    execute format('alter table %I enable row level security', name);
    execute format(
      'create policy own_contract on %I for select to engawa_contract using (contract_id = nullif(current_setting(''engawa.contract'', true), ''''))',
      name);
    execute format('grant select on %I to engawa_contract', name);
  end loop;
end
$$;
