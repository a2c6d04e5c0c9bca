package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.ChecklistState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Text;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lists for people. A list opens when its task is due, and is done by the annotation {@code
 * drydock.dev/done=<task>}, or {@code <task>@<date>} with the date on which it opened, or several
 * of these with commas between them.
 */
final class Checklists {
  static final String ANNOTATION = "drydock.dev/done";

  private static final Duration DUE = Duration.ofDays(3);
  private static final int MOST = 50;

  private Checklists() {}

  /**
   * How a task's list stands.
   *
   * @param state of the list that is open or was open last; null before the first one
   * @param givenUp the list before it, if that was never done and this turn opened a new one
   */
  record Turn(@Nullable ChecklistState state, @Nullable ChecklistState givenUp) {}

  /**
   * What was said to be done.
   *
   * @param states those of all checklists by task, with what is new in them
   * @param problems a sentence for each part that does nothing
   */
  record Done(Map<String, ChecklistState> states, List<String> problems) {
    Done {
      states = Map.copyOf(states);
      problems = List.copyOf(problems);
    }
  }

  /**
   * Opens lists and finds them overdue.
   *
   * @param before what status says
   * @param since lists of that time and before were opened, or are nobody's
   */
  static Turn turn(
      MaintenanceTask task,
      Calendar calendar,
      @Nullable ChecklistState before,
      Instant since,
      Instant now) {
    Optional<Instant> opened = calendar.latest(task.name(), since, now);
    boolean isNew =
        opened.isPresent()
            && (before == null || Instant.parse(before.opened()).isBefore(opened.get()));
    if (isNew) {
      return new Turn(
          state(task, opened.get(), null, now),
          before != null && before.done() == null ? before : null);
    }
    return new Turn(
        before == null ? null : state(task, Instant.parse(before.opened()), before.done(), now),
        null);
  }

  private static ChecklistState state(
      MaintenanceTask task, Instant opened, @Nullable String done, Instant now) {
    Instant due =
        opened.plus(task.checklist() == null ? DUE : Durations.parse(task.checklist().due(), DUE));
    return new ChecklistState(
        opened.toString(), due.toString(), done, done == null && now.isAfter(due));
  }

  /**
   * What the annotation's value does to the lists. A caller handles each value once (status keeps
   * the last one), or the value that closed one list would close the next.
   */
  static Done done(
      String value,
      Map<String, ChecklistState> before,
      MaintenanceScheduleSpec spec,
      Calendar calendar,
      Instant now) {
    var states = new LinkedHashMap<>(before);
    var problems = new ArrayList<String>();
    for (String part : value.split(",", MOST)) {
      if (part.isBlank()) {
        continue;
      }
      try {
        MaintenanceTask task = close(part.strip(), states, spec, calendar);
        states.computeIfPresent(
            task.name(),
            (_, open) -> new ChecklistState(open.opened(), open.due(), now.toString(), false));
      } catch (IllegalArgumentException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    return new Done(states, problems);
  }

  private static MaintenanceTask close(
      String part,
      Map<String, ChecklistState> states,
      MaintenanceScheduleSpec spec,
      Calendar calendar) {
    int at = part.indexOf('@');
    MaintenanceTask task = Tasks.named(at < 0 ? part : part.substring(0, at), spec);
    if (task.checklist() == null) {
      throw new IllegalArgumentException(
          "task " + task.name() + " is no checklist: it is done when its run ends");
    }
    ChecklistState state = states.get(task.name());
    if (state == null) {
      throw new IllegalArgumentException("task " + task.name() + " has not been due yet");
    }
    LocalDate opened = calendar.date(Instant.parse(state.opened()));
    if (state.done() != null) {
      throw new IllegalArgumentException(
          "the list of task " + task.name() + " that opened on " + opened + " is done already");
    }
    if (at >= 0 && !Approvals.date(part.substring(at + 1)).equals(Optional.of(opened))) {
      throw new IllegalArgumentException(
          "task "
              + task.name()
              + " has no open list of "
              + Text.line(part.substring(at + 1), 40)
              + ": the open one is of "
              + opened);
    }
    return task;
  }
}
