package dev.fanfare.delivery;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why an attempt failed, or why a delivery is dead or cancelled: the closed list of docs/delivery-states.md. */
public enum Reason {
    /** The receiver answered with a status that is neither 2xx nor 3xx. */
    HTTPSTATUS,
    /** The receiver answered 3xx; redirects are never followed. */
    REDIRECT,
    /** The exchange was not over within the subscription's timeout. */
    TIMEOUT,
    /** The sink's name did not resolve. */
    DNSFAILURE,
    /** The receiver refused the connection. */
    CONNECTREFUSED,
    /** The connection could not be opened for another cause. */
    CONNECTFAILED,
    /** The TLS handshake failed, or the certificate is not valid for the sink's name. */
    TLSFAILURE,
    /** The connection was closed before the answer's head was whole. */
    CONNECTIONRESET,
    /** The answer was not HTTP, or its head was larger than the limit. */
    NOTHTTP,
    /** The sink's address is one that Fanfare does not connect to; no connection was opened. */
    SINKREFUSED,
    /** Fanfare itself failed; the log says how. */
    INTERNAL,

    /** Every retry of the schedule was used. */
    EXHAUSTED,
    /** The receiver answered 410; the subscription was disabled. */
    GONE,
    /** The status is one of the subscription's retry.final. */
    FINAL,
    /** Retry-After held it for longer than retry.maxage, or it waited for longer than history is kept. */
    EXPIRED,
    /** Node after node died while it had this delivery. */
    LOSTWITHNODE,
    /** What the database has of its event cannot be read. */
    UNREADABLE,
    /** Its subscription was deleted. */
    SUBSCRIPTIONDELETED,
    /** The replay that had asked for this delivery was cancelled. */
    REPLAYCANCELLED,
    /** The database refused to store the outcome's response; stored without it, or where even that is refused, given up. */
    UNRECORDABLE;

    /** The word in the database and in the API. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static @Nullable String wordOf(@Nullable Reason reason) {
        return reason == null ? null : reason.word();
    }
}
