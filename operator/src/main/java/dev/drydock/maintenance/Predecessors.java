package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.Window;
import dev.drydock.maintenance.RunPlan.Before;
import dev.drydock.maintenance.TaskJob.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How the tasks stand that a run comes after. Pure. */
final class Predecessors {
  private static final Duration DAY = Duration.ofHours(24);
  private static final Set<Outcome> FINE = Set.of(Outcome.Succeeded, Outcome.Skipped);

  private Predecessors() {}

  /**
   * Those of {@code task}'s predecessors that are due on the day of its slot, or in whose window
   * that lies, and that did not do their work, or have not yet.
   *
   * @param states as they are written down
   * @param jobs of all tasks of the schedule
   */
  static List<Before> of(
      MaintenanceTask task,
      Instant slot,
      Calendar calendar,
      Map<String, MaintenanceTask> tasks,
      Map<String, TaskState> states,
      List<TaskJob> jobs) {
    return task.after().stream()
        .map(tasks::get)
        .filter(before -> before != null && !MaintenanceManifests.isTrue(before.suspend()))
        .flatMap(
            before ->
                dueWith(before, slot, calendar)
                    .flatMap(due -> judge(before, due, states.get(before.name()), jobs))
                    .stream())
        .toList();
  }

  /**
   * The circles of tasks that each wait for the one before: for every task that is in one, the
   * shortest, from the task on in the order in which they wait.
   */
  static Map<String, List<String>> circles(Map<String, MaintenanceTask> tasks) {
    var circles = new LinkedHashMap<String, List<String>>();
    for (String task : tasks.keySet()) {
      circle(task, tasks).ifPresent(circle -> circles.put(task, circle));
    }
    return circles;
  }

  private static Optional<List<String>> circle(String task, Map<String, MaintenanceTask> tasks) {
    var ways = new LinkedHashMap<String, List<String>>(Map.of(task, List.of(task)));
    var ahead = new ArrayDeque<>(List.of(task));
    while (!ahead.isEmpty()) {
      String here = ahead.remove();
      List<String> way = ways.getOrDefault(here, List.of());
      MaintenanceTask waiting = tasks.get(here);
      for (String before : waiting == null ? List.<String>of() : waiting.after()) {
        if (before.equals(task)) {
          return Optional.of(way);
        }
        if (!ways.containsKey(before)) {
          ways.put(before, Stream.concat(way.stream(), Stream.of(before)).toList());
          ahead.add(before);
        }
      }
    }
    return Optional.empty();
  }

  /** Why nothing of a circle starts, and what to change. */
  static String message(List<String> circle) {
    return String.join(" comes after ", circle)
        + " comes after "
        + circle.getFirst()
        + ": none of them can ever start; take one of these out of after";
  }

  private static Optional<Instant> dueWith(
      MaintenanceTask before, Instant slot, Calendar calendar) {
    return calendar
        .latest(before.name(), slot.minus(DAY), slot)
        .filter(
            due ->
                calendar.date(due).equals(calendar.date(slot))
                    || due.plus(Window.expected(before)).isAfter(slot));
  }

  private static Optional<Before> judge(
      MaintenanceTask before, Instant due, @Nullable TaskState state, List<TaskJob> jobs) {
    Optional<Before> open = Optional.of(new Before.Open(before.name()));
    if (state == null) {
      return open;
    }
    if (before.checklist() != null) {
      return state.checklist() != null && state.checklist().done() != null
          ? Optional.empty()
          : open;
    }
    Run run = state.lastRun();
    boolean isUnfinished =
        jobs.stream()
            .filter(job -> job.task().equals(before.name()))
            .anyMatch(
                job ->
                    job.phase() != Phase.Ended
                        || (job.slot().filter(due::equals).isPresent()
                            && !isWritten(run, job, due)));
    if (isUnfinished || state.slot() == null || Instant.parse(state.slot()).isBefore(due)) {
      return open;
    }
    return run == null
            || run.finished() == null
            || run.outcome() == null
            || Instant.parse(run.finished()).isBefore(due)
            || FINE.contains(run.outcome())
        ? Optional.empty()
        : Optional.of(new Before.Bad(before.name(), run.outcome()));
  }

  /** Whether what came of a Job is known: the last run is its own, or a later one. */
  private static boolean isWritten(@Nullable Run run, TaskJob job, Instant due) {
    return run != null
        && run.finished() != null
        && (job.name().equals(run.job()) || Instant.parse(run.finished()).isAfter(due));
  }
}
