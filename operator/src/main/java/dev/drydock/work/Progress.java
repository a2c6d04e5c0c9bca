package dev.drydock.work;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.kernel.Admission.Refusal;
import dev.drydock.work.HostWork.Done;
import dev.drydock.work.WorkAssignment.Target;
import dev.drydock.work.WorkResult.HostResult;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which hosts are done, and whether another one may be begun. For several threads. */
public final class Progress {
  private static final int NAMED = 5;

  private final Queue<Target> ahead;
  private final int maxFailures;
  private final List<HostResult> results = new ArrayList<>();
  private @Nullable Refusal refusal;
  private boolean interrupted;

  /**
   * @param targets in the order in which they are begun
   * @param maxFailures no further one is begun when more than these have failed
   */
  public Progress(List<Target> targets, int maxFailures) {
    this.ahead = new ArrayDeque<>(targets);
    this.maxFailures = maxFailures;
  }

  /**
   * The next host to begin with; nothing if there is none, or none may be begun.
   *
   * @param refused why none may be, by the time
   */
  public synchronized Optional<Target> next(Optional<Refusal> refused) {
    if (ahead.isEmpty()
        || interrupted
        || refusal != null
        || results.stream().anyMatch(Progress::isLeft)
        || failures() > maxFailures) {
      return Optional.empty();
    }
    if (refused.isPresent()) {
      refusal = refused.get();
      return Optional.empty();
    }
    return Optional.of(ahead.remove());
  }

  private long failures() {
    return results.stream().filter(result -> !isFine(result)).count();
  }

  private static boolean isFine(HostResult result) {
    return result.outcome() == Outcome.Succeeded || result.outcome() == Outcome.Skipped;
  }

  /** Something of it is left to the next window. */
  private static boolean isLeft(HostResult result) {
    return result.outcome() == Outcome.CutOff || result.outcome() == Outcome.Frozen;
  }

  /** A host is done, well or not. */
  public synchronized void done(Target target, Done done) {
    results.add(new HostResult(target.name(), done.outcome(), done.message()));
  }

  /** The pod has to end; nothing is begun any more. */
  public synchronized void interrupted() {
    interrupted = true;
  }

  /** The same, amid the work on a host. */
  public synchronized void interrupted(Target target) {
    interrupted = true;
    results.add(
        new HostResult(
            target.name(),
            Outcome.Failed,
            "the work was ended amid a step; what was being installed goes on to its end there"));
  }

  /** What the run came to. */
  public synchronized WorkResult result(Instant at) {
    List<String> failed = names(Outcome.Failed);
    List<String> blocked = names(Outcome.Blocked);
    List<String> cutOff = names(Outcome.CutOff);
    List<String> frozen = names(Outcome.Frozen);
    List<String> well = results.stream().filter(Progress::isFine).map(HostResult::name).toList();
    Outcome outcome =
        !failed.isEmpty() || interrupted
            ? Outcome.Failed
            : !blocked.isEmpty()
                ? Outcome.Blocked
                : !cutOff.isEmpty()
                    ? Outcome.CutOff
                    : refusal != null
                        ? refusal.outcome()
                        : !frozen.isEmpty() ? Outcome.Frozen : Outcome.Succeeded;
    // After too many failures the next run begins anew: else one host that always fails would keep
    // those before it from ever being done again.
    boolean unfinished =
        results.stream().anyMatch(Progress::isLeft)
            || (!ahead.isEmpty() && (refusal != null || interrupted));
    if (results.size() == 1 && ahead.isEmpty() && !interrupted) {
      HostResult only = results.getFirst();
      return new WorkResult(at, outcome, only.name() + ": " + only.message(), results, unfinished);
    }
    var parts = new ArrayList<String>();
    if (interrupted) {
      parts.add("the pod was ended before the work was, by its deadline or by a person");
    }
    if (!failed.isEmpty()) {
      parts.add("failed: " + few(failed) + said(Outcome.Failed));
    }
    if (!blocked.isEmpty()) {
      parts.add("blocked: " + few(blocked) + said(Outcome.Blocked));
    }
    if (!cutOff.isEmpty()) {
      parts.add("cut off: " + few(cutOff) + said(Outcome.CutOff));
    }
    if (!frozen.isEmpty()) {
      parts.add("frozen: " + few(frozen) + said(Outcome.Frozen));
    }
    if (refusal != null) {
      parts.add(refusal.message());
    }
    if (!well.isEmpty()) {
      parts.add("done: " + few(well));
    }
    if (!ahead.isEmpty()) {
      parts.add(
          "not begun: "
              + few(ahead.stream().map(Target::name).toList())
              + (unfinished ? "; the next " + chance(outcome) + " goes on there" : ""));
    }
    return new WorkResult(at, outcome, String.join("; ", parts), results, unfinished);
  }

  private String chance(Outcome outcome) {
    boolean inTime = refusal != null && refusal.outcome() == Outcome.CutOff;
    return inTime || outcome == Outcome.CutOff ? "window" : "run";
  }

  private List<String> names(Outcome outcome) {
    return results.stream()
        .filter(result -> result.outcome() == outcome)
        .map(HostResult::name)
        .toList();
  }

  private String said(Outcome outcome) {
    return results.stream()
        .filter(result -> result.outcome() == outcome)
        .findFirst()
        .map(result -> " (" + result.message() + ")")
        .orElse("");
  }

  private static String few(List<String> names) {
    return names.stream().limit(NAMED).collect(Collectors.joining(", "))
        + (names.size() > NAMED ? ", … " + (names.size() - NAMED) + " more" : "");
  }
}
