package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The words that stories of maintenance are told in. Their schedules have one task each. */
abstract class MaintenanceStory extends Story {
  static final Duration RUN = Duration.ofMinutes(2);
  static final String NEVER = "0 3 29 2 *";

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

  /** Declares a schedule whose only task is never due while a story is told. */
  void schedule(String name, String work) {
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: MaintenanceSchedule
        metadata: {name: %s}
        spec:
          tasks:
          - name: work
            schedule: "%s"
        """
                .formatted(name, NEVER)
            + work.indent(4));
  }

  void assertSucceeded(String schedule) {
    assertThat(run(schedule).outcome())
        .as(
            "%s\n%s",
            Serialization.asYaml(run(schedule)), run(schedule).job() == null ? "" : log(schedule))
        .isEqualTo(Outcome.Succeeded);
  }

  /** What the pod of the last run has logged. */
  String log(String schedule) {
    return client.batch().v1().jobs().inNamespace(namespace).withName(run(schedule).job()).getLog();
  }

  List<String> events(String reason) {
    return client.events().v1().events().inNamespace(namespace).list().getItems().stream()
        .filter(event -> reason.equals(event.getReason()))
        .map(event -> String.valueOf(event.getNote()))
        .toList();
  }

  List<Pod> pods() {
    return client.pods().inNamespace(namespace).list().getItems();
  }
}
