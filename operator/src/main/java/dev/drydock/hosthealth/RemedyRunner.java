package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.kernel.Text;
import dev.drydock.kernel.Work;
import dev.drydock.port.Credentials;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Looker;
import dev.drydock.work.Step;
import dev.drydock.work.StepOutcome;
import dev.drydock.work.StepWork;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out one remedy on one host: looks, takes the host's lock and looks again, goes step by
 * step, and looks after each that may have helped.
 */
final class RemedyRunner {
  private static final Logger LOG = LoggerFactory.getLogger(RemedyRunner.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration CONNECTING = Duration.ofSeconds(20);
  private static final Duration SETTLE = Duration.ofSeconds(3);
  private static final Duration BETWEEN = Duration.ofSeconds(5);
  private static final int MESSAGE = 300;

  private final HostShell shell;
  private final Looker looker;
  private final InstantSource time;
  private final Pause pause;

  /** How one waits. */
  interface Pause {
    void pause(Duration length) throws InterruptedException;
  }

  RemedyRunner(HostShell shell, Looker looker, InstantSource time, Pause pause) {
    this.shell = shell;
    this.looker = looker;
    this.time = time;
    this.pause = pause;
  }

  /**
   * What is to be done.
   *
   * @param timeout what the Host allows for one look
   * @param policy as {@code namespace/name}
   * @param path the path that the check looks at; empty: none
   * @param judgment what a look comes to, with what is known of earlier ones
   */
  record Errand(
      HostAccess access,
      Duration timeout,
      String policy,
      String host,
      String check,
      Demand demand,
      Credentials credentials,
      String path,
      List<Step> steps,
      Function<Looker.Close, Finding> judgment) {
    Errand {
      steps = List.copyOf(steps);
    }

    /** As the host's journal and other people's messages name it. */
    String holder() {
      return "remedy " + policy + "/" + check;
    }
  }

  /**
   * What came of it.
   *
   * @param begun whether it counts as a try
   * @param idle whether there is nothing in it that could be done as the check is
   */
  record Result(
      RemedyPhase phase, String message, RemedyRecord record, boolean begun, boolean idle) {
    Result {
      message = Text.line(message, MESSAGE);
    }

    Result(RemedyPhase phase, String message, RemedyRecord record, boolean begun) {
      this(phase, message, record, begun, false);
    }
  }

  /**
   * Returns when the remedy has ended; never throws.
   *
   * @param keeper is given the record so far before anything is changed, and before each step after
   *     that, under the host's lock
   */
  Result run(Errand errand, Consumer<String> keeper) {
    var record = new RemedyRecord(time);
    try {
      return new Run(errand, record, keeper).run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      record.heading("result: " + RemedyPhase.Interrupted);
      return new Result(
          RemedyPhase.Interrupted, "the operator was stopped meanwhile", record, true);
    } catch (RuntimeException | Error e) {
      LOG.atError().setCause(e).addKeyValue("host", errand.host()).log("a remedy failed");
      return new Result(
          RemedyPhase.Failed,
          "the operator failed at it: " + e.getClass().getSimpleName(),
          record,
          true);
    }
  }

  private final class Run {
    private final Errand errand;
    private final RemedyRecord record;
    private final Consumer<String> keeper;
    private final List<String> said = new ArrayList<>();
    private boolean changed;
    private boolean refused;
    private boolean failed;
    private boolean lost;
    private boolean held;

    /** What is done about a check that is bad. */
    private interface Mending {
      Result of(List<String> offenders) throws InterruptedException;
    }

    Run(Errand errand, RemedyRecord record, Consumer<String> keeper) {
      this.errand = errand;
      this.record = record;
      this.keeper = keeper;
    }

    Result run() throws InterruptedException {
      return ifBad("before anything is done", this::locked);
    }

    private Result ifBad(String when, Mending mending) throws InterruptedException {
      return switch (look(when)) {
        case Looker.TooFar(String message) ->
            over(
                RemedyPhase.Failed,
                "nothing was done, since the host can't be looked at: " + message);
        case Looker.Close(Finding.Fine _, _, _, _) ->
            over(RemedyPhase.Helped, "the check was fine again before anything was done");
        case Looker.Close(Finding.Bad _, List<String> offenders, _, _) -> mending.of(offenders);
        case Looker.Close(Finding finding, _, _, _) ->
            over(
                RemedyPhase.Failed,
                "nothing was done, since nobody knows how the check is: " + finding.message());
      };
    }

    private Result locked(List<String> offenders) throws InterruptedException {
      if (offenders.isEmpty() && isOfOffenderAlone()) {
        return new Result(
            RemedyPhase.Refused,
            "nothing was done, since it is about the process that the check names, and it names"
                + " none",
            record,
            false,
            true);
      }
      List<String> touches =
          errand.steps().stream()
              .flatMap(step -> step.touches(offenders).stream())
              .distinct()
              .toList();
      var work = new Work(errand.holder(), touches);
      return switch (shell.lock(errand.access(), work, PATIENCE, CONNECTING)) {
        case HostLock.Busy(String holder) ->
            notBegun(
                "waits for the host's lock, which "
                    + (holder.isEmpty() ? "somebody else" : holder)
                    + " has");
        case HostLock.NotTaken(HostShell.Failed failure) ->
            over(
                RemedyPhase.Failed,
                "nothing was done, since the host's lock could not be had: " + failure.message());
        case HostLock.Held(HostLock lock) -> {
          // Whoever had it until now may have mended or restarted what was seen. And nobody else
          // is to look at what has not had the time to come up.
          try (lock) {
            yield ifBad("with the host's lock", now -> stillBad(lock, offenders, now));
          }
        }
      };
    }

    private boolean isOfOffender() {
      return errand.steps().stream().anyMatch(Step::isOfOffender);
    }

    /** Whether nothing in it can change anything while the check names no process. */
    private boolean isOfOffenderAlone() {
      return isOfOffender()
          && errand.steps().stream()
              .noneMatch(step -> step.needs().isPresent() && !step.isOfOffender());
    }

    private Result notBegun(String message) {
      return new Result(RemedyPhase.Refused, message, record, false);
    }

    private Result stillBad(HostLock lock, List<String> before, List<String> now)
        throws InterruptedException {
      List<String> offenders = before.stream().filter(now::contains).toList();
      if (offenders.isEmpty() && !before.isEmpty() && isOfOffender()) {
        return over(
            RemedyPhase.Refused,
            "nothing was done, since the check names "
                + String.join(", ", before)
                + " no more, now that the host's lock is had");
      }
      return judged(climb(lock, offenders));
    }

    /** Step by step; whether the check is fine again. */
    private boolean climb(HostLock lock, List<String> offenders) throws InterruptedException {
      int number = 0;
      for (Step step : errand.steps()) {
        number++;
        if (step.needs().isPresent() || changed) {
          keeper.accept(record.text());
        }
        String title = "step " + number + " of " + errand.steps().size() + ": " + step.text();
        record.heading(title);
        // Where PM2 itself is down, nothing was stopped that a person would have to start.
        if (step instanceof Step.Hold && offenders.isEmpty() && isOfOffender()) {
          said.add("does not hold, since the check names no process");
          record.say(said.getLast());
          return false;
        }
        StepOutcome outcome =
            StepWork.carryOut(
                lock, step, offenders, errand.path().isEmpty() ? null : errand.path());
        record.say(outcome.message());
        record.quote(outcome.output());
        LOG.atInfo()
            .addKeyValue("policy", errand.policy())
            .addKeyValue("host", errand.host())
            .addKeyValue("check", errand.check())
            .addKeyValue("step", number)
            .addKeyValue("outcome", outcome.getClass().getSimpleName())
            .log("remedy: {}", Text.line(outcome.message(), MESSAGE));
        switch (outcome) {
          case StepOutcome.Done done -> {
            held |= step instanceof Step.Hold;
            changed |= step.needs().isPresent();
            if (step.needs().isPresent()) {
              said.add(done.message());
            }
          }
          case StepOutcome.Refused(String message, _) -> {
            refused |= step.needs().isPresent();
            said.add(message);
          }
          case StepOutcome.Failed(String message, _, boolean untouched) -> {
            failed |= step.needs().isPresent();
            changed |= step.needs().isPresent() && !untouched;
            said.add(message);
          }
          case StepOutcome.Lost(String message) -> {
            lost = true;
            said.add("nobody knows how it ended to " + step.text() + ": " + message);
            return false;
          }
        }
        if (held) {
          return false;
        }
        boolean last = number == errand.steps().size();
        if (step.mends() && mayHaveChanged(outcome) && !last && isFineSoon(SETTLE)) {
          return true;
        }
      }
      return false;
    }

    private static boolean mayHaveChanged(StepOutcome outcome) {
      return switch (outcome) {
        case StepOutcome.Done _ -> true;
        case StepOutcome.Failed failed -> !failed.untouched();
        case StepOutcome.Refused _, StepOutcome.Lost _ -> false;
      };
    }

    private Result judged(boolean fine) throws InterruptedException {
      if (held) {
        return over(RemedyPhase.Held, said.isEmpty() ? "changed nothing" : text());
      }
      boolean better = fine || (changed && isFineSoon(recovery()));
      if (better) {
        said.add("the check is fine again");
      } else if (changed) {
        said.add("the check is not fine");
      } else if (said.isEmpty()) {
        said.add("recorded what is there, and changed nothing");
      }
      return over(phase(better), text());
    }

    private RemedyPhase phase(boolean better) {
      if (lost) {
        return RemedyPhase.Failed;
      }
      if (better) {
        return RemedyPhase.Helped;
      }
      if (changed) {
        return RemedyPhase.NotHelped;
      }
      if (failed) {
        return RemedyPhase.Failed;
      }
      return refused ? RemedyPhase.Refused : RemedyPhase.NotHelped;
    }

    /** How long the check may take to be fine after the last step: an average falls slowly. */
    private Duration recovery() {
      return switch (errand.demand()) {
        case Demand.Load load -> Duration.ofSeconds(load.minutes() == 1 ? 90 : 180);
        case Demand.Http _, Demand.Urls _, Demand.Units _ -> Duration.ofSeconds(40);
        default -> Duration.ofSeconds(15);
      };
    }

    private boolean isFineSoon(Duration patience) throws InterruptedException {
      pause.pause(SETTLE);
      Duration waited = SETTLE;
      while (true) {
        if (look("after it") instanceof Looker.Close(Finding.Fine _, _, _, _)) {
          return true;
        }
        if (waited.compareTo(patience) >= 0) {
          return false;
        }
        pause.pause(BETWEEN);
        waited = waited.plus(BETWEEN);
      }
    }

    private Looker.CloserSight look(String when) throws InterruptedException {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      Looker.CloserSight sight =
          switch (looker.lookCloser(
              errand.access(), errand.demand(), errand.credentials(), errand.timeout())) {
            case Looker.TooFar tooFar -> tooFar;
            case Looker.Close close -> close.judged(errand.judgment().apply(close));
          };
      record.say(
          when
              + ": "
              + switch (sight) {
                case Looker.TooFar(String message) -> message;
                case Looker.Close(Finding.Fine(String value), _, String vitals, _) ->
                    "fine (" + value + "); " + vitals;
                case Looker.Close(Finding finding, _, String vitals, _) ->
                    finding.message() + "; " + vitals;
              });
      return sight;
    }

    private String text() {
      return String.join("; ", said);
    }

    private Result over(RemedyPhase phase, String message) {
      record.heading("result: " + phase);
      record.say(message);
      return new Result(phase, message, record, true);
    }
  }
}
