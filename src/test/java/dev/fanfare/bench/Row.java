package dev.fanfare.bench;

import dev.fanfare.bench.Ceilings.Ceiling;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table.
 *
 * @param what the scenario and its load
 * @param goal in words, "" where there is none
 * @param figure in words what is to be compared with the goal
 * @param met whether the goal is, null where there is none
 * @param ceiling per second, null where none applies
 * @param share of the ceiling
 * @param details all figures of the run, null where it has none
 */
record Row(
        String what,
        String goal,
        String figure,
        @Nullable Boolean met,
        @Nullable Double ceiling,
        @Nullable Double share,
        @Nullable Figures details) {

    static Row of(String what, Figures figures) {
        return new Row(what, "", "", null, null, null, figures);
    }

    Row goal(String words, boolean reached) {
        boolean all = reached && (met == null || met);
        return new Row(what, goal.isEmpty() ? words : goal + ", " + words, figure, all, ceiling, share, details);
    }

    Row figure(String words, Object... values) {
        String text = String.format(Locale.ROOT, words, values);
        return new Row(what, goal, figure.isEmpty() ? text : figure + ", " + text, met, ceiling, share, details);
    }

    /** The part of the ceiling that this rate is. */
    Row shareOf(Ceiling bare, double perSecond) {
        return new Row(what, goal, figure, met, bare.perSecond(), perSecond / bare.perSecond(), details);
    }
}
