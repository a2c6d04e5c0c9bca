package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import dev.drydock.maintenance.Conflicts.Found;
import dev.drydock.maintenance.Conflicts.Meeting;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleReportTest {
  private static final Instant NOW = Instant.parse("2026-11-25T02:30:00Z");

  private static MaintenanceSchedule schedule() {
    var schedule = new MaintenanceSchedule();
    schedule.setMetadata(
        new ObjectMetaBuilder().withNamespace("ops").withName("main").withGeneration(3L).build());
    schedule.setSpec(
        Schedules.of(
            """
            hosts: {names: [ethbig]}
            tasks:
            - {name: garden, schedule: "0 22 * * 5", command: {run: "true"}}
            - {name: vacuum, schedule: "0 3 * * 3", command: {run: "true"}}
            """));
    return schedule;
  }

  private static TaskState task(String name, @Nullable String started, @Nullable Outcome outcome) {
    var ledger = new TaskLedger(name, null, null, NOW);
    ledger.lastRun(
        new Run(
            null,
            name,
            started,
            outcome == null ? null : "2026-11-25T02:1" + name.length() + ":00Z",
            outcome,
            "so it went",
            List.of()));
    return ledger.state();
  }

  private static MaintenanceScheduleStatus status(List<Meeting> meetings, TaskState... tasks) {
    return status(new Found(meetings, true), tasks);
  }

  private static MaintenanceScheduleStatus status(@Nullable Found found, TaskState... tasks) {
    MaintenanceSchedule schedule = schedule();
    return ScheduleReport.status(
        schedule,
        new ScheduleReport.Turn(
            new ScheduleReport.AtWork(),
            Calendar.of(schedule.getSpec()),
            List.of(tasks),
            found,
            List.of(),
            List.of(),
            null,
            null,
            null),
        NOW);
  }

  private static Condition condition(MaintenanceScheduleStatus status, String type) {
    return status.conditions().stream()
        .filter(c -> c.type().equals(type))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theNextTenRunsAreShownInTheirOrder() {
    MaintenanceScheduleStatus status = status(List.of(), task("garden", null, Outcome.Succeeded));
    assertThat(status.nextRuns()).hasSize(10);
    assertThat(status.nextRuns().getFirst().task()).isEqualTo("vacuum");
    assertThat(status.summary()).isNotNull();
    assertThat(status.summary().nextRun()).isEqualTo("2026-11-25T03:00:00Z");
    assertThat(status.summary().outcome()).isEqualTo("Succeeded");
    assertThat(status.observedGeneration()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "Succeeded, Succeeded, True, Succeeded",
    "Failed, Succeeded, False, Failed",
    "Succeeded, Missed, False, Missed",
    "Skipped, Frozen, Unknown, NoRunYet",
    "Skipped, Succeeded, True, Succeeded",
  })
  void oneFailureIsNotMadeGoodByAnotherTask(
      Outcome one, Outcome other, String expected, String reason) {
    Condition condition =
        condition(
            status(List.of(), task("garden", null, one), task("vacuum", null, other)),
            "LastRunSucceeded");
    assertThat(condition.status()).isEqualTo(expected);
    assertThat(condition.reason()).isEqualTo(reason);
  }

  @Test
  void whatGoesOnComesBeforeWhatHasEnded() {
    assertThat(
            status(
                    List.of(),
                    task("garden", null, Outcome.Failed),
                    task("vacuum", NOW.toString(), null))
                .summary())
        .satisfies(
            summary -> {
              assertThat(summary.last()).isEqualTo("vacuum");
              assertThat(summary.outcome()).isEqualTo("Running");
            });
    assertThat(status(List.of(), task("vacuum", null, null)).summary())
        .satisfies(summary -> assertThat(summary.outcome()).isEqualTo("Waiting"));
  }

  @Test
  void aConflictNamesBothAndWhenTheyMeet() {
    Condition condition =
        condition(
            status(List.of(new Meeting("main/garden", "main/vacuum", "ethbig", NOW))),
            "Conflicting");
    assertThat(condition.status()).isEqualTo("True");
    assertThat(condition.message())
        .contains("main/garden", "main/vacuum", "ethbig", "2026-11-25T02:30:00Z");
    assertThat(condition(status(List.of()), "Conflicting"))
        .extracting(Condition::status, Condition::message)
        .containsExactly("False", "no two tasks want one host at once in the next 90 days");
  }

  @Test
  void doesNotDenyAConflictThatNobodyLookedFor() {
    Condition condition = condition(status(new Found(List.of(), false)), "Conflicting");
    assertThat(condition.status()).isEqualTo("Unknown");
    assertThat(condition.message()).contains("not all was looked at");
    var meeting = new Meeting("main/garden", "main/vacuum", "ethbig", NOW);
    assertThat(condition(status(new Found(List.of(meeting), false)), "Conflicting"))
        .extracting(Condition::status, Condition::message)
        .satisfiesExactly(
            status -> assertThat(status).isEqualTo("True"),
            message -> assertThat((String) message).contains("there may be others"));
    assertThat(condition(status((Found) null), "Conflicting").status()).isEqualTo("Unknown");
  }
}
