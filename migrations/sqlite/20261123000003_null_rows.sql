-- Rows of a list, when it was last read whole, that said nothing.
alter table sync_state add column null_rows integer not null default 0;
