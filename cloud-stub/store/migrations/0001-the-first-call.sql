-- Contract id leads every key, so that the tables can be spread over machines by contract. Ids are made by the
-- application. Times are epoch milliseconds, money is micro-yen, both int8 and exact.

-- Who owns a name that must be unique in the whole service. Small, read by everybody: a reference table where the rest
-- is distributed.
create table name_owner (
  kind text not null check (kind in ('number', 'gateway', 'service_id')),
  name text not null,
  contract_id text not null,
  primary key (kind, name)
);

create table contract (
  contract_id text primary key,
  name_ja text not null,
  name_en text not null,
  state text not null check (state in ('active', 'suspended', 'ended')),
  model text not null check (model in ('current', 'legacy')),
  emergency text not null check (emergency in ('supported', 'refused')),
  identity_verified boolean not null,
  created_at_ms int8 not null
);

create table phone_number (
  contract_id text not null references contract (contract_id),
  number text not null,
  role text not null check (role in ('contract', 'additional')),
  ported_in boolean not null,
  held_from_ms int8 not null,
  held_until_ms int8,
  primary key (contract_id, number)
);

create table gateway (
  contract_id text not null references contract (contract_id),
  gateway_id text not null,
  -- scrypt of the MQTT password, null until the first enrolment
  mqtt_credential text,
  enrolled_at_ms int8,
  primary key (contract_id, gateway_id)
);

create table device (
  contract_id text not null references contract (contract_id),
  device_id text not null,
  kind text not null check (kind in ('adapter', 'deskPhone', 'app')),
  -- the gateway that an adapter is part of
  gateway_id text,
  -- catalogue items, a list of text
  items jsonb not null,
  held_from_ms int8 not null,
  held_until_ms int8,
  primary key (contract_id, device_id),
  foreign key (contract_id, gateway_id) references gateway (contract_id, gateway_id)
);

create table service_id (
  contract_id text not null references contract (contract_id),
  service_id text not null,
  role text not null check (role in ('base', 'additional')),
  device_id text not null,
  port int4 check (port between 1 and 8),
  extension text not null,
  label text not null,
  presents text not null,
  realm text not null,
  -- AES-256-GCM under the service's key, bound to this contract and ID
  sip_password_sealed text not null,
  ha1_md5 text not null,
  ha1_sha256 text not null,
  held_from_ms int8 not null,
  held_until_ms int8,
  primary key (contract_id, service_id),
  foreign key (contract_id, device_id) references device (contract_id, device_id)
);
create unique index service_id_by_port on service_id (contract_id, device_id, port) where held_until_ms is null;

create table number_ring (
  contract_id text not null,
  number text not null,
  service_id text not null,
  primary key (contract_id, number, service_id),
  foreign key (contract_id, number) references phone_number (contract_id, number),
  foreign key (contract_id, service_id) references service_id (contract_id, service_id)
);

create table contract_option (
  contract_id text not null references contract (contract_id),
  position int4 not null,
  items jsonb not null,
  -- the number, ID or contract that carries it
  on_name text not null,
  held_from_ms int8 not null,
  held_until_ms int8,
  primary key (contract_id, position)
);

create table desired_config (
  contract_id text not null,
  gateway_id text not null,
  rev int4 not null check (rev > 0),
  -- over the configuration and the key that signs it: equal means nothing to publish anew
  content_sha256 text not null,
  envelope text not null,
  made_at_ms int8 not null,
  primary key (contract_id, gateway_id, rev),
  foreign key (contract_id, gateway_id) references gateway (contract_id, gateway_id)
);

create table reported_config (
  contract_id text not null,
  gateway_id text not null,
  report jsonb not null,
  received_at_ms int8 not null,
  primary key (contract_id, gateway_id),
  foreign key (contract_id, gateway_id) references gateway (contract_id, gateway_id)
);

create table presence (
  contract_id text not null,
  gateway_id text not null,
  online boolean not null,
  boot text not null,
  connection int8 not null,
  changed_at_ms int8 not null,
  primary key (contract_id, gateway_id),
  foreign key (contract_id, gateway_id) references gateway (contract_id, gateway_id)
);

-- The switch's record of a call with the outside. A call to a number of nobody belongs to contract '-'.
create table call_record (
  contract_id text not null,
  call_id text not null,
  -- the run of the service that carries the call; rows of a dead run are closed by the next one
  run_id text not null,
  direction text not null check (direction in ('in', 'out')),
  service_id text,
  device text check (device in ('adapter', 'deskPhone', 'app')),
  from_number text not null,
  to_number text not null,
  destination text not null,
  started_at_ms int8 not null,
  answered_at_ms int8,
  heartbeat_at_ms int8 not null,
  ended_at_ms int8,
  talk_ms int8 check (talk_ms >= 0),
  end_reason text,
  because text,
  interrupted boolean not null default false,
  plan jsonb not null,
  trace jsonb not null,
  primary key (contract_id, call_id)
);
create index call_record_by_start on call_record (contract_id, started_at_ms);
create index call_record_open on call_record (contract_id, call_id) where ended_at_ms is null;

-- One leg of a call as a gateway saw it.
create table box_record (
  contract_id text not null,
  record_id text not null,
  gateway_id text not null,
  call_id text not null,
  direction text not null check (direction in ('out', 'in', 'internal')),
  line int4 not null,
  service_id text not null,
  from_number text not null,
  to_number text not null,
  started_at_ms int8 not null,
  answered_at_ms int8,
  ended_at_ms int8 not null,
  talk_ms int8 not null check (talk_ms >= 0),
  end_reason text not null,
  because text not null,
  interrupted boolean not null,
  media jsonb,
  received_at_ms int8 not null,
  -- what differs from the switch's record; null while nothing does
  discrepancy text,
  -- what happened to it: joined to a switch record, charged, or still waiting for one of them
  settled text not null check (settled in ('waiting', 'joined', 'charged', 'notCharged')),
  primary key (contract_id, record_id)
);
create index box_record_by_call on box_record (contract_id, call_id);
create index box_record_by_start on box_record (contract_id, started_at_ms);
create index box_record_waiting on box_record (contract_id, received_at_ms) where settled = 'waiting';

-- Records that cannot be believed: kept for a person, acknowledged to the box, never charged.
create table box_quarantine (
  contract_id text not null,
  record_id text not null,
  gateway_id text not null,
  code text not null,
  say text not null,
  record jsonb not null,
  received_at_ms int8 not null,
  primary key (contract_id, record_id)
);

-- One charge a call, from one source. The key is what makes a second one impossible.
create table charge (
  contract_id text not null,
  call_id text not null,
  source text not null check (source in ('switch', 'box')),
  kind text not null check (kind in ('out', 'in', 'internal')),
  service_id text,
  device text not null,
  destination text not null,
  -- the time of answer, or of the start when nobody answered: decides the period
  at_ms int8 not null,
  talk_ms int8 not null,
  amount_micro_yen int8 not null,
  units int8 not null,
  item text not null,
  category text not null,
  trace jsonb not null,
  rated_at_ms int8 not null,
  primary key (contract_id, call_id)
);
create index charge_by_time on charge (contract_id, at_ms);

-- Calls for which the catalogue has no price: somebody must look.
create table unrated_call (
  contract_id text not null,
  call_id text not null,
  code text not null,
  say text not null,
  trace jsonb not null,
  rated_at_ms int8 not null,
  primary key (contract_id, call_id)
);
