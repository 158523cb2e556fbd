-- The parts of a contract that no query asks for, as they are: nothing is dropped because it has no column of its own.
alter table contract add column more jsonb not null default '{}';
alter table phone_number add column more jsonb not null default '{}';
alter table device add column more jsonb not null default '{}';
alter table service_id add column more jsonb not null default '{}';
alter table contract_option add column more jsonb not null default '{}';
