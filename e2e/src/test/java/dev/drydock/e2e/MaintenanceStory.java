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
  private static final String SOURCES = "/var/tmp/drydock-story-sources";

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

  static void offerAnUpdate(LabHost host) {
    putArchivesAway(host);
    Lab.command("publish", host.text(), "1");
    Lab.command("publish", host.text(), "2");
  }

  /** What they have today is not the story's. */
  static void putArchivesAway(LabHost host) {
    host.on(
        "sudo sh -c 'mkdir -p %1$s/d && mv /etc/apt/sources.list.d/* %1$s/d/; mv /etc/apt/sources.list %1$s/list; true' 2>/dev/null"
            .formatted(SOURCES));
  }

  static void bringArchivesBack(LabHost host) {
    host.on(
        "if [ -d %1$s ]; then sudo sh -c 'mv %1$s/list /etc/apt/sources.list; mv %1$s/d/* /etc/apt/sources.list.d/; rm -r %1$s; rm -f /run/reboot-required*'; fi 2>/dev/null"
            .formatted(SOURCES));
    Lab.command("publish", host.text(), "none");
  }

  static String version(LabHost host) {
    return host.on("dpkg-query -W -f '${Status} ${Version}' drydock-lab");
  }
}
