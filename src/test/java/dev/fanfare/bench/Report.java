package dev.fanfare.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The table, as Markdown for people and as JSON. */
final class Report {
    private static final List<String> COLUMNS = List.of(
            "scenario",
            "goal",
            "figure",
            "runs",
            "met",
            "ceiling",
            "ratio",
            "events/s",
            "deliveries/s",
            "CPU µs",
            "ack p50 / p99 ms",
            "delivered p50 / p99 ms",
            "WAL B",
            "statements ‰",
            "commits ‰",
            "lost / twice / refused");

    private static final String NONE = "–";

    private final String machine;
    private final List<Row> rows;

    Report(String machine, List<Row> rows) {
        this.machine = machine;
        this.rows = rows;
    }

    /** Writes {@code table.md} and {@code table.json}. */
    void write(Path directory) throws IOException {
        Files.writeString(directory.resolve("table.md"), markdown());
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(directory.resolve("table.json").toFile(), rows);
    }

    String markdown() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(COLUMNS);
        lines.add(COLUMNS.stream().map(column -> "---").toList());
        rows.forEach(row -> lines.add(cells(row)));
        StringBuilder text = new StringBuilder(machine).append("\n\n");
        for (List<String> line : lines) {
            text.append("| ").append(String.join(" | ", line)).append(" |\n");
        }
        return text.toString();
    }

    private static List<String> cells(Row row) {
        List<String> cells = new ArrayList<>(List.of(
                row.what(),
                orNone(row.goal()),
                orNone(row.figure()),
                row.spread() == null
                        ? NONE
                        : number(row.spread().lowest()) + "–"
                                + number(row.spread().highest()),
                row.met() == null ? NONE : row.met() ? "yes" : "**no**",
                each(row.ceilings(), ratio -> ratio.to() + " " + number(ratio.ceiling()) + ratio.unit()),
                each(row.ceilings(), ratio -> String.format(Locale.ROOT, "%.2f", ratio.ratio()))));
        Figures f = row.details();
        if (f == null) {
            while (cells.size() < COLUMNS.size()) {
                cells.add(NONE);
            }
            return cells;
        }
        cells.addAll(List.of(
                whole(f.events()),
                whole(f.deliveries()),
                whole(f.cpuMicros()),
                number(f.ackP50()) + " / " + number(f.ackP99()),
                number(f.deliveredP50()) + " / " + number(f.deliveredP99()),
                whole(f.walBytes()),
                whole(f.statements()),
                whole(f.commits()),
                whole(f.lost()) + " / " + whole(f.duplicates()) + " / " + whole(f.refused())));
        return cells;
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    /** With the digits that a reader needs. */
    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.1f" : "%,.0f", value);
    }

    private static String orNone(String text) {
        return text.isEmpty() ? NONE : text;
    }

    private static String each(List<Row.Ratio> ratios, Function<Row.Ratio, String> text) {
        return orNone(ratios.stream().map(text).collect(Collectors.joining("; ")));
    }
}
