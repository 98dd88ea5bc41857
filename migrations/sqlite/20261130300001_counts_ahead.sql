-- Requests that lie ahead were counted by a clock that was ahead: they are not of the last 24 hours.
drop view rate_limit_state;
create view rate_limit_state as
select b.bucket,
       h.reset_at,
       h.retry_after_seconds,
       max(0, coalesce((select cast(value as integer) from settings where name = 'daily_budget'), 300)
              - coalesce((select sum(c.requests) from request_counts c
                          where c.bucket = b.bucket and c.at_second > unixepoch() - 86400
                                and c.at_second <= unixepoch()), 0))
           as requests_remaining,
       h.hit_at,
       h.reason
from (select bucket from holds union select bucket from request_counts) b
left join holds h on h.bucket = b.bucket;
