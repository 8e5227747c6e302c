set local lock_timeout = '2s';

-- One row: what is true for the whole installation.
create table instance (
    only_row boolean primary key default true check (only_row),
    -- Raised with every change of any tenant's subscriptions; each beat reads it, so that replicas notice.
    routing_version bigint not null default 0,
    -- A known text under the encryption key: tells a process that it was started with another key.
    key_id text,
    key_check bytea,
    created_at timestamptz not null default now()
);
insert into instance default values;

create table tenant (
    id uuid primary key,
    name text not null unique check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    -- Raised in the transaction that changes a subscription; accept compares it with what it matched against.
    routing_version bigint not null default 0,
    created_at timestamptz not null default now()
);

create table api_key (
    id uuid primary key,
    -- null: an operator, who may act in every tenant
    tenant_id uuid references tenant,
    role text not null check (role in ('operator')),
    hash bytea not null unique check (length(hash) = 32),
    created_at timestamptz not null default now(),
    check ((role = 'operator') = (tenant_id is null))
);
