-- Outside of a transaction (V6__queue_due.sql.conf), so that replicas of the version before go on meanwhile, however
-- large the queue is. It can be interrupted anywhere and run again.
set statement_timeout = 0;
-- it waits for others, and nobody waits for it
set lock_timeout = 0;

-- what an interrupted run left may be half built
drop index concurrently if exists queue_due_next;
-- The same rows, told by another predicate: a claim, which does not name it, cannot be planned along this index.
-- Where one lane has nearly all that waits, that would read its whole backlog for each of the other lanes.
create index concurrently queue_due_next on queue (due_at) include (subscription_id) where due_at is not null and node is null;
drop index concurrently if exists queue_due;
alter index queue_due_next rename to queue_due;
