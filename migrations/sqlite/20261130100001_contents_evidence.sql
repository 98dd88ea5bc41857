-- Contents are believed when two sources agree. What was read and contradicts the listing is remembered until
-- another run reads the same; how often and when a list was asked for bounds the tries.
alter table playlists add column contents_difference integer not null default 0; -- listed count less slots, as two runs found it
alter table playlists add column contents_doubt text;              -- digest of slots that contradict the listing
alter table playlists add column contents_doubt_run integer;       -- the run that first read them
alter table playlists add column contents_tries integer not null default 0; -- readings since the last that came to an end
alter table playlists add column contents_retry_at text;           -- not asked for before; null: in the next run
alter table playlists add column contents_asked_snapshot_id text;  -- the version that was listed when it was last asked for

-- Rows of a list that the server cannot serve, whichever page covers them.
create table unreadable_places (
    account_id integer not null references accounts,
    entity_type text not null,
    context text not null,                 -- the playlist, or empty
    position integer not null,             -- from 0, the first row of the list
    primary key (account_id, entity_type, context, position)
) strict, without rowid;

-- A refusal hid single lists for good, one's own among them. Hidden stays only what this app may not see at all.
update playlists set contents_state = 'pending', contents_error = null
where contents_state = 'hidden'
  and (collaborative or owner_id = ''
       or owner_id = (select a.user_id from accounts a where a.account_id = playlists.account_id)
       or not exists (select 1 from capabilities c
                      where c.account_id = playlists.account_id and c.name = 'foreign_contents'
                        and c.state = 'closed'));
