package dev.drydock.work;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.work.WorkAssignment.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a task does on each of its hosts, under the host's lock. */
public sealed interface HostWork
    permits SystemUpdates, ServiceRestarts, Vacuums, HostCommands, Audits {
  /** How long a host may be out of sight for work of which nothing else is known. */
  Duration ABSENCE = Reboots.TIMEOUT.plus(Reboots.STARTUP);

  /** What the Host must permit. */
  List<Permit> permits();

  /** Whether the SSH user of a host must be able to become root. */
  boolean needsRoot(Target target);

  /** What may be disturbed there, as {@link dev.drydock.kernel.Work} writes it. */
  List<String> touches();

  /** How long a host may be out of sight for it, until its services run again. */
  default Duration absence() {
    return ABSENCE;
  }

  /** How long to wait for a host that does not answer: an earlier pod may have rebooted it. */
  default Duration patience() {
    return Duration.ZERO;
  }

  /**
   * Whether a pod that follows one which was ended amid the work goes on with it: then it is noted
   * on the host how far it came, see {@link RunNote}. Of all other work there is one pod alone.
   */
  default boolean isTakenUp() {
    return false;
  }

  /** Does it. What goes wrong is an answer; interrupted, it stops between two steps. */
  Done on(Site site) throws InterruptedException;

  /** How many hosts it takes. */
  default Reach reach() {
    return Reach.EACH;
  }

  /** Does it without a host, where it takes none; it has to be over at {@code end}. */
  default Done fromHere(Site.Means means, Instant end) {
    return new Done(Outcome.Blocked, "there is no host to work on: see hosts");
  }

  /** How many hosts it takes. */
  enum Reach {
    /** It is done on each of them. */
    EACH,
    /** The first one is gone through. */
    FIRST,
    /** It is done from here. */
    NONE
  }

  /**
   * What came of it.
   *
   * @param lost whether the host was rebooted and did not come back
   */
  record Done(Outcome outcome, String message, boolean lost) {
    public Done(Outcome outcome, String message) {
      this(outcome, message, false);
    }

    /** The same of a host that was rebooted and is gone. */
    Done ofLost() {
      return new Done(outcome, message, true);
    }

    /**
     * What is wrong comes first: a reader, and whoever escalates, looks for it there.
     *
     * @param wrong what is; none: it went well
     * @param said what was done, in its order
     */
    static Done of(List<String> wrong, List<String> said) {
      String done = String.join("; ", said);
      return wrong.isEmpty()
          ? new Done(Outcome.Succeeded, said.isEmpty() ? "all is well" : done + "; all is well")
          : new Done(
              Outcome.Failed,
              String.join("; ", wrong) + (said.isEmpty() ? "" : " (done: " + done + ")"));
    }

    /**
     * What is not wrong, but is left to the next window.
     *
     * @param left what that is, and why
     * @param said what was done, in its order
     */
    static Done cutOff(String left, List<String> said) {
      return new Done(
          Outcome.CutOff,
          left + (said.isEmpty() ? "" : " (done: " + String.join("; ", said) + ")"));
    }
  }

  /** What a task does on hosts; nothing if it is not done on hosts. */
  static Optional<HostWork> of(MaintenanceTask task) {
    if (task.systemUpdate() != null) {
      return Optional.of(new SystemUpdates(task.systemUpdate()));
    }
    if (task.serviceRestart() != null) {
      return Optional.of(new ServiceRestarts(task.serviceRestart()));
    }
    if (task.vacuum() != null) {
      return Optional.of(new Vacuums(task.vacuum()));
    }
    if (task.command() != null) {
      return Optional.of(new HostCommands(task.command()));
    }
    if (task.audit() != null) {
      return Optional.of(new Audits(task.audit()));
    }
    return Optional.empty();
  }

  /** Why it may not be done on a host, and what to change there; nothing: it may. */
  default Optional<String> refusal(Target target) {
    var missing = new ArrayList<String>();
    List<String> absent =
        permits().stream()
            .filter(permit -> !target.permits().contains(permit))
            .map(Permit::name)
            .toList();
    if (!absent.isEmpty()) {
      missing.add(
          "does not permit " + String.join(" and ", absent) + ": add it to its spec.permits");
    }
    if (needsRoot(target) && !target.sudo() && !target.reach().user().equals("root")) {
      missing.add("gives its SSH user no root: set its spec.sudo to Passwordless");
    }
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(missing.stream().collect(Collectors.joining(", and ", "the Host ", "")));
  }
}
