-- How often in a row an entity failed without having got on: each time it waits longer for the next try.
alter table sync_state add column failures integer not null default 0;      -- since the last success or progress
alter table sync_state add column failed_beyond integer not null default 0; -- rows behind the furthest checkpoint of a failure
