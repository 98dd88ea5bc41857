-- A play that two exports tell is one. Rows know their file, rows that another one tells better know it, and
-- plays without a connection are dated by their beginning instead of by the second of reconnection.

create table export_files (
    id integer primary key,
    account_id integer not null references accounts,
    name text not null,                    -- without the folders of the machine it was read on
    begun_at text not null                 -- when its import began
) strict;

alter table export_rows add column file_id integer references export_files; -- null: before files were kept
alter table export_rows add column played_ms integer;      -- end of an offline play; null: ended_ms is the end
-- The row that tells its play better; its own id: it is out of range and tells none. Null: it tells a play.
alter table export_rows add column superseded_by integer references export_rows;
create index export_rows_offline on export_rows (account_id, played_ms) where played_ms is not null;

-- Files, but the first, that have a row word by word, kept where another row of theirs is nearly the same.
create table export_sightings (
    export_row_id integer not null references export_rows,
    file_id integer not null references export_files,
    primary key (export_row_id, file_id)
) strict, without rowid;

-- What no export can mean: more than a day in one play, a time before Spotify (2006) or after 2100.
update export_rows set superseded_by = id
where ms_played > 86400000 or ended_ms < 1136073600000 or ended_ms >= 4102444800000;
delete from plays where observation_id is null
    and export_row_id in (select id from export_rows where superseded_by = id);
update plays set export_row_id = null, ms_played = null, skipped = null, source = 'api', counts = 1
where export_row_id in (select id from export_rows where superseded_by = id);

-- Offline plays, as `domain::plays::offline_end` has them.
with offline as (
    select r.id, r.ended_ms,
           case when r.offline_timestamp < 100000000000 then r.offline_timestamp
                else r.offline_timestamp / 1000 end * 1000 as began_ms,
           coalesce(r.ms_played, 0) as length_ms
    from export_circumstances c join export_rows r on r.circumstances_id = c.id
    where c.fields ->> 'offline' = 1 and r.offline_timestamp > 0 and r.superseded_by is null
)
update export_rows set played_ms = o.began_ms + o.length_ms
from offline o
where export_rows.id = o.id and o.began_ms >= o.ended_ms - 2592000000
  and o.began_ms + o.length_ms < o.ended_ms - 60000;
update plays set played_at = strftime('%Y-%m-%dT%H:%M:%fZ', r.played_ms / 1000.0, 'unixepoch'),
    local_day = null, local_hour = null
from export_rows r
where r.id = plays.export_row_id and r.played_ms is not null and plays.source = 'extended';

-- Skips, as `domain::plays::was_skipped` has them.
with judged as (
    select p.id, p.skipped as before,
           case when c.fields ->> 'skipped' = 1 then 1
                when c.fields ->> 'skipped' = 0
                     and not (r.ended_ms >= 1420070400000 and r.ended_ms < 1672531200000) then 0
                when c.fields ->> 'reason_end' in ('fwdbtn', 'backbtn') then 1
                when c.fields ->> 'reason_end' = 'trackdone' then 0
                when coalesce(c.fields ->> 'reason_end', '') in ('', 'none', 'unknown') then null
                else c.fields ->> 'skipped' end as skipped
    from plays p join export_rows r on r.id = p.export_row_id
    join export_circumstances c on c.id = r.circumstances_id
)
update plays set skipped = j.skipped from judged j where j.id = plays.id and j.skipped is not j.before;

-- Names that an export lost and a later one told again.
update tracks set name = x.title, artists = x.artist, credits = json_array(json_array(null, x.artist)),
    album_name = coalesce(album_name, x.album)
from (select track_id, names ->> '$[1]' as title, coalesce(names ->> '$[2]', '') as artist,
             names ->> '$[3]' as album
      from export_items where names ->> '$[1]' <> '') x
where tracks.name = '' and tracks.track_id = x.track_id;

-- What exports told is to be matched, and summed up, again.
insert into plays_unsettled (account_id, from_at, to_at)
select account_id,
       strftime('%Y-%m-%dT%H:%M:%fZ', min(min(ended_ms), min(coalesce(played_ms, ended_ms))) / 1000.0, 'unixepoch'),
       strftime('%Y-%m-%dT%H:%M:%fZ', max(ended_ms) / 1000.0, 'unixepoch')
from export_rows where superseded_by is null group by account_id
on conflict do update set from_at = min(from_at, excluded.from_at), to_at = max(to_at, excluded.to_at);
insert into stats_dirty (account_id, from_at, to_at)
select account_id, min(played_at), max(played_at) from plays
where account_id in (select account_id from export_rows) group by account_id
on conflict do update set from_at = min(from_at, excluded.from_at), to_at = max(to_at, excluded.to_at);
delete from stats_months where month < '2006' or month >= '2100';
