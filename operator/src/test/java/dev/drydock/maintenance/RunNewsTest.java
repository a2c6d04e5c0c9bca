package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which events people read of a run: each step once. */
class RunNewsTest {
  private static final String DUE = "2026-11-25T02:00:00Z";
  private static final Run WAITING = run(null, null, "ethbig is NotReady");
  private static final Run STARTED = run(DUE, null, null);

  private static Run run(
      @Nullable String started, @Nullable Outcome outcome, @Nullable String message) {
    return new Run(DUE, "ops-updates-1", started, null, outcome, message, List.of());
  }

  @Test
  void saysWhatItWaitsForAndThatAgainOnlyWhenItIsSomethingElse() {
    var waiting = new RunNews(false, "TaskWaiting", "ethbig is NotReady");
    assertThat(RunNews.of(null, WAITING)).contains(waiting);
    assertThat(RunNews.of(WAITING, WAITING.withPod("a"))).isEmpty();
    assertThat(RunNews.of(run(null, null, "an alert fires"), WAITING)).contains(waiting);
  }

  @Test
  void saysOnceThatItStartedAndWhere() {
    var started = new RunNews(false, "TaskStarted", "in the Job ops-updates-1");
    assertThat(RunNews.of(WAITING, STARTED)).contains(started);
    assertThat(RunNews.of(STARTED, STARTED.withPod("a"))).isEmpty();
    Run another =
        new Run("2026-12-02T02:00:00Z", "ops-updates-2", DUE, null, null, null, List.of());
    assertThat(RunNews.of(another, STARTED)).contains(started);
  }

  @Test
  void saysOfAChecklistWhoWasAsked() {
    var asked = new Run(DUE, null, DUE, null, null, "3 items are told to ops", List.of());
    assertThat(RunNews.of(null, asked))
        .contains(new RunNews(false, "TaskStarted", "3 items are told to ops"));
  }

  @ParameterizedTest
  @EnumSource
  void saysOnceHowItEnded(Outcome outcome) {
    Run ended = run(DUE, outcome, "ethbig: 3 packages");
    assertThat(RunNews.of(STARTED, ended))
        .contains(
            new RunNews(
                switch (outcome) {
                  case Failed, Missed, CutOff, Blocked -> true;
                  case Succeeded, Frozen, Skipped -> false;
                },
                "Task" + outcome,
                "ethbig: 3 packages"));
    assertThat(RunNews.of(ended, run(DUE, outcome, "ethbig: 3 packages, and a report"))).isEmpty();
  }
}
