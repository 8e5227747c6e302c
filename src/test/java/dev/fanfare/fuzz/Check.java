package dev.fanfare.fuzz;

import java.util.Arrays;

/** Assertions that cost nothing while they hold. */
final class Check {
    private Check() {}

    static void that(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    static void equal(byte[] expected, byte[] actual, String what) {
        that(Arrays.equals(expected, actual), what);
    }
}
