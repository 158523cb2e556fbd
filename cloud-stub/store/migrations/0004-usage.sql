-- Every rated use, not calls alone: legs (`<call>/<leg>`), faxes, pieces. The facts that were rated stand beside the
-- charge, so that it can be rated again; the sentences of a charge that has no trace are made from them when asked.
alter table charge drop constraint charge_kind_check;
alter table charge add constraint charge_kind_check check (kind in (
  'out', 'in', 'internal', 'forwarded', 'forwardedToAnswering', 'tollFreeIn',
  'fax', 'botItem', 'answeredCall', 'listing'));
alter table charge drop constraint charge_source_check;
alter table charge add constraint charge_source_check check (source in ('switch', 'box', 'feed'));
alter table charge alter column trace drop not null;
alter table charge add column answered boolean;
update charge set answered = (item <> 'call.unanswered');
alter table charge alter column answered set default true;
alter table charge alter column answered set not null;
-- the far end, in national form
alter table charge add column number text;
-- the number of the contract that it is about
alter table charge add column own_number text;
-- facts that have no column: pages, release by the network, first ring
alter table charge add column facts jsonb;
-- what is counted against something included in a fee: which counter, how many pieces
alter table charge add column counter text;
alter table charge add column pieces int4;
-- arrived after the invoice that would have shown it: the next one does
alter table charge add column late boolean not null default false;
alter table charge add column billed_in text;
create index charge_late on charge (contract_id, call_id) where late and billed_in is null;

-- Last period that is closed, '' while none is. Whoever writes a charge holds the row shared, whoever closes holds it
-- alone: no charge slips in between a period's closing and its invoice.
alter table contract add column closed_period text not null default '';

alter table unrated_call add column facts jsonb;

-- One leg that the switch sent out. [S1-003]
create table call_leg (
  contract_id text not null,
  call_id text not null,
  leg int4 not null check (leg > 0),
  kind text not null check (kind in ('member', 'external', 'forward', 'network')),
  service_id text,
  device text check (device in ('adapter', 'deskPhone', 'app')),
  called_number text not null,
  to_number text not null,
  presents text not null,
  destination text not null,
  started_at_ms int8 not null,
  answered_at_ms int8,
  ended_at_ms int8,
  talk_ms int8 check (talk_ms >= 0),
  end_reason text,
  because text,
  interrupted boolean not null default false,
  primary key (contract_id, call_id, leg)
);

-- What a contract has used in a period: moves in the transaction that writes the charge, so that a ceiling can be
-- looked at before a call without adding up the month. [A-36]
create table spend (
  contract_id text not null,
  period text not null,
  micro_yen int8 not null,
  primary key (contract_id, period)
);
create table spend_notice (
  contract_id text not null,
  period text not null,
  level text not null check (level in ('warned', 'reached')),
  at_ms int8 not null,
  spent_micro_yen int8 not null,
  limit_micro_yen int8 not null,
  primary key (contract_id, period, level)
);
-- Pieces of what is included in a fee that are used up, by counter.
create table allowance_use (
  contract_id text not null,
  period text not null,
  counter text not null,
  pieces int8 not null,
  primary key (contract_id, period, counter)
);

-- Which field is doubted, by which rule, and where the record came from.
alter table box_quarantine add column field text not null default '';
alter table box_quarantine add column rule text not null default '';
alter table box_quarantine add column source text not null default 'box' check (source in ('box', 'feed'));

-- What a person decided about a record in quarantine. Once.
create table quarantine_decision (
  contract_id text not null,
  record_id text not null,
  decision text not null check (decision in ('released', 'voided')),
  order_id text not null,
  by_whom text not null,
  reason text not null,
  -- fields that were put right
  correction jsonb not null,
  at_ms int8 not null,
  primary key (contract_id, record_id)
);

-- Wall clock minus uptime of a gateway since it started: learnt from records made after it knew the time, used for
-- those made before.
create table boot_clock (
  contract_id text not null,
  gateway_id text not null,
  boot text not null,
  offset_ms int8 not null,
  learnt_at_ms int8 not null,
  primary key (contract_id, gateway_id, boot)
);
