package dev.fanfare.access;

import dev.fanfare.platform.DataDirectory;
import dev.fanfare.platform.NodeRegistry;
import io.smallrye.config.SmallRyeConfig;
import jakarta.inject.Singleton;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/** What a newcomer needs next, on stdout, once per process. */
@Singleton
final class Banner {
    private static final long LOOK_MILLIS = 50;

    private final Access access;
    private final DataDirectory directory;
    private final NodeRegistry nodes;

    Banner(Access access, DataDirectory directory, NodeRegistry nodes) {
        this.access = access;
        this.directory = directory;
        this.nodes = nodes;
    }

    /**
     * Waits until events are taken, so that what is printed works when it is pasted at once.
     *
     * @param newKey the operator's key when this start made it; it is not shown again
     */
    void print(@Nullable String newKey) throws InterruptedException {
        while (!nodes.registered()) {
            // once in a process' life: looking costs less than a listener that stays
            Thread.sleep(LOOK_MILLIS);
        }
        String api = address("quarkus.http");
        String management = address("quarkus.management");
        Path file = directory.path().resolve(AccessStart.KEY_FILE);
        boolean kept = directory.holdsDatabase() && Files.exists(file);
        String key = access.hasConfiguredKey()
                ? "$FANFARE_ACCESS_OPERATOR_KEY"
                : kept ? "$(cat '" + file + "')" : newKey == null ? "$KEY" : newKey;
        System.out.print("""

                Fanfare is ready.
                  API         %1$s/v1
                  Management  %2$s/q/health/ready, /q/metrics, /q/openapi
                  API key     %3$s
                  Try it      curl -i %1$s/v1/events -H "Authorization: Bearer %4$s" \\
                                -H 'Content-Type: application/cloudevents+json' \\
                                -d '{"specversion":"1.0","id":"1","source":"/hello","type":"com.example.hello","data":"world"}'

                """.formatted(api, management, where(newKey, kept ? file : null), key));
        System.out.flush();
    }

    private String where(@Nullable String newKey, @Nullable Path file) {
        if (access.hasConfiguredKey()) {
            return "the configured one, FANFARE_ACCESS_OPERATOR_KEY";
        }
        String kept = file == null ? "" : "in " + file;
        if (newKey != null) {
            return newKey + (file == null ? "  (shown this once: keep it)" : "  (shown this once; " + kept + ")");
        }
        return file == null ? "the one that the first start printed; FANFARE_ACCESS_OPERATOR_KEY sets another" : kept;
    }

    private static String address(String prefix) {
        SmallRyeConfig config = ConfigProvider.getConfig().unwrap(SmallRyeConfig.class);
        String host = config.getValue(prefix + ".host", String.class);
        String reachable = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
        return "http://" + (reachable.contains(":") ? "[" + reachable + "]" : reachable) + ":"
                + config.getValue(prefix + ".port", String.class);
    }
}
