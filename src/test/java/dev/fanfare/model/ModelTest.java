package dev.fanfare.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A random walk over everything that happens to deliveries. {@code -Dmodel.seed=} repeats one, {@code -Dmodel.steps=} makes
 * it longer.
 */
class ModelTest {
    private static final int STEPS = Integer.getInteger("model.steps", 10_000);
    private static final long SEED = Long.getLong("model.seed", System.nanoTime());
    private static final int STEPS_BETWEEN_CHECKS = 100;
    private static final int STEPS_BETWEEN_RESTS = 1_000;
    private static final Logger LOG = Logger.getLogger("dev.fanfare");

    private static @Nullable Level level;

    @BeforeAll
    static void quiet() {
        level = LOG.getLevel();
        // what it warns of is what is wanted here
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        LOG.setLevel(level);
    }

    @Test
    void nothing_is_lost_doubled_or_stranded_whatever_happens() {
        System.out.printf("model.seed=%d model.steps=%d%n", SEED, STEPS);
        Random random = new Random(SEED);
        Deque<String> last = new ArrayDeque<>();
        Map<String, Integer> taken = new TreeMap<>();
        try (World world = new World(random)) {
            Walk walk = new Walk(world, random);
            try {
                while (world.step < STEPS) {
                    String name = walk.step();
                    taken.merge(name, 1, Integer::sum);
                    last.addLast(name);
                    if (last.size() > 30) {
                        last.removeFirst();
                    }
                    if (world.step % STEPS_BETWEEN_RESTS == 0) {
                        walk.rest();
                    } else if (world.step % STEPS_BETWEEN_CHECKS == 0) {
                        new Account(world).check();
                    }
                }
                walk.drain();
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError(
                        "-Dmodel.seed=%d, after step %d: %s".formatted(SEED, world.step, String.join(", ", last)),
                        failure);
            }
        }
        System.out.println("model: " + taken);
        assertThat(taken).as("kinds of steps").hasSizeGreaterThan(20);
    }
}
