package dev.fanfare.dispatch;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.jboss.logging.Logger;

/** How many attempts the process may have in flight for the files and sockets that it may have open. */
final class OpenFiles {
    /** For producers, the database and the program itself. */
    private static final int OTHERS = 512;

    private static final int FEWEST = 16;
    private static final Logger LOG = Logger.getLogger(OpenFiles.class);

    private OpenFiles() {}

    /** The configured limit, or fewer where the process may not open that many sockets. */
    static int mostInflight(DispatchConfig config) {
        int configured = config.maxInflight();
        if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system)) {
            return configured;
        }
        int most = mostInflight(configured, system.getMaxFileDescriptorCount());
        if (most < configured) {
            LOG.warnf(
                    "At most %d attempts are in flight, not %d: the process may open only %d files (ulimit -n)",
                    most, configured, system.getMaxFileDescriptorCount());
        }
        return most;
    }

    /** As many connections may wait for their next request as are in use. */
    static int mostInflight(int configured, long files) {
        return (int) Math.min(configured, Math.max(FEWEST, (files - OTHERS) / 2));
    }
}
