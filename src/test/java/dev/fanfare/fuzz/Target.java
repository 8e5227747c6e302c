package dev.fanfare.fuzz;

import java.util.Locale;

/** What is fuzzed, and the class whose {@code fuzzerTestOneInput(byte[])} the fuzzer calls. */
enum Target {
    READER(ReaderFuzz.class),
    FILTER(FilterFuzz.class),
    CURSOR(CursorFuzz.class),
    JSON(JsonFuzz.class);

    final Class<?> type;

    Target(Class<?> type) {
        this.type = type;
    }

    /** Its folder under {@code src/test/resources/fuzz}. */
    String folder() {
        return name().toLowerCase(Locale.ROOT);
    }
}
