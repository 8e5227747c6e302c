set local lock_timeout = '2s';
-- as long as a large queue takes; until then nothing is accepted
set local statement_timeout = 0;

-- The same rows, told by another predicate: a claim, which does not name it, cannot be planned along this index.
-- Where one lane has nearly all that waits, that would read its whole backlog for each of the other lanes.
drop index queue_due;
create index queue_due on queue (due_at) include (subscription_id) where due_at is not null and node is null;
