package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.ChecklistState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Lists from turn to turn, as status carries them. 2026-12-04 is the first Friday. */
class PeoplesTasksTest {
  private static final String FIRST_FRIDAY = "0 8 ? * FRI#1";

  private @Nullable TaskState state;
  private List<String> problems = List.of();

  private void turn(String zone, String cron, boolean suspended, String now, String... said) {
    var schedule = new MaintenanceSchedule();
    schedule.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("ops")
            .withName("main")
            .withCreationTimestamp("2026-01-01T00:00:00Z")
            .build());
    schedule.setSpec(
        Schedules.of(
            """
            timeZone: %s
            suspend: %s
            tasks: [{name: review, schedule: "%s", checklist: {items: [Look], due: 72h}}]
            """
                .formatted(zone, suspended, cron)));
    Instant at = Instant.parse(now);
    var ledger = new TaskLedger("review", state, null, at);
    problems =
        PeoplesTasks.plan(
            schedule,
            Calendar.of(schedule.getSpec()),
            suspended,
            said.length == 0 ? Optional.empty() : Optional.of(said[0]),
            Map.of("review", ledger),
            at);
    state = ledger.state();
  }

  private void turn(String cron, boolean suspended, String now) {
    turn("Etc/UTC", cron, suspended, now);
  }

  private @Nullable ChecklistState list() {
    return Objects.requireNonNull(state).checklist();
  }

  private Run run() {
    return Objects.requireNonNull(Objects.requireNonNull(state).lastRun());
  }

  @Test
  void theCommandThatItPrintsIsTaken() {
    turn("Asia/Tokyo", FIRST_FRIDAY, false, "2026-12-01T00:00:00Z");
    turn("Asia/Tokyo", FIRST_FRIDAY, false, "2026-12-03T23:00:05Z");
    String done = Objects.requireNonNull(run().message()).replaceFirst(".*drydock.dev/done=", "");
    assertThat(done).isEqualTo("review@2026-12-04");
    turn("Asia/Tokyo", FIRST_FRIDAY, false, "2026-12-04T00:00:00Z", done);
    assertThat(problems).isEmpty();
    assertThat(run().outcome()).isEqualTo(Outcome.Succeeded);
  }

  @Test
  void opensNoListForATimeBeforeThereWasTheTask() {
    turn(FIRST_FRIDAY, false, "2026-11-20T12:00:00Z");
    assertThat(list()).isNull();
    assertThat(Objects.requireNonNull(state).lastRun()).isNull();
    turn(FIRST_FRIDAY, false, "2026-12-04T08:00:01Z");
    assertThat(list())
        .isEqualTo(new ChecklistState("2026-12-04T08:00:00Z", "2026-12-07T08:00:00Z", null, false));
    turn(FIRST_FRIDAY, false, "2026-12-07T08:00:01Z");
    assertThat(run().outcome()).isEqualTo(Outcome.Failed);
  }

  @Test
  void opensNoListForATimeInWhichItWasSuspended() {
    turn(FIRST_FRIDAY, true, "2026-11-20T12:00:00Z");
    turn(FIRST_FRIDAY, true, "2026-12-04T08:00:01Z");
    turn(FIRST_FRIDAY, false, "2026-12-10T12:00:00Z");
    assertThat(list()).isNull();
    turn(FIRST_FRIDAY, false, "2027-01-01T08:00:01Z");
    assertThat(Objects.requireNonNull(list()).opened()).isEqualTo("2027-01-01T08:00:00Z");
  }

  @Test
  void opensNoListForATimeThatAnEditMadeUp() {
    turn(FIRST_FRIDAY, false, "2026-11-20T12:00:00Z");
    turn("0 8 ? * WED#2", false, "2026-11-20T13:00:00Z");
    assertThat(list()).isNull();
    turn("0 8 ? * WED#2", false, "2026-12-09T08:00:01Z");
    ChecklistState open = Objects.requireNonNull(list());
    assertThat(open.opened()).isEqualTo("2026-12-09T08:00:00Z");
    turn("0 8 * * *", false, "2026-12-10T12:00:00Z");
    assertThat(list()).as("the open one stays").isEqualTo(open);
  }
}
