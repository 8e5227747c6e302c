package dev.fanfare.cloudevents;

import dev.fanfare.cloudevents.RejectedEvent.Fault;
import dev.fanfare.cloudevents.RejectedEvent.Kind;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with one message, up to a limit, so that a sender can mend all of it at once. */
final class Faults {
    static final int MOST = 20;

    private static final int LONGEST_NAME = 32;

    private final List<Fault> list = new ArrayList<>(0);
    private Kind kind = Kind.MALFORMED;

    /** Records a flaw of the thing at {@code pointer}; {@code subject} begins the sentence. */
    void add(String pointer, Flaw flaw, String subject) {
        if (flaw == Flaw.SIZE || flaw == Flaw.COUNT) {
            kind = Kind.TOO_LARGE;
        }
        if (list.size() < MOST) {
            list.add(new Fault(pointer, flaw.code(), subject + " " + flaw.requirement()));
        }
    }

    boolean isEmpty() {
        return list.isEmpty();
    }

    void throwIfAny() throws RejectedEvent {
        if (!list.isEmpty()) {
            throw rejection();
        }
    }

    RejectedEvent rejection() {
        return new RejectedEvent(kind, list);
    }

    static RejectedEvent rejection(Kind kind, String pointer, Flaw flaw, String subject) {
        return new RejectedEvent(kind, List.of(new Fault(pointer, flaw.code(), subject + " " + flaw.requirement())));
    }

    /** Whether a name that a sender chose is short and plain enough to be repeated in an answer. */
    static boolean isPresentable(String name) {
        return name.length() <= LONGEST_NAME && name.chars().allMatch(c -> c > ' ' && c < 0x7F);
    }

    /** JSON pointer of a member, or of its parent when the name is not presentable. */
    static String pointer(String parent, String name) {
        return isPresentable(name) ? parent + "/" + name.replace("~", "~0").replace("/", "~1") : parent;
    }
}
