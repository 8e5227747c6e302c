package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each rule is broken on purpose. The counter-examples are compiled here, into a folder of their own: as classes of the
 * test tree their entities and resources would become part of the application under test.
 */
class ArchitectureRulesTest {
    private static final Pattern TYPE = Pattern.compile("(?:class|record|interface) (\\w+)");

    /** A class that breaks a rule, in a package below the root; "ok" marks one that must not be reported. */
    private record Example(String rule, String source) {
        boolean bad() {
            return !rule.equals("ok");
        }

        String packageName() {
            return source.substring("package ".length(), source.indexOf(';'));
        }

        String simpleName() {
            Matcher type = TYPE.matcher(source);
            assertThat(type.find()).isTrue();
            return type.group(1);
        }

        String name() {
            return packageName() + "." + simpleName();
        }
    }

    private static final List<Example> EXAMPLES = List.of(
            new Example("packages_are_known", "package bad.common; public class Drawer {}"),
            new Example(
                    "imports_follow_the_order", "package bad.platform; class LooksAhead { bad.access.Caller caller; }"),
            new Example(
                    "imports_follow_the_order",
                    "package bad.retention; class LooksAtTheLast { bad.admin.Overview overview; }"),
            new Example(
                    "imports_follow_the_order",
                    "package bad.event.page; class NestedLooksAhead { bad.admin.Overview overview; }"),
            new Example(
                    "pure_packages_are_pure",
                    "package bad.cloudevents; @jakarta.enterprise.context.ApplicationScoped class ReaderBean {}"),
            new Example("pure_packages_are_pure", "package bad.signing; class Keys { java.sql.Connection rows; }"),
            new Example("pure_packages_are_pure", "package bad.filter; class Asks { bad.platform.Opened platform; }"),
            new Example("attempt_has_no_database", "package bad.attempt; class Remembers { javax.sql.DataSource s; }"),
            new Example("attempt_has_no_database", "package bad.attempt; class Transacts { bad.platform.Tx tx; }"),
            new Example(
                    "delivery_has_no_http_client",
                    "package bad.delivery; class Sends { java.net.http.HttpClient client; }"),
            new Example(
                    "delivery_has_no_http_client",
                    "package bad.delivery; class SendsByVertx { io.vertx.core.http.HttpClient client; }"),
            new Example("connections_are_opened_by_tx", """
                    package bad.dispatch;
                    class Opens {
                        Object open(javax.sql.DataSource source) throws Exception { return source.getConnection(); }
                    }
                    """),
            new Example("connections_are_opened_by_tx", """
                    package bad.dispatch;
                    class Refers {
                        java.util.concurrent.Callable<?> open(javax.sql.DataSource source) { return source::getConnection; }
                    }
                    """),
            new Example("connections_are_opened_by_tx", """
                    package bad.platform;
                    public class Opened {
                        Object open(String url) throws Exception { return java.sql.DriverManager.getConnection(url); }
                    }
                    """),
            new Example(
                    "time_is_injected",
                    "package bad.dispatch; class Millis { long now() { return System.currentTimeMillis(); } }"),
            new Example(
                    "time_is_injected",
                    "package bad.dispatch; class Now { Object now() { return java.time.Instant.now(); } }"),
            new Example("time_is_injected", """
                    package bad.dispatch;
                    class NowReference { java.util.function.Supplier<?> now() { return java.time.OffsetDateTime::now; } }
                    """),
            new Example("time_is_injected", "package bad.replay; class Clocked { java.time.Clock clock; }"),
            new Example(
                    "time_is_injected",
                    "package bad.replay; class Dated { Object now() { return new java.util.Date(); } }"),
            new Example("names_say_something", "package bad.event; class EventStoreImpl {}"),
            new Example("names_say_something", "package bad.event; class LaneManager {}"),
            new Example("names_say_something", "package bad.event; class SqlHelper {}"),
            new Example("names_say_something", "package bad.event; class StringUtils {}"),
            new Example("entities_stay_inside", """
                    package bad.subscription;
                    @jakarta.ws.rs.Path("/") class Lists {
                        public java.util.List<bad.subscription.Row> list() { return java.util.List.of(); }
                    }
                    """),
            new Example("entities_stay_inside", """
                    package bad.subscription;
                    @jakarta.ws.rs.Path("/") class Takes { public void put(bad.subscription.Row row) {} }
                    """),
            new Example("packages_are_null_marked", "package bad.gitlab; class Unmarked {}"),
            new Example(
                    "constructors_inject", "package bad.access; class Injected { @jakarta.inject.Inject String it; }"),
            new Example("constructors_inject", """
                    package bad.access;
                    class Configured { @org.eclipse.microprofile.config.inject.ConfigProperty(name = "x") String it; }
                    """),
            new Example("resources_hold_no_sql", """
                    package bad.replay;
                    @jakarta.ws.rs.Path("/") class Selects {
                        Object all(java.sql.Connection c) throws Exception { return c.prepareStatement("select 1"); }
                    }
                    """),
            new Example("resources_hold_no_sql", """
                    package bad.replay;
                    @jakarta.ws.rs.Path("/") class Queries { jakarta.persistence.EntityManager manager; }
                    """),
            new Example("ok", "package bad.admin; public class Overview { bad.platform.Tx tx; }"),
            new Example("ok", "package bad.access; public class Caller {}"),
            new Example("ok", "package bad.subscription; @jakarta.persistence.Entity public class Row {}"),
            new Example("ok", """
                    package bad.subscription;
                    @jakarta.ws.rs.Path("/") class Shows {
                        public String show() { return row().toString(); }
                        private Row row() { return new Row(); }
                    }
                    """),
            new Example("ok", """
                    package bad.platform;
                    public class Tx {
                        Object open(javax.sql.DataSource source) throws Exception {
                            return java.util.List.of(source.getConnection(), java.time.Instant.now());
                        }
                    }
                    """),
            new Example("ok", """
                    package bad.filter;
                    class Reads {
                        byte[] bytes; int[][] table; com.fasterxml.jackson.databind.JsonNode node; io.cloudevents.CloudEvent event;
                    }
                    """),
            new Example("ok", """
                    package bad.delivery;
                    class Times {
                        java.time.InstantSource clock;
                        Object now() { return java.util.List.of(clock.instant(), System.nanoTime()); }
                    }
                    """));

    @TempDir
    static Path folder;

    private static JavaClasses examples;

    @BeforeAll
    static void compile() throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path")));
        for (Example example : EXAMPLES) {
            arguments.add(write(example.packageName(), example.simpleName(), example.source()));
        }
        for (String marked :
                new TreeSet<>(EXAMPLES.stream().map(Example::packageName).toList())) {
            if (!marked.equals("bad.gitlab")) {
                arguments.add(
                        write(marked, "package-info", "@org.jspecify.annotations.NullMarked package " + marked + ";"));
            }
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
        examples = new ClassFileImporter().importPath(folder);
    }

    private static String write(String packageName, String name, String source) throws IOException {
        Path file = folder.resolve("sources/" + packageName.replace('.', '/') + "/" + name + ".java");
        Files.createDirectories(file.getParent());
        return Files.writeString(file, source).toString();
    }

    static Stream<String> rules() {
        return new ArchitectureRules("bad").all().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void a_rule_reports_what_breaks_it_and_nothing_else(String rule) {
        List<String> details = new ArchitectureRules("bad")
                .all()
                .get(rule)
                .evaluate(examples)
                .getFailureReport()
                .getDetails();
        assertThat(names(example -> example.rule().equals(rule))).isNotEmpty().allSatisfy(bad -> assertThat(details)
                .anyMatch(detail -> subject(detail).startsWith(bad)));
        assertThat(names(example -> !example.bad())).allSatisfy(good -> assertThat(details)
                .noneMatch(detail -> subject(detail).startsWith(good)));
    }

    @Test
    void each_example_belongs_to_a_rule() {
        assertThat(EXAMPLES.stream().filter(Example::bad).map(Example::rule)).isSubsetOf(rules().toList());
    }

    private static List<String> names(Predicate<Example> which) {
        return EXAMPLES.stream().filter(which).map(Example::name).toList();
    }

    /** What a report is about: the first name in angle brackets, or its first word. */
    private static String subject(String detail) {
        int open = detail.indexOf('<');
        return open < 0 ? detail : detail.substring(open + 1);
    }
}
