-- What was worth a person's attention: one row from when it came until it was over.
create table alerts (
    alert_id integer primary key,
    account_id integer not null references accounts,
    kind text not null,
    subject text not null,                 -- the entity, the bucket, the beginning of the gap; or empty
    text text not null,                    -- one sentence, with what to do
    raised_at text not null,
    cleared_at text,
    raised_told_at text,                   -- when command and webhook were told
    cleared_told_at text
) strict;

-- No alert comes twice before it is over.
create unique index alerts_in_force on alerts (account_id, kind, subject) where cleared_at is null;
-- What is still to be told.
create index alerts_untold on alerts (account_id, alert_id)
    where raised_told_at is null or (cleared_at is not null and cleared_told_at is null);
