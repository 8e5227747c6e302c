set local lock_timeout = '2s';

-- History: one row per event and subscription, inserted with the event, updated when it is final.
-- No index has a predicate on state or node: settling must stay a HOT update.
create table delivery (
    settled_at timestamptz,
    tenant_id uuid not null,
    event_type text not null,
    -- set: handed to that node with the accept, and nothing else known of it
    node uuid,
    claim_no integer not null default 1,
    state text not null,
    reason text,
    attempts integer not null default 0,
    last_status smallint,
    -- state = 'dead', as a column that settling does not touch
    dead boolean not null default false,
    replay_id uuid,
    -- replays of a delivered one: the delivery repeated, and the webhook-id to send instead of the own id
    replay_of uuid,
    webhook_id uuid,
    id uuid primary key,
    event_id uuid not null,
    subscription_id uuid not null,
    constraint delivery_state check (state in ('pending', 'inflight', 'delivered', 'dead', 'cancelled')),
    constraint delivery_inflight_has_node check ((state = 'inflight') = (node is not null)),
    constraint delivery_final_is_settled check ((state in ('delivered', 'dead', 'cancelled')) = (settled_at is not null)),
    constraint delivery_dead check (dead = (state = 'dead')),
    constraint delivery_reason check (state not in ('dead', 'cancelled') or reason is not null)
) partition by range (id);
-- GET /deliveries?subscription=
create index delivery_subscription on delivery (subscription_id, id);
-- GET /events/{evt}/deliveries
create index delivery_event on delivery (event_id);
-- dead letters of a subscription, of a tenant; replay
create index delivery_dead_subscription on delivery (subscription_id, id) where dead;
create index delivery_dead_tenant on delivery (tenant_id, id) where dead;

-- Append-only; in the partitions of its delivery's day.
create table attempt (
    started_at timestamptz not null,
    delivery_id uuid not null,
    claim_no integer not null,
    number integer not null,
    duration_ms integer not null,
    status smallint,
    reason text,
    address text,
    response_headers bytea,
    response_body bytea,
    -- the response went on beyond what is kept
    truncated boolean not null default false,
    -- came after the claim had been taken over
    late boolean not null default false,
    primary key (delivery_id, claim_no)
) partition by range (delivery_id);

-- The waiting room: what is due later or again. A delivery that succeeds at once is never here.
create table queue (
    -- null: claimed by node
    due_at timestamptz,
    queued_at timestamptz not null,
    -- first attempt since acceptance or revival; retry.maxage counts from it
    first_attempt_at timestamptz,
    node uuid,
    claim_no integer not null,
    attempts integer not null,
    -- place in the retry schedule; a revival starts again at 0 while attempts go on counting
    step integer not null,
    -- how often a node died with it
    lost integer not null default 0,
    -- how the last attempt ended
    last_status smallint,
    reason text,
    replay_id uuid,
    -- what a cancelled replay gives back
    was_state text,
    was_reason text,
    id uuid primary key,
    subscription_id uuid not null,
    constraint queue_waits_or_is_claimed check ((due_at is null) = (node is not null))
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
        autovacuum_vacuum_cost_delay = 0);
-- claim: the oldest due of a lane
create index queue_lane on queue (subscription_id, due_at) where due_at is not null;
-- the look for lanes with newly due rows; oldest waiting
create index queue_due on queue (due_at) include (subscription_id) where due_at is not null;
-- what of a replay waits in a lane
create index queue_replay on queue (replay_id, subscription_id) where replay_id is not null;
-- claims of a node that is gone, or that the node itself does not hold
create index queue_node on queue (node) where node is not null;

-- A running process. A restart is a new row.
create table node (
    id uuid primary key,
    -- the data directory: a restart there removes its predecessor at once
    place uuid not null,
    beat bigint not null default 0,
    -- no delivery in flight here, or in an uncommitted accept, has a lower id
    floor uuid not null,
    started_at timestamptz not null default now(),
    -- declared dead: accepts and claims in its name are refused, the sweep takes over what it held
    gone_at timestamptz
);

-- A lane that a Retry-After closed, on every replica.
create table gate (
    subscription_id uuid primary key,
    sink_revision integer not null,
    closed_until timestamptz not null
);
