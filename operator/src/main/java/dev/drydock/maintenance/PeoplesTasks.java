package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec.Notify;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.ChecklistState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What people do: lists that open, are done, or are overdue, as runs like others. Pure. */
final class PeoplesTasks {
  private PeoplesTasks() {}

  /**
   * Brings the ledgers of all checklists up to date.
   *
   * @param said what somebody says is done, if that is new
   * @return a sentence for each part of it that does nothing
   */
  static List<String> plan(
      MaintenanceSchedule schedule,
      Calendar calendar,
      boolean suspended,
      Optional<String> said,
      Map<String, TaskLedger> ledgers,
      Instant now) {
    Map<String, ChecklistState> states = new LinkedHashMap<>();
    for (MaintenanceTask task : schedule.getSpec().tasks()) {
      TaskLedger ledger = ledgers.get(task.name());
      if (task.checklist() != null && ledger != null) {
        Instant since = ledger.slot(task.schedule() + " " + Calendar.zone(schedule.getSpec()));
        ChecklistState state = ledger.checklist();
        if (suspended || MaintenanceManifests.isTrue(task.suspend())) {
          calendar.latest(task.name(), since, now).ifPresent(ledger::slot);
        } else {
          state = open(schedule, task, calendar, ledger, since, now);
        }
        if (state != null) {
          states.put(task.name(), state);
        }
      }
    }
    List<String> problems = List.of();
    if (said.isPresent()) {
      Checklists.Done done = Checklists.done(said.get(), states, schedule.getSpec(), calendar, now);
      states.putAll(done.states());
      problems = done.problems();
    }
    for (MaintenanceTask task : schedule.getSpec().tasks()) {
      ChecklistState state = states.get(task.name());
      TaskLedger ledger = ledgers.get(task.name());
      if (state != null && ledger != null) {
        ledger.checklist(state);
        ledger.lastRun(run(schedule, task, calendar, state));
      }
    }
    return problems;
  }

  private static @Nullable ChecklistState open(
      MaintenanceSchedule schedule,
      MaintenanceTask task,
      Calendar calendar,
      TaskLedger ledger,
      Instant since,
      Instant now) {
    ChecklistState before = ledger.checklist();
    Checklists.Turn turn = Checklists.turn(task, calendar, before, since, now);
    ChecklistState givenUp = turn.givenUp();
    if (givenUp != null && !MaintenanceManifests.isTrue(givenUp.overdue())) {
      ledger.lastRun(
          new Run(
              givenUp.opened(),
              null,
              givenUp.opened(),
              now.toString(),
              Outcome.Missed,
              "the list was never done, and the next one is open now",
              List.of()));
    }
    ChecklistState state = turn.state();
    if (state != null && (before == null || !before.opened().equals(state.opened()))) {
      ledger.slot(Instant.parse(state.opened()));
      Notify notify = schedule.getSpec().notification();
      ledger.news(
          what(schedule, task, calendar, state), notify == null ? List.of() : notify.channels());
    }
    return state;
  }

  private static Run run(
      MaintenanceSchedule schedule, MaintenanceTask task, Calendar calendar, ChecklistState state) {
    if (state.done() != null) {
      return new Run(
          state.opened(),
          null,
          state.opened(),
          state.done(),
          Outcome.Succeeded,
          "somebody said that it is done",
          List.of());
    }
    boolean overdue = MaintenanceManifests.isTrue(state.overdue());
    String what = what(schedule, task, calendar, state);
    return new Run(
        state.opened(),
        null,
        state.opened(),
        overdue ? state.due() : null,
        overdue ? Outcome.Failed : null,
        overdue ? "overdue since " + state.due() + ": " + what : what,
        List.of());
  }

  private static String what(
      MaintenanceSchedule schedule, MaintenanceTask task, Calendar calendar, ChecklistState state) {
    List<String> items = task.checklist() == null ? List.of() : task.checklist().items();
    return "to be done by "
        + state.due()
        + ": "
        + String.join("; ", items)
        + ". When it is done: kubectl annotate --overwrite -n "
        + schedule.getMetadata().getNamespace()
        + " ms/"
        + schedule.getMetadata().getName()
        + " "
        + Checklists.ANNOTATION
        + "="
        + task.name()
        + "@"
        + calendar.date(Instant.parse(state.opened()));
  }
}
