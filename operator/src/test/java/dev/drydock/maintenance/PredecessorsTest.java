package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.maintenance.RunPlan.Before;
import dev.drydock.maintenance.TaskJob.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PredecessorsTest {
  private static final Instant UPDATE = Instant.parse("2026-11-25T02:00:00Z");
  private static final Instant VACUUM = Instant.parse("2026-11-25T03:00:00Z");
  private static final MaintenanceScheduleSpec SPEC =
      Schedules.of(
          """
          hosts: {names: [offchain]}
          tasks:
          - {name: update, schedule: "0 2 * * 3", window: {duration: 2h}, systemUpdate: {}}
          - {name: vacuum, schedule: "0 3 * * *", after: [update], command: {run: "true"}}
          """);

  private static List<Before> before(Instant slot, @Nullable TaskState state, TaskJob... jobs) {
    return Predecessors.of(
        SPEC.tasks().get(1),
        slot,
        Calendar.of(SPEC),
        SPEC.tasks().stream().collect(Collectors.toMap(MaintenanceTask::name, Function.identity())),
        state == null ? Map.of() : Map.of("update", state),
        List.of(jobs));
  }

  private static TaskState state(@Nullable Run lastRun, Instant slot) {
    var ledger = new TaskLedger("update", null, null, slot);
    ledger.slot("any");
    ledger.lastRun(lastRun);
    return ledger.state();
  }

  private static Run ended(Instant scheduled, Outcome outcome) {
    return new Run(
        scheduled.toString(),
        scheduled.equals(UPDATE) ? "update-1" : "update-0",
        scheduled.toString(),
        scheduled.plusSeconds(600).toString(),
        outcome,
        "",
        List.of());
  }

  private static TaskJob job(Phase phase) {
    return new TaskJob(
        "update-1",
        "main",
        "update",
        Optional.of(UPDATE),
        UPDATE,
        phase,
        Optional.empty(),
        false,
        phase == Phase.Ended ? Optional.of(UPDATE.plusSeconds(600)) : Optional.empty(),
        "",
        Set.of(),
        List.of(),
        new TaskJob.Origin("1", "now", Optional.empty()),
        Optional.empty());
  }

  @Test
  void findsTheShortestCircleOfEachTaskThatIsInOne() {
    MaintenanceScheduleSpec spec =
        Schedules.of(
            """
            tasks:
            - {name: a, schedule: "0 2 * * *", after: [c, late], command: {run: a}}
            - {name: b, schedule: "0 2 * * *", after: [a], command: {run: a}}
            - {name: c, schedule: "0 2 * * *", after: [first, b], command: {run: a}}
            - {name: late, schedule: "0 2 * * *", after: [b, c], command: {run: a}}
            - {name: first, schedule: "0 2 * * *", command: {run: a}}
            - {name: last, schedule: "0 2 * * *", after: [late, first], command: {run: a}}
            """);
    Map<String, List<String>> circles =
        Predecessors.circles(
            spec.tasks().stream()
                .collect(Collectors.toMap(MaintenanceTask::name, Function.identity())));
    assertThat(circles)
        .containsOnly(
            Map.entry("a", List.of("a", "c", "b")),
            Map.entry("b", List.of("b", "a", "c")),
            Map.entry("c", List.of("c", "b", "a")),
            Map.entry("late", List.of("late", "b", "a")));
    assertThat(Predecessors.message(List.of("a", "c", "b")))
        .isEqualTo(
            "a comes after c comes after b comes after a: none of them can ever start; take one of"
                + " these out of after");
  }

  @Test
  void itIsOpenUntilItsEndIsWrittenDown() {
    List<Before> open = List.of(new Before.Open("update"));
    Run lastWeek = ended(UPDATE.minusSeconds(7 * 86_400), Outcome.Failed);
    assertThat(before(VACUUM, null)).isEqualTo(open);
    assertThat(before(VACUUM, state(lastWeek, UPDATE.minusSeconds(60)))).isEqualTo(open);
    for (Phase phase : Phase.values()) {
      assertThat(before(VACUUM, state(lastWeek, UPDATE), job(phase)))
          .as("%s", phase)
          .isEqualTo(open);
    }
    assertThat(before(VACUUM, state(ended(UPDATE, Outcome.Succeeded), UPDATE), job(Phase.Ended)))
        .isEmpty();
  }

  @Test
  void itsFailureIsToldAndALaterSuccessMakesItGood() {
    assertThat(before(VACUUM, state(ended(UPDATE, Outcome.Failed), UPDATE), job(Phase.Ended)))
        .containsExactly(new Before.Bad("update", Outcome.Failed));
    Run byHand =
        new Run(
            null,
            "update-now-1",
            UPDATE.plusSeconds(900).toString(),
            UPDATE.plusSeconds(1000).toString(),
            Outcome.Succeeded,
            "",
            List.of());
    assertThat(before(VACUUM, state(byHand, UPDATE), job(Phase.Ended))).isEmpty();
  }

  @Test
  void onOtherDaysItIsNotAskedFor() {
    assertThat(before(VACUUM.plusSeconds(86_400), null)).isEmpty();
    assertThat(before(VACUUM.minusSeconds(86_400), null)).isEmpty();
  }
}
