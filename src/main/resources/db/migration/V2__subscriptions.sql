set local lock_timeout = '2s';

create table subscription (
    id uuid primary key,
    tenant_id uuid not null references tenant,
    name text,
    state text not null check (state in ('active', 'paused', 'disabled', 'deleted')),
    -- why it is disabled, in the words of docs/delivery-states.md
    state_reason text,
    -- when the state became what it is: one disabled for seven days stops matching
    state_since timestamptz not null,
    -- the configuration as the API shows it, without secrets, defaults not applied
    config text not null,
    -- raised only when sink or sinkcredential changes: a 410 or Retry-After of an older sink does not count
    sink_revision integer not null default 1,
    -- the ETag: raised by every change of configuration or state
    revision integer not null default 1,
    -- the tenant's routing_version that this row's last change brought: replicas read what is newer than they know
    routing_version bigint not null,
    credential_key_id text,
    credential bytea,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    -- set: a tombstone, kept until its last delivery is cancelled
    deleted_at timestamptz,
    check ((state = 'deleted') = (deleted_at is not null)),
    check ((credential is null) = (credential_key_id is null)),
    check (state <> 'disabled' or state_reason is not null)
);
-- 409 on a name that is taken
create unique index subscription_name on subscription (tenant_id, name) where deleted_at is null;
-- what changed since a replica's snapshot
create index subscription_changes on subscription (tenant_id, routing_version);
-- the list, newest first
create index subscription_list on subscription (tenant_id, id) where deleted_at is null;

create table subscription_secret (
    id uuid primary key,
    subscription_id uuid not null references subscription on delete cascade,
    key_id text not null,
    secret bytea not null,
    created_at timestamptz not null,
    -- null: the current one
    expires_at timestamptz
);
create unique index subscription_secret_current on subscription_secret (subscription_id) where expires_at is null;
create index subscription_secret_subscription on subscription_secret (subscription_id);

create table subscription_stats (
    subscription_id uuid not null,
    day date not null,
    delivered bigint not null default 0,
    cancelled bigint not null default 0,
    last_delivered_at timestamptz,
    primary key (subscription_id, day)
);
