package dev.fanfare.retention;

import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Turns the two generations of identities once per dedupe window: the older is dropped, the current becomes the
 * previous. So an identity is remembered for one to two windows.
 */
@ApplicationScoped
public class IdentityTurn {
    private final Tx tx;

    public IdentityTurn(Tx tx) {
        this.tx = tx;
    }

    /**
     * Turns when the last turn, on whichever replica, is a window ago.
     *
     * @return whether it turned
     */
    public boolean turnIfDue(Duration window, Instant now) {
        return tx.run(connection -> {
            List<Boolean> due =
                    Sql.of(connection, """
                            update maintenance set done_at = ?
                            where task = 'identity-turn' and done_at <= ? returning true""").set(now).set(now.minus(window)).list(rows -> rows.getBoolean(1));
            if (due.isEmpty()) {
                return false;
            }
            try (Statement statement = connection.createStatement()) {
                statement.execute("""
                        lock table identity_current, identity_previous in access exclusive mode;
                        drop table identity_previous;
                        alter table identity_current rename to identity_previous;
                        create table identity_current (like identity_previous including all)""");
            }
            return true;
        });
    }
}
