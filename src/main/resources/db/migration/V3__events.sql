set local lock_timeout = '2s';

-- Days are ranges of the id (UUIDv7 begins with the millisecond); they are made ahead, see DayPartitions.
create table event (
    id uuid primary key,
    tenant_id uuid not null,
    ce_id text not null,
    source text not null,
    type text not null,
    subject text,
    time text,
    datacontenttype text,
    dataschema text,
    -- JSON object of strings, booleans and integers: the types survive
    extensions text,
    data_kind text not null check (data_kind in ('none', 'json', 'text', 'binary')),
    data bytea,
    check ((data_kind = 'none') = (data is null))
) partition by range (id);
alter table event alter column data set storage external;

-- Dedupe: two generations, because a unique index cannot span days. key = sha256(tenant, source, NUL, id).
create table identity_current (
    key bytea primary key,
    event_id uuid not null,
    content bytea not null
);
create table identity_previous (like identity_current including all);

-- Work that whichever node comes first does for all; each step can be repeated.
create table maintenance (
    task text primary key,
    done_at timestamptz not null
);
insert into maintenance (task, done_at) values ('identity-turn', now());
