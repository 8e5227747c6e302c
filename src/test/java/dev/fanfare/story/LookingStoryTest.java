package dev.fanfare.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.anEmptyMap;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.fanfare.testing.FakeSink.Answer;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.Header;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An operator looks at what came in, where it went, and how each attempt ended. */
@QuarkusTest
class LookingStoryTest extends Story {
    private static final String TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z";
    private static final Pattern NEXT = Pattern.compile("<(\\?[^>]+)>; rel=\"next\"");
    /** Spaces, an escape and a number that a JSON library would write otherwise. */
    private static final String DATA = "{ \"n\" : 1.10, \"t\":\"\\u00e9\" }";

    @Test
    void an_event_is_found_by_its_name() {
        Published event = publishAs("looked-for", DATA);
        publishAs("another", "1");

        get("/v1/events", "id", "looked-for", "source", source)
                .statusCode(200)
                .contentType("application/json")
                .body("$", hasSize(1))
                .body("[0].event", equalTo(event.event()))
                .body("[0].id", equalTo("looked-for"))
                .body("[0].source", equalTo(source))
                .body("[0].type", equalTo(type))
                .body("[0].acceptedat", matchesPattern(TIME))
                .body("[0].size", equalTo(DATA.length()))
                .body("[0].subject", nullValue());
        get("/v1/events", "type", type).body("id", contains("another", "looked-for"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*/*", "application/cloudevents+json", "application/*", "image/png, */*;q=0.1"})
    void an_event_is_structured_json_with_its_data_byte_for_byte(String accept) {
        Published event = publish(DATA);

        Response shown = (accept.isEmpty() ? operator() : operator().header("Accept", accept))
                .get("/v1/events/" + event.event());

        shown.then().statusCode(200).contentType("application/cloudevents+json").header("Vary", "Accept");
        assertThat(shown.asString()).contains("\"data\":" + DATA + "}");
    }

    @ParameterizedTest
    @CsvSource({
        "application/json, application/json",
        "text/xml, text/xml",
        "text/*, text/plain; charset=iso-8859-1",
        "'image/png, application/cloudevents+json;q=0.5', image/png",
        "'text/html', text/html",
    })
    void an_event_is_binary_with_its_data_byte_for_byte_where_its_own_type_is_preferred(
            String accept, String contentType) {
        byte[] data = contentType.equals("application/json")
                ? DATA.getBytes(StandardCharsets.UTF_8)
                : new byte[] {'<', 0, (byte) 0xE9, '\r', '\n'};
        String event = post(
                        contentType,
                        data,
                        new Header("ce-specversion", "1.0"),
                        new Header("ce-id", "b"),
                        new Header("ce-source", source),
                        new Header("ce-type", type),
                        new Header("ce-subject", "Z%C3%BCrich"))
                .statusCode(202)
                .extract()
                .path("accepted[0].event");

        Response shown = operator().header("Accept", accept).get("/v1/events/" + event);

        shown.then()
                .statusCode(200)
                .header("Content-Type", contentType)
                .header("ce-specversion", "1.0")
                .header("ce-id", "b")
                .header("ce-source", source)
                .header("ce-type", type)
                .header("ce-subject", "Z%C3%BCrich");
        assertThat(shown.asByteArray()).isEqualTo(data);
    }

    @Test
    void what_fits_no_form_of_an_event_is_406() {
        Published event = publish(DATA);

        for (String accept : List.of("image/png", "application/cloudevents+json;q=0", "text/*")) {
            operator()
                    .header("Accept", accept)
                    .get("/v1/events/" + event.event())
                    .then()
                    .statusCode(406)
                    .contentType("application/problem+json")
                    .body("code", equalTo("notacceptable"));
        }
    }

    @Test
    void a_delivery_tells_how_it_came_to_its_end() {
        sink.on(
                "/hook",
                Answer.status(500, "no".getBytes(StandardCharsets.UTF_8), "Set-Cookie", "secret=1", "X-A", "b"));
        Subscribed subscription = subscribe(sink.url("/hook"), retries("'PT0.1S'"));
        Published event = publish("1");
        awaitState(event, "dead");

        String id = get("/v1/deliveries", "state", "dead", "subscription", subscription.id(), "type", type)
                .statusCode(200)
                .body("$", hasSize(1))
                .extract()
                .path("[0].id");

        get("/v1/deliveries/" + id)
                .statusCode(200)
                .body("event", equalTo(event.event()))
                .body("subscription", equalTo(subscription.id()))
                .body("type", equalTo(type))
                .body("state", equalTo("dead"))
                .body("reason", equalTo("exhausted"))
                .body("attempts", equalTo(2))
                .body("laststatus", equalTo(500))
                .body("acceptedat", matchesPattern(TIME))
                .body("settledat", matchesPattern(TIME))
                .body("dueat", nullValue());
        get("/v1/events/" + event.event() + "/deliveries").statusCode(200).body("id", contains(id));
        String attempts = get("/v1/deliveries/" + id + "/attempts")
                .statusCode(200)
                .body("number", contains(2, 1))
                .body("[0].startedat", matchesPattern(TIME))
                .body("[0].address", notNullValue())
                .body("[0].status", equalTo(500))
                .body("[0].reason", equalTo("httpstatus"))
                .body("[0].durationms", greaterThanOrEqualTo(0))
                .body("[0].responsebody", equalTo("no"))
                .body("[0].responsebodybase64", nullValue())
                .body("[0].responseheaders.find { it.name.equalsIgnoreCase('x-a') }.value", equalTo("b"))
                .body("[0].responseheaders.find { it.name.equalsIgnoreCase('set-cookie') }.value", equalTo("(hidden)"))
                .extract()
                .asString();
        assertThat(attempts).doesNotContain("secret=1", subscription.secret());
    }

    @Test
    void a_body_that_is_not_text_is_shown_in_base64() {
        sink.on("/hook", Answer.status(200, new byte[] {0, (byte) 0xFF}));
        subscribe(sink.url("/hook"));
        Published event = publish("1");
        awaitState(event, "delivered");

        String id = get("/v1/events/" + event.event() + "/deliveries").extract().path("[0].id");

        get("/v1/deliveries/" + id + "/attempts")
                .body("[0].responsebody", nullValue())
                .body("[0].responsebodybase64", equalTo("AP8="))
                .body("[0].reason", nullValue());
    }

    @Test
    void what_a_paused_subscription_gets_is_held_and_counted() {
        Subscribed subscription = subscribe(sink.url("/hook"), "'active':false");
        publish("1");
        Published last = publish("2");

        get("/v1/deliveries", "state", "held", "subscription", subscription.id())
                .body("$", hasSize(2))
                .body("[0].event", equalTo(last.event()))
                .body("[0].state", equalTo("held"))
                .body("[0].dueat", matchesPattern(TIME));
        get("/v1/deliveries", "state", "pending", "subscription", subscription.id())
                .body("$", hasSize(0));
        get("/v1/subscriptions/" + subscription.id() + "/stats")
                .statusCode(200)
                .body("held", equalTo(2))
                .body("pending", equalTo(0))
                .body("inflight", equalTo(0))
                .body("dead", equalTo(0))
                .body("capped", equalTo(false))
                .body("days", hasSize(0))
                .body("oldestwaitingat", matchesPattern(TIME))
                .body("lastsuccessat", nullValue());
    }

    @Test
    void what_was_delivered_is_counted_for_its_day() {
        sink.on("/hook", Answer.status(200));
        Subscribed subscription = subscribe(sink.url("/hook"));
        awaitState(publish("1"), "delivered");

        patiently().untilAsserted(() -> get("/v1/subscriptions/" + subscription.id() + "/stats")
                .statusCode(200)
                .body("days", hasSize(1))
                .body("days[0].delivered", equalTo(1))
                .body("days[0].cancelled", equalTo(0))
                .body("days[0].day", matchesPattern("[0-9]{4}-[0-9]{2}-[0-9]{2}"))
                .body("lastsuccessat", matchesPattern(TIME)));
    }

    @Test
    void next_links_lead_through_the_whole_list_as_they_are() {
        List<String> events = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            events.add(0, publish("1").event());
        }

        List<String> seen = new ArrayList<>();
        String query = "?limit=3&type=" + type;
        while (query != null) {
            Response page = operator().urlEncodingEnabled(false).get("/v1/events" + query);
            seen.addAll(page.then().statusCode(200).extract().jsonPath().getList("event"));
            Matcher next = NEXT.matcher(String.valueOf(page.header("Link")));
            query = next.find() ? next.group(1) : null;
        }

        assertThat(seen).isEqualTo(events);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/events/evt_00000000000000000000000000",
                "/v1/events/evt_01h455vb4pex5vsknk084sn02q/deliveries",
                "/v1/events/dlv_01h455vb4pex5vsknk084sn02q",
                "/v1/events/x",
                "/v1/events/EVT_01H455VB4PEX5VSKNK084SN02Q",
                "/v1/deliveries/dlv_7zzzzzzzzzzzzzzzzzzzzzzzzz",
                "/v1/deliveries/evt_01h455vb4pex5vsknk084sn02q",
                "/v1/deliveries/dlv_01h455vb4pex5vsknk084sn02q/attempts",
                "/v1/subscriptions/sub_01h455vb4pex5vsknk084sn02q/stats",
                "/v1/subscriptions/nothing/stats",
            })
    void an_id_that_nothing_has_is_404(String path) {
        get(path).statusCode(404).body("code", equalTo("notfound"));
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/events, subjects, x, unknownparameter",
        "/v1/events, limit, 0, invalid",
        "/v1/events, limit, 501, invalid",
        "/v1/events, limit, 1e3, invalid",
        "/v1/events, source, '', invalid",
        "/v1/events, from, yesterday, invalid",
        "/v1/events, to, 2026-02-30T00:00:00Z, invalid",
        "/v1/events, cursor, AZ, badcursor",
        "/v1/events, cursor, '../../', badcursor",
        "/v1/deliveries, state, open, invalid",
        "/v1/deliveries, state, DEAD, invalid",
        "/v1/deliveries, reason, because, invalid",
        "/v1/deliveries, subscription, evt_01h455vb4pex5vsknk084sn02q, invalid",
        "/v1/deliveries, event, evt_01h455vb4pex5vsknk084sn02q, unknownparameter",
        "/v1/deliveries, cursor, '%00', badcursor",
    })
    void a_parameter_that_is_not_known_or_not_allowed_is_400(String path, String name, String value, String code) {
        get(path, name, value)
                .statusCode(400)
                .contentType("application/problem+json")
                .body("code", equalTo(code));
    }

    @Test
    void a_cursor_belongs_to_its_list_and_its_filters() {
        publish("1");
        publish("2");
        String link = get("/v1/events", "limit", "1", "type", type).extract().header("Link");
        String cursor = link.replaceAll(".*cursor=([^>&]+)>.*", "$1");

        get("/v1/events", "limit", "2", "type", type, "cursor", cursor).statusCode(200);
        get("/v1/events", "cursor", cursor).statusCode(400).body("code", equalTo("badcursor"));
        get("/v1/deliveries", "type", type, "cursor", cursor).statusCode(400).body("code", equalTo("badcursor"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/deliveries",
                "/v1/deliveries/dlv_00000000000000000000000000/attempts",
                "/v1/events/evt_00000000000000000000000000",
                "/v1/events/evt_00000000000000000000000000/deliveries",
                "/v1/subscriptions/sub_00000000000000000000000000/stats"
            })
    void what_can_only_be_looked_at_is_405_with_allow(String path) {
        operator()
                .delete(path)
                .then()
                .statusCode(405)
                .header("Allow", "GET, HEAD")
                .body("code", equalTo("methodnotallowed"));
    }

    @Test
    void every_method_of_events_is_in_allow() {
        operator()
                .delete("/v1/events")
                .then()
                .statusCode(405)
                .header("Allow", "GET, HEAD, OPTIONS, POST")
                .body("$", not(anEmptyMap()));
        operator().options("/v1/events").then().statusCode(200).header("Allow", "GET, HEAD, OPTIONS, POST");
    }

    private static ValidatableResponse get(String path, String... namesAndValues) {
        var request = operator();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            request.queryParam(namesAndValues[i], namesAndValues[i + 1]);
        }
        return request.get(path).then();
    }
}
