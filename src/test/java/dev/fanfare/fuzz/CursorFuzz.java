package dev.fanfare.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fanfare.platform.Cursor;
import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.ProblemType;
import java.nio.ByteBuffer;
import java.util.UUID;

/** The scope of a list, a line feed, and a cursor: refused as such, or the very word that was given out for that list. */
public final class CursorFuzz {
    private CursorFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        String text = new String(input, UTF_8);
        int line = text.indexOf('\n');
        String scope = line < 0 ? "" : text.substring(0, line);
        String word = text.substring(line + 1);
        try {
            Check.that(Cursor.decode(scope, word).encode(scope).equals(word), "only its own words are read");
        } catch (ProblemException refused) {
            Check.that(refused.problem().type() == ProblemType.BAD_CURSOR, "a bad cursor is called so");
        }
        comesBack(scope, input);
    }

    private static void comesBack(String scope, byte[] input) {
        if (input.length >= 17) {
            ByteBuffer bytes = ByteBuffer.wrap(input);
            UUID position = new UUID(bytes.getLong(), bytes.getLong());
            Cursor made = bytes.get() < 0 ? Cursor.newerThan(position) : Cursor.olderThan(position);
            Check.that(Cursor.decode(scope, made.encode(scope)).equals(made), "a cursor comes back");
        }
    }
}
