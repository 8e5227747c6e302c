package dev.fanfare.platform;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One value of a JSON body, a member or an element of an array, and where it stands. Each reading is null when the value
 * is faulty; the fault is kept with those of the whole body, see {@link JsonObjectReader}.
 */
public final class JsonValue {
    private final JsonNode value;
    private final String pointer;
    private final List<Fault> faults;

    JsonValue(JsonNode value, String pointer, List<Fault> faults) {
        this.value = value;
        this.pointer = pointer;
        this.faults = faults;
    }

    /** A string; {@code maxLength} in UTF-16 code units. */
    public @Nullable String text(int maxLength) {
        if (!value.isTextual()) {
            fault("wrongtype", "must be a string");
            return null;
        }
        if (value.textValue().length() > maxLength) {
            fault("toolong", "must have at most " + maxLength + " characters");
            return null;
        }
        return value.textValue();
    }

    public @Nullable Boolean flag() {
        if (!value.isBoolean()) {
            fault("wrongtype", "must be true or false");
            return null;
        }
        return value.booleanValue();
    }

    /** Bounds are inclusive. */
    public @Nullable Integer integer(int min, int max) {
        if (!value.isIntegralNumber()) {
            fault("wrongtype", "must be an integer");
            return null;
        }
        if (!value.canConvertToInt() || value.intValue() < min || value.intValue() > max) {
            fault("outofrange", "must be from " + min + " to " + max);
            return null;
        }
        return value.intValue();
    }

    /** Bounds are inclusive. */
    public @Nullable Double number(double min, double max) {
        if (!value.isNumber()) {
            fault("wrongtype", "must be a number");
            return null;
        }
        double number = value.doubleValue();
        if (!(number >= min && number <= max)) {
            fault("outofrange", "must be from " + min + " to " + max);
            return null;
        }
        return number;
    }

    /** Bounds are inclusive; see {@link Durations}. */
    public @Nullable Duration duration(Duration min, Duration max) {
        String text = text(60);
        try {
            return text == null ? null : Durations.parse(text, min, max);
        } catch (IllegalArgumentException e) {
            fault("invalid", String.valueOf(e.getMessage()));
            return null;
        }
    }

    public void fault(String code, String detail) {
        faults.add(new Fault(pointer, code, detail));
    }
}
