package dev.fanfare.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;

import dev.fanfare.access.Access;
import dev.fanfare.cloudevents.EventReader;
import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.fanout.Router;
import dev.fanfare.ingest.AcceptQueue;
import dev.fanfare.ingest.AcceptStore;
import dev.fanfare.ingest.AcceptWriter;
import dev.fanfare.ingest.Accepted;
import dev.fanfare.ingest.DiskWatch;
import dev.fanfare.ingest.Handoff;
import dev.fanfare.ingest.IngestConfig;
import dev.fanfare.ingest.IngestMetrics;
import dev.fanfare.ingest.Submission;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.ProblemType;
import dev.fanfare.platform.Tx;
import dev.fanfare.subscription.Directory;
import dev.fanfare.testing.FanfareTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Ingest answers, 503: full, without a database, or not knowing what became of a COMMIT; and back by itself. */
@QuarkusTest
class BusyStoryTest extends Story {
    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    @ConfigProperty(name = "quarkus.datasource.username")
    String user;

    @ConfigProperty(name = "quarkus.datasource.password")
    String password;

    @Inject
    DiskWatch disk;

    @Inject
    Access access;

    @Inject
    Directory directory;

    @Inject
    Router router;

    @Inject
    Handoff handoff;

    @Inject
    DayPartitions partitions;

    @Inject
    IngestMetrics metrics;

    @Inject
    IngestConfig config;

    @Test
    void while_the_memory_for_requests_is_spent_producers_are_told_to_come_back() throws Exception {
        List<Socket> reading = new ArrayList<>();
        try {
            // eight announced batches of 8 MiB are all of the 64 MiB
            for (int n = 0; n < 8; n++) {
                Socket client = new Socket(InetAddress.getLoopbackAddress(), RestAssured.port);
                reading.add(client);
                client.getOutputStream()
                        .write(("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                                        + FanfareTestResource.OPERATOR_KEY + "\r\nContent-Type: " + BATCH
                                        + "\r\nContent-Length: " + (8 << 20) + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
            }
            patiently().untilAsserted(() -> unavailable(post(STRUCTURED, event("e-1", "1"))));
        } finally {
            for (Socket client : reading) {
                client.close();
            }
        }
        patiently().untilAsserted(() -> post(STRUCTURED, event("e-2", "1")).statusCode(202));
    }

    @Test
    void an_event_that_the_database_keeps_waiting_is_503_and_taken_later() throws Exception {
        try (Connection other = postgres(url).getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table fanfare.event in access exclusive mode");
            unavailable(post(STRUCTURED, event("e-1", "1")));
            other.rollback();
        }
        assertThat(stored()).isZero();
        post(STRUCTURED, event("e-1", "1")).statusCode(202).body("accepted[0].duplicate", equalTo(false));
    }

    @Test
    void while_the_database_is_away_every_event_is_503_and_then_all_goes_on_by_itself() throws Exception {
        subscribe(sink.url("/hook"));
        String name = url.substring(url.lastIndexOf('/') + 1);
        try (Connection other = postgres(url.substring(0, url.lastIndexOf('/') + 1) + "postgres")
                        .getConnection();
                Statement statement = other.createStatement()) {
            statement.execute("alter database " + name + " allow_connections false");
            try {
                statement.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + name + "'");
                unavailable(post(STRUCTURED, event("e-1", "1")));
                unavailable(trySubscribe(sink.url("/other")).then());
            } finally {
                statement.execute("alter database " + name + " allow_connections true");
            }
        }
        patiently().untilAsserted(() -> post(STRUCTURED, event("e-1", "1")).statusCode(202));
        assertThat(sink.awaitRequests(1)).hasSize(1);
        assertThat(stored()).isEqualTo(1);
    }

    @Test
    void an_accept_without_a_connection_is_503_and_stores_nothing() throws Exception {
        DataSource away = proxy(DataSource.class, database, Map.of("getConnection", new SQLException("away", "08001")));

        Throwable failure =
                accept(away, "e-1").handle((accepted, thrown) -> thrown).get(20, TimeUnit.SECONDS);

        assertUnavailable(failure);
        assertThat(stored()).isZero();
    }

    @Test
    void a_commit_with_an_unknown_end_is_503_and_what_was_committed_arrives_all_the_same() throws Exception {
        subscribe(sink.url("/hook"));
        DataSource breaking = proxy(DataSource.class, database, Map.of());

        CompletableFuture<List<Accepted>> result = accept(breaking, "e-1");

        assertThatThrownBy(() -> result.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .satisfies(thrown -> assertUnavailable(thrown.getCause()));
        assertThat(stored()).as("it was committed, and nobody knew").isEqualTo(1);
        post(STRUCTURED, event("e-1", "1"))
                .statusCode(202)
                .body("accepted[0].duplicate", equalTo(true))
                .body("accepted[0].same", equalTo(true));
        // the node finds in seven looks that it does not hold what is claimed in its name
        patiently().until(() -> sink.requests().size() == 1);
    }

    /** As the ingest route does, over another way to the database. */
    private CompletableFuture<List<Accepted>> accept(DataSource way, String id) throws Exception {
        AcceptQueue queue = new AcceptQueue(
                new AcceptWriter(new AcceptStore(new Tx(way)), directory, router, handoff, partitions, metrics),
                handoff,
                disk,
                config);
        List<WireEvent> events = new EventReader(new EventReader.Limits(1 << 20, 8 << 20, 1_000, 100))
                .read(
                        List.of(Map.entry("content-type", STRUCTURED)),
                        event(id, "1").getBytes(StandardCharsets.UTF_8));
        CompletableFuture<List<Accepted>> result = new CompletableFuture<>();
        queue.start();
        queue.add(new Submission(
                access.authenticate("Bearer " + FanfareTestResource.OPERATOR_KEY, TENANT)
                        .tenantId(),
                events,
                null,
                100,
                result));
        queue.stop();
        return result;
    }

    /** The same object, but for methods that throw; a connection loses its end of the line when it is closed. */
    private static <T> T proxy(Class<T> type, T real, Map<String, Exception> throwing) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> {
            if (throwing.containsKey(method.getName())) {
                throw throwing.get(method.getName());
            }
            try {
                Object result = method.invoke(real, args);
                if (result instanceof Connection connection) {
                    return proxy(Connection.class, connection, Map.of());
                }
                if (real instanceof Connection && method.getName().equals("close")) {
                    throw new SQLException("the connection broke", "08006");
                }
                return result;
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
            }
        }));
    }

    private static void assertUnavailable(Throwable failure) {
        assertThat(failure).isInstanceOfSatisfying(ProblemException.class, refused -> {
            assertThat(refused.problem().type()).isEqualTo(ProblemType.UNAVAILABLE);
            assertThat(refused.problem().headers()).containsKey("Retry-After");
        });
    }

    private static void unavailable(ValidatableResponse answer) {
        answer.statusCode(503)
                .contentType("application/problem+json")
                .header("Retry-After", matchesPattern("[1-9][0-9]?"))
                .body("code", equalTo("unavailable"));
    }

    private PGSimpleDataSource postgres(String address) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(address);
        source.setUser(user);
        source.setPassword(password);
        return source;
    }

    private long stored() {
        return count("event where source = ?", source);
    }
}
