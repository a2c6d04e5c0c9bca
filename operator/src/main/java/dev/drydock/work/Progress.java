package dev.drydock.work;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.kernel.Admission.Refusal;
import dev.drydock.work.HostWork.Done;
import dev.drydock.work.WorkAssignment.Target;
import dev.drydock.work.WorkResult.HostResult;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which hosts are done, and whether another one may be begun. For several threads.
 *
 * <p>Hosts are begun in their order. What an earlier pod of the same run has begun is brought to
 * its end even when no further host may be begun: as long as there may be more of that, the next
 * host is given out to be looked at.
 */
public final class Progress {
  private static final int NAMED = 5;

  /** It is what has to be known first. */
  private static final Comparator<HostResult> LOST_FIRST =
      Comparator.comparing(result -> !result.lost());

  private final Deque<Target> ahead;
  private final int maxFailures;
  private final int mostUntouched;
  private final List<Target> left = new ArrayList<>();
  private final List<HostResult> results = new ArrayList<>();

  /** An earlier pod may have begun these. */
  private final Set<String> reached = new HashSet<>();

  /** Those of them that do not answer. */
  private final Set<String> away = new HashSet<>();

  private final Semaphore reboots = new Semaphore(1, true);
  private @Nullable String rebooting;

  private @Nullable Refusal late;
  private @Nullable Refusal refusal;
  private int untouched;
  private int untold;
  private boolean takenUp;
  private boolean interrupted;

  /**
   * @param targets in the order in which they are begun
   * @param maxFailures no further one is begun when more than these have failed
   * @param parallel how many are worked on at a time
   * @param isTakenUp whether this may be the second pod of the run
   * @param late why the run may not begin any more, if that is so: unless an earlier pod has begun
   *     it
   */
  public Progress(
      List<Target> targets,
      int maxFailures,
      int parallel,
      boolean isTakenUp,
      Optional<Refusal> late) {
    this.ahead = new ArrayDeque<>(targets);
    this.maxFailures = maxFailures;
    // Before an earlier pod began a host, so many had failed at the most, or were not begun yet.
    this.mostUntouched = isTakenUp ? maxFailures + parallel : 0;
    this.late = late.orElse(null);
  }

  /**
   * A host whose turn it is.
   *
   * @param mayBegin false: only what an earlier pod has begun there goes on
   */
  public record Turn(Target target, boolean mayBegin) {}

  /**
   * The next host; nothing if there is none, or none may be begun. After one that did not come back
   * none is, whatever failures are allowed.
   *
   * @param refused why none may be, by the time
   */
  public synchronized Optional<Turn> next(Optional<Refusal> refused) {
    if (ahead.isEmpty() || interrupted) {
      return Optional.empty();
    }
    boolean mayBegin = late == null && refusal == null && !isOver();
    if (mayBegin && refused.isPresent()) {
      refusal = refused.get();
      mayBegin = false;
    }
    // One that can't be asked must not hide what was begun behind it; where many can't be, all that
    // is left would be tried in vain.
    boolean mayBeBegun = untouched < mostUntouched && untold <= mostUntouched;
    if (!mayBegin && !mayBeBegun) {
      return Optional.empty();
    }
    Target target = ahead.remove();
    if (mayBeBegun) {
      reached.add(target.name());
    }
    return Optional.of(new Turn(target, mayBegin));
  }

  private boolean isOver() {
    return isAnyLost() || results.stream().anyMatch(Progress::isLeft) || failures() > maxFailures;
  }

  /**
   * Why nothing may be installed and no host rebooted: what one did not survive may kill the next
   * one, too.
   */
  public synchronized Optional<String> against() {
    return results.stream()
        .filter(result -> result.lost() || away.contains(result.name()))
        .findFirst()
        .map(
            result ->
                result.name()
                    + (result.lost()
                        ? " did not come back after its reboot, see to that first"
                        : " does not answer, and an earlier pod of this run may have rebooted it:"
                            + " see to that first"));
  }

  /** Whether more hosts have failed than may: those that are at work are not rebooted, either. */
  public synchronized boolean isFailed() {
    return results.stream()
            .filter(
                result -> result.outcome() == Outcome.Failed || result.outcome() == Outcome.Blocked)
            .count()
        > maxFailures;
  }

  /**
   * Waits until no other host is being rebooted, or may be. The turn is the target's until {@link
   * #endRebootTurn}: when it is done, since only then it is known what became of it.
   */
  public void awaitRebootTurn(Target target) throws InterruptedException {
    if (!isRebooting(target)) {
      reboots.acquire();
      begin(target);
    }
  }

  private synchronized boolean isRebooting(Target target) {
    return target.name().equals(rebooting);
  }

  private synchronized void begin(Target target) {
    rebooting = target.name();
  }

  /** It is the next one's turn, if it was this one's. */
  public synchronized void endRebootTurn(Target target) {
    if (isRebooting(target)) {
      rebooting = null;
      reboots.release();
    }
  }

  /**
   * A host, which is about to be done, does not answer for as long as a reboot may take. If there
   * was an earlier pod, which may have come there, then it is lost; until that is known, no other
   * one is rebooted.
   */
  public synchronized void away(Target target) {
    if (reached.contains(target.name())) {
      away.add(target.name());
    }
  }

  private HostResult judged(HostResult result) {
    return takenUp && !result.lost() && away.contains(result.name())
        ? new HostResult(
            result.name(),
            result.outcome(),
            "an earlier pod of this run may have rebooted it, look at its console: "
                + result.message(),
            true)
        : result;
  }

  private boolean isAnyLost() {
    return results.stream().anyMatch(HostResult::lost);
  }

  /** No earlier pod of this run has begun a host. */
  public synchronized void untouched() {
    untouched++;
  }

  /** Whether an earlier pod has begun a host can't be known. */
  public synchronized void untold() {
    untold++;
  }

  /** A host is not begun. */
  public synchronized void leave(Target target) {
    if (takenUp && refusal == null && !isOver()) {
      ahead.addFirst(target);
      untouched--;
    } else {
      left.add(target);
    }
  }

  /** An earlier pod has begun the run, so it is in time. */
  public synchronized void takenUp() {
    takenUp = true;
    results.replaceAll(this::judged);
    results.sort(LOST_FIRST);
    if (late != null) {
      late = null;
      left.reversed().forEach(ahead::addFirst);
      untouched -= left.size();
      left.clear();
    }
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
    results.add(judged(new HostResult(target.name(), done.outcome(), done.message(), done.lost())));
    results.sort(LOST_FIRST);
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
            "the work was ended amid a step: an installation or a reboot that had begun goes on"
                + " there by itself, and nobody has seen what came of it"));
  }

  /** What the run came to. */
  public synchronized WorkResult result(Instant at) {
    Refusal refused = late == null ? refusal : late;
    List<String> notBegun = Stream.concat(left.stream(), ahead.stream()).map(Target::name).toList();
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
                    : refused != null
                        ? refused.outcome()
                        : !frozen.isEmpty() ? Outcome.Frozen : Outcome.Succeeded;
    // After too many failures the next run begins anew: else one host that always fails would keep
    // those before it from ever being done again.
    boolean unfinished =
        results.stream().anyMatch(Progress::isLeft)
            || (!notBegun.isEmpty() && (refused != null || interrupted));
    if (results.isEmpty() && late != null && !interrupted) {
      return new WorkResult(at, outcome, late.message(), results, unfinished);
    }
    var parts = new ArrayList<String>();
    if (results.size() == 1 && notBegun.isEmpty() && !interrupted) {
      HostResult only = results.getFirst();
      parts.add(only.name() + ": " + only.message());
      addTakenUp(parts);
      return new WorkResult(at, outcome, String.join("; ", parts), results, unfinished);
    }
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
    if (refused != null) {
      parts.add(refused.message());
    }
    if (!well.isEmpty()) {
      parts.add("done: " + few(well));
    }
    if (!notBegun.isEmpty()) {
      parts.add(
          "not begun: "
              + few(notBegun)
              + (isAnyLost() ? ", since a host did not come back" : "")
              + (unfinished ? "; the next " + chance(outcome) + " goes on there" : ""));
    }
    addTakenUp(parts);
    return new WorkResult(at, outcome, String.join("; ", parts), results, unfinished);
  }

  private void addTakenUp(List<String> parts) {
    if (takenUp) {
      parts.add("an earlier pod of this run was ended amid its work, and this one took it up");
    }
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
