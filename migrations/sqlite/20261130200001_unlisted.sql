-- `total` may count rows that a list never shows, or leave out some that it does: by how many, as far as
-- two readings of the whole list agreed.
alter table sync_state add column total_surplus integer not null default 0;

-- Rows of the library that their list did not show when it was last read, and that nobody said are gone.
create table unlisted (
    account_id integer not null references accounts,
    entity_type text not null,
    item_key text not null,
    since text not null,
    run_id integer not null references sync_runs, -- the reading that missed the row first
    vouched integer not null,                     -- 1: Spotify says that it is still in the library
    primary key (account_id, entity_type, item_key)
) strict, without rowid;

-- `is_saved` is null where Spotify could not be asked yet.
create view v_unlisted as
select u.account_id, u.entity_type, coalesce(t.uri, a.uri, r.uri, p.uri) as uri,
       coalesce(t.name, a.name, r.name, p.name) as name, u.since, nullif(u.vouched, 0) as is_saved
from unlisted u
left join tracks t on u.entity_type = 'tracks' and t.track_id = u.item_key
left join albums a on u.entity_type = 'albums' and a.album_id = u.item_key
left join artists r on u.entity_type = 'artists' and r.artist_id = u.item_key
left join playlists p on u.entity_type = 'playlists' and p.account_id = u.account_id
                     and p.playlist_id = u.item_key;

-- The most rows that Spotify gave at once where it refused more.
create table page_limits (
    bucket text primary key,
    rows integer not null,
    learnt_at text not null
) strict, without rowid;
