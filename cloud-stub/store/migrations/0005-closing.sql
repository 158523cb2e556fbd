-- One job for each contract and period that is to be closed. A worker locks the row, and closes in the same
-- transaction: when it is killed, the job is as it was.
create table closing_job (
  contract_id text not null,
  period text not null,
  state text not null check (state in ('waiting', 'closed', 'failed')),
  -- why it failed, and what to do
  say text not null,
  made_at_ms int8 not null,
  done_at_ms int8,
  primary key (contract_id, period)
);
create index closing_job_waiting on closing_job (contract_id, period) where state = 'waiting';

-- Last number given of each series: the counter moves in the transaction that writes the document, so a number that
-- was taken and not used comes back. Small, written by everybody who closes: a reference table where the rest is
-- distributed.
create table document_series (
  series text primary key,
  last_number int8 not null
);

-- Invoices and credit notes as they were issued: canonical JSON, never changed.
create table document (
  contract_id text not null,
  number text not null,
  kind text not null check (kind in ('invoice', 'creditNote')),
  period text not null,
  -- canonical JSON: the same content is the same text
  body text not null,
  sha256 text not null,
  total_yen int8 not null,
  issued_at_ms int8 not null,
  primary key (contract_id, number)
);
create unique index invoice_by_period on document (contract_id, period) where kind = 'invoice';

-- The bookings of every document, in whole yen: debits equal credits. Deposits stand in an account of their own: a debt
-- to the customer, never revenue. [A-40]
create table ledger_entry (
  contract_id text not null,
  document text not null,
  position int4 not null,
  period text not null,
  account text not null check (account in ('receivable', 'revenue', 'consumptionTax', 'depositsHeld')),
  detail text not null,
  debit_yen int8 not null check (debit_yen >= 0),
  credit_yen int8 not null check (credit_yen >= 0),
  at_ms int8 not null,
  primary key (contract_id, document, position)
);

-- What rating again changed: before and after, never a changed charge. [A-08]
create table adjustment (
  contract_id text not null,
  adjustment_id text not null,
  order_id text not null,
  call_id text not null,
  used_at_ms int8 not null,
  decided_at_ms int8 not null,
  reason text not null,
  before jsonb not null,
  after jsonb not null,
  difference_micro_yen int8 not null,
  trace jsonb not null,
  -- the invoice or credit note that carried it; null while none has
  document text,
  primary key (contract_id, adjustment_id)
);
create index adjustment_by_use on adjustment (contract_id, used_at_ms);
