-- What a record of a box costs if the switch never brings one of its call: counted as used while the record waits.
alter table box_record add column held_micro_yen int8 not null default 0;
