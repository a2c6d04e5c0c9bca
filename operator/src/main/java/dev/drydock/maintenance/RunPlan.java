package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec.Freeze;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask.Approval;
import dev.drydock.kernel.Freezes;
import dev.drydock.kernel.Window;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/** Whether a run may start now: the gates that it has to pass, in their order. Pure. */
final class RunPlan {
  private RunPlan() {}

  /**
   * A run that wants to start, and all that has a say in it.
   *
   * @param resource its schedule, as kubectl takes it
   * @param job likewise
   * @param suspended what keeps the task from starting at all: the schedule, or the task; or
   *     nothing
   * @param slot the due time; nothing if a person started it
   * @param created when it was asked for
   * @param begun whether it was let start once: a person has suspended it since
   * @param approved dates that a person has approved
   * @param standing other approvals, which must not be lost when this one is added
   * @param before how the tasks stand that go first
   * @param refusal why there is nothing to do until a person changes something; or nothing
   * @param isCurrent whether its Job does what the task says now, and need not be made again
   * @param obstacle why it can't be made again, or could not be let start just now; or nothing
   * @param alerts critical ones of its hosts, a sentence each; none if they don't matter
   * @param rival who is at work on one of its hosts
   */
  record Request(
      String resource,
      String job,
      MaintenanceTask task,
      Calendar calendar,
      List<Freeze> freezes,
      Optional<String> suspended,
      Optional<Instant> slot,
      Instant created,
      boolean begun,
      List<LocalDate> approved,
      String standing,
      List<Before> before,
      WorkHosts hosts,
      Optional<String> refusal,
      boolean isCurrent,
      Optional<String> obstacle,
      List<String> alerts,
      Optional<String> rival,
      Instant now) {
    Request {
      freezes = List.copyOf(freezes);
      approved = List.copyOf(approved);
      before = List.copyOf(before);
      alerts = List.copyOf(alerts);
    }
  }

  /** How a task that goes first stands, where it is due, too. */
  sealed interface Before {
    /** It has not ended yet. */
    record Open(String task) implements Before {}

    /** It did not do its work. */
    record Bad(String task, Outcome outcome) implements Before {}
  }

  /** What is to happen. */
  sealed interface Decision {}

  record Start() implements Decision {}

  /**
   * Something else comes first, and its time is not over.
   *
   * @param message the same as long as the reason is
   */
  record Wait(String message) implements Decision {}

  /** It does not start. */
  record End(Outcome outcome, String message) implements Decision {}

  /** Its CronJob fires on more days than the task is due on: this was one of those. */
  record NotDue(String message) implements Decision {}

  static Decision decide(Request run) {
    return halted(run)
        .or(() -> suspended(run))
        .or(() -> notDue(run))
        .or(() -> frozen(run))
        .or(() -> notApproved(run))
        .or(() -> afterFailure(run))
        .or(() -> refused(run))
        .orElseGet(() -> inTime(run));
  }

  /** Whoever suspends a Job amid its work wants it to rest. */
  private static Optional<Decision> halted(Request run) {
    return run.begun()
        ? Optional.of(
            new Wait(
                "its Job was suspended amid its work; "
                    + (run.task().systemUpdate() == null
                        ? ""
                        : "to have it go on before its activeDeadlineSeconds are over: kubectl"
                            + " patch "
                            + run.job()
                            + " --type merge -p '{\"spec\":{\"suspend\":false}}'; ")
                    + "to end it: kubectl delete "
                    + run.job()))
        : Optional.empty();
  }

  private static Optional<Decision> suspended(Request run) {
    return run.suspended()
        .map(
            what ->
                new End(
                    run.slot().isPresent() ? Outcome.Skipped : Outcome.Blocked, suspended(what)));
  }

  /**
   * Why a run did not start.
   *
   * @param what the schedule, or the task
   */
  static String suspended(String what) {
    return what + " is suspended: set suspend to false to have it run";
  }

  private static Optional<Decision> notDue(Request run) {
    return run.slot()
        .filter(slot -> !run.calendar().cron(run.task().name()).isDue(slot))
        .map(slot -> new NotDue("not due: " + run.task().schedule() + " does not mean " + slot));
  }

  private static Optional<Decision> frozen(Request run) {
    return Freezes.at(run.freezes(), run.now())
        .map(
            frozen ->
                new End(
                    Outcome.Frozen,
                    run.slot().isPresent()
                        ? frozen.message()
                        : frozen.message()
                            + "; what a person starts is held, too: end the freeze in spec.freezes"
                            + " first"));
  }

  /** An approval covers the runs of its own date: those due on it, and those asked for on it. */
  private static Optional<Decision> notApproved(Request run) {
    LocalDate date = run.calendar().date(run.slot().orElse(run.created()));
    return run.task().approval() != Approval.Required || run.approved().contains(date)
        ? Optional.empty()
        : Optional.of(notApproved(run, run.calendar().date(run.now())));
  }

  private static Decision notApproved(Request run, LocalDate today) {
    String approval = run.task().name() + "@" + today;
    return new End(
        Outcome.Blocked,
        "nobody has approved it; to approve its runs of "
            + today
            + " and run it now: kubectl annotate --overwrite "
            + run.resource()
            + " "
            + Approvals.ANNOTATION
            + "="
            + run.standing()
            + approval
            + " "
            + MaintenanceManifests.RUN
            + "="
            + approval);
  }

  private static Optional<Decision> afterFailure(Request run) {
    return run.before().stream()
        .flatMap(
            before ->
                before instanceof Before.Bad bad
                    ? Optional.of(
                        new End(
                            Outcome.Blocked,
                            "it comes after "
                                + bad.task()
                                + ", whose run ended as "
                                + bad.outcome()
                                + ": mend that, then run both with the annotation drydock.dev/run"))
                        .stream()
                    : java.util.stream.Stream.empty())
        .<Decision>map(end -> end)
        .findFirst();
  }

  private static Optional<Decision> refused(Request run) {
    return run.hosts().isNobody()
        ? Optional.of(
            new End(Outcome.Skipped, "no Host in this namespace has the labels that are asked for"))
        : run.hosts().refusal().or(run::refusal).map(message -> new End(Outcome.Blocked, message));
  }

  /** What it waits for: something that ends by itself, or something that needs a person. */
  private record Held(String message, boolean isBlocked) {}

  private static Optional<Held> held(Request run) {
    return run.before().stream()
        .filter(Before.Open.class::isInstance)
        .map(before -> ((Before.Open) before).task())
        .findFirst()
        .map(task -> new Held("it comes after " + task + ", which has not ended yet", false))
        .or(() -> run.obstacle().filter(_ -> !run.isCurrent()).map(why -> new Held(why, true)))
        .or(() -> run.hosts().away().map(message -> new Held(message, true)))
        .or(
            () ->
                run.alerts().stream()
                    .findFirst()
                    .map(
                        alert ->
                            new Held(
                                "a critical alert is firing: "
                                    + alert
                                    + "; with ignoreAlerts: true it would start all the same",
                                true)))
        .or(() -> run.rival().map(rival -> new Held(rival + " is at work on its host", false)));
  }

  private static Decision inTime(Request run) {
    Window window = Window.of(run.task(), run.slot().orElse(run.created()));
    Optional<Held> held = held(run);
    if (run.now().isBefore(window.lastStart())) {
      return held.<Decision>map(
              reason -> new Wait("waits until " + window.lastStart() + ": " + reason.message()))
          .orElseGet(Start::new);
    }
    Optional<Held> hindered = held.or(() -> run.obstacle().map(why -> new Held(why, true)));
    if (run.slot().isEmpty()) {
      return hindered
          .<Decision>map(
              reason ->
                  new End(
                      Outcome.Blocked,
                      "it waited until " + window.lastStart() + ": " + reason.message()))
          .orElseGet(Start::new);
    }
    Outcome late = window.at(run.now()) == Window.Phase.CutOff ? Outcome.CutOff : Outcome.Missed;
    return hindered
        .map(
            reason ->
                new End(
                    reason.isBlocked() ? Outcome.Blocked : late,
                    "it waited until " + window.lastStart() + ": " + reason.message()))
        .orElseGet(() -> new End(late, tooLate(window)));
  }

  /** Why a run that nothing held did not start. */
  static String tooLate(Window window) {
    return "it was due at "
        + window.opens()
        + " and could start before "
        + window.lastStart()
        + ", but neither the cluster nor the operator came to it in time: if it can't wait for the"
        + " next run, start it with the annotation drydock.dev/run";
  }
}
