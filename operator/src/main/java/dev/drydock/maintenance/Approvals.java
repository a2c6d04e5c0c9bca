package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.Text;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What people have approved by the annotation {@code drydock.dev/approve=<task>@<date>}, or several
 * of these with commas between them. A date is one of the schedule's zone. It holds as long as it
 * stands there: what is taken out is not approved any more. It covers what is due on that date, and
 * what a person starts on it, on whatever days the task is due.
 *
 * @param problems a sentence for each part that approves nothing
 */
record Approvals(Set<Approval> granted, List<String> problems) {
  static final String ANNOTATION = "drydock.dev/approve";

  private static final int MOST = 50;

  Approvals {
    granted = Set.copyOf(granted);
    problems = List.copyOf(problems);
  }

  /** All runs of a task on that day. */
  record Approval(String task, LocalDate date) {}

  /** What has yet to come of it, as the beginning of a value that adds to it. */
  String standing(LocalDate today) {
    return granted.stream()
        .filter(approval -> !approval.date().isBefore(today))
        .map(approval -> approval.task() + "@" + approval.date() + ",")
        .sorted()
        .collect(Collectors.joining());
  }

  /** What the annotation's value says at an instant; dates that are over are fine. */
  static Approvals read(
      String value, MaintenanceScheduleSpec spec, Calendar calendar, Instant now) {
    var granted = new LinkedHashSet<Approval>();
    var problems = new ArrayList<String>();
    for (String part : value.split(",", MOST)) {
      if (part.isBlank()) {
        continue;
      }
      try {
        granted.add(approval(part.strip(), spec, calendar, now));
      } catch (IllegalArgumentException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    return new Approvals(granted, problems);
  }

  /** Whether the run that is due at an instant was approved. */
  boolean cover(String task, Instant due, Calendar calendar) {
    return granted.contains(new Approval(task, calendar.date(due)));
  }

  private static Approval approval(
      String part, MaintenanceScheduleSpec spec, Calendar calendar, Instant now) {
    int at = part.indexOf('@');
    Optional<LocalDate> date = at < 0 ? Optional.empty() : date(part.substring(at + 1));
    if (date.isEmpty()) {
      throw new IllegalArgumentException(
          "'"
              + Text.line(part, 100)
              + "' approves nothing: write <task>@<date>, for example major-upgrade@2027-01-09");
    }
    MaintenanceTask task = Tasks.named(part.substring(0, at), spec);
    if (task.approval() != MaintenanceTask.Approval.Required) {
      throw new IllegalArgumentException(
          "task " + task.name() + " needs no approval: it starts when it is due");
    }
    if (date.get().isAfter(calendar.date(now)) && !calendar.isDueOn(task.name(), date.get())) {
      throw new IllegalArgumentException(
          "task "
              + task.name()
              + " has no run on "
              + date.get()
              + ": "
              + calendar
                  .next(task.name(), now)
                  .map(next -> "its next run is on " + calendar.date(next))
                  .orElse("it has none at all"));
    }
    return new Approval(task.name(), date.get());
  }

  /** A date as in 2027-01-09, or nothing. */
  static Optional<LocalDate> date(String text) {
    try {
      return Optional.of(LocalDate.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
