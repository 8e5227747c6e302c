package dev.fanfare.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.FakeSink.Request;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Nobody else pays for a bad receiver. */
@QuarkusTest
class NeighbourStoryTest extends Story {
    private static final List<String> GOOD = List.of("/1", "/2", "/3", "/4");

    @Test
    void four_neighbours_of_a_receiver_that_never_answers_get_every_event() {
        sink.on("/hangs", Answer.hang());
        subscribe(sink.url("/hangs"), "'protocolsettings':{'timeout':'PT20S'}");
        GOOD.forEach(path -> subscribe(sink.url(path)));

        // more than the hanging lane may hold: it overflows and its backlog grows
        publishMany(1_500);

        // while not one of the hanging attempts has come to its timeout
        patiently()
                .until(() -> GOOD.stream().allMatch(path -> sink.requests(path).size() == 1_500));
        assertThat(delivered()).isLessThanOrEqualTo(4 * 1_500);
        patiently().until(() -> delivered() == 4 * 1_500);
        assertThat(count("""
                        attempt a join delivery d on d.id = a.delivery_id
                        where d.event_type = ? and a.reason is not null
                        """, type)).isZero();
        assertThat(sink.requests("/hangs")).hasSizeLessThanOrEqualTo(256);
    }

    @Test
    void a_backlogged_lane_gets_its_deliveries_in_the_order_in_which_they_were_due_and_starves_nobody() {
        Subscribed slow = subscribe(sink.url("/slow"), "'active':false", "'protocolsettings':{'maxinflight':1}");
        subscribe(sink.url("/quick"));

        List<String> published = publishMany(300);
        patiently().until(() -> sink.requests("/quick").size() == 300);
        assertThat(sink.requests("/slow")).isEmpty();
        operator().post("/v1/subscriptions/" + slow.id() + "/resume").then().statusCode(200);
        Published late = publish("'late'");

        patiently().until(() -> sink.requests("/slow").size() == 301);
        List<String> order = ids(sink.requests("/slow"));
        // those of one batch are due at the same moment
        for (int batch = 0; batch < 3; batch++) {
            assertThat(order.subList(100 * batch, 100 * batch + 100))
                    .containsExactlyInAnyOrderElementsOf(published.subList(100 * batch, 100 * batch + 100));
        }
        assertThat(order.get(300)).isEqualTo(late.id());
        assertThat(sink.requests("/quick")).hasSize(301);
    }

    /** In batches of a hundred; gives their ids in order. */
    private List<String> publishMany(int count) {
        List<String> ids = new ArrayList<>();
        for (int from = 0; from < count; from += 100) {
            List<String> some =
                    IntStream.range(from, from + 100).mapToObj(n -> "n-" + n).toList();
            ids.addAll(some);
            post(BATCH, some.stream().map(id -> event(id, "1")).collect(Collectors.joining(",", "[", "]")))
                    .statusCode(202);
        }
        return ids;
    }

    private long delivered() {
        return count("delivery where event_type = ? and state = 'delivered'", type);
    }

    private static List<String> ids(List<Request> requests) {
        return requests.stream()
                .map(request -> JsonPath.from(request.text()).getString("id"))
                .toList();
    }
}
