-- Plays from every source. What a source said is kept as it came (`play_polls` with `play_observations`,
-- `export_rows` with what they refer to); `plays` is derived from all of it and can be derived again.

drop view v_plays;

-- Answers of recently-played: what each listed, and for which time its list holds.
alter table play_polls add column oldest_at text;      -- extremes of what it listed; null: nothing
alter table play_polls add column newest_at text;
alter table play_polls add column window_from text;    -- whole from here to newest_at; null: not known
-- JSON array of the ids of what it listed, in its order; null: the same as the poll before.
alter table play_polls add column observations text;

create table play_observations_2 (
    id integer primary key,
    account_id integer not null references accounts,
    played_at text not null,               -- the stamp: end of the play, from some clients its start
    uri text not null,
    track_id text references tracks,
    episode_id text references episodes,
    context_uri text,
    first_poll integer not null references play_polls,
    unique (account_id, played_at, uri)
) strict;
insert into play_observations_2 (id, account_id, played_at, uri, track_id, context_uri, first_poll)
select id, account_id, played_at, uri, track_id, context_uri, first_poll from play_observations order by id;

-- Of older polls it is known what they were the first to list, and of no time that this was all.
update play_polls set (oldest_at, newest_at, observations) = (
    select min(played_at), max(played_at), json_group_array(id)
    from (select id, played_at from play_observations_2 where first_poll = play_polls.id
          order by played_at desc, id desc)
    having count(*) > 0);
create index play_polls_by_newest on play_polls (account_id, newest_at);

-- Rows of privacy exports. What recurs from row to row is kept once: what was played, and how.
create table export_items (
    id integer primary key,
    names text not null unique,            -- JSON: the uris and names of the row, as they came
    uri text not null,                     -- `phonolog:...` made of the names where the row has none
    track_id text references tracks,
    episode_id text references episodes    -- of a podcast or a chapter of an audiobook
) strict;
create table export_circumstances (
    id integer primary key,
    fields text not null unique            -- JSON: all other fields of the row but address and user
) strict;
create table export_rows (
    id integer primary key,
    account_id integer not null references accounts,
    format text not null,                  -- extended; account_data: no uri, whole minutes
    ended_ms integer not null,             -- end of the play, in milliseconds since 1970
    ms_played integer,
    item_id integer not null references export_items,
    circumstances_id integer not null references export_circumstances,
    offline_timestamp integer              -- seconds in newer files, milliseconds in older ones
) strict;
-- Two rows are the same if all of this is.
create unique index export_rows_identity on export_rows
    (account_id, ended_ms, item_id, circumstances_id, ifnull(ms_played, ''), ifnull(offline_timestamp, ''));
create index export_rows_of_account_data on export_rows (account_id, ended_ms)
    where format = 'account_data';

create table plays_2 (
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
    observation_id integer unique references play_observations_2, -- the last stamp it has from the API
    export_row_id integer references export_rows,
    check (observation_id is not null or export_row_id is not null)
) strict;
insert into plays_2 (id, account_id, played_at, uri, track_id, ms_played, source, context_uri, counts, observation_id)
select id, account_id, played_at, uri, track_id, ms_played, source, context_uri, counts, observation_id
from plays order by id;
drop table plays;
drop table play_observations;
alter table play_observations_2 rename to play_observations;
alter table plays_2 rename to plays;
create index plays_by_time on plays (account_id, played_at);

-- Rows of an export in this span are stored, and not yet matched with what other sources said.
create table plays_unsettled (
    account_id integer primary key references accounts,
    from_at text not null,
    to_at text not null
) strict;

-- Plays in this span changed since the statistics were last brought up to them.
create table stats_dirty (
    account_id integer primary key references accounts,
    from_at text not null,
    to_at text not null
) strict;

create view v_plays as
select p.account_id, p.played_at,
       case when t.is_local = 0 and p.uri glob 'spotify:track:*' then p.track_id end as track_id,
       case when p.uri glob 'spotify:*' then p.uri end as uri,
       coalesce(t.name, e.name) as name,
       coalesce(t.artists, e.show_name) as artists,
       t.album_name as album, p.ms_played, p.source, p.context_uri, p.skipped, p.counts
from plays p
left join tracks t on t.track_id = p.track_id
left join episodes e on e.episode_id = p.episode_id;
