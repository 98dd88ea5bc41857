-- The hours of the week beside the days and the hours of the day: which hour of which weekday cannot be told
-- from these two.
alter table stats_months add column week text not null default '[]'; -- JSON array of [hour of the week, sums...]

-- Everything that is summed up already is to be summed up again.
insert into stats_dirty (account_id, from_at, to_at)
select account_id, min(played_at), max(played_at) from plays where true group by account_id
on conflict do update set from_at = min(from_at, excluded.from_at), to_at = max(to_at, excluded.to_at);
