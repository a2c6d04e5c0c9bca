package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is new about a task's last run, for an event. Pure.
 *
 * @param reason an event's reason
 */
record RunNews(boolean isBad, String reason, String note) {

  static Optional<RunNews> of(@Nullable Run before, @Nullable Run now) {
    if (now == null || now.equals(before)) {
      return Optional.empty();
    }
    Optional<Run> same =
        Optional.ofNullable(before)
            .filter(run -> Objects.equals(run.job(), now.job()))
            .filter(run -> Objects.equals(run.scheduled(), now.scheduled()));
    return now.outcome() != null
        ? end(now, now.outcome()).filter(_ -> isNot(same, run -> run.outcome() == now.outcome()))
        : now.started() == null
            ? Optional.of(new RunNews(false, "TaskWaiting", String.valueOf(now.message())))
                .filter(_ -> isNot(same, run -> Objects.equals(run.message(), now.message())))
            : TaskLedger.isHalted(now)
                ? Optional.of(new RunNews(true, "TaskHalted", String.valueOf(now.message())))
                    .filter(_ -> isNot(same, TaskLedger::isHalted))
                : Optional.of(
                        new RunNews(
                            false,
                            "TaskStarted",
                            now.job() == null
                                ? String.valueOf(now.message())
                                : "in the Job " + now.job()))
                    .filter(_ -> isNot(same, run -> run.started() != null));
  }

  private static boolean isNot(Optional<Run> before, Predicate<Run> said) {
    return before.filter(said).isEmpty();
  }

  private static Optional<RunNews> end(Run now, Outcome outcome) {
    return Optional.of(
        new RunNews(
            switch (outcome) {
              case Failed, Missed, CutOff, Blocked -> true;
              case Succeeded, Frozen, Skipped -> false;
            },
            "Task" + outcome,
            String.valueOf(now.message())));
  }
}
