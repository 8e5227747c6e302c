package dev.fanfare.cloudevents;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fanfare.cloudevents.EventWriter.BinaryMessage;
import dev.fanfare.cloudevents.SaidEvents.Data;
import dev.fanfare.cloudevents.SaidEvents.Said;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever event comes in, in any mode, goes out as the same event in any mode, its data byte for byte. */
class RoundTripTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Provide
    Arbitrary<Said> events() {
        return SaidEvents.any();
    }

    @Property(tries = 400)
    void a_structured_event_goes_out_as_it_came_in(@ForAll("events") Said said, @ForAll Random random)
            throws Exception {
        WireEvent event = Messages.structured(json(said, random));
        assertThat(attributes(event)).isEqualTo(said.attributes());
        goesOut(event, said);
    }

    @Property(tries = 200)
    void the_events_of_a_batch_go_out_as_they_came_in(
            @ForAll("events") Said first, @ForAll("events") Said second, @ForAll Random random) throws Exception {
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        batch.writeBytes("\t[ ".getBytes(UTF_8));
        batch.writeBytes(json(first, random));
        batch.writeBytes(" \n,".getBytes(UTF_8));
        batch.writeBytes(json(second, random));
        batch.write(']');
        List<WireEvent> events =
                Messages.READER.read(Messages.headers("content-type", Messages.BATCH), batch.toByteArray());
        assertThat(events).hasSize(2);
        assertThat(attributes(events.get(0))).isEqualTo(first.attributes());
        assertThat(attributes(events.get(1))).isEqualTo(second.attributes());
        goesOut(events.get(0), first);
        goesOut(events.get(1), second);
    }

    @Property(tries = 400)
    void a_binary_event_goes_out_as_it_came_in(@ForAll("events") Said said, @ForAll Random random) throws Exception {
        WireEvent event =
                Messages.READER.read(headers(said, random), said.data()).get(0);
        Said asText = new Said(new TreeMap<>(said.attributes()), said.kind(), said.data());
        asText.attributes().replaceAll((name, value) -> value.toString());
        assertThat(attributes(event)).isEqualTo(asText.attributes());
        goesOut(event, asText);
    }

    private static TreeMap<String, Object> attributes(WireEvent event) {
        TreeMap<String, Object> attributes = new TreeMap<>(event.extensions());
        for (String name : event.getSpecVersion().getAllAttributes()) {
            String value = event.attribute(name);
            if (value != null && !name.equals("specversion")) {
                attributes.put(name, value);
            }
        }
        return attributes;
    }

    /** Through storage, then structured as another reader sees it, then in both modes as this one does. */
    private static void goesOut(WireEvent event, Said said) throws Exception {
        assertThat(event.dataBytes()).isEqualTo(said.data());
        WireEvent stored = stored(event);
        assertThat(stored.content()).isEqualTo(event.content());
        looksAlikeToOthers(stored.structured(), said);

        WireEvent structured = Messages.structured(stored.structured());
        assertThat(attributes(structured)).isEqualTo(said.attributes());
        assertThat(structured.dataBytes()).isEqualTo(said.data());
        assertThat(structured.content()).isEqualTo(event.content());

        BinaryMessage message = EventWriter.binary(stored).orElse(null);
        if (message != null) {
            WireEvent binary =
                    Messages.READER.read(message.headers(), message.body()).get(0);
            assertThat(binary.dataBytes()).isEqualTo(said.data());
            assertThat(binary.content()).isEqualTo(event.content());
        }
    }

    private static void looksAlikeToOthers(byte[] structured, Said said) throws Exception {
        JsonNode tree = MAPPER.readTree(structured);
        assertThat(tree.get("specversion").textValue()).isEqualTo("1.0");
        said.attributes().forEach((name, value) -> {
            JsonNode member = tree.get(name);
            Object read = member.isTextual()
                    ? member.textValue()
                    : member.isBoolean() ? (Object) member.booleanValue() : (Object) member.intValue();
            assertThat(read).as(name).isEqualTo(value);
        });
        boolean plain = tree.has("data");
        assertThat(tree.size()).isEqualTo(said.attributes().size() + 1 + (plain || tree.has("data_base64") ? 1 : 0));
        if (said.kind() == Data.BYTES || tree.has("data_base64")) {
            assertThat(Base64.getDecoder().decode(tree.get("data_base64").textValue()))
                    .isEqualTo(said.data());
        } else if (said.kind() == Data.TEXT) {
            assertThat(tree.get("data").textValue().getBytes(UTF_8)).isEqualTo(said.data());
        } else if (said.kind() == Data.JSON) {
            assertThat(new String(structured, UTF_8)).endsWith("\"data\":" + new String(said.data(), UTF_8) + "}");
        } else {
            assertThat(plain).isFalse();
        }
    }

    private static WireEvent stored(WireEvent event) {
        return WireEvent.stored(
                event.id(),
                event.source(),
                event.type(),
                event.subject(),
                event.time(),
                event.datacontenttype(),
                event.dataschema(),
                event.extensionsJson(),
                event.dataKind(),
                event.dataKind() == DataKind.NONE ? null : event.dataBytes());
    }

    // ---- a producer's way of writing

    private static byte[] json(Said said, Random random) throws Exception {
        List<byte[]> members = new ArrayList<>();
        members.add("\"specversion\":\"1.0\"".getBytes(UTF_8));
        for (Map.Entry<String, Object> attribute : said.attributes().entrySet()) {
            Object value = attribute.getValue();
            String text = value instanceof String string ? quoted(string, random) : value.toString();
            members.add((quoted(attribute.getKey(), random) + " :" + text).getBytes(UTF_8));
        }
        String data = new String(said.data(), UTF_8);
        switch (said.kind()) {
            case NONE -> {}
            case JSON -> members.add(("\"data\":\n " + data + "\t").getBytes(UTF_8));
            case TEXT -> members.add(("\"data\":" + quoted(data, random)).getBytes(UTF_8));
            case BYTES ->
                members.add(("\"data_base64\":\"" + Base64.getEncoder().encodeToString(said.data()) + "\"")
                        .getBytes(UTF_8));
        }
        Collections.shuffle(members, random);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write('{');
        for (int i = 0; i < members.size(); i++) {
            out.writeBytes((i == 0 ? " " : ", ").getBytes(UTF_8));
            out.writeBytes(members.get(i));
        }
        out.write('}');
        return out.toByteArray();
    }

    /** Some characters are escaped that need not be. */
    private static String quoted(String text, Random random) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            boolean pair = Character.isSurrogate(c);
            if (c < ' ' || c == '"' || c == '\\' || (!pair && random.nextInt(8) == 0)) {
                out.append("\\u%04x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    private static List<Map.Entry<String, String>> headers(Said said, Random random) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        headers.add(Map.entry("CE-SpecVersion", "1.0"));
        said.attributes().forEach((name, value) -> {
            if (name.equals("datacontenttype")) {
                headers.add(Map.entry("Content-Type", value.toString()));
            } else {
                headers.add(Map.entry(
                        random.nextBoolean() ? "ce-" + name : "Ce-" + name.toUpperCase(),
                        encoded(value.toString(), random)));
            }
        });
        Collections.shuffle(headers, random);
        return headers;
    }

    /** What must be, and some of what need not be, is percent-encoded in either case; the rest are raw bytes. */
    private static String encoded(String text, Random random) {
        StringBuilder out = new StringBuilder();
        byte[] bytes = text.getBytes(UTF_8);
        for (byte b : bytes) {
            boolean must = b == '%' || b == '"' || b == '\\' || b == ' ';
            if (must || random.nextInt(4) == 0) {
                out.append((random.nextBoolean() ? "%%%02X" : "%%%02x").formatted(b & 0xFF));
            } else {
                out.append(new String(new byte[] {b}, ISO_8859_1));
            }
        }
        return out.toString();
    }
}
