package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Letter;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Subject;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Trouble;
import dev.drydock.kernel.Fingerprint;
import dev.drydock.kernel.Severity;
import dev.drydock.port.Alert;
import dev.drydock.port.Alert.Phase;
import dev.drydock.port.Outbox;
import dev.drydock.port.Outbox.Delivery;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * Brings one schedule's letters to their channels. A letter stays in status until every channel has
 * had it: a crash between a delivery and the status that says so costs a repetition at the worst,
 * and never silence.
 */
final class Mailroom {
  /** On each alert: the schedule that it is about. */
  static final String LABEL = "schedule";

  private final Outbox outbox;
  private final MaintenanceSchedule schedule;
  private final Predicate<String> exists;
  private final BiFunction<String, Letter, String> details;
  private boolean underway;

  /**
   * @param exists whether a channel is declared in the schedule's namespace
   * @param details what a letter of a task says beside its text; may be empty
   */
  Mailroom(
      Outbox outbox,
      MaintenanceSchedule schedule,
      Predicate<String> exists,
      BiFunction<String, Letter, String> details) {
    this.outbox = outbox;
    this.schedule = schedule;
    this.exists = exists;
    this.details = details;
  }

  /** Offers the letters of one task that are in status, and returns what is left to do. */
  TaskState post(TaskState state, List<Letter> written) {
    Set<String> told =
        new LinkedHashSet<>(state.trouble() == null ? List.of() : state.trouble().told());
    Set<String> unwanted = new LinkedHashSet<>();
    var left = new ArrayList<Letter>();
    for (Letter letter : state.letters()) {
      if (!written.contains(letter)) {
        left.add(letter);
        continue;
      }
      var channels = new ArrayList<String>();
      for (String channel : letter.channels()) {
        boolean heardNothing =
            letter.about() == Subject.TroubleOver && unwanted.contains(channel + letter.since());
        switch (heardNothing ? new Delivery.NotWanted() : offer(state.name(), channel, letter)) {
          case Delivery.Delivered _, Delivery.MayHaveArrived _ -> {
            if (isOpen(letter, state)) {
              told.add(channel);
            }
          }
          case Delivery.NotWanted _ -> unwanted.add(channel + letter.since());
          case Delivery.Withdrawn _ -> {
            // Nobody here takes anything back.
          }
          case Delivery.Underway _ -> {
            channels.add(channel);
            underway = true;
          }
          case Delivery.NoSuchChannel _ -> {
            // The operator may just have started; a channel may be declared later on.
            if (exists.test(channel)) {
              channels.add(channel);
              underway = true;
            } else if (isOpen(letter, state)) {
              channels.add(channel);
            }
          }
        }
      }
      if (!channels.isEmpty()) {
        left.add(
            new Letter(
                letter.about(),
                letter.since(),
                letter.ended(),
                letter.severity(),
                letter.text(),
                channels));
      }
    }
    Trouble trouble = state.trouble();
    if (trouble != null) {
      told.forEach(channel -> sustain(state.name(), channel, trouble));
    }
    return new TaskState(
        state.name(),
        state.cronJob(),
        state.nextRun(),
        state.lastSuccess(),
        state.lastRun(),
        state.approvedFor(),
        state.announced(),
        state.checklist(),
        state.schedule(),
        state.slot(),
        state.done(),
        trouble == null
            ? null
            : new Trouble(
                trouble.since(), trouble.severity(), trouble.message(), TaskLedger.newest(told)),
        left);
  }

  /** Ends what was told of a task that is no more: there will be no other turn to do it. */
  void farewell(TaskState gone, Instant now) {
    Trouble trouble = gone.trouble();
    if (trouble != null) {
      var end =
          new Letter(
              Subject.TroubleOver,
              trouble.since(),
              now.toString(),
              trouble.severity(),
              "the task was deleted; it was: " + trouble.message(),
              List.of());
      trouble.told().forEach(channel -> offer(gone.name(), channel, end));
    }
  }

  /** Whether something is on its way of which nobody has heard yet. */
  boolean isUnderway() {
    return underway;
  }

  private static boolean isOpen(Letter letter, TaskState state) {
    return letter.about() == Subject.Trouble
        && state.trouble() != null
        && state.trouble().since().equals(letter.since());
  }

  private Delivery offer(String task, String channel, Letter letter) {
    return outbox.offer(schedule.getMetadata().getNamespace(), channel, alert(task, letter));
  }

  private void sustain(String task, String channel, Trouble trouble) {
    var letter =
        new Letter(
            Subject.Trouble,
            trouble.since(),
            null,
            trouble.severity(),
            trouble.message(),
            List.of());
    outbox.sustain(schedule.getMetadata().getNamespace(), channel, alert(task, letter));
  }

  private Alert alert(String task, Letter letter) {
    String namespace = schedule.getMetadata().getNamespace();
    String name = schedule.getMetadata().getName();
    String source = "MaintenanceSchedule/" + namespace + "/" + name;
    return new Alert(
        letter.about() == Subject.News
            ? Fingerprint.of(source, task, letter.since(), letter.text())
            : Fingerprint.of(source, task),
        switch (letter.about()) {
          case Trouble -> Phase.FIRING;
          case TroubleOver -> Phase.RESOLVED;
          case News -> Phase.NOTICE;
        },
        Severity.of(letter.severity().name()),
        source,
        name + ": " + task + ": " + letter.text(),
        details.apply(task, letter),
        Map.of("namespace", namespace, LABEL, name, "task", task),
        Instant.parse(letter.since()),
        letter.ended() == null ? null : Instant.parse(letter.ended()),
        null);
  }
}
