-- Rows of exports are numbered by their time, as plays are, so that neither the time nor an index is stored beside
-- them. What each imported file brought is known, so that an import can be taken back.

pragma legacy_alter_table = on;            -- views go on speaking of `export_rows` and `play_rows`

-- Rows that followed each other directly still do, because they are from one file; others do not.
create temp table row_numbers (old_id integer primary key, id integer not null);
insert into row_numbers (old_id, id)
select id, (ended_ms << 20) + sum(iif(follows, 1, 2)) over (partition by ended_ms order by id) - 2
from (select id, ended_ms, id - 1 is lag(id) over (partition by ended_ms order by id) as follows
      from (select id,
-- No number can hold times before 1691 and after 2248. Such a row provides no play.
                   max(min(ended_ms, 8700000000000), -8700000000000) as ended_ms from export_rows));

create table export_rows_2 (
    -- The end of the play as the row has it, in milliseconds since 1970, times 2^20, plus its number among the rows
    -- of that millisecond.
    id integer primary key,
    account_id integer not null references accounts,
    format integer not null,               -- 1 extended; 2 account_data: no uri, whole minutes
    ms_played integer,
    item_id integer not null references export_items,
    circumstances_id integer not null references export_circumstances,
    file_id integer references export_files, -- the first file that has it; null: before files were kept
    offline_timestamp integer,             -- seconds in newer files, milliseconds in older ones
    played_ms integer,                     -- end of an offline play; null: the end is that of the row
    superseded_by integer references export_rows_2 -- the row that describes the same play better
) strict;
insert into export_rows_2 (id, account_id, format, ms_played, item_id, circumstances_id, file_id, offline_timestamp,
                           played_ms, superseded_by)
select n.id, r.account_id, iif(r.format = 'account_data', 2, 1), r.ms_played, r.item_id, r.circumstances_id,
       r.file_id, r.offline_timestamp, r.played_ms, s.id
from row_numbers n
join export_rows r on r.id = n.old_id
left join row_numbers s on s.old_id = r.superseded_by
order by n.id;

create table play_rows_2 (
    -- Its end in milliseconds since 1970, times 2^20, plus its number among the plays of that millisecond.
    id integer primary key,
    account_id integer not null references accounts,
    item_id integer not null references stats_items,
    ms_played integer,                     -- null: a poll does not say
    hour integer,                          -- hours since 1970-01-01 by the person's clocks; null: not worked out yet
    facts integer not null,                -- source: 0 api, 1 extended, 2 account_data
                                           -- plus 4 not skipped, 8 skipped, plus 16 counts in statistics
                                           -- plus 32 the row of an export with the same number provides it
    observation_id integer references play_observations, -- the last stamp it has from the API
    export_row_id integer references export_rows_2, -- the row that provides it, if its number is another
    context_uri text,
    check (observation_id is not null or export_row_id is not null or facts & 32)
) strict;
insert into play_rows_2 (id, account_id, item_id, ms_played, hour, facts, observation_id, export_row_id, context_uri)
select p.id, p.account_id, p.item_id, p.ms_played, p.hour, p.facts + iif(n.id = p.id, 32, 0), p.observation_id,
       nullif(n.id, p.id), p.context_uri
from play_rows p left join row_numbers n on n.old_id = p.export_row_id
order by p.id;

-- The rows that a file has in common with files before it: all rows from the first to the last that came from files
-- with a smaller number.
create table export_sightings_2 (
    file_id integer not null references export_files,
    first_row integer not null,
    last_row integer not null,
    primary key (file_id, first_row)
) strict, without rowid;
insert into export_sightings_2 (file_id, first_row, last_row)
select s.file_id, n.id, n.id from export_sightings s join row_numbers n on n.old_id = s.export_row_id;

drop table export_sightings;
drop table play_rows;
-- Without it the whole table is searched for rows that refer to each dropped one.
create index export_rows_superseded on export_rows (superseded_by) where superseded_by is not null;
drop table export_rows;
drop table row_numbers;
alter table export_rows_2 rename to export_rows;
alter table play_rows_2 rename to play_rows;
alter table export_sightings_2 rename to export_sightings;
create index export_rows_of_account_data on export_rows (account_id) where format = 2;
create index export_rows_offline on export_rows (account_id, played_ms) where played_ms is not null;
create unique index plays_by_stamp on play_rows (observation_id) where observation_id is not null;

drop view plays;
create view plays as
select p.id, p.account_id, p.id >> 20 as ended_ms,
       strftime('%Y-%m-%dT%H:%M:%fZ', (p.id >> 20) / 1000.0, 'unixepoch') as played_at,
       p.item_id, i.uri, i.track_id, i.episode_id, p.ms_played,
       case p.facts & 3 when 0 then 'api' when 1 then 'extended' else 'account_data' end as source,
       p.context_uri, case p.facts & 12 when 4 then 0 when 8 then 1 end as skipped,
       p.facts >> 4 & 1 as counts, p.hour / 24 as local_day, p.hour % 24 as local_hour,
       p.observation_id, iif(p.facts & 32, p.id, p.export_row_id) as export_row_id
from play_rows p
cross join stats_items i on i.item_id = p.item_id;

-- Zip files and other files that were read whole and without an error: the same bytes need not be read again.
create table export_sources (
    id integer primary key,
    account_id integer not null references accounts,
    digest blob not null,                  -- SHA-256 of the file
    version text not null,                 -- of phonolog: another one may understand more of it
    report text not null,                  -- JSON: what was found in it
    unique (account_id, digest)
) strict;
alter table export_files add column format text;       -- extended, account_data; null: no row could be read
alter table export_files add column rows integer;      -- readable or not; null: not read to its end
alter table export_files add column source_id integer references export_sources;
alter table export_files add column undone_at text;    -- when it was taken back
-- Whether it is known which rows other files have in common with it; 0: imported by an earlier version.
alter table export_files add column shares_known integer not null default 0;

-- What files prove, so that it can be proven again without one of them.
create table export_proofs (
    id integer primary key,
    account_id integer not null references accounts,
    file_id integer references export_files,       -- null: by an import of an earlier version
    next_file_id integer references export_files,  -- both files prove it together
    from_at text not null,
    to_at text not null
) strict;
insert into export_proofs (account_id, from_at, to_at)
select account_id, from_at, to_at from play_coverage where state = 'imported';

-- Every time in which plays were lost, whatever an import filled in later.
create table play_gaps (
    id integer primary key,
    account_id integer not null references accounts,
    from_at text not null,
    to_at text not null
) strict;
insert into play_gaps (account_id, from_at, to_at)
select account_id, from_at, to_at from play_coverage where state = 'gap';

create view v_imports as
select f.account_id, f.id, f.name as file, f.format, f.begun_at as imported_at, f.rows,
       ifnull(r.plays, 0) as plays, f.undone_at
from export_files f
left join (select file_id, count(*) as plays from export_rows
           where superseded_by is null group by file_id) r on r.file_id = f.id;

pragma legacy_alter_table = off;
