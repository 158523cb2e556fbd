-- The decision that a credit note came from: the same one again gives the same note.
alter table document add column order_id text;
create unique index document_by_order on document (contract_id, order_id) where order_id is not null;
