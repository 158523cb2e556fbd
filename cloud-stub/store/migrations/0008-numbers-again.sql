-- A number that was given up may be held again, by the same contract or by another one: each holding is a row of its own.
alter table number_ring add column held_from_ms int8;
update number_ring r set held_from_ms = p.held_from_ms
  from phone_number p where p.contract_id = r.contract_id and p.number = r.number;
alter table number_ring alter column held_from_ms set not null;
alter table number_ring drop constraint number_ring_contract_id_number_fkey;
alter table number_ring drop constraint number_ring_pkey;
alter table phone_number drop constraint phone_number_pkey;
alter table phone_number add primary key (contract_id, number, held_from_ms);
alter table number_ring add primary key (contract_id, number, held_from_ms, service_id);
alter table number_ring add foreign key (contract_id, number, held_from_ms)
  references phone_number (contract_id, number, held_from_ms);

-- Until when a name is its owner's; null while no end is known. What is over is free, whenever its owner orders next.
alter table name_owner add column held_until_ms int8;
update name_owner n set held_until_ms = p.held_until_ms
  from phone_number p where n.kind = 'number' and p.contract_id = n.contract_id and p.number = n.name;

-- A leg to the operators of the answering service has a price of its own.
alter table call_leg drop constraint call_leg_kind_check;
alter table call_leg add constraint call_leg_kind_check
  check (kind in ('member', 'external', 'forward', 'answering', 'network'));

-- Where the percentages of toll-free numbers stand, written with the call that had the turn. `calls` only grows: of two
-- calls at once the later turn stays.
create table routing_turn (
  contract_id text not null,
  turn_key text not null,
  shares text not null,
  given int4 not null check (given >= 0),
  calls int8 not null check (calls >= 0),
  primary key (contract_id, turn_key)
);

-- What a person should know of a call that asked for a route, once for each matter: of a ceiling once a period, of an ID
-- that calls often once a day.
create table routing_alert (
  contract_id text not null,
  alert text not null,
  about text not null,
  call_id text not null,
  at_ms int8 not null,
  facts jsonb not null,
  say text not null,
  primary key (contract_id, alert, about)
);

alter table routing_turn enable row level security;
alter table routing_alert enable row level security;
create policy own_contract on routing_turn for select to engawa_contract
  using (contract_id = nullif(current_setting('engawa.contract', true), ''));
create policy own_contract on routing_alert for select to engawa_contract
  using (contract_id = nullif(current_setting('engawa.contract', true), ''));
grant select on routing_turn, routing_alert to engawa_contract;
