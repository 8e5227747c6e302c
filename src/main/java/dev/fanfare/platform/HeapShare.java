package dev.fanfare.platform;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import java.math.BigInteger;
import org.eclipse.microprofile.config.spi.Converter;

/**
 * A limit of memory, never more than a sixteenth of the largest heap. What counts bytes on the wire lies in the heap up to
 * three times, read, parsed and on its way to the database: so limited, all of it fits into 256 MiB beside the rest,
 * whatever is configured.
 */
public final class HeapShare implements Converter<MemorySize> {
    private final long most;

    public HeapShare() {
        this(Runtime.getRuntime().maxMemory());
    }

    HeapShare(long heap) {
        this(heap, 16);
    }

    private HeapShare(long heap, int parts) {
        this.most = heap / parts;
    }

    /**
     * Reads a size as {@code 64K} or {@code 8M}.
     *
     * @throws IllegalArgumentException when it is none
     */
    @Override
    public MemorySize convert(String value) {
        BigInteger configured = new MemorySizeConverter().convert(value).asBigInteger();
        return new MemorySize(configured.min(BigInteger.valueOf(most)));
    }

    /** A limit that counts what lies in the heap, never more than an eighth of the largest heap. */
    public static final class Eighth implements Converter<MemorySize> {
        private final HeapShare share;

        public Eighth() {
            this(Runtime.getRuntime().maxMemory());
        }

        Eighth(long heap) {
            this.share = new HeapShare(heap, 8);
        }

        /**
         * Reads a size as {@code 64K} or {@code 8M}.
         *
         * @throws IllegalArgumentException when it is none
         */
        @Override
        public MemorySize convert(String value) {
            return share.convert(value);
        }
    }
}
