-- Statistics. Beside each play stand the day and hour that the person's own clocks showed; each month is
-- summed up in one row, so that long periods are read from few rows and only their edges from plays.

-- By which zone and threshold the figures are kept.
create table stats_keeping (
    account_id integer primary key references accounts,
    time_zone text not null,               -- a name of the IANA database
    counts_from_ms integer not null,       -- a play counts that lasted so long
    skipped_days text not null             -- JSON array: local days that never were, in that zone
) strict;

-- What was ever played, and who made it, so that totals can speak of small numbers.
create table stats_artists (
    artist_id integer primary key,
    name text not null unique              -- exports know no ids: who has one name is one artist
) strict;
create table stats_albums (
    album_id integer primary key,
    name text not null,
    artist text not null,                  -- its first; editions of an album are one
    unique (name, artist)
) strict;
create table stats_items (
    item_id integer primary key,
    uri text not null unique,
    kind text not null,                    -- track, episode
    name text,
    artists text not null,                 -- JSON array of artist_id, in order; empty for an episode
    album_id integer references stats_albums,
    isrc text,
    is_stale integer not null default 0    -- the catalogue has learnt more of it since
) strict;
create index stats_items_episodes on stats_items (item_id) where kind = 'episode';
create index stats_items_stale on stats_items (is_stale) where is_stale;

create trigger stats_items_of_new_tracks after insert on tracks begin
    update stats_items set is_stale = 1 where uri = new.uri and not is_stale;
end;
create trigger stats_items_of_changed_tracks
after update of name, credits, album_id, album_name, isrc on tracks begin
    update stats_items set is_stale = 1 where uri = new.uri and not is_stale;
end;

-- A month of the person's own calendar. The sums are, wherever they stand: plays that count, their
-- milliseconds, how many of them count for the length of the track because nobody told how long they
-- lasted, skips, and plays of which it is known whether they were skipped. The last two are of all plays,
-- short ones too.
create table stats_months (
    id integer primary key,
    account_id integer not null references accounts,
    month text not null,                   -- 2025-11
    from_at text not null,                 -- its first instant
    to_at text not null,                   -- the first instant after it
    days text not null,                    -- JSON array of [local_day, sums...]
    hours text not null,                   -- JSON array of [local_hour, sums...]
    items text not null,                   -- JSON array of [item_id, sums..., first, last], the last two
                                           -- in milliseconds since 1970 or null: of plays that count
    unique (account_id, month)
) strict;

-- Everything that is stored already is to be summed up.
insert into stats_dirty (account_id, from_at, to_at)
select account_id, min(played_at), max(played_at) from plays group by account_id
on conflict do update set from_at = min(from_at, excluded.from_at), to_at = max(to_at, excluded.to_at);

-- The surface that others rely on ----------------------------------------------------------------

create view v_stats_plays as
select p.account_id, p.played_at,
       date(p.local_day * 86400, 'unixepoch') as day,
       p.local_hour as hour,
       (p.local_day + 3) % 7 + 1 as weekday,              -- 1 Monday to 7 Sunday
       case when p.uri glob 'spotify:*' then p.uri end as uri,
       i.kind, i.name,
       (select group_concat(a.name, ', ') from (
            select s.name from json_each(i.artists) j join stats_artists s on s.artist_id = j.value
            order by j.key) a) as artists,
       b.name as album, p.ms_played, p.skipped, p.counts
from plays p
left join stats_items i on i.uri = p.uri
left join stats_albums b on b.album_id = i.album_id;

create view v_stats_days as
select m.account_id,
       date((d.value ->> 0) * 86400, 'unixepoch') as day,
       ((d.value ->> 0) + 3) % 7 + 1 as weekday,          -- 1 Monday to 7 Sunday
       sum(d.value ->> 1) as plays, sum(d.value ->> 2) as ms, sum(d.value ->> 3) as estimated,
       sum(d.value ->> 4) as skips, sum(d.value ->> 5) as judged
from stats_months m, json_each(m.days) d
group by m.account_id, d.value ->> 0;

create view v_stats_hours as
select m.account_id, m.month, h.value ->> 0 as hour,
       h.value ->> 1 as plays, h.value ->> 2 as ms, h.value ->> 3 as estimated,
       h.value ->> 4 as skips, h.value ->> 5 as judged
from stats_months m, json_each(m.hours) h;

-- One row for each month and track; group by uri for longer periods.
create view v_stats_tracks as
select m.account_id, m.month,
       case when i.uri glob 'spotify:*' then i.uri end as uri,
       i.name,
       (select group_concat(a.name, ', ') from (
            select s.name from json_each(i.artists) j join stats_artists s on s.artist_id = j.value
            order by j.key) a) as artists,
       b.name as album,
       t.value ->> 1 as plays, t.value ->> 2 as ms, t.value ->> 3 as estimated,
       t.value ->> 4 as skips, t.value ->> 5 as judged,
       strftime('%Y-%m-%dT%H:%M:%fZ', (t.value ->> 6) / 1000.0, 'unixepoch') as first_played_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', (t.value ->> 7) / 1000.0, 'unixepoch') as last_played_at
from stats_months m, json_each(m.items) t
join stats_items i on i.item_id = t.value ->> 0 and i.kind = 'track'
left join stats_albums b on b.album_id = i.album_id;

-- A track counts for each of its artists.
create view v_stats_artists as
select m.account_id, m.month, a.name as artist,
       sum(t.value ->> 1) as plays, sum(t.value ->> 2) as ms, sum(t.value ->> 3) as estimated,
       sum(t.value ->> 4) as skips, sum(t.value ->> 5) as judged,
       strftime('%Y-%m-%dT%H:%M:%fZ', min(t.value ->> 6) / 1000.0, 'unixepoch') as first_played_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', max(t.value ->> 7) / 1000.0, 'unixepoch') as last_played_at
from stats_months m, json_each(m.items) t
join stats_items i on i.item_id = t.value ->> 0 and i.kind = 'track', json_each(i.artists) j
join stats_artists a on a.artist_id = j.value
group by m.account_id, m.month, a.name;

create view v_stats_albums as
select m.account_id, m.month, b.name as album, b.artist,
       sum(t.value ->> 1) as plays, sum(t.value ->> 2) as ms, sum(t.value ->> 3) as estimated,
       sum(t.value ->> 4) as skips, sum(t.value ->> 5) as judged,
       strftime('%Y-%m-%dT%H:%M:%fZ', min(t.value ->> 6) / 1000.0, 'unixepoch') as first_played_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', max(t.value ->> 7) / 1000.0, 'unixepoch') as last_played_at
from stats_months m, json_each(m.items) t
join stats_items i on i.item_id = t.value ->> 0 and i.kind = 'track'
join stats_albums b on b.album_id = i.album_id
group by m.account_id, m.month, b.album_id;

-- A track counts once for each genre of its artists.
create view v_stats_genres as
select m.account_id, m.month, g.genre,
       sum(t.value ->> 1) as plays, sum(t.value ->> 2) as ms, sum(t.value ->> 3) as estimated,
       sum(t.value ->> 4) as skips, sum(t.value ->> 5) as judged
from stats_months m, json_each(m.items) t
join (select distinct i.item_id, g.value as genre
      from stats_items i, json_each(i.artists) j
      join stats_artists s on s.artist_id = j.value
      join artists a on a.name = s.name, json_each(a.genres) g
      where i.kind = 'track') g on g.item_id = t.value ->> 0
group by m.account_id, m.month, g.genre;

-- Days in a row with a play that counts. A day that the zone never had interrupts nothing.
create view v_stats_streaks as
with days as (
    select distinct m.account_id, d.value ->> 0 as local_day
    from stats_months m, json_each(m.days) d where d.value ->> 1 > 0
),
numbered as (
    select d.account_id, d.local_day,
           d.local_day - (select count(*) from json_each(k.skipped_days) s where s.value < d.local_day)
               - row_number() over (partition by d.account_id order by d.local_day) as island
    from days d left join stats_keeping k on k.account_id = d.account_id
)
select account_id, date(min(local_day) * 86400, 'unixepoch') as first_day,
       date(max(local_day) * 86400, 'unixepoch') as last_day, count(*) as days
from numbered group by account_id, island;

-- For how much of each month that is known, and how many gaps touch it.
create view v_stats_months as
select m.account_id, m.month, m.from_at, m.to_at,
       (select sum(d.value ->> 1) from json_each(m.days) d) as plays,
       (select sum(d.value ->> 2) from json_each(m.days) d) as ms,
       (select sum(d.value ->> 3) from json_each(m.days) d) as estimated,
       (select sum(d.value ->> 4) from json_each(m.days) d) as skips,
       (select sum(d.value ->> 5) from json_each(m.days) d) as judged
from stats_months m;

-- Saved tracks without a play that counts, under their own uri or that of another track of their ISRC: a
-- saved track may have changed its id since it was played.
create view v_stats_never_played as
with played (account_id, uri, isrc) as materialized (
    select distinct m.account_id, i.uri, i.isrc
    from stats_months m, json_each(m.items) j
    join stats_items i on i.item_id = j.value ->> 0
    where j.value ->> 1 > 0
)
select s.account_id, t.uri, t.name, t.artists, t.album_name as album, s.added_at
from saved_tracks s join tracks t on t.track_id = s.track_id
where not exists (select 1 from played p where p.account_id = s.account_id and p.uri = t.uri)
  and not exists (select 1 from played p where p.account_id = s.account_id and p.isrc = t.isrc);

-- Tracks that were played and are not saved, under this uri or another of their ISRC.
create view v_stats_not_saved as
select m.account_id, case when i.uri glob 'spotify:*' then i.uri end as uri, i.name,
       (select group_concat(a.name, ', ') from (
            select s.name from json_each(i.artists) j join stats_artists s on s.artist_id = j.value
            order by j.key) a) as artists,
       b.name as album, sum(j.value ->> 1) as plays, sum(j.value ->> 2) as ms
from stats_months m, json_each(m.items) j
join stats_items i on i.item_id = j.value ->> 0 and i.kind = 'track'
left join stats_albums b on b.album_id = i.album_id
where i.uri not in (select t.uri from saved_tracks s join tracks t on t.track_id = s.track_id
                    where s.account_id = m.account_id)
  and coalesce(i.isrc, '') not in (select t.isrc from saved_tracks s join tracks t on t.track_id = s.track_id
                                   where s.account_id = m.account_id and t.isrc is not null)
group by m.account_id, i.item_id
having plays > 0;
