-- The surface that others rely on. Lists hold only what is in the library now.

create view rate_limit_state as
select b.bucket,
       h.reset_at,
       h.retry_after_seconds,
       max(0, coalesce((select cast(value as integer) from settings where name = 'daily_budget'), 300)
              - coalesce((select sum(c.requests) from request_counts c
                          where c.bucket = b.bucket and c.at_second > unixepoch() - 86400), 0))
           as requests_remaining,
       h.hit_at,
       h.reason
from (select bucket from holds union select bucket from request_counts) b
left join holds h on h.bucket = b.bucket;

create view v_saved_tracks as
select s.account_id, s.track_id, t.uri, t.name, t.artists, t.album_name as album, t.isrc,
       t.duration_ms, t.explicit, s.added_at,
       row_number() over (partition by s.account_id order by s.ord) - 1 as position
from saved_tracks s
join tracks t on t.track_id = s.track_id;

create view v_saved_albums as
select s.account_id, s.album_id, a.uri, a.name, a.artists, a.release_date, a.total_tracks, s.added_at,
       row_number() over (partition by s.account_id order by s.ord) - 1 as position
from saved_albums s
join albums a on a.album_id = s.album_id;

create view v_followed_artists as
select f.account_id, f.artist_id, a.uri, a.name,
       (select group_concat(g.value, ', ') from (select value from json_each(a.genres) order by key) g)
           as genres,
       row_number() over (partition by f.account_id order by f.ord) - 1 as position
from followed_artists f
join artists a on a.artist_id = f.artist_id;

create view v_playlists as
select account_id, playlist_id, uri, name, description, owner_id, owner_name, collaborative, public,
       snapshot_id, coalesce(item_count, contents_count) as item_count, contents_state,
       contents_synced_at as last_synced_at,
       row_number() over (partition by account_id order by ord) - 1 as position
from playlists
where removed_at is null;

create view v_playlist_items as
select i.account_id, i.playlist_id, i.position, i.kind,
       case when i.kind in ('track', 'episode') then i.item_key end as item_id,
       i.uri,
       coalesce(t.name, e.name) as name,
       coalesce(t.artists, e.show_name) as artists,
       i.added_at, i.added_by
from playlist_items i
join playlists p on p.account_id = i.account_id and p.playlist_id = i.playlist_id
left join tracks t on i.kind in ('track', 'local') and t.track_id = i.item_key
left join episodes e on i.kind = 'episode' and e.episode_id = i.item_key
where p.removed_at is null;

create view v_plays as
select p.account_id, p.played_at,
       case when t.is_local then null else p.track_id end as track_id,
       p.uri, t.name, t.artists, t.album_name as album, p.ms_played, p.source, p.context_uri, p.counts
from plays p
left join tracks t on t.track_id = p.track_id;

-- What lies between two known intervals, and from the newest listed play to the last poll, is unknown.
create view v_play_coverage as
with known as (
    select account_id, from_at, to_at, state,
           lead(from_at) over (partition by account_id order by from_at, to_at) as next_from
    from play_coverage
)
select account_id, from_at, to_at, state from known
union all
select k.account_id, k.to_at,
       coalesce(k.next_from, (select max(polled_at) from play_polls where account_id = k.account_id)),
       'unknown'
from known k
where k.to_at < coalesce(k.next_from, (select max(polled_at) from play_polls where account_id = k.account_id));

create view v_library_changes as
select id, account_id, observed_at, entity_type, change, uri, name, detail, run_id
from library_changes;
