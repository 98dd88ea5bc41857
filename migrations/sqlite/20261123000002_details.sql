-- When an artist was last described in full, by whichever answer; null: never. An answer that had nothing
-- to tell counts, too, so that nobody is asked for for ever.
alter table artists add column details_at text;
