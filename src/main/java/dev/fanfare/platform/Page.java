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
        boolean more = rows.size() > limit;
        List<T> items = new ArrayList<>(more ? rows.subList(0, limit) : rows);
        boolean newer = at != null && at.newer();
        if (newer) {
            Collections.reverse(items);
        }
        if (items.isEmpty()) {
            return new Page<>(items, null, null);
        }
        boolean hasNext = newer || more;
        boolean hasPrev = newer ? more : at != null;
        return new Page<>(
                items,
                hasNext ? Cursor.olderThan(id.apply(items.get(items.size() - 1))) : null,
                hasPrev ? Cursor.newerThan(id.apply(items.get(0))) : null);
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
