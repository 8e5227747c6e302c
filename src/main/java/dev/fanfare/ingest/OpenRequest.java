package dev.fanfare.ingest;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.platform.Problem;
import java.util.ArrayList;
import java.util.List;

/** A submission and what has become of its events so far; it is answered once all of them are accepted. */
final class OpenRequest {
    private final Submission submission;
    /** By place; null until it is. */
    private final Accepted[] accepted;

    private int left;

    OpenRequest(Submission submission) {
        this.submission = submission;
        this.accepted = new Accepted[submission.events().size()];
        this.left = accepted.length;
        answerIfComplete();
    }

    Submission submission() {
        return submission;
    }

    /** An event that has not been accepted yet, and its place in the request. */
    record Left(int place, WireEvent event) {}

    List<Left> left() {
        List<Left> left = new ArrayList<>();
        for (int place = 0; place < accepted.length; place++) {
            if (accepted[place] == null) {
                left.add(new Left(place, submission.events().get(place)));
            }
        }
        return left;
    }

    void accepted(int place, Accepted one) {
        accepted[place] = one;
        left--;
        answerIfComplete();
    }

    private void answerIfComplete() {
        if (left == 0) {
            submission.result().complete(List.of(accepted));
        }
    }

    void fail(Problem problem) {
        submission.fail(problem);
    }

    /** Whether it was told: accepted, refused, or 503 because it took too long. */
    boolean isAnswered() {
        return submission.result().isDone();
    }
}
