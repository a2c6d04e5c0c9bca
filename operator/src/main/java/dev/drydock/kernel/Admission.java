package dev.drydock.kernel;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec.Freeze;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a run may begin, and go on to its next host. Pure.
 *
 * @param due when the run was due; null where a person started it: its window then opens with it
 * @param started when it began
 */
public record Admission(
    MaintenanceTask task,
    String timeZone,
    List<Freeze> freezes,
    @Nullable Instant due,
    Instant started) {
  /** What is written in the place of a due time where a person started the run. */
  public static final String NOT_DUE = "none";

  /** Of a run that may only be short, the part that has to be left for another host. */
  private static final int SHARE = 4;

  /** A run's Job is ended after this, and what is left of it is needed to say so. */
  private static final Duration ACTIVE = Duration.ofHours(6);

  private static final Duration SPARE = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofMinutes(30);

  public Admission {
    freezes = List.copyOf(freezes);
  }

  /** Nothing may begin. */
  public record Refusal(Outcome outcome, String message) {}

  /** Why the run may not begin; nothing: it may. */
  public Optional<Refusal> atStart(Instant now) {
    if (due != null && !CronSchedule.parse(task.schedule(), timeZone).isDue(due)) {
      return Optional.of(
          new Refusal(
              Outcome.Skipped, "not due: " + due + " is no time of '" + task.schedule() + "'"));
    }
    Optional<Refusal> frozen = frozen(now);
    if (frozen.isPresent() || due == null) {
      return frozen;
    }
    Window window = window();
    return switch (window.at(now)) {
      case Ahead, Open -> Optional.empty();
      case CutOff ->
          Optional.of(
              new Refusal(
                  Outcome.CutOff,
                  "too little is left of the window: the last start was at "
                      + window.lastStart()
                      + ", the next run is the next chance"));
      case Closed ->
          Optional.of(
              new Refusal(
                  Outcome.Missed,
                  "it was due at " + due + " and could not start until " + window.lastStart()));
    };
  }

  /** Why no further host may be begun; nothing: one may. */
  public Optional<Refusal> beforeHost(Instant now) {
    Optional<Refusal> frozen = frozen(now);
    if (frozen.isPresent()) {
      return frozen;
    }
    if (task.window() != null && isOver(window().at(now))) {
      return Optional.of(
          new Refusal(Outcome.CutOff, "nothing starts after " + window().lastStart()));
    }
    Duration share = active().dividedBy(SHARE);
    Instant lastStart = last().minus(share.compareTo(Window.LEAST) < 0 ? share : Window.LEAST);
    return now.isAfter(lastStart)
        ? Optional.of(
            new Refusal(
                Outcome.CutOff,
                "nothing starts after "
                    + lastStart
                    + ", since activeDeadlineSeconds end the run "
                    + Durations.text(active())
                    + " after its start"))
        : Optional.empty();
  }

  /** A node whose clock is behind may still be before the due time: nobody is sent before that. */
  private static boolean isOver(Window.Phase phase) {
    return switch (phase) {
      case Ahead, Open -> false;
      case CutOff, Closed -> true;
    };
  }

  /** The same for a pod that goes on with a run that began before it. */
  public Admission since(Instant begun) {
    return new Admission(task, timeZone, freezes, due, begun);
  }

  /** Why nothing may be installed on a host that was begun; nothing: it may. */
  public Optional<Refusal> beforeInstallation(Instant now) {
    return frozen(now);
  }

  /**
   * Why a host may not be rebooted; nothing: it may. What is refused is due in the next window.
   *
   * @param most how long it may take to come back
   */
  public Optional<Refusal> beforeReboot(Instant now, Duration most) {
    Instant closes = window().closes();
    return frozen(now)
        .map(Refusal::message)
        .or(
            () ->
                closes != null && now.plus(most).isAfter(closes)
                    ? Optional.of(
                        "it may take "
                            + Durations.text(most)
                            + " (reboot.timeout), and the window closes at "
                            + closes)
                    : Optional.empty())
        .or(
            () ->
                now.plus(most).isAfter(last())
                    ? Optional.of(
                        "it may take "
                            + Durations.text(most)
                            + " (reboot.timeout), and activeDeadlineSeconds end the run at "
                            + last())
                    : Optional.empty())
        .map(message -> new Refusal(Outcome.CutOff, message));
  }

  /** How long to wait for a host that somebody else works on. */
  public Duration patience(Instant now) {
    if (task.window() == null) {
      return PATIENCE;
    }
    Duration left = Duration.between(now, window().lastStart());
    return left.isNegative() ? Duration.ZERO : left.compareTo(PATIENCE) < 0 ? left : PATIENCE;
  }

  /**
   * When work on a host that begins now has to be over. Without a window that is the run's own end:
   * how long each step may take is the task's to say.
   */
  public Instant end(Instant now) {
    return window().end(now).filter(end -> end.isBefore(last())).orElse(last());
  }

  private Duration active() {
    Integer seconds = task.activeDeadlineSeconds();
    return seconds == null ? ACTIVE : Duration.ofSeconds(seconds);
  }

  /** The end of the run, but for the time that it takes to leave word. */
  private Instant last() {
    return started.plus(active()).minus(SPARE);
  }

  private Window window() {
    return Window.of(task, due == null ? started : due);
  }

  private Optional<Refusal> frozen(Instant now) {
    return Freezes.at(freezes, now).map(frozen -> new Refusal(Outcome.Frozen, frozen.message()));
  }
}
