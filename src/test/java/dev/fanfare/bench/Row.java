package dev.fanfare.bench;

import dev.fanfare.bench.Ceilings.Ceiling;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table.
 *
 * @param what the scenario and its load
 * @param goal in words, "" where there is none
 * @param figure in words what is to be compared with the goal
 * @param spread of the figure that counts, null where there was one run
 * @param met whether the goal is, null where there is none
 * @param ceilings what the figure is compared with, on the same machine in the same minutes
 * @param lost deliveries of acknowledged events that never came
 * @param details medians of all figures, null where the row has none
 */
record Row(
        String what,
        String goal,
        String figure,
        @Nullable Spread spread,
        @Nullable Boolean met,
        List<Ratio> ceilings,
        long lost,
        @Nullable Figures details) {

    /** {@code figure / ceiling}, both in {@code unit}. */
    record Ratio(String to, double ceiling, String unit, double ratio) {}

    static Row of(String what) {
        return new Row(what, "", "", null, null, List.of(), 0, null);
    }

    /** The one of their figures that counts is told with its spread. */
    static Row of(String what, Runs runs, ToDoubleFunction<Figures> headline) {
        Figures median = runs.median();
        return new Row(what, "", "", runs.spread(headline), null, List.of(), (long) median.lost(), median);
    }

    static Row failed(String what, Throwable why) {
        return new Row(what, "", "failed: " + why, null, false, List.of(), 0, null);
    }

    Row goal(String words, boolean reached) {
        boolean all = reached && (met == null || met);
        return new Row(
                what, goal.isEmpty() ? words : goal + ", " + words, figure, spread, all, ceilings, lost, details);
    }

    Row figure(String words, Object... values) {
        String text = String.format(Locale.ROOT, words, values);
        return new Row(
                what, goal, figure.isEmpty() ? text : figure + ", " + text, spread, met, ceilings, lost, details);
    }

    Row spread(Spread runs) {
        return new Row(what, goal, figure, runs, met, ceilings, lost, details);
    }

    Row lost(long deliveries) {
        return new Row(what, goal, figure, spread, met, ceilings, deliveries, details);
    }

    /** The part of the ceiling that this rate is. */
    Row shareOf(Ceiling bare, double perSecond) {
        return against(bare.name(), bare.perSecond(), "/s", perSecond);
    }

    Row against(String to, double ceiling, String unit, double value) {
        List<Ratio> more = new ArrayList<>(ceilings);
        more.add(new Ratio(to, ceiling, unit, value / ceiling));
        return new Row(what, goal, figure, spread, met, more, lost, details);
    }
}
