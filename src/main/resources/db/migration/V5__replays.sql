set local lock_timeout = '2s';

create table replay (
    id uuid primary key,
    tenant_id uuid not null references tenant,
    state text not null check (state in ('running', 'done', 'cancelled')),
    -- the request, as it came
    selector text not null,
    -- 'same' or 'new': the webhook-id of deliveries that had been delivered
    webhook_id text not null check (webhook_id in ('same', 'new')),
    created_at timestamptz not null,
    finished_at timestamptz,
    -- the last delivery looked at
    cursor uuid,
    -- history has been looked at to its end, but for the lanes in replay_lane
    walked boolean not null default false,
    -- everything that the selector means has been looked at; the job ends with its last delivery
    fed boolean not null default false,
    matched bigint not null default 0,
    queued bigint not null default 0,
    -- JSON object: reason → count
    skipped text not null default '{}',
    gone bigint not null default 0,
    "left" bigint not null default 0,
    delivered bigint not null default 0,
    failed bigint not null default 0,
    cancelled bigint not null default 0,
    -- queued and not final yet
    open bigint not null default 0,
    check ((state = 'running') = (finished_at is null))
);
-- GET /replays, newest first; the runner's unfinished jobs
create index replay_list on replay (tenant_id, id);
create index replay_running on replay (id) where state = 'running';

-- Lanes that had enough of a job when its walk came by: each is walked on its own, as it has room.
create table replay_lane (
    replay_id uuid not null references replay,
    subscription_id uuid not null,
    -- the last delivery of the lane looked at, or one before its first; null: looked at to the end
    cursor uuid,
    primary key (replay_id, subscription_id)
);
