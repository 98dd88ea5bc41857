-- phonolog's database. Times are RFC 3339 UTC text with a trailing Z: added_at in seconds, all others
-- in milliseconds. Everything here, views above all, keeps to what SQLite 3.40 has, so that anybody's
-- sqlite3 opens the file.

pragma application_id = 0x50484f4e; -- 'PHON'

-- Whose library, which run, how far --------------------------------------------------------------

create table accounts (
    account_id integer primary key,
    user_id text not null unique,          -- `local`: an import came before the first login
    spotify_account_id text unique,        -- the immutable pseudonymous id, where Spotify gives one
    display_name text,
    created_at text not null,
    contents_generation integer not null default 0 -- raised by each full resync of contents
) strict;

create table sync_runs (
    id integer primary key autoincrement,
    account_id integer not null references accounts,
    mode text not null,
    "trigger" text not null,
    status text not null,
    started_at text not null,
    finished_at text,
    requests integer not null default 0,
    added integer not null default 0,
    removed integer not null default 0,
    changed integer not null default 0,
    error text
) strict;
create index sync_runs_by_account on sync_runs (account_id, id);

create table sync_state (
    account_id integer not null references accounts,
    entity_type text not null,
    state text not null,
    mode text not null,
    is_initial_complete integer not null default 0,
    last_synced_at text,
    total_processed integer not null default 0,
    total_remote integer,
    cursor text,
    next_due_at text,
    last_error text,
    braked_removals integer,
    staged integer not null default 0,     -- slots in `staged`, so that nobody has to count them
    last_added integer not null default 0,
    last_removed integer not null default 0,
    last_changed integer not null default 0,
    counted_run integer,                   -- the run that last_added and its like speak of
    primary key (account_id, entity_type)
) strict, without rowid;

-- Small things ------------------------------------------------------------------------------------

create table settings (
    name text primary key,
    value text not null
) strict, without rowid;

create table capabilities (
    account_id integer not null references accounts,
    name text not null,
    state text not null,                   -- open, closed
    checked_at text not null,
    primary key (account_id, name)
) strict, without rowid;

create table holds (
    bucket text primary key,
    reset_at text not null,
    retry_after_seconds integer not null,
    hit_at text not null,
    reason text not null
) strict, without rowid;

create table request_counts (
    bucket text not null,
    at_second integer not null,            -- Unix time
    requests integer not null,
    primary key (bucket, at_second)
) strict, without rowid;

-- Nobody asks for more than a day; the rolling budget is counted over 24 hours.
create trigger request_counts_forget after insert on request_counts begin
    delete from request_counts where bucket = new.bucket and at_second <= new.at_second - 86400;
end;

-- Rows that could not be read, as they came. They hold their place in their list as an empty slot.
create table set_aside (
    id integer primary key,
    account_id integer not null references accounts,
    entity_type text not null,
    context text not null,                 -- the playlist, or empty
    digest text not null,                  -- SHA-256 of raw, so that re-reading does not pile up
    raw text not null,
    why text not null,
    first_seen_at text not null,
    unique (account_id, entity_type, context, digest)
) strict;

-- The catalogue: what the lists name, each thing once, as last described --------------------------

create table artists (
    artist_id text primary key,
    uri text,                              -- null until the artist itself was listed
    name text not null,
    genres text,                           -- JSON array; null: never told
    image_url text
) strict, without rowid;

create table albums (
    album_id text primary key,
    uri text,
    name text not null,
    artists text not null,                 -- names in order, joined by ', '
    album_type text,
    release_date text,
    total_tracks integer,
    upc text
) strict, without rowid;

create table album_artists (
    album_id text not null references albums,
    position integer not null,
    artist_id text references artists,
    name text not null,
    primary key (album_id, position)
) strict, without rowid;

create table tracks (
    track_id text primary key,             -- the uri where it is a local file
    uri text not null,
    name text not null,
    artists text not null,                 -- names in order, joined by ', '
    album_id text references albums,
    album_name text,
    isrc text,
    duration_ms integer,
    explicit integer,
    disc_number integer,
    track_number integer,
    is_local integer not null
) strict, without rowid;

create table track_artists (
    track_id text not null references tracks,
    position integer not null,
    artist_id text references artists,     -- null on local files
    name text not null,
    primary key (track_id, position)
) strict, without rowid;

create table episodes (
    episode_id text primary key,
    uri text not null,
    name text not null,
    show_name text,
    duration_ms integer
) strict, without rowid;

-- The library: the live lists, by `ord` ascending from the top -------------------------------------

create table saved_tracks (                -- by slot: a null row of the list is a slot without a track
    account_id integer not null references accounts,
    ord integer not null,
    track_id text references tracks,
    added_at text,
    primary key (account_id, ord)
) strict, without rowid;
create index saved_tracks_by_track on saved_tracks (account_id, track_id, added_at);

create table saved_albums (
    account_id integer not null references accounts,
    album_id text not null references albums,
    ord integer not null,
    added_at text,
    primary key (account_id, album_id)
) strict, without rowid;
create index saved_albums_by_ord on saved_albums (account_id, ord);

create table followed_artists (
    account_id integer not null references accounts,
    artist_id text not null references artists,
    ord integer not null,
    primary key (account_id, artist_id)
) strict, without rowid;
create index followed_artists_by_ord on followed_artists (account_id, ord);

create table playlists (
    account_id integer not null references accounts,
    playlist_id text not null,
    ord integer not null,
    uri text not null,
    name text not null,
    description text,
    owner_id text not null,
    owner_name text,
    collaborative integer not null,
    public integer,
    snapshot_id text,                      -- as last listed
    item_count integer,                    -- as last listed
    contents_state text not null default 'pending',
    contents_snapshot_id text,             -- the version of the contents that are stored
    contents_count integer,                -- slots that are stored
    contents_synced_at text,               -- null: never read
    contents_error text,
    contents_generation integer not null default 0,
    removed_at text,                       -- gone from the list; its contents are kept
    primary key (account_id, playlist_id)
) strict, without rowid;
create index playlists_by_ord on playlists (account_id, ord);

create table playlist_items (
    account_id integer not null,
    playlist_id text not null,
    position integer not null,
    kind text not null,                    -- track, episode, local, unavailable
    item_key text,                         -- track_id or episode_id; null where unavailable
    uri text,
    added_at text,
    added_by text,
    primary key (account_id, playlist_id, position),
    foreign key (account_id, playlist_id) references playlists
) strict, without rowid;

-- Lists that are being read -----------------------------------------------------------------------

create table staged (
    account_id integer not null references accounts,
    entity_type text not null,
    ord integer not null,
    item_key text,                         -- null: a null row, or one set aside
    added_at text,
    payload text,                          -- JSON, where the list itself says more than the catalogue
    primary key (account_id, entity_type, ord)
) strict, without rowid;
create index staged_by_key on staged (account_id, entity_type, item_key, added_at);

create table staged_items (
    account_id integer not null,
    playlist_id text not null,
    position integer not null,
    kind text not null,
    item_key text,
    uri text,
    added_at text,
    added_by text,
    primary key (account_id, playlist_id, position),
    foreign key (account_id, playlist_id) references playlists
) strict, without rowid;

-- What changed ------------------------------------------------------------------------------------

create table library_changes (
    id integer primary key autoincrement,
    account_id integer not null references accounts,
    run_id integer not null references sync_runs,
    observed_at text not null,
    entity_type text not null,
    change text not null,                  -- added, removed, changed, moved
    item_key text,
    uri text,
    name text not null,
    detail text not null                   -- JSON: what replaying the change needs
) strict;

-- The listening history ---------------------------------------------------------------------------

create table play_polls (
    id integer primary key,
    account_id integer not null references accounts,
    polled_at text not null,
    listed integer not null,               -- rows of the answer
    new_plays integer not null
) strict;

-- What each source said, as it came. Plays are derived from these and can be derived again.
create table play_observations (
    id integer primary key,
    account_id integer not null references accounts,
    played_at text not null,
    uri text not null,
    track_id text not null references tracks,
    context_uri text,
    first_poll integer not null references play_polls,
    unique (account_id, played_at, uri)
) strict;

create table plays (
    id integer primary key,
    account_id integer not null references accounts,
    played_at text not null,               -- end of the play
    track_id text references tracks,
    uri text not null,
    ms_played integer,                     -- null: a poll does not say
    source text not null,                  -- api
    context_uri text,
    counts integer not null default 1,     -- whether statistics use it
    observation_id integer not null unique references play_observations
) strict;
create index plays_by_time on plays (account_id, played_at);

create table play_coverage (
    account_id integer not null references accounts,
    from_at text not null,
    to_at text not null,
    state text not null,                   -- complete, gap
    primary key (account_id, from_at, to_at, state)
) strict, without rowid;
