package dev.fanfare.platform;

/**
 * The process cannot start or go on, and no retry would help. The message is for the operator: what is wrong, where, and
 * what to bring. It is printed and the process ends with exit code 1.
 */
public final class StartRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StartRefused(String message) {
        super(message);
    }

    public StartRefused(String message, Throwable cause) {
        super(message, cause);
    }
}
