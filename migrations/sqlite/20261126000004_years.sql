-- Beside the months: years that are over, so that many of them are told from few rows, and days, so that a period
-- that begins or ends within a month is not read from its plays. Both are there or not, never wrong: whatever
-- happens to a month takes its days and its year away until they are made again. Views tell the months alone.
create table stats_years (
    id integer primary key,
    account_id integer not null references accounts,
    year text not null,                    -- 2025
    from_at text not null,                 -- first instant of the first month that has plays
    to_at text not null,                   -- the first instant after the last one
    sums blob not null,                    -- as `store::stats::sums` writes them
    unique (account_id, year)
) strict;
create table stats_days (
    id integer primary key,
    account_id integer not null references accounts,
    from_at text not null,                 -- the first play of a local day
    to_at text not null,                   -- a millisecond after its last
    sums blob not null,
    unique (account_id, from_at)
) strict;
create trigger stats_of_new_months after insert on stats_months begin
    delete from stats_years where account_id = new.account_id and year = substr(new.month, 1, 4);
    delete from stats_days where account_id = new.account_id and from_at < new.to_at and to_at > new.from_at
        and from_at > strftime('%Y-%m-%dT%H:%M:%fZ', new.from_at, '-3 days'); -- longer than any day
end;
create trigger stats_of_changed_months after update on stats_months begin
    delete from stats_years where account_id = new.account_id and year = substr(new.month, 1, 4);
    delete from stats_days where account_id = new.account_id and from_at < new.to_at and to_at > new.from_at
        and from_at > strftime('%Y-%m-%dT%H:%M:%fZ', new.from_at, '-3 days'); -- longer than any day
end;
create trigger stats_of_gone_months after delete on stats_months begin
    delete from stats_years where account_id = old.account_id and year = substr(old.month, 1, 4);
    delete from stats_days where account_id = old.account_id and from_at < old.to_at and to_at > old.from_at
        and from_at > strftime('%Y-%m-%dT%H:%M:%fZ', old.from_at, '-3 days'); -- longer than any day
end;

-- Which artists and album each item has, all of them in one: while no item changes.
create table stats_makers (
    one integer primary key check (one = 1),
    makers blob not null
) strict;
create trigger stats_makers_of_new_items after insert on stats_items begin
    delete from stats_makers;
end;
create trigger stats_makers_of_changed_items after update of kind, artists, album_id on stats_items begin
    delete from stats_makers;
end;
create trigger stats_makers_of_gone_items after delete on stats_items begin
    delete from stats_makers;
end;

-- Which items are one recording with something that is saved.
create index stats_items_by_isrc on stats_items (isrc) where isrc is not null;

-- What is summed up already has no days yet.
insert into stats_dirty (account_id, from_at, to_at)
select account_id, min(played_at), max(played_at) from plays where true group by account_id
on conflict do update set from_at = min(from_at, excluded.from_at), to_at = max(to_at, excluded.to_at);
