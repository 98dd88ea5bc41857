-- Any past state of the library: since when it is known, and the journal by list.

alter table sync_state add column baseline_at text;        -- end of the first complete reading
alter table playlists add column contents_first_at text;   -- the same of its contents

-- The playlist that a line about contents speaks of; null on every other line.
alter table library_changes add column playlist_id text
    generated always as (detail ->> 'playlist_id') virtual;
create index library_changes_by_list on library_changes (account_id, entity_type, playlist_id);

-- What was read before this schema is known at least since the first line about it, or else since it was
-- last read.
update sync_state set baseline_at = (
    select min(sync_state.last_synced_at, coalesce(min(c.observed_at), sync_state.last_synced_at))
    from library_changes c
    where c.account_id = sync_state.account_id and c.entity_type = sync_state.entity_type)
where is_initial_complete;
update playlists set contents_first_at = (
    select min(playlists.contents_synced_at, coalesce(min(c.observed_at), playlists.contents_synced_at))
    from library_changes c
    where c.account_id = playlists.account_id and c.entity_type = 'playlist_items'
      and c.playlist_id = playlists.playlist_id)
where contents_synced_at is not null;

-- The slots of a playlist get places with holes, as the other lists have them, so that one song more or
-- less touches one row.
drop view v_playlist_items;
alter table playlist_items rename column position to ord;
create view v_playlist_items as
select i.account_id, i.playlist_id,
       row_number() over (partition by i.account_id, i.playlist_id order by i.ord) - 1 as position,
       i.kind,
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
