package dev.fanfare.cloudevents;

import java.util.Locale;

/** What can be wrong with a message, as a closed list; {@link #code()} is the word that clients see. */
enum Flaw {
    BASE64("must be padded base64 of the standard alphabet"),
    CHARSET("must be in UTF-8"),
    CONFLICT("must not come together with data_base64"),
    CONTROL("must not contain control characters, noncharacters or lone surrogates"),
    COUNT("has more events than the limit"),
    DEPTH("is nested deeper than the limit"),
    DUPLICATE("must occur only once"),
    EMPTY("must not be empty"),
    ENCODING("must be sent without content coding"),
    FORMAT("is not a CloudEvent in a supported format"),
    MALFORMED("is not valid JSON"),
    MEDIATYPE("must be a media type of the form type/subtype"),
    MISSING("is required"),
    NAME("must be named with lower-case letters and digits only"),
    RANGE("must be an integer without fraction or exponent between -2147483648 and 2147483647"),
    RESERVED("must not be sent as an attribute"),
    SIZE("is larger than the limit"),
    SPECVERSION("must be \"1.0\""),
    TIME("must be an RFC 3339 date-time with seconds and offset"),
    TYPE("is of the wrong JSON type"),
    URI("must be a URI reference by RFC 3986"),
    UTF8("is not valid UTF-8");

    private final String requirement;

    Flaw(String requirement) {
        this.requirement = requirement;
    }

    String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    String requirement() {
        return requirement;
    }
}
