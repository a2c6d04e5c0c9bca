package dev.drydock.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class SlotTest {
  private static final Instant NOW = Instant.parse("2026-11-25T02:00:40Z");
  private static final Instant TWO = Instant.parse("2026-11-25T02:00:00Z");
  private static final String JOB = "offchain-vacuum-" + TWO.getEpochSecond() / 60;

  @Test
  void whatTheOperatorSaysWins() {
    assertThat(Slot.of("2026-11-25T01:00:00Z", JOB, NOW))
        .contains(Instant.parse("2026-11-25T01:00:00Z"));
    assertThat(Slot.of("2026-11-22T01:00:00Z", "of-any-name", NOW))
        .as("however long it waited")
        .contains(Instant.parse("2026-11-22T01:00:00Z"));
    assertThat(Slot.of("none", JOB, NOW)).as("a person's, whatever its name").isEmpty();
    assertThat(Slot.of("not a time", JOB, NOW)).contains(TWO);
  }

  @Test
  void theJobsNameTells() {
    assertThat(Slot.of(null, JOB, NOW)).contains(TWO);
    assertThat(Slot.of("", "by-hand", NOW)).isEmpty();
    assertThat(Slot.of(null, "by-hand-12345678", NOW)).isEmpty();
    assertThat(Slot.of(null, null, NOW)).isEmpty();
  }
}
