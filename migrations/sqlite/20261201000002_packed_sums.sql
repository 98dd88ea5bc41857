-- Sums are kept packed alone. Views take them from the plays, which are small enough for that, so that the same sums
-- need not be kept as texts, too.

drop view v_stats_days;
drop view v_stats_hours;
drop view v_stats_tracks;
drop view v_stats_artists;
drop view v_stats_albums;
drop view v_stats_genres;
drop view v_stats_streaks;
drop view v_stats_months;
drop view v_stats_never_played;
drop view v_stats_not_saved;

-- The form of the sums is another: all of them are computed again, and months take their days and years away.
insert into stats_dirty (account_id, from_at, to_at)
select account_id, strftime('%Y-%m-%dT%H:%M:%fZ', (min(id) >> 20) / 1000.0, 'unixepoch'),
       strftime('%Y-%m-%dT%H:%M:%fZ', (max(id) >> 20) / 1000.0, 'unixepoch')
from play_rows where true group by account_id
on conflict do update set from_at = min(from_at, excluded.from_at), to_at = max(to_at, excluded.to_at);
delete from stats_months;
alter table stats_months drop column days;
alter table stats_months drop column hours;
alter table stats_months drop column items;

-- What each play adds to the sums, as `store::stats::totals` has it. Plays whose local hour is not worked out yet are
-- not among them.
create view stats_counted as
select p.account_id, p.ended_ms, p.local_day, p.local_hour,
       strftime('%Y-%m', p.local_day * 86400, 'unixepoch') as month, p.item_id,
       p.counts as plays,
       iif(p.counts, max(coalesce(p.ms_played, t.duration_ms, e.duration_ms, 0), 0), 0) as ms,
       iif(p.counts and p.ms_played is null, 1, 0) as estimated,
       ifnull(p.skipped, 0) as skips,
       p.skipped is not null as judged
from plays p
left join tracks t on t.track_id = p.track_id
left join episodes e on e.episode_id = p.episode_id
where p.local_day is not null;

create view v_stats_days as
select account_id, date(local_day * 86400, 'unixepoch') as day,
       (local_day + 3) % 7 + 1 as weekday,                -- 1 Monday to 7 Sunday
       sum(plays) as plays, sum(ms) as ms, sum(estimated) as estimated, sum(skips) as skips, sum(judged) as judged
from stats_counted group by account_id, local_day;

create view v_stats_hours as
select account_id, month, local_hour as hour,
       sum(plays) as plays, sum(ms) as ms, sum(estimated) as estimated, sum(skips) as skips, sum(judged) as judged
from stats_counted group by account_id, month, local_hour having sum(plays) + sum(judged) > 0;

-- One row for each month and track; group by uri for longer periods.
create view v_stats_tracks as
select c.account_id, c.month,
       case when i.uri glob 'spotify:*' then i.uri end as uri,
       i.name,
       (select group_concat(a.name, ', ') from (
            select s.name from json_each(i.artists) j join stats_artists s on s.artist_id = j.value
            order by j.key) a) as artists,
       b.name as album,
       sum(c.plays) as plays, sum(c.ms) as ms, sum(c.estimated) as estimated,
       sum(c.skips) as skips, sum(c.judged) as judged,
       strftime('%Y-%m-%dT%H:%M:%fZ', min(iif(c.plays, c.ended_ms, null)) / 1000.0, 'unixepoch') as first_played_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', max(iif(c.plays, c.ended_ms, null)) / 1000.0, 'unixepoch') as last_played_at
from stats_counted c
cross join stats_items i on i.item_id = c.item_id and i.kind = 'track'
left join stats_albums b on b.album_id = i.album_id
group by c.account_id, c.month, c.item_id;

-- A track counts for each of its artists.
create view v_stats_artists as
select c.account_id, c.month, a.name as artist,
       sum(c.plays) as plays, sum(c.ms) as ms, sum(c.estimated) as estimated,
       sum(c.skips) as skips, sum(c.judged) as judged,
       strftime('%Y-%m-%dT%H:%M:%fZ', min(iif(c.plays, c.ended_ms, null)) / 1000.0, 'unixepoch') as first_played_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', max(iif(c.plays, c.ended_ms, null)) / 1000.0, 'unixepoch') as last_played_at
from stats_counted c
cross join stats_items i on i.item_id = c.item_id and i.kind = 'track', json_each(i.artists) j
cross join stats_artists a on a.artist_id = j.value
group by c.account_id, c.month, a.name;

create view v_stats_albums as
select c.account_id, c.month, b.name as album, b.artist,
       sum(c.plays) as plays, sum(c.ms) as ms, sum(c.estimated) as estimated,
       sum(c.skips) as skips, sum(c.judged) as judged,
       strftime('%Y-%m-%dT%H:%M:%fZ', min(iif(c.plays, c.ended_ms, null)) / 1000.0, 'unixepoch') as first_played_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', max(iif(c.plays, c.ended_ms, null)) / 1000.0, 'unixepoch') as last_played_at
from stats_counted c
cross join stats_items i on i.item_id = c.item_id and i.kind = 'track'
cross join stats_albums b on b.album_id = i.album_id
group by c.account_id, c.month, b.album_id;

-- A track counts once for each genre of its artists.
create view v_stats_genres as
select c.account_id, c.month, g.genre,
       sum(c.plays) as plays, sum(c.ms) as ms, sum(c.estimated) as estimated,
       sum(c.skips) as skips, sum(c.judged) as judged
from stats_counted c
cross join (select distinct i.item_id, g.value as genre
      from stats_items i, json_each(i.artists) j
      join stats_artists s on s.artist_id = j.value
      join artists a on a.name = s.name, json_each(a.genres) g
      where i.kind = 'track') g on g.item_id = c.item_id
group by c.account_id, c.month, g.genre;

-- Days in a row with a play that counts. A day that the zone never had interrupts nothing.
create view v_stats_streaks as
with days as (
    select distinct account_id, local_day from stats_counted where plays
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
select m.account_id, m.month, m.from_at, m.to_at, c.plays, c.ms, c.estimated, c.skips, c.judged
from (select account_id, month, sum(plays) as plays, sum(ms) as ms, sum(estimated) as estimated,
             sum(skips) as skips, sum(judged) as judged
      from stats_counted group by account_id, month) c
join stats_months m on m.account_id = c.account_id and m.month = c.month;

-- Saved tracks without a play that counts, under their own uri or that of another track of their ISRC: a
-- saved track may have changed its id since it was played.
create view v_stats_never_played as
with played (account_id, uri, isrc) as materialized (
    select distinct p.account_id, p.uri, i.isrc
    from plays p cross join stats_items i on i.item_id = p.item_id
    where p.counts and p.local_day is not null
)
select s.account_id, t.uri, t.name, t.artists, t.album_name as album, s.added_at
from saved_tracks s join tracks t on t.track_id = s.track_id
where not exists (select 1 from played p where p.account_id = s.account_id and p.uri = t.uri)
  and not exists (select 1 from played p where p.account_id = s.account_id and p.isrc = t.isrc);

-- Tracks that were played and are not saved, under this uri or another of their ISRC.
create view v_stats_not_saved as
select c.account_id, case when i.uri glob 'spotify:*' then i.uri end as uri, i.name,
       (select group_concat(a.name, ', ') from (
            select s.name from json_each(i.artists) j join stats_artists s on s.artist_id = j.value
            order by j.key) a) as artists,
       b.name as album, sum(c.plays) as plays, sum(c.ms) as ms
from stats_counted c
cross join stats_items i on i.item_id = c.item_id and i.kind = 'track'
left join stats_albums b on b.album_id = i.album_id
where i.uri not in (select t.uri from saved_tracks s join tracks t on t.track_id = s.track_id
                    where s.account_id = c.account_id)
  and coalesce(i.isrc, '') not in (select t.isrc from saved_tracks s join tracks t on t.track_id = s.track_id
                                   where s.account_id = c.account_id and t.isrc is not null)
group by c.account_id, i.item_id having sum(c.plays) > 0;
