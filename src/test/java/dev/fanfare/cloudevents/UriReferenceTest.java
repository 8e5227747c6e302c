package dev.fanfare.cloudevents;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UriReferenceTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://github.com/cloudevents",
                "mailto:cncf-wg-serverless@lists.cncf.io",
                "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66",
                "urn:",
                "http://",
                "file:///etc/x",
                "http://user:pw@[2001:db8::7]:8080/a?b#c",
                "http://[::ffff:1.2.3.4]/",
                "http://h:/",
            })
    void absolute_uris_are_references_too(String text) {
        assertThat(UriReference.isValid(text)).isTrue();
        assertThat(UriReference.isAbsolute(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/cloudevents/spec/pull/123",
                "/sensors/tn-1234567/alerts",
                "1-555-123-4567",
                "//github.com/cloudevents/x",
                "//",
                "#fragment",
                "?query",
                "?a/b?c",
                ".",
                "../a",
                "./a:b",
                "a/b:c",
                "?a:b",
                "#a:b",
                "/a%20b",
                "/%C3%A4",
                "/!$&'()*+,;=:@-._~",
            })
    void relative_references_are_taken_but_not_absolute(String text) {
        assertThat(UriReference.isValid(text)).isTrue();
        assertThat(UriReference.isAbsolute(text)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "/a|b",
                "/{id}",
                "/a\"b",
                "/<a>",
                "/a\\b",
                "/a^b",
                "/a`b",
                "/%zz",
                "/%2",
                "/%",
                "http://h?%a",
                "#a#b",
                "/ä",
                "http://ä.example/",
                ":a",
                "1a:b",
                "a_b:c",
                "http://[::1",
                "http://[::g]/",
                "http://[1.2.3.4]/",
                "http://[fe80::1%25eth0]/",
                "http://[::1]x/",
                "http://a[b]/",
                "/[a]",
                "http://h:80a/",
                "http://a:b:c/",
                "http://a@b@c/",
            })
    void what_rfc_3986_does_not_allow_is_refused(String text) {
        assertThat(UriReference.isValid(text)).isFalse();
        assertThat(UriReference.isAbsolute(text)).isFalse();
    }
}
