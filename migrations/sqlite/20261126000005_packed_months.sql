-- The sums of a month packed, as those of days and years are, beside the texts that views take apart: a year of
-- texts takes longer to read than all that is done with it. The hours of the week stand in there; no view tells them.
alter table stats_months drop column week;
alter table stats_months add column sums blob not null default x'';

-- What is summed up already is of the form before; months take their days and years away.
insert into stats_dirty (account_id, from_at, to_at)
select account_id, min(played_at), max(played_at) from plays where true group by account_id
on conflict do update set from_at = min(from_at, excluded.from_at), to_at = max(to_at, excluded.to_at);
delete from stats_months;

-- Which items the saved tracks are, all of them in one: while neither changes.
create table stats_saved (
    account_id integer primary key references accounts,
    saved blob not null                    -- as `store::stats::saved` writes it
) strict;
create trigger stats_saved_of_new_saved_tracks after insert on saved_tracks begin
    delete from stats_saved where account_id = new.account_id;
end;
create trigger stats_saved_of_changed_saved_tracks after update of ord, track_id on saved_tracks begin
    delete from stats_saved where account_id = new.account_id;
end;
create trigger stats_saved_of_gone_saved_tracks after delete on saved_tracks begin
    delete from stats_saved where account_id = old.account_id;
end;
create trigger stats_saved_of_changed_tracks after update of uri, isrc on tracks
when new.uri is not old.uri or new.isrc is not old.isrc begin
    delete from stats_saved;
end;
create trigger stats_saved_of_new_items after insert on stats_items begin
    delete from stats_saved;
end;
create trigger stats_saved_of_changed_items after update of uri, isrc on stats_items begin
    delete from stats_saved;
end;
create trigger stats_saved_of_gone_items after delete on stats_items begin
    delete from stats_saved;
end;
