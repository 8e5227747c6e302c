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
    -- the last delivery looked at in this pass
    cursor uuid,
    -- only the first pass counts what is skipped or gone
    pass integer not null default 0,
    -- in this pass a lane had enough of the job already: another pass follows
    deferred boolean not null default false,
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
