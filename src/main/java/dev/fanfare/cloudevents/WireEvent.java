package dev.fanfare.cloudevents;

import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.SpecVersion;
import java.net.URI;
import java.time.OffsetDateTime;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A validated CloudEvent 1.0: attributes as they came, data as the bytes that came. Immutable, provided that nobody
 * writes into the arrays it gives out.
 */
public final class WireEvent implements CloudEvent {
    /** What is known about the data, and so how JSON may carry it. */
    public enum DataKind {
        /** The event has no data. */
        NONE,
        /** One JSON value in UTF-8: spliced into {@code data} as it is. */
        JSON,
        /** UTF-8: a JSON string in {@code data}. */
        TEXT,
        /** Anything, also what is declared to be JSON and is not: {@code data_base64}. */
        BINARY
    }

    /** Heap in bytes of an event beside its octets: the objects and the heads of its strings and arrays. */
    public static final int OBJECT_BYTES = 512;

    /** Heap in bytes of an extension beside its octets: its entry, name and value. */
    public static final int EXTENSION_BYTES = 128;

    /**
     * How often an octet of an attribute, or of data that is no JSON, lies in the heap: in the event, where a character of
     * a string may take two bytes, and in the structured form that its first attempt makes, longer there as base64.
     */
    public static final int COPIES = 3;

    /** The same for an octet of JSON data, which the structured form has as it is. */
    public static final int JSON_COPIES = 2;

    private static final byte[] NO_DATA = {};
    private static final String SPEC_VERSION = "1.0";

    private final String id;
    private final String source;
    private final String type;
    private final @Nullable String subject;
    private final @Nullable String time;
    private final @Nullable String datacontenttype;
    private final @Nullable String dataschema;
    private final SortedMap<String, Object> extensions;
    private final DataKind dataKind;
    private final byte[] data;
    private final long attributeOctets;
    private volatile byte @Nullable [] structured;

    WireEvent(
            String id,
            String source,
            String type,
            @Nullable String subject,
            @Nullable String time,
            @Nullable String datacontenttype,
            @Nullable String dataschema,
            SortedMap<String, Object> extensions,
            DataKind dataKind,
            byte[] data) {
        this.id = id;
        this.source = source;
        this.type = type;
        this.subject = subject;
        this.time = time;
        this.datacontenttype = datacontenttype;
        this.dataschema = dataschema;
        this.extensions = extensions;
        this.dataKind = dataKind;
        this.data = data;
        this.attributeOctets = attributeOctets(this);
    }

    private static long attributeOctets(WireEvent event) {
        long octets = 0;
        for (String value : new String[] {
            event.id, event.source, event.type, event.subject, event.time, event.datacontenttype, event.dataschema
        }) {
            octets += value == null ? 0 : Utf8.length(value);
        }
        for (Map.Entry<String, Object> extension : event.extensions.entrySet()) {
            octets += extension.getKey().length();
            octets += extension.getValue() instanceof String text ? Utf8.length(text) : Integer.BYTES;
        }
        return octets;
    }

    /**
     * An event that was validated when it came in, from its columns.
     *
     * @param extensionsJson what {@link #extensionsJson()} gave, null = none
     * @param data null when {@code dataKind} is NONE
     * @throws IllegalArgumentException when {@code extensionsJson} is anything else
     */
    public static WireEvent stored(
            String id,
            String source,
            String type,
            @Nullable String subject,
            @Nullable String time,
            @Nullable String datacontenttype,
            @Nullable String dataschema,
            @Nullable String extensionsJson,
            DataKind dataKind,
            byte @Nullable [] data) {
        return new WireEvent(
                id,
                source,
                type,
                subject,
                time,
                datacontenttype,
                dataschema,
                extensionsJson == null ? Collections.emptySortedMap() : Extensions.fromJson(extensionsJson),
                dataKind,
                data == null ? NO_DATA : data);
    }

    public String id() {
        return id;
    }

    public String source() {
        return source;
    }

    public String type() {
        return type;
    }

    public @Nullable String subject() {
        return subject;
    }

    /** An RFC 3339 date-time, with the digits and the offset that came. */
    public @Nullable String time() {
        return time;
    }

    /** A media type, verbatim. */
    public @Nullable String datacontenttype() {
        return datacontenttype;
    }

    public @Nullable String dataschema() {
        return dataschema;
    }

    /** By name; values are String, Boolean or Integer; unmodifiable. */
    public SortedMap<String, Object> extensions() {
        return extensions;
    }

    public DataKind dataKind() {
        return dataKind;
    }

    /** The bytes themselves, not a copy; empty when {@link #dataKind()} is NONE, and possibly otherwise. */
    public byte[] dataBytes() {
        return data;
    }

    /** The canonical string (CloudEvents §"Type System") of any attribute, {@code specversion} too; null when unset. */
    public @Nullable String attribute(String name) {
        return switch (name) {
            case "specversion" -> SPEC_VERSION;
            case "id" -> id;
            case "source" -> source;
            case "type" -> type;
            case "subject" -> subject;
            case "time" -> time;
            case "datacontenttype" -> datacontenttype;
            case "dataschema" -> dataschema;
            default -> {
                Object value = extensions.get(name);
                yield value == null ? null : value.toString();
            }
        };
    }

    /**
     * Heap in bytes that the event may take as long as it is held, {@link #structured()} included: an estimate from above,
     * by the lengths of its attributes and data.
     */
    public long heapBytes() {
        return OBJECT_BYTES
                + (long) EXTENSION_BYTES * extensions.size()
                + COPIES * attributeOctets
                + (dataKind == DataKind.JSON ? JSON_COPIES : COPIES) * (long) data.length;
    }

    /**
     * {@code application/cloudevents+json} bytes; not a copy. Built at the first call and kept, unless they are longer than
     * {@link #heapBytes()} has room for: JSON writes a control character in six bytes.
     */
    public byte[] structured() {
        byte[] bytes = structured;
        if (bytes == null) {
            bytes = EventWriter.structured(this);
            if (bytes.length <= heapBytes() - attributeOctets - data.length) {
                structured = bytes;
            }
        }
        return bytes;
    }

    /** SHA-256 over what the event says, equal for all content modes: attributes as canonical strings, then the data. */
    public byte[] content() {
        return ContentDigest.of(this);
    }

    /** The extensions as a JSON object for storage; null when there are none. */
    public @Nullable String extensionsJson() {
        return extensions.isEmpty() ? null : Extensions.toJson(extensions);
    }

    @Override
    public @Nullable CloudEventData getData() {
        return dataKind == DataKind.NONE ? null : () -> data;
    }

    @Override
    public SpecVersion getSpecVersion() {
        return SpecVersion.V1;
    }

    @Override
    public String getId() {
        return id;
    }

    @Override
    public String getType() {
        return type;
    }

    /** @throws IllegalArgumentException for the few references that {@code java.net.URI} refuses, such as {@code urn:} */
    @Override
    public URI getSource() {
        return URI.create(source);
    }

    @Override
    public @Nullable String getDataContentType() {
        return datacontenttype;
    }

    /** @throws IllegalArgumentException as {@link #getSource()} */
    @Override
    public @Nullable URI getDataSchema() {
        return dataschema == null ? null : URI.create(dataschema);
    }

    @Override
    public @Nullable String getSubject() {
        return subject;
    }

    /** A leap second becomes the second before it, digits past nanoseconds are cut. */
    @Override
    public @Nullable OffsetDateTime getTime() {
        return time == null ? null : Timestamp.parse(time);
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        return switch (name) {
            case "specversion" -> getSpecVersion();
            case "source" -> getSource();
            case "time" -> getTime();
            case "dataschema" -> getDataSchema();
            case "id", "type", "subject", "datacontenttype" -> attribute(name);
            default -> throw new IllegalArgumentException("not an attribute of CloudEvents 1.0: " + name);
        };
    }

    @Override
    public @Nullable Object getExtension(String name) {
        return extensions.get(name);
    }

    @Override
    public Set<String> getExtensionNames() {
        return extensions.keySet();
    }
}
