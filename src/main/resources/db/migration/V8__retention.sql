set local lock_timeout = '2s';

-- One row: the lowest delivery id that is kept. What lies below is forgotten, or about to be; a replay, which holds this row
-- while it works, counts it as gone.
create table retention (
    only_row boolean primary key default true check (only_row),
    kept_from uuid not null default '00000000-0000-0000-0000-000000000000'
);
insert into retention default values;
insert into maintenance (task, done_at) values ('forget-days', now());
