-- What was ordered, in the order in which it was accepted. Nothing of it is ever changed: the contract's rows are what
-- comes out when it is replayed.
create table contract_order (
  contract_id text not null references contract (contract_id),
  -- counts from 1 without gaps; the key is what makes of two orders at the same moment one that comes second
  seq int4 not null check (seq > 0),
  -- made by whoever orders: the same order sent again changes nothing
  order_id text not null,
  at_ms int8 not null,
  -- 'opening': the contract as it was taken over, whole; 'order': what was ordered
  kind text not null check (kind in ('opening', 'order')),
  body jsonb not null,
  -- notes and promises that were given with it
  outcome jsonb not null,
  by_whom text not null,
  received_at_ms int8 not null,
  primary key (contract_id, seq)
);
create unique index contract_order_by_id on contract_order (contract_id, order_id);

-- seq of the newest order; counts up with every write to the contract, so that others see that something changed.
alter table contract add column version int4 not null default 0;
