package dev.fanfare.cloudevents;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MediaTypeTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "Application/JSON",
                "application/json ; charset=UTF-8",
                "application/json;charset=\"utf-8\"",
                "text/json",
                "model/json",
                "application/vnd.api+json",
                "IMAGE/Svg+JSON;a=b;c=\"d;e\\\"\"",
                "application/json;",
            })
    void any_type_with_json_in_the_subtype_is_json(String text) {
        assertThat(MediaType.parse(text)).isNotNull().matches(MediaType::isJson).matches(MediaType::isUtf8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/xml", "application/json-seq", "application/jsonp", "text/plain", "a/json+b"})
    void other_subtypes_are_not_json(String text) {
        assertThat(MediaType.parse(text)).isNotNull().matches(type -> !type.isJson());
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain;charset=iso-8859-1", "text/plain; Charset=\"UTF-16\""})
    void another_charset_is_seen(String text) {
        assertThat(MediaType.parse(text)).isNotNull().matches(type -> !type.isUtf8());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "xyz",
                "/",
                "a/",
                "/b",
                "a/b/c",
                "a b/c",
                "a/b c",
                "a/b;c",
                "a/b;c=",
                "a/b;c=\"d",
                "a/b;=d",
                " a/b",
                "a/b,c/d",
                "ä/b",
                "a/b;c=ä",
                "a/b;charset=utf-8;charset=utf-16",
                "a@b/c"
            })
    void what_is_not_type_and_subtype_is_refused(String text) {
        assertThat(MediaType.parse(text)).isNull();
    }
}
