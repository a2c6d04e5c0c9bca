package dev.drydock.e2e;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** The words that stories of maintenance are told in. Their schedules have one task each. */
abstract class MaintenanceStory extends Story {
  static final Duration RUN = Duration.ofMinutes(2);

  void annotate(String schedule, String name, String value) {
    client
        .resources(MaintenanceSchedule.class)
        .inNamespace(namespace)
        .withName(schedule)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\":{\"annotations\":{\"%s\":\"%s\"}}}".formatted(name, value));
  }

  MaintenanceSchedule schedule(String name) {
    return client.resources(MaintenanceSchedule.class).inNamespace(namespace).withName(name).get();
  }

  Optional<TaskState> task(String schedule) {
    return Optional.ofNullable(schedule(schedule).getStatus())
        .flatMap(status -> status.tasks().stream().findFirst());
  }

  Run run(String schedule) {
    return task(schedule).map(TaskState::lastRun).orElseThrow();
  }

  void awaitTask(String schedule, Duration patience, Predicate<TaskState> wanted) {
    await(
        "MaintenanceSchedule " + schedule,
        patience,
        () -> schedule(schedule),
        _ -> task(schedule).filter(wanted).isPresent());
  }

  void awaitRun(String schedule, Predicate<Run> wanted) {
    awaitTask(schedule, RUN, task -> task.lastRun() != null && wanted.test(task.lastRun()));
  }
}
