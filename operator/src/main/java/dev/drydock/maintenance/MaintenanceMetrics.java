package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import dev.drydock.port.MetricSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** When tasks ran and will run, and how that went: of each what is known. */
public final class MaintenanceMetrics implements MetricSource {
  private final Map<String, List<Task>> schedules = new ConcurrentHashMap<>();

  /** One task of one schedule. */
  private record Task(Map<String, String> labels, TaskState state) {
    Optional<Instant> time(Function<Run, @Nullable String> of) {
      return Optional.ofNullable(state.lastRun()).map(of).map(Instant::parse);
    }
  }

  /** Tells what {@code states} say; a task that is no more is not told of. */
  void update(MaintenanceSchedule schedule, List<TaskState> states) {
    String namespace = schedule.getMetadata().getNamespace();
    String name = schedule.getMetadata().getName();
    schedules.put(
        key(schedule),
        states.stream()
            .map(
                state ->
                    new Task(
                        Map.of("namespace", namespace, "schedule", name, "task", state.name()),
                        state))
            .toList());
  }

  void gone(MaintenanceSchedule schedule) {
    schedules.remove(key(schedule));
  }

  @Override
  public List<Family> families() {
    List<Task> tasks = schedules.values().stream().flatMap(List::stream).toList();
    return List.of(
        family(
            "drydock_task_next_run_timestamp_seconds",
            "When the task is due next",
            tasks,
            task -> seconds(Optional.ofNullable(task.state().nextRun()).map(Instant::parse))),
        family(
            "drydock_task_last_run_timestamp_seconds",
            "When the last run ended",
            tasks,
            task -> seconds(task.time(Run::finished))),
        family(
            "drydock_task_last_success_timestamp_seconds",
            "When a run last succeeded",
            tasks,
            task -> seconds(Optional.ofNullable(task.state().lastSuccess()).map(Instant::parse))),
        family(
            "drydock_task_lateness_seconds",
            "How long after its due time the last run started",
            tasks,
            task -> between(task.time(Run::scheduled), task.time(Run::started))),
        family(
            "drydock_task_duration_seconds",
            "How long the last run took",
            tasks,
            task -> between(task.time(Run::started), task.time(Run::finished))),
        new Family(
            "drydock_task_outcome",
            false,
            "1 for how the last run ended",
            tasks.stream().flatMap(MaintenanceMetrics::outcome).toList()));
  }

  private static Family family(
      String name, String help, List<Task> tasks, Function<Task, Optional<Double>> figure) {
    var samples = new ArrayList<Sample>();
    tasks.forEach(
        task ->
            figure.apply(task).ifPresent(value -> samples.add(new Sample(task.labels(), value))));
    return new Family(name, false, help, samples);
  }

  private static Stream<Sample> outcome(Task task) {
    Run run = task.state().lastRun();
    if (run == null || run.outcome() == null) {
      return Stream.empty();
    }
    var labels = new HashMap<>(task.labels());
    labels.put("outcome", run.outcome().name());
    return Stream.of(new Sample(labels, 1));
  }

  private static Optional<Double> seconds(Optional<Instant> time) {
    return time.map(one -> (double) one.getEpochSecond());
  }

  private static Optional<Double> between(Optional<Instant> from, Optional<Instant> to) {
    return from.flatMap(start -> to.map(end -> Duration.between(start, end).toMillis() / 1000.0));
  }

  private static String key(MaintenanceSchedule schedule) {
    return schedule.getMetadata().getNamespace() + "/" + schedule.getMetadata().getName();
  }
}
