package dev.fanfare.platform;

/**
 * Everything a client can be refused with. The catalogue is closed: docs/errors.md says of each code when it is sent
 * and what to do, and a test holds the two equal.
 */
public enum ProblemType {
    MALFORMED(400, "malformed", "The body cannot be read"),
    UNKNOWN_MEMBER(400, "unknownmember", "The body has a member that nobody knows"),
    INVALID(400, "invalid", "A value is not allowed"),
    UNKNOWN_PARAMETER(400, "unknownparameter", "Unknown query parameter"),
    BAD_CURSOR(400, "badcursor", "The cursor does not belong to this list"),
    UNSTORABLE(400, "unstorable", "The database refuses this value"),
    UNKNOWN_TENANT(400, "unknowntenant", "Unknown tenant"),
    UNAUTHORIZED(401, "unauthorized", "A valid API key is needed"),
    NOT_FOUND(404, "notfound", "Not found"),
    METHOD_NOT_ALLOWED(405, "methodnotallowed", "Method not allowed"),
    NOT_ACCEPTABLE(406, "notacceptable", "No representation fits Accept"),
    NAME_TAKEN(409, "nametaken", "The name is taken"),
    CONFLICT(409, "conflict", "The state of the resource does not allow this"),
    STALE(412, "stale", "The resource has changed since it was read"),
    TOO_LARGE(413, "toolarge", "The body is too large"),
    UNSUPPORTED_MEDIA_TYPE(415, "unsupportedmediatype", "Unsupported media type"),
    UNSUPPORTED_ENCODING(415, "unsupportedencoding", "Unsupported content encoding"),
    RATE_LIMITED(429, "ratelimited", "Too many requests"),
    HEADER_TOO_LARGE(431, "headertoolarge", "The header block is too large"),
    INTERNAL(500, "internal", "Internal error"),
    UNAVAILABLE(503, "unavailable", "Temporarily unavailable");

    public final int status;
    public final String code;
    public final String title;

    ProblemType(int status, String code, String title) {
        this.status = status;
        this.code = code;
        this.title = title;
    }
}
