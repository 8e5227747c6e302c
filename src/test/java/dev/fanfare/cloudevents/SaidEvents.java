package dev.fanfare.cloudevents;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Any CloudEvent that the specification allows, as a producer would mean it. */
final class SaidEvents {
    /** How the data is meant: what Content-Type says about them, and how JSON may carry them. */
    enum Data {
        NONE,
        JSON,
        TEXT,
        BYTES
    }

    /** @param attributes without {@code specversion}; values are String, Boolean or Integer */
    record Said(TreeMap<String, Object> attributes, Data kind, byte[] data) {
        @Override
        public String toString() {
            return attributes + " " + kind + " " + new String(data, UTF_8);
        }
    }

    private static final Set<String> TAKEN =
            Set.of("specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data");

    private SaidEvents() {}

    static Arbitrary<Said> any() {
        Arbitrary<TreeMap<String, Object>> attributes = Combinators.combine(
                        text().filter(id -> !id.isEmpty()),
                        source(),
                        text().filter(type -> !type.isEmpty()),
                        text().filter(subject -> !subject.isEmpty()).injectNull(0.3),
                        time().injectNull(0.3),
                        Arbitraries.of("urn:x", "https://e.example/s#/x", "a:%20?b=c")
                                .injectNull(0.5),
                        extensions())
                .as(SaidEvents::attributes);
        return Arbitraries.of(Data.values())
                .flatMap(kind -> Combinators.combine(attributes, contentType(kind), data(kind))
                        .as((said, contentType, data) -> {
                            TreeMap<String, Object> all = new TreeMap<>(said);
                            put(all, "datacontenttype", contentType);
                            return new Said(all, kind, data);
                        }));
    }

    private static TreeMap<String, Object> attributes(
            String id,
            String source,
            String type,
            String subject,
            String time,
            String dataschema,
            Map<String, Object> extensions) {
        TreeMap<String, Object> all = new TreeMap<>(extensions);
        put(all, "id", id);
        put(all, "source", source);
        put(all, "type", type);
        put(all, "subject", subject);
        put(all, "time", time);
        put(all, "dataschema", dataschema);
        return all;
    }

    private static void put(TreeMap<String, Object> all, String name, Object value) {
        if (value != null) {
            all.put(name, value);
        }
    }

    /** Of any character that a String of CloudEvents may have, those that somebody must escape more often. */
    static Arbitrary<String> text() {
        Arbitrary<Integer> points = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.integers().between(0x20, 0x7E)),
                Tuple.of(3, Arbitraries.of((int) '"', (int) '%', (int) '\\', (int) ' ', (int) '/', (int) '\'')),
                Tuple.of(2, Arbitraries.integers().between(0xA0, 0xFFFD)),
                Tuple.of(1, Arbitraries.integers().between(0x10000, 0x10FFFD)));
        Arbitrary<String> any = points.filter(SaidEvents::isAllowed)
                .list()
                .ofMaxSize(12)
                .map(list -> list.stream()
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString());
        return Arbitraries.oneOf(
                any,
                Arbitraries.of("%41%", "%2525", "\"a\"", "\"", " a ", "a%0Ab", "\\u0041", "\\", "null", "-0", "{}"));
    }

    private static boolean isAllowed(int point) {
        return (point < 0xD800 || point > 0xDFFF) && (point & 0xFFFE) != 0xFFFE && (point < 0xFDD0 || point > 0xFDEF);
    }

    private static Arbitrary<String> source() {
        Arbitrary<String> path =
                Arbitraries.strings().withChars("abcXYZ019-._~!$&'()*+,;=:@").ofMaxLength(10);
        return Combinators.combine(
                        Arbitraries.of("/", "urn:x:", "//h/", "https://u@h:1/", "#", "?q=", "/%20%C3%A4/"), path)
                .as(String::concat);
    }

    private static Arbitrary<String> time() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 9999),
                        Arbitraries.integers().between(1, 12),
                        Arbitraries.integers().between(1, 28),
                        Arbitraries.integers().between(0, 59),
                        Arbitraries.of("", ".0", ".120", ".123456789012"),
                        Arbitraries.of("Z", "z", "+00:00", "-00:00", "+14:00", "-23:59"))
                .as((year, month, day, minute, fraction, offset) ->
                        "%04d-%02d-%02dt23:%02d:59".formatted(year, month, day, minute) + fraction + offset);
    }

    private static Arbitrary<Map<String, Object>> extensions() {
        Arbitrary<String> names = Arbitraries.strings()
                .withCharRange('a', 'z')
                .numeric()
                .ofMinLength(1)
                .ofMaxLength(20)
                .filter(name -> !TAKEN.contains(name));
        Arbitrary<Object> values = Arbitraries.oneOf(text(), Arbitraries.of(true, false), Arbitraries.integers());
        return Arbitraries.maps(names, values).ofMaxSize(4);
    }

    private static Arbitrary<String> contentType(Data kind) {
        return switch (kind) {
            case NONE -> Arbitraries.of("application/json", "text/plain", "a/b").injectNull(0.5);
            case JSON ->
                Arbitraries.of("application/json", "Application/Vnd.X+JSON; a=\"b\"", "text/json")
                        .injectNull(0.3);
            case TEXT -> Arbitraries.of("text/plain", "Text/XML; charset=\"UTF-8\"", "text/x;charset=us-ascii");
            case BYTES -> Arbitraries.of("application/octet-stream", "image/png", "text/plain; charset=iso-8859-1");
        };
    }

    private static Arbitrary<byte[]> data(Data kind) {
        return switch (kind) {
            case NONE -> Arbitraries.just(new byte[0]);
            case JSON -> json(3).map(text -> text.getBytes(UTF_8));
            case TEXT ->
                Arbitraries.oneOf(text(), Arbitraries.of("\0\u0001\u007f", "a\r\nb\t", "\uFEFF", "\uFFFF"))
                        .filter(text -> !text.isEmpty())
                        .map(text -> text.getBytes(UTF_8));
            case BYTES -> Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(40);
        };
    }

    /** JSON values, written as nobody would who wrote them again. */
    private static Arbitrary<String> json(int depth) {
        Arbitrary<String> leaf = Arbitraries.oneOf(
                Arbitraries.of(
                        "null", "true", "0", "-0", "1.10", "1E+2", "12345678901234567890.1", "\"\\ud800\"", "\"\\/\""),
                text().map(text -> '"' + text.replace("\\", "\\\\").replace("\"", "\\u0022") + '"'));
        if (depth == 0) {
            return leaf;
        }
        Arbitrary<String> space = Arbitraries.of("", " ", "\n\t", "\r ");
        Arbitrary<List<String>> inner = json(depth - 1).list().ofMaxSize(3);
        return Arbitraries.oneOf(
                leaf,
                Combinators.combine(inner, space)
                        .as((values, s) -> "[" + s + String.join(s + "," + s, values) + s + "]"),
                Combinators.combine(inner, space).as((values, s) -> values.stream()
                        .map(value -> s + "\"a\"" + s + ":" + s + value)
                        .collect(Collectors.joining(",", "{", s + "}"))));
    }
}
