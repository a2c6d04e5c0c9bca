package dev.drydock.kernel;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec.Freeze;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.Admission.Refusal;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmissionTest {
  private static final Instant TWO = Instant.parse("2026-11-25T02:00:00Z");
  private static final String WINDOW = ",\"window\":{\"duration\":\"2h\",\"cutoff\":\"30m\"}";

  private static MaintenanceTask task(String more) {
    try {
      return new ObjectMapper()
          .readValue(
              "{\"name\":\"t\",\"schedule\":\"0 2 * * 3\"" + more + "}", MaintenanceTask.class);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Admission admission(String more, @Nullable Instant due, Freeze... freezes) {
    return new Admission(task(more), "Etc/UTC", List.of(freezes), due, TWO);
  }

  @ParameterizedTest
  @CsvSource({"0, ", "89, ", "90, CutOff", "119, CutOff", "120, Missed"})
  void startsUntilTheCutoff(int minutes, @Nullable Outcome outcome) {
    assertThat(
            admission(WINDOW, TWO)
                .atStart(TWO.plus(Duration.ofMinutes(minutes)))
                .map(Refusal::outcome)
                .orElse(null))
        .isEqualTo(outcome);
  }

  @Test
  void aNodeWhoseClockIsBehindIsNotCutOff() {
    Instant early = TWO.minusSeconds(20);
    assertThat(admission(WINDOW, TWO).atStart(early)).isEmpty();
    assertThat(admission(WINDOW, TWO).beforeHost(early)).isEmpty();
  }

  @Test
  void startsLateOnlyForSoLong() {
    assertThat(admission("", TWO).atStart(TWO.plusSeconds(299))).isEmpty();
    assertThat(admission("", TWO).atStart(TWO.plusSeconds(300)))
        .hasValueSatisfying(refusal -> assertThat(refusal.outcome()).isEqualTo(Outcome.Missed));
    assertThat(admission("", TWO).beforeHost(TWO.plus(Duration.ofHours(3))))
        .as("without a window, what has started goes on")
        .isEmpty();
  }

  @Test
  void isNotDueOnOtherDays() {
    assertThat(admission("", TWO.plus(Duration.ofDays(1))).atStart(TWO.plus(Duration.ofDays(1))))
        .hasValueSatisfying(refusal -> assertThat(refusal.outcome()).isEqualTo(Outcome.Skipped));
    assertThat(admission("", null).atStart(TWO.plus(Duration.ofDays(1))))
        .as("a person starts it when they like")
        .isEmpty();
  }

  @Test
  void aFreezeHoldsEvenAPerson() {
    var freeze = new Freeze("2026-11-25T01:00:00Z", "2026-11-25T03:00:00Z", "year end");
    assertThat(admission("", null, freeze).atStart(TWO))
        .contains(
            new Refusal(Outcome.Frozen, "nothing starts until 2026-11-25T03:00:00Z: year end"));
    assertThat(admission(WINDOW, TWO, freeze).beforeHost(TWO)).isPresent();
    assertThat(admission(WINDOW, TWO, freeze).beforeHost(TWO.plus(Duration.ofHours(1)))).isEmpty();
  }

  @Test
  void aWindowThatClosesStopsBeforeTheNextHost() {
    assertThat(admission(WINDOW, TWO).beforeHost(TWO.plus(Duration.ofMinutes(91))))
        .contains(new Refusal(Outcome.CutOff, "nothing starts after 2026-11-25T03:30:00Z"));
  }

  @ParameterizedTest
  @CsvSource({"0, 30", "70, 20", "95, 0"})
  void waitsForAHostUntilTheLastStart(int minutes, int patience) {
    assertThat(admission(WINDOW, TWO).patience(TWO.plus(Duration.ofMinutes(minutes))))
        .isEqualTo(Duration.ofMinutes(patience));
    assertThat(admission("", TWO).patience(TWO)).isEqualTo(Duration.ofMinutes(30));
  }

  @Test
  void whatBeganInTimeIsNotCutOffHalfway() {
    assertThat(admission(WINDOW, TWO).end(TWO)).isEqualTo(TWO.plus(Duration.ofHours(2)));
    assertThat(admission(WINDOW, TWO).end(TWO.plus(Duration.ofMinutes(110))))
        .isEqualTo(TWO.plus(Duration.ofMinutes(140)));
    assertThat(admission("", TWO).end(TWO.plus(Duration.ofHours(2))))
        .as("without a window the run's own end is the only one, and it takes a minute to say so")
        .isEqualTo(TWO.plus(Duration.ofMinutes(359)));
    assertThat(admission(",\"activeDeadlineSeconds\":600", TWO).end(TWO))
        .isEqualTo(TWO.plus(Duration.ofMinutes(9)));
  }

  @ParameterizedTest
  @CsvSource({
    "'', 329, true",
    "'', 330, false",
    "',\"window\":{\"duration\":\"8h\"}', 329, true",
    "',\"window\":{\"duration\":\"8h\"}', 330, false",
    "',\"activeDeadlineSeconds\":600', 6, true",
    "',\"activeDeadlineSeconds\":600', 7, false",
    "',\"window\":{\"duration\":\"10m\"}', 9, true"
  })
  void beginsNoHostThatTheRunsOwnEndWouldCutOff(String more, int minutes, boolean begins) {
    Optional<Refusal> refusal = admission(more, TWO).beforeHost(TWO.plus(ofMinutes(minutes)));
    assertThat(refusal.isEmpty()).isEqualTo(begins);
    refusal.ifPresent(
        it -> {
          assertThat(it.outcome()).isEqualTo(Outcome.CutOff);
          assertThat(it.message()).contains("activeDeadlineSeconds");
        });
  }

  @Test
  void rebootsOnlyWhereTheHostCanBeBackBeforeTheEnd() {
    assertThat(admission(WINDOW, TWO).beforeReboot(TWO.plus(ofMinutes(110)), ofMinutes(10)))
        .isEmpty();
    assertThat(admission(WINDOW, TWO).beforeReboot(TWO.plus(ofMinutes(111)), ofMinutes(10)))
        .contains(
            new Refusal(
                Outcome.CutOff,
                "it may take 10m (reboot.timeout), and the window closes at"
                    + " 2026-11-25T04:00:00Z"));
    assertThat(admission("", TWO).beforeReboot(TWO.plus(ofMinutes(300)), ofMinutes(10))).isEmpty();
    assertThat(admission("", TWO).beforeReboot(TWO.plus(ofMinutes(350)), ofMinutes(10)))
        .contains(
            new Refusal(
                Outcome.CutOff,
                "it may take 10m (reboot.timeout), and activeDeadlineSeconds end the run at"
                    + " 2026-11-25T07:59:00Z"));
  }

  @Test
  void rebootsInNoFreezeThatHasBegunMeanwhile() {
    var freeze = new Freeze("2026-11-25T02:30:00Z", "2026-11-25T06:00:00Z", "a fair");
    for (String more : List.of("", WINDOW)) {
      Admission admission = admission(more, TWO, freeze);
      assertThat(admission.beforeReboot(TWO.plus(ofMinutes(29)), ofMinutes(10))).isEmpty();
      assertThat(admission.beforeReboot(TWO.plus(ofMinutes(30)), ofMinutes(10)))
          .as("it is left to the next window")
          .contains(
              new Refusal(Outcome.CutOff, "nothing starts until 2026-11-25T06:00:00Z: a fair"));
    }
  }
}
