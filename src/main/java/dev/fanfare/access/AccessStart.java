package dev.fanfare.access;

import dev.fanfare.platform.DataDirectory;
import dev.fanfare.platform.Database;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.Fanfare;
import dev.fanfare.platform.StartRefused;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** At the first start makes tenant and key; then reads keys and tenants every 5 s, for as long as the process lives. */
@ApplicationScoped
class AccessStart {
    private static final Logger LOG = Logger.getLogger(AccessStart.class);
    private static final long REFRESH_MILLIS = 5_000;
    private static final long RETRY_MILLIS = 1_000;
    static final String KEY_FILE = "operator.key";

    private final Access access;
    private final AccessStore store;
    private final Database database;
    private final DataDirectory directory;
    private final Banner banner;
    private final AccessConfig config;
    private final Thread thread = new Thread(this::run, "access-refresh");
    /** The operator's key when this start made it. */
    private @Nullable String newKey;

    AccessStart(
            Access access,
            AccessStore store,
            Database database,
            DataDirectory directory,
            Banner banner,
            AccessConfig config) {
        this.access = access;
        this.store = store;
        this.database = database;
        this.directory = directory;
        this.banner = banner;
        this.config = config;
        thread.setDaemon(true);
    }

    void start(@Observes StartupEvent event) {
        try {
            config.operatorKey().ifPresent(Access::check);
            database.ready().thenRun(thread::start);
        } catch (StartRefused e) {
            Fanfare.refuse(e);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        thread.interrupt();
    }

    private void run() {
        try {
            while (!tried(this::begin)) {
                // this thread has nothing else to do, and stop() interrupts it
                Thread.sleep(RETRY_MILLIS);
            }
            banner.print(newKey);
            while (true) {
                // the period: nobody tells this replica of another one's new key
                Thread.sleep(REFRESH_MILLIS);
                tried(() -> access.learn(store.load()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StartRefused e) {
            Fanfare.refuse(e);
        }
    }

    private static boolean tried(Runnable work) {
        try {
            work.run();
            return true;
        } catch (DatabaseException e) {
            LOG.debugf(e, "Keys and tenants stay as they were read last; tried again");
            return false;
        } catch (StartRefused e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("Keys and tenants stay as they were read last; tried again", e);
            return false;
        }
    }

    private void begin() {
        // a second try must not forget what the first one made
        if (newKey == null) {
            newKey = makeFirst();
        }
        access.learn(store.load());
    }

    /** The text of the operator's key when this start made it. */
    private @Nullable String makeFirst() {
        if (access.hasConfiguredKey()) {
            store.firstTenant();
            return null;
        }
        String key = ApiKey.generate("operator");
        boolean made = store.first(() -> {
            if (directory.holdsDatabase()) {
                keep(key);
            }
            return key;
        });
        return made ? key : null;
    }

    private void keep(String key) {
        try {
            directory.keep(KEY_FILE, key);
        } catch (IOException e) {
            throw new StartRefused("The operator's key cannot be kept: " + e, e);
        }
    }
}
