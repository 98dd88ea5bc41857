-- A year that is over, summed up from its months: many years are told from few and shorter rows. It is there
-- or not, never wrong: whatever happens to one of its months takes it away until it is made again.
create table stats_years (
    id integer primary key,
    account_id integer not null references accounts,
    year text not null,                    -- 2025
    from_at text not null,                 -- first instant of the first month that has plays
    to_at text not null,                   -- the first instant after the last one
    days text not null,                    -- as in `stats_months`
    hours text not null,
    week text not null,
    items text not null,
    unique (account_id, year)
) strict;
create trigger stats_years_of_new_months after insert on stats_months begin
    delete from stats_years where account_id = new.account_id and year = substr(new.month, 1, 4);
end;
create trigger stats_years_of_changed_months after update on stats_months begin
    delete from stats_years where account_id = new.account_id and year = substr(new.month, 1, 4);
end;
create trigger stats_years_of_gone_months after delete on stats_months begin
    delete from stats_years where account_id = old.account_id and year = substr(old.month, 1, 4);
end;

-- Which items are one recording with something that is saved.
create index stats_items_by_isrc on stats_items (isrc) where isrc is not null;
