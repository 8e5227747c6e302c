package dev.fanfare.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** The figures of runs under the same load. */
record Runs(List<Figures> all) {
    /** Of each figure the median; of losses, duplicates and refusals all. */
    Figures median() {
        return new Figures(
                median(Figures::events),
                median(Figures::deliveries),
                median(Figures::cpuMicros),
                median(Figures::generatorMicros),
                median(Figures::ackP50),
                median(Figures::ackP99),
                median(Figures::deliveredP50),
                median(Figures::deliveredP99),
                median(Figures::deliveredMax),
                median(Figures::walBytes),
                median(Figures::statements),
                median(Figures::commits),
                sum(Figures::lost),
                sum(Figures::duplicates),
                sum(Figures::refused));
    }

    Spread spread(ToDoubleFunction<Figures> figure) {
        return Spread.of(all.stream().map(figure::applyAsDouble).toList());
    }

    private double median(ToDoubleFunction<Figures> figure) {
        return spread(figure).median();
    }

    private double sum(ToDoubleFunction<Figures> figure) {
        return all.stream().mapToDouble(figure).sum();
    }
}
