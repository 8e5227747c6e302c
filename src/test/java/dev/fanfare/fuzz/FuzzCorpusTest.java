package dev.fanfare.fuzz;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the fuzzer began with and what it found, run once more. */
class FuzzCorpusTest {
    private static final Path FOLDER = Path.of("src/test/resources/fuzz");

    static List<Arguments> inputs() throws IOException {
        List<Arguments> inputs = new ArrayList<>();
        for (Target target : Target.values()) {
            try (Stream<Path> files = Files.list(FOLDER.resolve(target.folder()))) {
                files.sorted().forEach(file -> inputs.add(Arguments.of(target, file)));
            }
        }
        return inputs;
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void a_known_input_does_no_harm(Target target, Path input) throws Throwable {
        try {
            target.type.getMethod("fuzzerTestOneInput", byte[].class).invoke(null, (Object) Files.readAllBytes(input));
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
