package dev.fanfare.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page under docs/, or the part of it below a marker, that is made from the code. */
record GeneratedPage(Path file, String marker) {
    /** Fails where the page differs from {@code content}; writes it instead when told so by {@code -Ddocs.write=true}. */
    void mustBe(String content) throws IOException {
        String now = Files.exists(file) ? Files.readString(file) : marker;
        int end = now.indexOf(marker);
        assertThat(end).as("%s has the line %s", file, marker).isNotNegative();
        String whole = now.substring(0, end) + marker + content;
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(file, whole);
            return;
        }
        assertThat(now)
                .as("%s is out of date; ./mvnw test -Dtest='*DocTest' -Ddocs.write=true rewrites it", file)
                .isEqualTo(whole);
    }
}
