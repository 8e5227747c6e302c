-- What the migrations of a later version may do while servers of this one are running: they add, and take nothing away.
alter table event add column later text;
alter table delivery add column later text not null default '';
alter table attempt add column later text;
alter table queue add column later integer;
alter table node add column later text;
alter table subscription add column later text;
alter table subscription_secret add column later text;
alter table replay add column later bigint not null default 0;
create table later (id uuid primary key);
insert into flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by,
                                   execution_time, success)
values (1000, '1000', 'later', 'SQL', 'V1000__later.sql', 1, 'fanfare', 1, true);
