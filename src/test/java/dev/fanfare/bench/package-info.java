/**
 * The benchmark, {@code ./mvnw verify -Pbench}: the packaged jar under load from this process, which publishes, receives
 * and accounts for every event. What its figures mean: {@code docs/performance.md}.
 */
package dev.fanfare.bench;
