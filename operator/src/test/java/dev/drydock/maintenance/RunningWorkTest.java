package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.kernel.Work;
import dev.drydock.kube.PlannedWork;
import dev.drydock.maintenance.TaskJob.Phase;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunningWorkTest {
  private static final Instant START = Instant.parse("2026-11-25T02:00:00Z");
  private static final Work WORK = new Work("maintenance ops/main/patches", List.of(Work.HOST));

  private final PlannedWork works = new PlannedWork();
  private final RunningWork running = new RunningWork(works);
  private final MaintenanceSchedule schedule = schedule();

  private static MaintenanceSchedule schedule() {
    var schedule = new MaintenanceSchedule();
    schedule.setMetadata(new ObjectMetaBuilder().withNamespace("ops").withName("main").build());
    schedule.setSpec(
        Schedules.of(
            """
            hosts: {names: [first, last]}
            tasks:
            - {name: patches, schedule: "0 2 * * *", systemUpdate: {reboot: {timeout: 40m}}}
            """));
    return schedule;
  }

  private static TaskJob job(String name, Phase phase) {
    return job(name, phase, phase == Phase.Running);
  }

  private static TaskJob job(String name, Phase phase, boolean begun) {
    return new TaskJob(
        name,
        "main",
        "patches",
        Optional.of(START),
        START,
        phase,
        Optional.empty(),
        begun,
        Optional.empty(),
        "",
        Set.of("first", "last"),
        List.of(Work.HOST),
        new TaskJob.Origin("1", "now", Optional.empty()),
        Optional.empty());
  }

  @Test
  void aJobThatIsSuspendedAmidItsWorkKeepsNoHostFromOthers() {
    running.update(schedule, List.of(job("j1", Phase.Running)));
    running.update(schedule, List.of(job("j1", Phase.Waiting, true)));
    assertThat(running.begin(schedule, job("j2", Phase.Waiting))).isEmpty();
  }

  private Optional<Work> lookedAndThenMissed(String host, String holder, Duration later) {
    works.seen("ops", host, holder, START);
    works.unseen("ops", host, START.plus(later));
    return works.on("ops", host, START.plus(later));
  }

  @Test
  void aJobExcusesOnlyTheHostThatItIsAtWorkOnAndForAsLongAsThatMayReboot() {
    assertThat(running.begin(schedule, job("j1", Phase.Waiting))).isEmpty();
    works.seen("ops", "last", "", START);
    assertThat(works.on("ops", "last", START)).as("it is not there yet").isEmpty();
    assertThat(lookedAndThenMissed("first", WORK.holder(), Duration.ofMinutes(44))).contains(WORK);
    assertThat(lookedAndThenMissed("first", WORK.holder(), Duration.ofMinutes(45))).isEmpty();
  }

  @Test
  void nothingIsExcusedOnceTheJobHasEnded() {
    running.update(schedule, List.of(job("j1", Phase.Running)));
    assertThat(lookedAndThenMissed("first", WORK.holder(), Duration.ofMinutes(1))).contains(WORK);
    running.update(schedule, List.of(job("j1", Phase.Running)));
    assertThat(works.on("ops", "first", START.plusSeconds(60))).as("it goes on").contains(WORK);
    assertThat(running.begin(schedule, job("j2", Phase.Waiting)))
        .contains("maintenance ops/main/patches");
    running.update(schedule, List.of(job("j1", Phase.Waiting)));
    assertThat(running.begin(schedule, job("j2", Phase.Waiting)))
        .as("informers are behind")
        .contains("maintenance ops/main/patches");
    running.update(schedule, List.of(job("j1", Phase.Ended)));
    assertThat(works.on("ops", "first", START.plusSeconds(60))).isEmpty();
    assertThat(running.begin(schedule, job("j2", Phase.Waiting))).isEmpty();
  }
}
