package dev.fanfare.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The chart in helm/fanfare, linted and rendered by Helm itself. */
class HelmChartTest {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Map<String, Object> COMPLETE = Map.of(
            "database", Map.of("jdbcUrl", "jdbc:postgresql://postgres:5432/fanfare"),
            "secret",
                    Map.of(
                            "databaseUsername", "fanfare",
                            "databasePassword", "p\"a: ss",
                            "encryptionKey", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                            "operatorKey", "0123456789abcdef0123456789abcdef"));

    @TempDir
    Path dir;

    @Test
    void the_chart_lints_without_a_complaint() {
        LintResult result = new Helm(Path.of("helm/fanfare")).lint().strict().call();
        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
        assertThat(result.getMessages()).noneMatch(line -> line.contains("[WARNING]") || line.contains("[ERROR]"));
    }

    @Test
    void a_complete_release_has_these_objects() throws Exception {
        assertThat(render(Map.of()))
                .extracting(object -> object.at("/kind").asText() + " "
                        + object.at("/metadata/name").asText())
                .containsExactlyInAnyOrder(
                        "ConfigMap demo-fanfare",
                        "Secret demo-fanfare",
                        "ServiceAccount demo-fanfare",
                        "Service demo-fanfare",
                        "Service demo-fanfare-management",
                        "Deployment demo-fanfare",
                        "PodDisruptionBudget demo-fanfare");
    }

    @ParameterizedTest
    @CsvSource({
        "startupProbe, /q/health/live",
        "livenessProbe, /q/health/live",
        "readinessProbe, /q/health/ready",
    })
    void probes_ask_the_management_port(String probe, String path) throws Exception {
        JsonNode container = container(Map.of());
        assertThat(container.at("/" + probe + "/httpGet/path").asText()).isEqualTo(path);
        assertThat(container.at("/" + probe + "/httpGet/port").asText()).isEqualTo("management");
        assertThat(container.at("/ports/1").toString()).isEqualTo("{\"name\":\"management\",\"containerPort\":9009}");
    }

    @Test
    void the_container_may_do_nothing_but_run() throws Exception {
        JsonNode pod = pod(Map.of());
        assertThat(pod.at("/securityContext"))
                .isEqualTo(YAML.readTree("{runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001,"
                        + " seccompProfile: {type: RuntimeDefault}}"));
        assertThat(pod.at("/containers/0/securityContext"))
                .isEqualTo(YAML.readTree("{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true,"
                        + " capabilities: {drop: [ALL]}}"));
        assertThat(pod.at("/containers/0/volumeMounts").findValuesAsText("mountPath"))
                .containsExactly("/tmp", "/data");
        assertThat(pod.at("/volumes")).allMatch(volume -> volume.has("emptyDir"));
        assertThat(pod.at("/automountServiceAccountToken").asBoolean(true)).isFalse();
    }

    @Test
    void a_stop_has_60_seconds_and_never_less_than_45() throws Exception {
        assertThat(pod(Map.of()).at("/terminationGracePeriodSeconds").asInt()).isEqualTo(60);
        assertThat(pod(Map.of("terminationGracePeriodSeconds", 45))
                        .at("/terminationGracePeriodSeconds")
                        .asInt())
                .isEqualTo(45);
        assertThatThrownBy(() -> render(Map.of("terminationGracePeriodSeconds", 44)))
                .hasMessageContaining("terminationGracePeriodSeconds")
                .hasMessageContaining("45");
    }

    @Test
    void settings_are_environment_and_secrets_stand_in_the_secret_only() throws Exception {
        List<JsonNode> objects = render(Map.of("config", Map.of("FANFARE_ATTEMPT_ALLOW_HTTP", true)));
        assertThat(one(objects, "ConfigMap").at("/data")).isEqualTo(YAML.readTree("""
                        QUARKUS_DATASOURCE_JDBC_URL: jdbc:postgresql://postgres:5432/fanfare
                        QUARKUS_HTTP_HOST: 0.0.0.0
                        QUARKUS_HTTP_PORT: "8080"
                        QUARKUS_MANAGEMENT_HOST: 0.0.0.0
                        QUARKUS_MANAGEMENT_PORT: "9009"
                        FANFARE_DATA_DIR: /data/fanfare
                        FANFARE_ATTEMPT_ALLOW_HTTP: "true"
                        JAVA_TOOL_OPTIONS: -XX:+UseParallelGC -XX:MetaspaceSize=96m -XX:MaxRAMPercentage=60 -XX:+ExitOnOutOfMemoryError
                        """));
        assertThat(one(objects, "Secret").at("/stringData")).isEqualTo(YAML.readTree("""
                        QUARKUS_DATASOURCE_USERNAME: fanfare
                        QUARKUS_DATASOURCE_PASSWORD: 'p"a: ss'
                        FANFARE_ENCRYPTION_KEY: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
                        FANFARE_ACCESS_OPERATOR_KEY: 0123456789abcdef0123456789abcdef
                        """));
        assertThat(container(Map.of()).at("/envFrom"))
                .isEqualTo(YAML.readTree("[{configMapRef: {name: demo-fanfare}}, {secretRef: {name: demo-fanfare}}]"));
    }

    @Test
    void a_secret_of_your_own_takes_the_place_of_the_charts() throws Exception {
        List<JsonNode> objects = renderOnly(Map.of("database", COMPLETE.get("database"), "existingSecret", "mine"));
        assertThat(objects).extracting(object -> object.at("/kind").asText()).doesNotContain("Secret");
        assertThat(one(objects, "Deployment")
                        .at("/spec/template/spec/containers/0/envFrom/1/secretRef/name")
                        .asText())
                .isEqualTo("mine");
    }

    @Test
    void the_image_is_a_value_and_its_tag_defaults_to_the_version() throws Exception {
        assertThat(container(Map.of()).at("/image").asText()).isEqualTo("fanfare:0.1.0-SNAPSHOT");
        assertThat(container(Map.of("image", Map.of("repository", "registry.example/fanfare", "tag", "1.2.3")))
                        .at("/image")
                        .asText())
                .isEqualTo("registry.example/fanfare:1.2.3");
    }

    @Test
    void a_disruption_budget_stands_where_there_are_several_replicas() throws Exception {
        assertThat(one(render(Map.of("replicaCount", 3)), "PodDisruptionBudget")
                        .at("/spec/maxUnavailable")
                        .asInt())
                .isEqualTo(1);
        assertThat(render(Map.of("replicaCount", 1)))
                .extracting(object -> object.at("/kind").asText())
                .doesNotContain("PodDisruptionBudget");
    }

    @Test
    void publishing_the_api_does_not_publish_the_management_port() throws Exception {
        List<JsonNode> services = render(Map.of("service", Map.of("type", "LoadBalancer"))).stream()
                .filter(object -> object.at("/kind").asText().equals("Service"))
                .toList();
        assertThat(services)
                .extracting(service -> service.at("/spec/type").asText()
                        + service.at("/spec/ports").findValuesAsText("name"))
                .containsExactlyInAnyOrder("LoadBalancer[http]", "ClusterIP[management]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{database: {jdbcUrl: ''}}                                | database.jdbcUrl is required",
                "{database: {jdbcUrl: 'postgres://x/y'}}                  | jdbcUrl",
                "{database: {jdbcUrl: 'jdbc:postgresql:///x?password=y'}} | database.jdbcUrl must not hold a password",
                "{secret: {databaseUsername: ''}}                         | secret.databaseUsername is required",
                "{secret: {databasePassword: ''}}                         | secret.databasePassword is required",
                "{secret: {encryptionKey: ''}}                            | all replicas share it",
                "{secret: {encryptionKey: 'c2hvcnQ='}}                    | base64 of 32 bytes",
                "{secret: {operatorKey: ''}}                              | secret.operatorKey is required",
                "{secret: {operatorKey: 'short'}}                         | at least 32 characters",
                "{config: {FANFARE_ENCRYPTION_KEY: 'x'}}                  | has a value of its own",
                "{config: {QUARKUS_HTTP_HOST: 'x'}}                       | has a value of its own",
                "{config: {fanfare.data-dir: 'x'}}                        | does not match pattern",
                "{replicas: 3}                                            | replicas",
            })
    void what_is_missing_or_wrong_is_refused_with_a_message(String values, String message) throws Exception {
        Map<?, ?> overrides = YAML.readValue(values, Map.class);
        assertThatThrownBy(() -> render(overrides)).hasMessageContaining(message);
    }

    private JsonNode container(Map<?, ?> overrides) throws IOException {
        return pod(overrides).at("/containers/0");
    }

    private JsonNode pod(Map<?, ?> overrides) throws IOException {
        return one(render(overrides), "Deployment").at("/spec/template/spec");
    }

    private static JsonNode one(List<JsonNode> objects, String kind) {
        return objects.stream()
                .filter(object -> object.at("/kind").asText().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    private List<JsonNode> render(Map<?, ?> overrides) throws IOException {
        Map<Object, Object> values = new HashMap<>(COMPLETE);
        overrides.forEach((name, value) -> values.merge(name, value, HelmChartTest::merged));
        return renderOnly(values);
    }

    private static Object merged(Object base, Object override) {
        Map<Object, Object> both = new HashMap<>((Map<?, ?>) base);
        both.putAll((Map<?, ?>) override);
        return both;
    }

    private List<JsonNode> renderOnly(Map<?, ?> values) throws IOException {
        Path file = Files.write(dir.resolve("values.yaml"), YAML.writeValueAsBytes(values));
        String text = new Helm(Path.of("helm/fanfare"))
                .template()
                .withName("demo")
                .withKubeVersion("1.30.0")
                .withValuesFile(file)
                .call();
        try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
            Iterable<JsonNode> all = () -> documents;
            return StreamSupport.stream(all.spliterator(), false)
                    .filter(JsonNode::isObject)
                    .toList();
        }
    }
}
