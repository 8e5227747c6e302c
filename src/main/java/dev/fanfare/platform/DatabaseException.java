package dev.fanfare.platform;

import java.sql.SQLException;
import org.postgresql.util.PSQLException;

/** A failed transaction. It was rolled back unless {@link #outcomeUnknown()}. */
public final class DatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String sqlState;
    private final boolean sentToCommit;

    DatabaseException(SQLException cause, boolean sentToCommit) {
        super(cause.getMessage(), cause);
        this.sqlState = cause.getSQLState() == null ? "" : cause.getSQLState();
        this.sentToCommit = sentToCommit;
    }

    /** SQLSTATE, or "" where the driver gave none. */
    public String sqlState() {
        return sqlState;
    }

    /** The connection broke while the commit was under way: it may or may not have happened. */
    public boolean outcomeUnknown() {
        return sentToCommit && (sqlState.isEmpty() || sqlState.startsWith("08") || sqlState.startsWith("57P"));
    }

    /** The database refused the data itself (SQLSTATE 22 and 23): the same rows will be refused again. */
    public boolean refusedData() {
        return !noPartition() && (sqlState.startsWith("22") || sqlState.startsWith("23"));
    }

    /** No partition takes the row: its day has not been made yet. Told by the server's routine, not by its language. */
    public boolean noPartition() {
        return sqlState.equals("23514")
                && getCause() instanceof PSQLException cause
                && cause.getServerErrorMessage() != null
                && "ExecFindPartition".equals(cause.getServerErrorMessage().getRoutine());
    }

    /** Lock timeout, deadlock or serialization failure: the same transaction may succeed when repeated. */
    public boolean repeatable() {
        return sqlState.equals("55P03") || sqlState.equals("40P01") || sqlState.equals("40001");
    }
}
