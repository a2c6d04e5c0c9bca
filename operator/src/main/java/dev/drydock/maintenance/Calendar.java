package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.CronSchedule;
import dev.drydock.kernel.Window;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * When the tasks of one schedule are due. Methods that take a task's name expect one of its own.
 */
public final class Calendar {
  /** A due time of a task. */
  public record Slot(String task, Instant due) {}

  private static final String ZONE = "Etc/UTC";

  private final ZoneId zone;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private record Entry(MaintenanceTask task, CronSchedule cron) {}

  private record Upcoming(Slot slot, int position) {}

  private Calendar(ZoneId zone) {
    this.zone = zone;
  }

  /** The name of the zone that a schedule is meant in. */
  public static String zone(MaintenanceScheduleSpec spec) {
    return spec.timeZone() == null ? ZONE : spec.timeZone();
  }

  /**
   * Reads all tasks.
   *
   * @throws IllegalArgumentException with a sentence for people, if one can't be read
   */
  public static Calendar of(MaintenanceScheduleSpec spec) {
    var calendar = new Calendar(ZoneId.of(zone(spec)));
    for (MaintenanceTask task : spec.tasks()) {
      try {
        var cron = CronSchedule.parse(task.schedule(), zone(spec));
        calendar.entries.put(task.name(), new Entry(task, cron));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("task " + task.name() + ": " + e.getMessage(), e);
      }
    }
    return calendar;
  }

  public ZoneId zone() {
    return zone;
  }

  public boolean has(String task) {
    return entries.containsKey(task);
  }

  public CronSchedule cron(String task) {
    return entry(task).cron();
  }

  /** The first due time of a task after an instant; also of one that is suspended. */
  public Optional<Instant> next(String task, Instant after) {
    return cron(task).next(after);
  }

  /**
   * The next due times over all tasks that are not suspended, in order; those of one time in the
   * order of the tasks.
   */
  public List<Slot> next(Instant after, int count) {
    var names = List.copyOf(entries.keySet());
    var ahead =
        new PriorityQueue<Upcoming>(
            Comparator.comparing((Upcoming upcoming) -> upcoming.slot().due())
                .thenComparingInt(Upcoming::position));
    for (int i = 0; i < names.size(); i++) {
      if (!Boolean.TRUE.equals(entry(names.get(i)).task().suspend())) {
        offer(ahead, names.get(i), i, after);
      }
    }
    var slots = new ArrayList<Slot>();
    while (slots.size() < count && !ahead.isEmpty()) {
      Upcoming first = ahead.remove();
      slots.add(first.slot());
      offer(ahead, first.slot().task(), first.position(), first.slot().due());
    }
    return List.copyOf(slots);
  }

  private void offer(PriorityQueue<Upcoming> ahead, String task, int position, Instant after) {
    next(task, after).ifPresent(due -> ahead.add(new Upcoming(new Slot(task, due), position)));
  }

  /**
   * The newest due time of a task after {@code since} and not after {@code now}. It costs the same
   * however many were due in between: whoever was away for a year catches up with one run at the
   * most.
   */
  public Optional<Instant> latest(String task, Instant since, Instant now) {
    return cron(task).previous(now).filter(due -> due.isAfter(since));
  }

  /** When a run that is due at an instant may start. */
  public Window window(String task, Instant due) {
    return Window.of(entry(task).task(), due);
  }

  /** The date of an instant in the schedule's zone: what people approve and announcements name. */
  public LocalDate date(Instant instant) {
    return instant.atZone(zone).toLocalDate();
  }

  /** Whether a task is due on a date of the schedule's zone. */
  public boolean isDueOn(String task, LocalDate date) {
    Instant before = date.atStartOfDay(zone).toInstant().minusNanos(1);
    return next(task, before).filter(due -> date(due).equals(date)).isPresent();
  }

  private Entry entry(String task) {
    Entry entry = entries.get(task);
    if (entry == null) {
      throw new IllegalArgumentException("there is no task " + task + " in this schedule");
    }
    return entry;
  }
}
