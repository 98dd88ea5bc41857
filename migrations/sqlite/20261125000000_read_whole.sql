-- When a list was last read from end to end. What was read before this schema was at least once, at its
-- baseline.
alter table sync_state add column read_whole_at text;
update sync_state set read_whole_at = baseline_at where entity_type in ('tracks', 'albums', 'artists', 'playlists');
