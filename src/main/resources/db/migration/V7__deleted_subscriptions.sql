set local lock_timeout = '2s';

-- the tombstones whose deliveries are cancelled, every other second
create index subscription_deleted on subscription (id) where deleted_at is not null;
