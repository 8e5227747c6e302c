package dev.fanfare.platform;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGBinaryObject;
import org.postgresql.util.PGobject;

/**
 * A one-dimensional array in the form that the server keeps: the driver sends uuid[] and timestamptz[] as text, which
 * costs more than the rest of a batch's binding. Needs the driver's setting {@code binaryTransferEnable} for both.
 */
final class BinaryArray extends PGobject implements PGBinaryObject {
    private static final int UUID_OID = 2950;
    private static final int TIMESTAMPTZ_OID = 1184;
    private static final int HEADER = 20;
    private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    private final ByteBuffer content;

    private BinaryArray(String type, int element, int elementBytes, int count) {
        setType(type);
        content = ByteBuffer.allocate(HEADER + count * (4 + elementBytes));
        // dimensions (an empty array has one of length 0), whether there are nulls, type; then length and lower bound
        content.putInt(1).putInt(1).putInt(element).putInt(count).putInt(1);
    }

    static <T> BinaryArray uuids(Collection<T> rows, Function<? super T, ? extends @Nullable UUID> column) {
        return new BinaryArray("_uuid", UUID_OID, 16, rows.size())
                .fill(16, rows, column, (content, id) -> content.putLong(id.getMostSignificantBits())
                        .putLong(id.getLeastSignificantBits()));
    }

    /** Microseconds; what is finer is cut off. */
    static <T> BinaryArray times(Collection<T> rows, Function<? super T, ? extends @Nullable Instant> column) {
        return new BinaryArray("_timestamptz", TIMESTAMPTZ_OID, 8, rows.size())
                .fill(
                        8,
                        rows,
                        column,
                        (content, time) -> content.putLong(ChronoUnit.MICROS.between(POSTGRES_EPOCH, time)));
    }

    private <T, C> BinaryArray fill(
            int bytes,
            Collection<T> rows,
            Function<? super T, ? extends @Nullable C> column,
            BiConsumer<ByteBuffer, C> put) {
        for (T row : rows) {
            C value = column.apply(row);
            if (value == null) {
                content.putInt(-1);
            } else {
                put.accept(content.putInt(bytes), value);
            }
        }
        return this;
    }

    @Override
    public int lengthInBytes() {
        return content.position();
    }

    @Override
    public void toBytes(byte[] bytes, int offset) {
        content.get(0, bytes, offset, content.position());
    }

    /** For what the driver reads: nothing is read as a BinaryArray, but the interface asks for it. */
    @Override
    public void setByteValue(byte[] value, int offset) {
        throw new UnsupportedOperationException("is only sent");
    }

    @Override
    public @Nullable String getValue() {
        throw new IllegalStateException("The driver must send " + getType() + " in binary: set binaryTransferEnable");
    }
}
