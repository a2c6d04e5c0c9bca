package dev.drydock.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CadenceTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Instant NOW = Instant.parse("2026-11-26T10:00:00Z");

  @Test
  void spreadsAFleetOverTheInterval() {
    var tenths = new int[10];
    IntStream.range(0, 1000)
        .mapToObj(i -> NOW.plus(Cadence.untilNext("ns/policy-" + i + "/host", MINUTE, NOW)))
        .forEach(at -> tenths[(int) (at.toEpochMilli() % 60_000 / 6_000)]++);
    assertThat(IntStream.of(tenths).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(60, 140));
  }

  @Test
  void keepsTheInterval() {
    Instant first = NOW.plus(Cadence.untilNext("name", MINUTE, NOW));
    assertThat(Cadence.untilNext("name", MINUTE, first)).isEqualTo(MINUTE);
    assertThat(Cadence.untilNext("name", MINUTE, first.plusSeconds(7)))
        .as("however long the turn took")
        .isEqualTo(Duration.ofSeconds(53));
  }

  @Test
  void isTheSameAfterARestart() {
    Instant first = NOW.plus(Cadence.untilNext("name", MINUTE, NOW));
    assertThat(
            Stream.of(0, 6, 20, 40, 53)
                .map(s -> first.plusSeconds(s))
                .map(at -> at.plus(Cadence.untilNext("name", MINUTE, at))))
        .allMatch(next -> next.equals(first.plus(MINUTE)));
  }

  @Test
  void takesATurnJustBeforeForTheOneThatWasDue() {
    Instant first = NOW.plus(Cadence.untilNext("name", MINUTE, NOW));
    Instant early = first.minusMillis(40);
    assertThat(early.plus(Cadence.untilNext("name", MINUTE, early))).isEqualTo(first.plus(MINUTE));
  }
}
