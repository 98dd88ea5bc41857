-- Of the plays that exports tell, none has a stamp: an index of those that have one is a third less to write
-- for each row of an export.
pragma legacy_alter_table = on;            -- views go on speaking of `plays`
create table plays_3 (
    id integer primary key,
    account_id integer not null references accounts,
    played_at text not null,               -- end of the play
    uri text not null,
    track_id text references tracks,
    episode_id text references episodes,
    ms_played integer,                     -- null: a poll does not say
    source text not null,                  -- api, extended, account_data
    context_uri text,
    skipped integer,
    counts integer not null default 1,     -- whether statistics use it
    local_day integer,                     -- days since 1970-01-01 in the person's time zone
    local_hour integer,                    -- 0 to 23, there
    observation_id integer references play_observations, -- the last stamp it has from the API
    export_row_id integer references export_rows,
    check (observation_id is not null or export_row_id is not null)
) strict;
insert into plays_3 select * from plays order by id;
drop table plays;
alter table plays_3 rename to plays;
pragma legacy_alter_table = off;
create index plays_by_time on plays (account_id, played_at);
create unique index plays_by_stamp on plays (observation_id) where observation_id is not null;

-- What each row is asked for, out of the JSON.
alter table export_circumstances add column skipped integer;
update export_circumstances set skipped = fields ->> 'skipped';
