-- A play is a few small numbers: what was played is a number of `stats_items`, and the number of the play is its
-- time. So neither a uri nor a time is stored with each play, and no index is needed to find plays by their time.

-- Every item that was ever played, with its keys in the catalogue.
alter table stats_items add column track_id text;
alter table stats_items add column episode_id text;
alter table export_items add column item_id integer references stats_items;

insert into stats_items (uri, kind, artists, track_id, episode_id, is_stale)
select uri, iif(max(episode_id) is not null or uri glob 'spotify:episode:*', 'episode', 'track'), '[]',
       max(track_id), max(episode_id), 1
from (select uri, track_id, episode_id from plays
      union all select uri, track_id, episode_id from export_items)
group by uri
on conflict (uri) do update set track_id = excluded.track_id, episode_id = excluded.episode_id;
update export_items set item_id = i.item_id from stats_items i where i.uri = export_items.uri;
create index export_items_by_item on export_items (item_id);

drop view v_plays;
drop view v_stats_plays;
create table play_rows (
    -- Its end in milliseconds since 1970, times 2^20, plus its number among the plays of that millisecond.
    id integer primary key,
    account_id integer not null references accounts,
    item_id integer not null references stats_items,
    ms_played integer,                     -- null: a poll does not say
    hour integer,                          -- hours since 1970-01-01 by the person's clocks; null: not worked out yet
    facts integer not null,                -- source: 0 api, 1 extended, 2 account_data
                                           -- plus 4 not skipped, 8 skipped, plus 16 counts in statistics
    observation_id integer references play_observations, -- the last stamp it has from the API
    export_row_id integer references export_rows,
    context_uri text,
    check (observation_id is not null or export_row_id is not null)
) strict;
insert into play_rows (id, account_id, item_id, ms_played, hour, facts, observation_id, export_row_id, context_uri)
select (p.ended_ms << 20) + row_number() over (partition by p.ended_ms order by p.id) - 1,
       p.account_id, i.item_id, p.ms_played, p.local_day * 24 + p.local_hour,
       case p.source when 'api' then 0 when 'extended' then 1 else 2 end
           + case p.skipped when 0 then 4 when 1 then 8 else 0 end + iif(p.counts, 16, 0),
       p.observation_id, p.export_row_id, p.context_uri
from (select *, unixepoch(substr(played_at, 1, 19)) * 1000 + substr(played_at, 21, 3) as ended_ms from plays) p
join stats_items i on i.uri = p.uri
-- Before Spotify and after 2100 nobody plays anything; what was said of such a time stays as evidence.
where p.ended_ms >= 1136073600000 and p.ended_ms < 4102444800000
order by 1;
drop table plays;
create unique index plays_by_stamp on play_rows (observation_id) where observation_id is not null;

-- The plays as they were kept before: the one place where numbers and bits become times and words again. The order of
-- the joins is fixed, since no index finds the plays of an item.
create view plays as
select p.id, p.account_id, p.id >> 20 as ended_ms,
       strftime('%Y-%m-%dT%H:%M:%fZ', (p.id >> 20) / 1000.0, 'unixepoch') as played_at,
       p.item_id, i.uri, i.track_id, i.episode_id, p.ms_played,
       case p.facts & 3 when 0 then 'api' when 1 then 'extended' else 'account_data' end as source,
       p.context_uri, case p.facts & 12 when 4 then 0 when 8 then 1 end as skipped,
       p.facts >> 4 & 1 as counts, p.hour / 24 as local_day, p.hour % 24 as local_hour,
       p.observation_id, p.export_row_id
from play_rows p
cross join stats_items i on i.item_id = p.item_id;

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
cross join stats_items i on i.item_id = p.item_id
left join stats_albums b on b.album_id = i.album_id;
