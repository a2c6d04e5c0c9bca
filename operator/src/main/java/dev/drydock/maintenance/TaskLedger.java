package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.common.Severity;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec.Notify;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.ChecklistState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.HostOutcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Letter;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Subject;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Trouble;
import dev.drydock.kernel.Text;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is written down of one task, and what people are to be told of it. Pure. */
final class TaskLedger {
  private static final List<Outcome> TOLD =
      List.of(Outcome.Failed, Outcome.Missed, Outcome.CutOff, Outcome.Blocked);
  private static final Duration KEPT = Duration.ofDays(1);
  private static final int LETTERS = 20;
  private static final int DATES = 10;
  private static final int TEXT = 1000;

  /** What the schema of the status has room for. */
  private static final int CHANNELS = 20;

  private final String name;
  private final List<String> channels;
  private final List<Outcome> on;
  private final Instant now;
  private @Nullable String cronJob;
  private @Nullable String nextRun;
  private @Nullable String lastSuccess;
  private @Nullable Run lastRun;
  private List<String> approvedFor;
  private List<String> announced;
  private @Nullable ChecklistState checklist;
  private @Nullable String schedule;
  private @Nullable String slot;
  private List<String> done;
  private @Nullable Trouble trouble;
  private final List<Letter> letters;

  /**
   * Continues what status says.
   *
   * @param before null: the task is new
   */
  TaskLedger(String name, @Nullable TaskState before, @Nullable Notify notify, Instant now) {
    this.name = name;
    this.now = now.truncatedTo(ChronoUnit.SECONDS);
    channels = notify == null ? List.of() : notify.channels();
    on = notify == null || notify.on().isEmpty() ? TOLD : notify.on();
    cronJob = before == null ? null : before.cronJob();
    nextRun = before == null ? null : before.nextRun();
    lastSuccess = before == null ? null : before.lastSuccess();
    lastRun = before == null ? null : before.lastRun();
    approvedFor = before == null ? List.of() : before.approvedFor();
    announced = before == null ? List.of() : before.announced();
    checklist = before == null ? null : before.checklist();
    schedule = before == null ? null : before.schedule();
    slot = before == null ? null : before.slot();
    done = before == null ? List.of() : before.done();
    trouble = before == null ? null : before.trouble();
    letters = new ArrayList<>(before == null ? List.of() : before.letters());
  }

  @Nullable Run lastRun() {
    return lastRun;
  }

  List<String> approvedFor() {
    return approvedFor;
  }

  List<String> announced() {
    return announced;
  }

  List<String> done() {
    return done;
  }

  @Nullable ChecklistState checklist() {
    return checklist;
  }

  /**
   * What was due before it was dealt with, or is nobody's. When the schedule is new, or another
   * one, that is now.
   */
  Instant slot(String current) {
    if (slot == null || !current.equals(schedule)) {
      slot = now.toString();
      schedule = current;
    }
    return Instant.parse(slot);
  }

  void slot(Instant dealtWith) {
    slot = dealtWith.toString();
  }

  /**
   * The task was taken out of its schedule: should it come back, it is a new one. That it is gone
   * is seen by its having no schedule.
   */
  void gone() {
    schedule = null;
    slot = null;
    nextRun = null;
    approvedFor = List.of();
    announced = List.of();
    done = List.of();
  }

  /**
   * Whether something is still to be told of a task that is gone. What went wrong after it was
   * taken out stays for a day, and its log with it.
   */
  static boolean isToBeKept(TaskState before, TaskState state, Instant now) {
    Run run = state.lastRun();
    if (run == null) {
      return false;
    }
    if (run.finished() == null) {
      return true;
    }
    boolean wentWrongSince = before.schedule() == null && state.trouble() != null;
    return (wentWrongSince || !state.letters().isEmpty())
        && before.cronJob() != null
        && now.isBefore(Instant.parse(run.finished()).plus(KEPT));
  }

  /** Whether what went wrong may still be looked up in a log. */
  static boolean isLogKept(TaskState state, Instant now) {
    return state.trouble() != null
        && now.isBefore(Instant.parse(state.trouble().since()).plus(KEPT));
  }

  void cronJob(@Nullable String made) {
    cronJob = made;
  }

  void nextRun(Optional<Instant> due) {
    nextRun = due.map(Instant::toString).orElse(null);
  }

  /** What the annotation says now is approved, and nothing else. */
  void approve(Stream<String> dates, String notBefore) {
    approvedFor =
        dates
            .filter(date -> date.compareTo(notBefore) >= 0)
            .distinct()
            .sorted()
            .limit(DATES)
            .toList();
  }

  void announced(List<String> keys) {
    announced = keys;
  }

  void checklist(@Nullable ChecklistState state) {
    checklist = state;
  }

  /** Writes down how the last run stands, and what follows from its end. */
  void lastRun(@Nullable Run run) {
    boolean isNewEnd = isNewEnd(run);
    boolean isNewHalt = isHalted(run) && !isHalted(lastRun);
    lastRun = run == null ? null : shortened(run);
    if (isNewEnd && run != null && run.outcome() != null) {
      ended(run, run.outcome());
    } else if (isNewHalt && run != null && on.contains(Outcome.Failed)) {
      wrong(
          new Trouble(
              now.toString(),
              Severity.Warning,
              Text.line("it does not go on: " + run.message(), TEXT),
              List.of()));
    }
  }

  /** Whether a run's Job has begun, and something keeps it from going on. */
  static boolean isHalted(@Nullable Run run) {
    return run != null
        && run.job() != null
        && run.started() != null
        && run.outcome() == null
        && run.message() != null;
  }

  /** Whether that is the end of a run of which no end is written down yet. */
  boolean isNewEnd(@Nullable Run run) {
    return run != null && run.outcome() != null && !isSame(lastRun, run);
  }

  private static boolean isSame(@Nullable Run before, Run run) {
    return before != null
        && before.outcome() == run.outcome()
        && Objects.equals(before.job(), run.job())
        && Objects.equals(before.scheduled(), run.scheduled());
  }

  private void ended(Run run, Outcome outcome) {
    String finished = run.finished() == null ? now.toString() : run.finished();
    String text = outcome + ": " + run.message();
    if (run.started() != null) {
      done = Boolean.TRUE.equals(run.unfinished()) ? union(done, succeeded(run)) : List.of();
    }
    switch (outcome) {
      case Succeeded -> {
        lastSuccess = finished;
        if (trouble != null) {
          over(trouble, finished, text);
          trouble = null;
        } else if (on.contains(outcome)) {
          news(text, finished, channels);
        }
      }
      case Failed, Missed, CutOff, Blocked -> {
        // A host that is lost is told whatever else people want to hear of.
        if (on.contains(outcome) || severity(run) == Severity.Critical) {
          wrong(new Trouble(finished, severity(run), Text.line(text, TEXT), List.of()));
        }
      }
      case Frozen, Skipped -> {
        if (on.contains(outcome)) {
          news(text, finished, channels);
        }
      }
    }
  }

  /** Another trouble takes the place of the one before it: whoever was told hears of it, too. */
  private void wrong(Trouble found) {
    List<String> told = trouble == null ? List.of() : trouble.told();
    trouble = new Trouble(found.since(), found.severity(), found.message(), told);
    send(
        new Letter(
            Subject.Trouble, found.since(), null, found.severity(), found.message(), channels));
  }

  /** Everybody who was told, or is about to be, hears that it is over. */
  private void over(Trouble was, String finished, String text) {
    Set<String> heard = new LinkedHashSet<>(was.told());
    letters.stream()
        .filter(letter -> letter.about() == Subject.Trouble)
        .forEach(letter -> heard.addAll(letter.channels()));
    if (!heard.isEmpty()) {
      send(
          new Letter(
              Subject.TroubleOver,
              was.since(),
              finished,
              was.severity(),
              Text.line(text, TEXT),
              newest(heard)));
    }
  }

  /** Channels may all be renamed during one trouble: those that were named first give way. */
  static List<String> newest(Collection<String> channels) {
    return channels.stream().skip(Math.max(0, channels.size() - CHANNELS)).toList();
  }

  /** Has channels told what has no end. */
  void news(String text, String since, List<String> to) {
    send(new Letter(Subject.News, since, null, Severity.Info, Text.line(text, TEXT), to));
  }

  void news(String text, List<String> to) {
    news(text, now.toString(), to);
  }

  private void send(Letter letter) {
    if (!letter.channels().isEmpty()) {
      letters.add(letter);
      if (letters.size() > LETTERS) {
        letters.removeFirst();
      }
    }
  }

  private static Severity severity(Run run) {
    return run.hosts().stream().anyMatch(host -> Boolean.TRUE.equals(host.lost()))
        ? Severity.Critical
        : Severity.Warning;
  }

  private static Run shortened(Run run) {
    return run.message() == null
        ? run
        : new Run(
            run.scheduled(),
            run.job(),
            run.started(),
            run.finished(),
            run.outcome(),
            Text.line(run.message(), TEXT),
            run.hosts(),
            run.unfinished(),
            run.pod());
  }

  private static List<String> succeeded(Run run) {
    return run.hosts().stream()
        .filter(host -> host.outcome() == Outcome.Succeeded)
        .map(HostOutcome::name)
        .toList();
  }

  private static List<String> union(List<String> one, List<String> other) {
    return Stream.concat(one.stream(), other.stream())
        .distinct()
        .sorted()
        .limit(TaskEnd.MOST_HOSTS)
        .toList();
  }

  TaskState state() {
    return new TaskState(
        name,
        cronJob,
        nextRun,
        lastSuccess,
        lastRun,
        approvedFor,
        announced,
        checklist,
        schedule,
        slot,
        done,
        trouble,
        letters);
  }
}
