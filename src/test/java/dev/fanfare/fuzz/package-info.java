/**
 * Parsers of what strangers send, under a fuzzer: {@code ./mvnw verify -Pfuzz}. A target takes any bytes and throws when a
 * parser does what it must not. What the fuzzer has found stays in {@code src/test/resources/fuzz} and is run by every
 * build, without the fuzzer.
 */
package dev.fanfare.fuzz;
