package dev.fanfare.platform;

import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list, newest first. A page may be short or empty although there is a next one: only a missing
 * {@code rel="next"} is the end.
 */
public record Page<T>(
        List<T> items, @Nullable Cursor next, @Nullable Cursor prev) {

    public Page {
        items = List.copyOf(items);
    }

    /**
     * A page from rows that were read in the direction of the cursor (descending by id without one or for an older
     * page, ascending for a newer one), one more than {@code limit} where there are more.
     */
    public static <T> Page<T> of(List<T> rows, int limit, @Nullable Cursor at, Function<T, UUID> id) {
        return of(rows, limit, at, id, null);
    }

    /**
     * As {@link #of(List, int, Cursor, Function)}, for lists that look at rows which they do not show.
     *
     * @param edge the last row that was looked at, when there may be more behind it; null when the list ended there
     */
    public static <T> Page<T> of(
            List<T> rows, int limit, @Nullable Cursor at, Function<T, UUID> id, @Nullable UUID edge) {
        boolean full = rows.size() > limit;
        List<T> items = new ArrayList<>(full ? rows.subList(0, limit) : rows);
        boolean newer = at != null && at.newer();
        UUID begin = at == null ? null : newer ? PageSpan.after(at.position()) : PageSpan.before(at.position());
        UUID end = items.isEmpty() ? edge : id.apply(items.get(items.size() - 1));
        if (!full && edge != null) {
            end = edge;
        }
        if (!items.isEmpty() && at != null) {
            begin = id.apply(items.get(0));
        }
        if (newer) {
            Collections.reverse(items);
        }
        boolean more = full || edge != null;
        Cursor forth = more && end != null ? new Cursor(newer, end) : null;
        Cursor back = begin == null || (items.isEmpty() && edge == null) ? null : new Cursor(!newer, begin);
        return newer ? new Page<>(items, back, forth) : new Page<>(items, forth, back);
    }

    public <R> Page<R> map(Function<T, R> function) {
        return new Page<>(items.stream().map(function).toList(), next, prev);
    }

    /** 200 with the bare array and the links; {@code toJson} turns the items into what the array shows. */
    public Response response(QueryParameters query, Function<T, ?> toJson) {
        Response.ResponseBuilder response =
                Response.ok(items.stream().map(toJson).toList());
        String link = link(query);
        return (link == null ? response : response.header("Link", link)).build();
    }

    /** The value of the Link header (RFC 8288), its targets relative to the request; null when there is none. */
    public @Nullable String link(QueryParameters query) {
        List<String> links = new ArrayList<>();
        if (next != null) {
            links.add("<" + query.with(next) + ">; rel=\"next\"");
        }
        if (prev != null) {
            links.add("<" + query.with(prev) + ">; rel=\"prev\"");
        }
        return links.isEmpty() ? null : String.join(", ", links);
    }
}
