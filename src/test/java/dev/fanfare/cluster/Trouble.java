package dev.fanfare.cluster;

import java.sql.SQLException;

/** What a trigger of the drills' own does to those who insert events or attempts, as long as it is told to. */
final class Trouble {
    /** They wait for longer than any statement may run. */
    static final String SLOW = "slow";

    /** They are told what Postgres says when its disk is full. */
    static final String DISK_FULL = "full";

    private Trouble() {}

    static void prepare(DrilledPostgres postgres) throws SQLException {
        postgres.run("""
                create schema trouble;
                create table trouble.now (kind text);
                create function trouble.make() returns trigger language plpgsql as $$
                begin
                  if exists (select from trouble.now where kind = 'slow') then
                    perform pg_sleep(60);
                  elsif exists (select from trouble.now where kind = 'full') then
                    raise exception 'could not extend file: No space left on device' using errcode = '53100';
                  end if;
                  return null;
                end $$;
                create trigger trouble before insert on fanfare.event for each statement execute function trouble.make();
                create trigger trouble before insert on fanfare.attempt for each statement execute function trouble.make();
                """);
    }

    static void begin(DrilledPostgres postgres, String kind) throws SQLException {
        postgres.run("insert into trouble.now values ('" + kind + "')");
    }

    static void end(DrilledPostgres postgres) throws SQLException {
        postgres.run("delete from trouble.now");
    }
}
