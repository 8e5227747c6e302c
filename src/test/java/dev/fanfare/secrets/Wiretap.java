package dev.fanfare.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An HTTP client that remembers every answer whole, head and body, to be searched for what must not be in it. */
final class Wiretap {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<String> answers = new ArrayList<>();

    /**
     * Sends a request.
     *
     * @param body null: none
     */
    HttpResponse<String> send(String method, String uri, @Nullable String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri))
                .timeout(PATIENCE)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
        answers.add(response.statusCode() + " " + response.headers().map() + "\n" + response.body());
        return response;
    }

    /** The last answer is the one place where this may stand, once. */
    void mayShow(String secret) {
        int last = answers.size() - 1;
        String answer = answers.get(last);
        assertThat(answer).contains(secret);
        int at = answer.indexOf(secret);
        answers.set(last, answer.substring(0, at) + "(shown)" + answer.substring(at + secret.length()));
    }

    /** All that was answered so far. */
    String all() {
        return String.join("\n", answers);
    }
}
