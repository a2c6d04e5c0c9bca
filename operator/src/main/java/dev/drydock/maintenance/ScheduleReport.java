package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.NextRun;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Summary;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import dev.drydock.kernel.Conditions;
import dev.drydock.maintenance.Conflicts.Found;
import dev.drydock.maintenance.Conflicts.Meeting;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** From the tasks' states to the schedule's status. Pure. */
final class ScheduleReport {
  private static final int SHOWN = 10;
  private static final int NAMED = 3;
  private static final Set<Outcome> BAD =
      Set.of(Outcome.Failed, Outcome.Missed, Outcome.CutOff, Outcome.Blocked);

  private ScheduleReport() {}

  /** Whether a schedule is at work, and if not, why. */
  sealed interface Work {}

  /** It is. */
  record AtWork() implements Work {}

  /** Nothing is to start. */
  record Suspended() implements Work {}

  /** It can't be, until a person changes something. */
  record Stalled(String reason, String message) implements Work {}

  /**
   * What a turn came to.
   *
   * @param calendar null if the schedules can't be read
   * @param conflicts where this schedule's tasks meet others on one host; null: nobody has looked
   * @param missingChannels channels that the schedule names and that don't exist
   * @param misunderstood what annotations ask for that can't be done
   */
  record Turn(
      Work work,
      @Nullable Calendar calendar,
      List<TaskState> tasks,
      @Nullable Found conflicts,
      List<String> missingChannels,
      List<String> misunderstood,
      @Nullable String handledRun,
      @Nullable String handledApproval,
      @Nullable String handledDone) {}

  static MaintenanceScheduleStatus status(MaintenanceSchedule schedule, Turn turn, Instant now) {
    @Nullable MaintenanceScheduleStatus previous = schedule.getStatus();
    var conditions =
        new Conditions(
            previous == null ? List.of() : previous.conditions(),
            now,
            schedule.getMetadata().getGeneration());
    ready(conditions, turn);
    conflicting(conditions, turn.conflicts());
    lastRunSucceeded(conditions, turn.tasks());
    notifying(conditions, schedule, turn.missingChannels());
    List<NextRun> nextRuns =
        turn.calendar() == null
            ? List.of()
            : turn.calendar().next(now, SHOWN).stream()
                .map(slot -> new NextRun(slot.task(), slot.due().toString()))
                .toList();
    return new MaintenanceScheduleStatus(
        schedule.getMetadata().getGeneration(),
        conditions.list(),
        summary(schedule.getSpec().tasks().size(), turn.tasks(), nextRuns),
        nextRuns,
        turn.tasks(),
        turn.handledRun(),
        turn.handledApproval(),
        turn.handledDone(),
        handledRuns(previous, turn.handledRun()));
  }

  private static @Nullable Long handledRuns(
      @Nullable MaintenanceScheduleStatus previous, @Nullable String handledRun) {
    Long before = previous == null ? null : previous.handledRuns();
    return Objects.equals(handledRun, previous == null ? null : previous.lastHandledRun())
        ? before
        : Long.valueOf(before == null ? 1 : before + 1);
  }

  private static void ready(Conditions conditions, Turn turn) {
    String misunderstood =
        turn.misunderstood().isEmpty() ? "" : "; " + String.join("; ", turn.misunderstood());
    conditions.without("Reconciling").without("Stalled");
    switch (turn.work()) {
      case AtWork _ ->
          conditions.with(
              "Ready",
              true,
              "Scheduled",
              "each task starts when it is due, and nothing speaks against it" + misunderstood);
      case Suspended _ ->
          conditions.with(
              "Ready",
              true,
              "Suspended",
              "spec.suspend is true: nothing is started" + misunderstood);
      case Stalled(String reason, String message) ->
          conditions.with("Ready", false, reason, message).with("Stalled", true, reason, message);
    }
  }

  private static void conflicting(Conditions conditions, @Nullable Found found) {
    if (found == null) {
      conditions.unknown("Conflicting", "NotLookedAt", "nobody knows when its tasks are due");
    } else if (!found.meetings().isEmpty()) {
      List<Meeting> meetings = found.meetings();
      conditions.with(
          "Conflicting",
          true,
          "TasksMeet",
          meetings.stream().limit(NAMED).map(Meeting::message).collect(Collectors.joining("; "))
              + (meetings.size() > NAMED ? "; and " + (meetings.size() - NAMED) + " more" : "")
              + (found.complete() ? "" : "; and there may be others: not all was looked at")
              + ": one waits for the other; move one of them, or order them with after");
    } else if (found.complete()) {
      conditions.with(
          "Conflicting",
          false,
          "NoConflict",
          "no two tasks want one host at once in the next " + Conflicts.AHEAD.toDays() + " days");
    } else {
      conditions.unknown(
          "Conflicting",
          "NotAllLookedAt",
          "its tasks were not seen to meet others, but not all was looked at: too many tasks of"
              + " this namespace share hosts; move those apart that Conflicting of its other"
              + " schedules names");
    }
  }

  /** One task that failed is not made good by another one that did not. */
  private static void lastRunSucceeded(Conditions conditions, List<TaskState> tasks) {
    List<TaskState> ran =
        tasks.stream()
            .filter(task -> isTelling(task.lastRun()))
            .sorted(Comparator.comparing((TaskState task) -> time(task.lastRun())).reversed())
            .toList();
    List<TaskState> bad =
        ran.stream().filter(task -> !outcome(task).equals(Outcome.Succeeded.name())).toList();
    if (ran.isEmpty()) {
      conditions.unknown("LastRunSucceeded", "NoRunYet", "no task has run yet");
    } else if (bad.isEmpty()) {
      conditions.with(
          "LastRunSucceeded",
          true,
          Outcome.Succeeded.name(),
          "the last run of every task that has run succeeded");
    } else {
      conditions.with(
          "LastRunSucceeded",
          false,
          outcome(bad.getFirst()),
          bad.stream()
                  .limit(NAMED)
                  .map(task -> task.name() + ": " + message(task.lastRun()))
                  .collect(Collectors.joining("; "))
              + (bad.size() > NAMED ? "; and " + (bad.size() - NAMED) + " more" : ""));
    }
  }

  private static String message(@Nullable Run run) {
    return run == null ? "" : run.outcome() + ": " + run.message();
  }

  private static boolean isTelling(@Nullable Run run) {
    return run != null
        && run.outcome() != null
        && (BAD.contains(run.outcome()) || run.outcome() == Outcome.Succeeded);
  }

  private static void notifying(
      Conditions conditions, MaintenanceSchedule schedule, List<String> missing) {
    if (!missing.isEmpty()) {
      conditions.with(
          "Notifying",
          false,
          "ChannelNotFound",
          "there is no NotificationChannel "
              + String.join(", ", missing)
              + " in this namespace: create it, or take it out of the schedule");
    } else if (schedule.getSpec().notification() == null) {
      conditions.without("Notifying");
    } else {
      conditions.with("Notifying", true, "ChannelsFound", "every channel exists");
    }
  }

  private static Summary summary(int count, List<TaskState> tasks, List<NextRun> nextRuns) {
    Optional<NextRun> next = nextRuns.stream().findFirst();
    Optional<TaskState> last =
        tasks.stream()
            .filter(task -> task.lastRun() != null)
            .max(Comparator.comparing(task -> time(task.lastRun())));
    return new Summary(
        count,
        next.map(NextRun::task).orElse(null),
        next.map(NextRun::time).orElse(null),
        last.map(TaskState::name).orElse(null),
        last.map(task -> outcome(task)).orElse(null));
  }

  private static String outcome(TaskState task) {
    Run run = task.lastRun();
    if (run == null) {
      return "";
    }
    if (run.outcome() != null) {
      return run.outcome().name();
    }
    return task.checklist() != null ? "Open" : run.started() == null ? "Waiting" : "Running";
  }

  /** When something was last known of a run; what has not ended comes after what has. */
  private static String time(@Nullable Run run) {
    if (run == null) {
      return "";
    }
    return run.finished() == null ? "~" + run.started() : run.finished();
  }
}
