package dev.fanfare.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.fanfare.platform.Times;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** An attempt in the API: what the receiver answered, nothing of what was sent to it. */
@Schema(name = "Attempt", description = "One HTTP try of a delivery")
@JsonInclude(JsonInclude.Include.NON_NULL)
record ShownAttempt(
        @Schema(required = true, description = "Counts from 1")
        int number,

        @Schema(required = true, format = "date-time") String startedat,

        @Schema(required = true, description = "Milliseconds until the end of the exchange")
        int durationms,

        @Schema(description = "The address that was or would have been connected to") @Nullable
        String address,

        @Schema(description = "Status code, when there was an answer") @Nullable
        Integer status,

        @Schema(description = "Why it failed: a word of the closed list in docs/delivery-states.md") @Nullable
        String reason,

        @Schema(description = "As received; at most 50 and 8 KiB")
        List<Header> responseheaders,

        @Schema(description = "The first 16 KiB, when they are UTF-8 without control characters") @Nullable
        String responsebody,

        @Schema(description = "The first 16 KiB in base64, when they are anything else") @Nullable
        String responsebodybase64,

        @Schema(required = true, description = "The response went on beyond what is kept")
        boolean truncated,

        @Schema(required = true, description = "Ended after another node had taken over, and decided nothing")
        boolean late) {
    /** What a receiver sets for its own clients, or may echo of the credential that it was sent. */
    private static final Set<String> SECRET = Set.of(
            "authorization", "proxy-authorization", "cookie", "set-cookie", "set-cookie2", "authentication-info");

    /** A header line; the value of a secret one is hidden. */
    @Schema(name = "ResponseHeader")
    record Header(
            @Schema(required = true) String name,

            @Schema(required = true, description = "(hidden) where it may be a secret")
            String value) {
        static Header of(String line) {
            int colon = line.indexOf(": ");
            String name = line.substring(0, colon);
            boolean secret = SECRET.contains(name.toLowerCase(Locale.ROOT));
            return new Header(name, secret ? "(hidden)" : line.substring(colon + 2));
        }
    }

    static ShownAttempt of(AttemptList.Row row) {
        byte[] body = row.body();
        String text = body == null ? null : text(body);
        return new ShownAttempt(
                row.number(),
                Times.format(row.startedAt()),
                row.durationMs(),
                row.address(),
                row.status(),
                row.reason(),
                headers(row.headers()),
                text,
                body == null || text != null ? null : Base64.getEncoder().encodeToString(body),
                row.truncated(),
                row.late());
    }

    private static List<Header> headers(byte @Nullable [] lines) {
        return lines == null
                ? List.of()
                : Stream.of(new String(lines, StandardCharsets.ISO_8859_1).split("\r\n", -1))
                        .filter(line -> line.contains(": "))
                        .map(Header::of)
                        .toList();
    }

    /** Null when it is not text that a person can be shown. */
    private static @Nullable String text(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.chars().allMatch(ShownAttempt::isText) ? text : null;
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static boolean isText(int character) {
        return !Character.isISOControl(character) || character == '\t' || character == '\n' || character == '\r';
    }
}
