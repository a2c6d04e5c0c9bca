package dev.drydock.kernel;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When the run of one due slot may start. Durations are real time: a window of four hours is that
 * long when the clocks change, too.
 *
 * @param opens the due time itself
 * @param lastStart from here on nothing starts
 * @param closes when a window is over; null where the task has none, and only its deadline ends it
 */
public record Window(Instant opens, Instant lastStart, @Nullable Instant closes) {
  /** How long a run is expected to take where no window says so. */
  static final Duration EXPECTED = Duration.ofHours(1);

  /** What a window that closes leaves to work that began in time: it is not cut off halfway. */
  static final Duration LEAST = Duration.ofMinutes(30);

  private static final int STARTING_DEADLINE = 300;

  /** Of a task that comes after others, whose work may have begun only just before it is due. */
  private static final int AFTER_OTHERS = 3600;

  /** Where an instant lies. */
  public enum Phase {
    /** It is not due yet. */
    Ahead,
    /** It may start. */
    Open,
    /** The window is open, but too little is left of it to start. */
    CutOff,
    /** It is too late. */
    Closed
  }

  /** The window that a task has when it is due at an instant. */
  public static Window of(MaintenanceTask task, Instant due) {
    MaintenanceTask.Window window = task.window();
    if (window == null) {
      return new Window(due, due.plus(lateness(task)), null);
    }
    Instant closes = due.plus(Durations.parse(window.duration()));
    return new Window(due, due.plus(lateness(task)), closes);
  }

  /** How late a task may start: up to the cutoff of its window, or its starting deadline. */
  public static Duration lateness(MaintenanceTask task) {
    MaintenanceTask.Window window = task.window();
    if (window != null) {
      return Durations.parse(window.duration())
          .minus(Durations.parse(window.cutoff(), Duration.ZERO));
    }
    Integer seconds = task.startingDeadlineSeconds();
    int deadline = task.after().isEmpty() ? STARTING_DEADLINE : AFTER_OTHERS;
    return Duration.ofSeconds(seconds == null ? deadline : seconds);
  }

  /** How long a run is expected to keep its hosts busy. */
  public static Duration expected(MaintenanceTask task) {
    MaintenanceTask.Window window = task.window();
    return window == null ? EXPECTED : Durations.parse(window.duration());
  }

  /** When the window ends work that begins now; nothing where there is none. */
  public Optional<Instant> end(Instant now) {
    Instant least = now.plus(LEAST);
    return Optional.ofNullable(closes).map(end -> end.isAfter(least) ? end : least);
  }

  /** Where {@code now} lies. */
  public Phase at(Instant now) {
    if (now.isBefore(opens)) {
      return Phase.Ahead;
    }
    if (now.isBefore(lastStart)) {
      return Phase.Open;
    }
    return closes != null && now.isBefore(closes) ? Phase.CutOff : Phase.Closed;
  }

  /** Whether a run may start now. */
  public boolean mayStart(Instant now) {
    return at(now) == Phase.Open;
  }
}
