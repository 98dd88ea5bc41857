-- Exports covered everything from their first to their last row. What is called imported stays so where rows are
-- no more than a week apart; half a minute at the seams hides no play.
create table proven_coverage as
with rows as (
    select account_id, ended_ms - min(max(coalesce(ms_played, 0), 0), 14400000) as begun_ms, ended_ms,
           ended_ms - lag(ended_ms) over (partition by account_id order by ended_ms) as silence_ms
    from export_rows where superseded_by is null
),
numbered as (
    select account_id, begun_ms, ended_ms,
           sum(silence_ms is null or silence_ms > 604800000)
               over (partition by account_id order by ended_ms rows unbounded preceding) as stretch
    from rows
),
stretches as (
    select account_id,
           strftime('%Y-%m-%dT%H:%M:%fZ', (min(begun_ms) - 30000) / 1000.0, 'unixepoch') as from_at,
           strftime('%Y-%m-%dT%H:%M:%fZ', (max(ended_ms) + 30000) / 1000.0, 'unixepoch') as to_at
    from numbered group by account_id, stretch
)
select c.account_id, max(c.from_at, s.from_at) as from_at, min(c.to_at, s.to_at) as to_at
from play_coverage c join stretches s
on s.account_id = c.account_id and s.from_at < c.to_at and s.to_at > c.from_at
where c.state = 'imported';
delete from play_coverage where state = 'imported';
insert into play_coverage (account_id, from_at, to_at, state)
select account_id, from_at, to_at, 'imported' from proven_coverage where from_at < to_at;
drop table proven_coverage;
