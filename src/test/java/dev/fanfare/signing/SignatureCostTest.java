package dev.fanfare.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What signing allocates. */
class SignatureCostTest {
    private static final int ROUNDS = 10_000;
    /** 660 now, whatever the body: it is not copied, and the thread's Mac serves again. */
    private static final int MOST_BYTES = 900;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final List<WebhookSecret> secrets = List.of(WebhookSecret.generate());

    private long bytesEach(byte[] body) {
        long characters = 0;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < ROUNDS; i++) {
            characters += Signatures.sign(secrets, "dlv_01jb9t00000000000000000001", 1_772_366_400L, body)
                    .length();
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(characters).isEqualTo(47L * ROUNDS);
        return bytes / ROUNDS;
    }

    @Test
    void a_signature_allocates_little_however_long_the_body() {
        bytesEach(new byte[10]);
        assertThat(bytesEach(new byte[700])).isLessThanOrEqualTo(MOST_BYTES);
        assertThat(bytesEach(new byte[7_000])).isLessThanOrEqualTo(MOST_BYTES);
    }
}
