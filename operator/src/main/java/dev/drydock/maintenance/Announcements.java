package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask.Announce;
import dev.drydock.kernel.Durations;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What people are told before runs. A key such as {@code 2027-01-09/28d} names what was told
 * already: the run's date in the schedule's zone, and how long before it. Of several runs a day the
 * first is announced.
 */
final class Announcements {
  /** As many keys as the status has room for. */
  private static final int KEYS = 20;

  private Announcements() {}

  /**
   * Something to tell now.
   *
   * @param keys all that this one message does for: if some were late, they come as one
   */
  record Announcement(String task, Instant due, List<String> keys) {
    Announcement {
      keys = List.copyOf(keys);
    }

    /** A sentence for people. */
    String message(Calendar calendar, Instant now) {
      return task
          + " is due on "
          + due.atZone(calendar.zone()).toLocalDateTime()
          + " "
          + calendar.zone().getId()
          + ", in "
          + Durations.text(Duration.between(now, due));
    }
  }

  /** What is to be told now about runs that are still ahead, by their time. */
  static List<Announcement> due(
      MaintenanceTask task, Calendar calendar, Collection<String> announced, Instant now) {
    var due = new ArrayList<Announcement>();
    for (Instant run : ahead(task, calendar, now)) {
      List<String> keys =
          befores(task).stream()
              .filter(before -> !run.minus(Durations.parse(before)).isAfter(now))
              .map(before -> key(calendar.date(run), before))
              .toList();
      // The last one is the nearest: if that was told, nobody needs an earlier one any more.
      if (!keys.isEmpty() && !announced.contains(keys.getLast())) {
        due.add(
            new Announcement(
                task.name(), run, keys.stream().filter(key -> !announced.contains(key)).toList()));
      }
    }
    return List.copyOf(due);
  }

  /** When there will be something to tell next, if anything will. */
  static Optional<Instant> next(MaintenanceTask task, Calendar calendar, Instant now) {
    return ahead(task, calendar, now).stream()
        .flatMap(run -> befores(task).stream().map(before -> run.minus(Durations.parse(before))))
        .filter(time -> time.isAfter(now))
        .min(Comparator.naturalOrder());
  }

  /** Of what was told, the part that is worth remembering: that of runs which are not over. */
  static List<String> remembered(
      MaintenanceTask task, Calendar calendar, Collection<String> announced, Instant now) {
    var dates = ahead(task, calendar, now).stream().map(calendar::date).toList();
    return announced.stream()
        .filter(key -> dates.stream().anyMatch(date -> key.startsWith(date + "/")))
        .distinct()
        .limit(KEYS)
        .toList();
  }

  private static String key(LocalDate date, String before) {
    return date + "/" + before;
  }

  /** From the longest to the shortest. */
  private static List<String> befores(MaintenanceTask task) {
    Announce announce = task.announce();
    return announce == null
        ? List.of()
        : announce.before().stream()
            .distinct()
            .sorted(Comparator.comparing((String before) -> Durations.parse(before)).reversed())
            .toList();
  }

  /** The first run of each of the next dates, as many as the status has room for. */
  private static List<Instant> ahead(MaintenanceTask task, Calendar calendar, Instant now) {
    var runs = new ArrayList<Instant>();
    int count = befores(task).isEmpty() ? 0 : KEYS / befores(task).size();
    Optional<Instant> run = calendar.next(task.name(), now);
    while (run.isPresent() && runs.size() < count) {
      runs.add(run.get());
      Instant nextDay =
          calendar.date(run.get()).plusDays(1).atStartOfDay(calendar.zone()).toInstant();
      run = calendar.next(task.name(), nextDay.minusNanos(1));
    }
    return runs;
  }
}
