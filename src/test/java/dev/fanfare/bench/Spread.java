package dev.fanfare.bench;

import java.util.List;

/** What several runs gave: whether a second measurement agrees is seen by how far they lie apart. */
record Spread(double lowest, double median, double highest) {
    static Spread of(List<? extends Number> values) {
        double[] sorted =
                values.stream().mapToDouble(Number::doubleValue).sorted().toArray();
        return new Spread(sorted[0], sorted[sorted.length / 2], sorted[sorted.length - 1]);
    }
}
