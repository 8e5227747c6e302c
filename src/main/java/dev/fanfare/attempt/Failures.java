package dev.fanfare.attempt;

import dev.fanfare.delivery.Reason;
import io.netty.channel.ChannelException;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Which reason a Throwable of the HTTP client stands for. */
final class Failures {

    private static final int DEEPEST = 10;

    private Failures() {}

    /** Before a connection stood, the TLS handshake included. */
    static Reason connecting(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST; depth++, cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return Reason.TLSFAILURE;
            }
            if (cause instanceof ConnectTimeoutException || cause instanceof TimeoutException) {
                return Reason.TIMEOUT;
            }
            if (cause instanceof ChannelException) {
                // this process has no socket left
                return Reason.CONNECTFAILED;
            }
            if (cause instanceof ConnectException) {
                boolean refused = String.valueOf(cause.getMessage())
                        .toLowerCase(Locale.ROOT)
                        .contains("refused");
                return refused ? Reason.CONNECTREFUSED : Reason.CONNECTFAILED;
            }
        }
        return failure instanceof IOException || isClosed(failure) ? Reason.CONNECTFAILED : Reason.INTERNAL;
    }

    /** On a connection that stood. */
    static Reason exchanging(Throwable failure) {
        if (failure instanceof SSLException || failure.getCause() instanceof SSLException) {
            return Reason.TLSFAILURE;
        }
        if (failure instanceof TooLongFrameException
                || failure instanceof DecoderException
                || failure instanceof IllegalArgumentException // garbage; NumberFormatException for a status line
                || isOtherVersion(failure)) {
            return Reason.NOTHTTP;
        }
        return failure instanceof IOException || isClosed(failure) ? Reason.CONNECTIONRESET : Reason.INTERNAL;
    }

    /** The client has no class of its own for a status line of HTTP/9.9. */
    private static boolean isOtherVersion(Throwable failure) {
        return failure instanceof IllegalStateException
                && String.valueOf(failure.getMessage()).startsWith("Unsupported HTTP version");
    }

    /** The connection went away, for whatever cause. */
    static boolean isClosed(Throwable failure) {
        return failure instanceof HttpClosedException
                || failure instanceof ClosedChannelException
                || failure instanceof StreamResetException
                || (failure instanceof IOException && !(failure instanceof SSLException));
    }
}
