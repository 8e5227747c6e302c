package dev.fanfare.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;

import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.FakeSink.Request;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.Header;
import io.restassured.response.ValidatableResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Ingest answers, 202: what was taken, and what was known already. */
@QuarkusTest
class AcceptStoryTest extends Story {

    @Test
    void a_structured_event_is_committed_and_arrives_signed() {
        Subscribed subscription = subscribe(sink.url("/hook"));

        Published event = publish("{'n':1}");

        assertThat(event.event()).startsWith("evt_");
        assertThat(event.deliveries()).isEqualTo(1);
        Request webhook = sink.awaitRequests(1).get(0);
        assertThat(verifies(webhook, subscription.secret())).isTrue();
        assertThat(webhook.text()).contains(json("'data':{'n':1}"));
        Map<String, Object> delivery = awaitState(event, "delivered");
        assertThat(delivery).containsEntry("attempts", 1).containsEntry("queued", false);
    }

    @Test
    void a_202_means_that_event_and_deliveries_are_in_the_database() {
        sink.on("/hook", Answer.hang());
        subscribe(sink.url("/hook"));
        subscribe(sink.url("/hook"));

        post(STRUCTURED, event("e-1", "{'n': 1}"))
                .statusCode(202)
                .contentType("application/json")
                .body("accepted", hasSize(1))
                .body("accepted[0].event", matchesPattern("evt_[0-9a-z]{26}"))
                .body("accepted[0].id", equalTo("e-1"))
                .body("accepted[0].source", equalTo(source))
                .body("accepted[0].duplicate", equalTo(false))
                .body("accepted[0].deliveries", equalTo(2))
                .body("accepted[0].size()", equalTo(5));

        Map<String, Object> stored = stored("e-1");
        assertThat(stored).containsEntry("type", type).containsEntry("data_kind", "json");
        assertThat((byte[]) stored.get("data")).asString().isEqualTo(json("{'n': 1}"));
        // handed to the node with the accept, or waiting in the queue
        assertThat(count("""
                        delivery d where event_id = ? and (state = 'inflight'
                          or state = 'pending' and exists (select from queue q where q.id = d.id))
                        """, stored.get("id"))).isEqualTo(2);
    }

    @Test
    void a_binary_event_is_committed_with_the_bytes_that_came() {
        byte[] data = {0, (byte) 0xff, 1, (byte) 0xfe};

        binary("e-1", data).statusCode(202).body("accepted[0].deliveries", equalTo(0));

        Map<String, Object> stored = stored("e-1");
        assertThat((byte[]) stored.get("data")).isEqualTo(data);
        assertThat(stored)
                .containsEntry("data_kind", "binary")
                .containsEntry("datacontenttype", "application/octet-stream");
    }

    @Test
    void a_batch_is_answered_in_the_order_that_came_in() {
        subscribe(sink.url("/hook"));

        post(BATCH, "[" + event("b", "1") + "," + event("a", "2") + "," + event("c", "3") + "]")
                .statusCode(202)
                .body("accepted.id", equalTo(List.of("b", "a", "c")))
                .body("accepted.deliveries", equalTo(List.of(1, 1, 1)));

        assertThat(sink.awaitRequests(3)).hasSize(3);
        assertThat(count("event where source = ?", source)).isEqualTo(3);
    }

    @Test
    void an_empty_batch_is_accepted_and_gives_an_empty_list() {
        post(BATCH, "[]").statusCode(202).body("accepted", hasSize(0));
    }

    @Test
    void a_duplicate_is_answered_with_the_first_event_and_delivered_once() {
        subscribe(sink.url("/hook"));
        Published first = publishAs("e-1", "{'n':1}");

        post(STRUCTURED, event("e-1", "{'n':1}"))
                .statusCode(202)
                .body("accepted[0].event", equalTo(first.event()))
                .body("accepted[0].duplicate", equalTo(true))
                .body("accepted[0].same", equalTo(true))
                .body("accepted[0].size()", equalTo(5))
                .body("accepted[0].deliveries", equalTo(null));

        assertThat(count("event where source = ?", source)).isEqualTo(1);
        assertThat(deliveries(first)).hasSize(1);
    }

    @Test
    void a_duplicate_with_other_content_is_said_to_be_not_the_same_and_the_first_one_stays() {
        Published first = publishAs("e-1", "{'n':1}");

        post(STRUCTURED, event("e-1", "{'n':2}"))
                .statusCode(202)
                .body("accepted[0].event", equalTo(first.event()))
                .body("accepted[0].duplicate", equalTo(true))
                .body("accepted[0].same", equalTo(false));

        assertThat((byte[]) stored("e-1").get("data")).asString().isEqualTo(json("{'n':1}"));
    }

    @Test
    void a_duplicate_within_one_batch_is_stored_once() {
        subscribe(sink.url("/hook"));

        post(BATCH, "[" + event("e-1", "1") + "," + event("e-1", "1") + "," + event("e-1", "2") + "]")
                .statusCode(202)
                .body("accepted.duplicate", equalTo(List.of(false, true, true)))
                .body("accepted[1].same", equalTo(true))
                .body("accepted[2].same", equalTo(false))
                .body("accepted.event.unique()", hasSize(1));

        assertThat(count("event where source = ?", source)).isEqualTo(1);
        assertThat(count("delivery where event_id = ?", stored("e-1").get("id")))
                .isEqualTo(1);
    }

    @Test
    void a_copy_in_another_mode_is_the_same_event() {
        String text = "hello";
        binaryText("e-1", text).statusCode(202).body("accepted[0].duplicate", equalTo(false));

        post(
                        STRUCTURED,
                        json("{'specversion':'1.0','id':'e-1','source':'" + source + "','type':'" + type
                                + "','datacontenttype':'text/plain','data':'" + text + "'}"))
                .statusCode(202)
                .body("accepted[0].duplicate", equalTo(true))
                .body("accepted[0].same", equalTo(true));
    }

    @Test
    void one_id_from_two_sources_is_two_events() {
        Published first = publishAs("e-1", "1");

        post(STRUCTURED, event("e-1", "1").replace(source, source + "/other"))
                .statusCode(202)
                .body("accepted[0].duplicate", equalTo(false));

        assertThat(count("event where source like ?", source + "%")).isEqualTo(2);
        assertThat(first.event()).isNotEmpty();
    }

    @Test
    void an_event_posted_after_the_201_of_a_subscription_is_matched_by_it() {
        for (int n = 1; n <= 5; n++) {
            subscribe(sink.url("/hook"));
            assertThat(publish("1").deliveries()).isEqualTo(n);
        }
    }

    private ValidatableResponse binary(String id, byte[] data) {
        return post(
                "application/octet-stream",
                data,
                new Header("ce-specversion", "1.0"),
                new Header("ce-id", id),
                new Header("ce-source", source),
                new Header("ce-type", type));
    }

    private ValidatableResponse binaryText(String id, String text) {
        return post(
                "text/plain",
                text.getBytes(StandardCharsets.UTF_8),
                new Header("ce-specversion", "1.0"),
                new Header("ce-id", id),
                new Header("ce-source", source),
                new Header("ce-type", type));
    }

    private Map<String, Object> stored(String id) {
        return row("select * from event where source = ? and ce_id = ?", source, id);
    }
}
