package dev.drydock.work;

import dev.drydock.kernel.Admission;
import dev.drydock.kernel.Admission.Refusal;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Work;
import dev.drydock.port.Credentials;
import dev.drydock.port.Database;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell;
import dev.drydock.port.HostShell.Answer;
import dev.drydock.port.HostShell.Completed;
import dev.drydock.port.HostShell.Failed;
import dev.drydock.port.Script;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Looker;
import dev.drydock.work.HostWork.Done;
import dev.drydock.work.RunNote.Begun;
import dev.drydock.work.WorkAssignment.Target;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One host while it is worked on, under its lock. Every step is logged. For one thread. */
public final class Site implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Site.class);
  private static final Duration CONNECT = Duration.ofSeconds(30);
  private static final Duration AGAIN = Duration.ofSeconds(5);
  private static final int LOGGED = 8000;

  private final Means means;
  private final Target target;
  private final HostAccess access;
  private final Work work;
  private final Run run;
  private Admission admission;
  private Instant begun;
  private Instant end;
  private Instant deadline;
  private @Nullable Begun earlier;
  private HostLock lock;

  /**
   * @param run what it is part of; the work on this host begins now
   */
  public Site(Means means, Target target, HostAccess access, Work work, HostLock lock, Run run) {
    this.means = means;
    this.target = target;
    this.access = access;
    this.work = work;
    this.lock = lock;
    this.run = run;
    admission = run.admission();
    begun = means.time().instant();
    end = admission.end(begun);
    deadline = end;
  }

  /** What it takes to work on any host. */
  public record Means(
      HostShell shell,
      Looker looker,
      Database database,
      Credentials credentials,
      InstantSource time,
      Pause pause) {}

  /**
   * What runs on several hosts.
   *
   * @param admission says when the work on each has to be over
   * @param name of the run, by which its pods, one after the other, know their notes; null: there
   *     are none
   * @param progress what became of the others
   */
  public record Run(Admission admission, @Nullable String name, Progress progress) {}

  /**
   * How a script ended.
   *
   * @param output what it said, without what looks like a secret
   */
  record Ended(int status, String output) {
    boolean isFine() {
      return status == 0;
    }
  }

  Target target() {
    return target;
  }

  /** Names the run, of which this may be the second pod. */
  Optional<String> run() {
    return Optional.ofNullable(run.name());
  }

  /**
   * Goes on with what an earlier pod of the same run has begun here. What is new may be begun in
   * the time that that one had; to mend and to prove what was, there is always some.
   */
  public void takeUp(Begun before) {
    earlier = before;
    admission = admission.since(before.started());
    begun = before.since();
    end = admission.end(begun);
    Instant least = admission.end(now());
    deadline = least.isAfter(end) ? least : end;
  }

  /** What an earlier pod has begun; nothing: this one is the first. */
  Optional<Begun> earlier() {
    return Optional.ofNullable(earlier);
  }

  /** What is to be written down when this one begins. */
  Begun begins(Before before) {
    return new Begun(admission.started(), begun, before, "");
  }

  /** What is to be written down when it has ended. */
  public RunNote.Ended ends(Done done) {
    return new RunNote.Ended(admission.started(), done);
  }

  Instant now() {
    return means.time().instant();
  }

  void pause(Duration duration) throws InterruptedException {
    means.pause().of(duration);
  }

  /** How long a step may take that should not need more than {@code most}. */
  private Duration allow(String step, Duration most) throws Undone {
    Duration left = left();
    if (left.isZero()) {
      throw new Undone(
          "no time was left for '" + step + "': make the window longer, or the cutoff earlier");
    }
    return left.compareTo(most) < 0 ? left : most;
  }

  /**
   * Begins nothing that must not be broken off while less than {@code least} is left for it, or
   * half of the whole where that is less.
   */
  void demand(String step, Duration least) throws Undone.CutOff {
    Optional<String> refusal =
        admission
            .beforeInstallation(now())
            .map(Refusal::message)
            .or(() -> run.progress().against());
    if (refusal.isPresent()) {
      throw new Undone.CutOff("'" + step + "' was not begun: " + refusal.get());
    }
    Duration half = Duration.between(begun, end).dividedBy(2);
    Duration needed = half.compareTo(least) < 0 ? half : least;
    Duration left = until(end);
    if (left.compareTo(needed) < 0) {
      throw new Undone.CutOff(
          "'"
              + step
              + "' was not begun, since "
              + Durations.text(left)
              + " were left, and it should have "
              + Durations.text(needed)
              + " at the least: make the window longer, or the cutoff earlier, or raise"
              + " activeDeadlineSeconds");
    }
  }

  /** Why the host may not be rebooted now, which takes {@code most} at the most. */
  Optional<String> againstReboot(Duration most) {
    return admission
        .beforeReboot(now(), most)
        .map(Refusal::message)
        .or(() -> run.progress().against());
  }

  /** Whether more of the run's hosts have failed than may. */
  boolean isRunFailed() {
    return run.progress().isFailed();
  }

  /** Waits until no other host of the run is being rebooted, or may be. */
  void awaitRebootTurn() throws InterruptedException {
    run.progress().awaitRebootTurn(target);
  }

  /** How much time is left. */
  Duration left() {
    return until(deadline);
  }

  private Duration until(Instant time) {
    Duration left = Duration.between(now(), time);
    return left.isNegative() ? Duration.ZERO : left;
  }

  Means means() {
    return means;
  }

  /** A way to what only the host reaches. */
  HostShell.Forwarding forward(String address, int port) throws InterruptedException {
    HostShell.Forwarding way = means.shell().forward(access, address, port, CONNECT);
    if (Thread.currentThread().isInterrupted() && way instanceof HostShell.Tunnel tunnel) {
      tunnel.close();
    }
    stopIfAsked();
    return way;
  }

  /** Runs one step under the lock; it is killed when it takes too long. */
  Ended run(String step, Script script, Duration most) throws Undone, InterruptedException {
    Duration deadline = allow(step, most);
    return ended(
        step,
        lock.run(script, deadline),
        "did not end within "
            + Durations.text(deadline)
            + " and was killed with all that it started");
  }

  /**
   * The same for what must not be cut off halfway, neither when the connection breaks nor when it
   * takes too long.
   */
  Ended runToItsEnd(String step, Script script, Duration most) throws Undone, InterruptedException {
    Duration deadline = allow(step, most);
    return ended(
        step,
        lock.runToItsEnd(script, deadline),
        "did not end within "
            + Durations.text(deadline)
            + "; the host goes on with it for "
            + Durations.text(HostLock.GRACE)
            + " at the most, and the next run mends what is half done then");
  }

  /** Asks something that changes nothing but notes, on a session beside the lock. */
  Answer ask(Script script, Duration deadline) throws InterruptedException {
    Answer answer = means.shell().look(access, script, deadline);
    stopIfAsked();
    return answer;
  }

  /** Looks at what is demanded, and excuses nothing by the work that goes on here. */
  Looker.Sight look(Map<String, Demand> demands, Duration deadline) throws InterruptedException {
    Looker.Sight sight =
        means.looker().amidWork().look(access, demands, means.credentials(), deadline);
    stopIfAsked();
    return sight;
  }

  /** How long a look may take here. */
  Duration lookDeadline() {
    Duration asked = Duration.ofMillis(target.timeoutMillis());
    return asked.compareTo(CONNECT) < 0 ? CONNECT : asked;
  }

  /**
   * @param late what is to be said when it took too long
   */
  private Ended ended(String step, Answer answer, String late) throws Undone, InterruptedException {
    stopIfAsked();
    return switch (answer) {
      case Completed completed -> {
        String output = Masks.mask(completed.output());
        LOG.atInfo()
            .addKeyValue("host", target.name())
            .addKeyValue("step", step)
            .addKeyValue("status", completed.exitCode())
            .addKeyValue("millis", completed.took().toMillis())
            .addKeyValue("output", end(output))
            .log("ran");
        yield new Ended(completed.exitCode(), output);
      }
      case Failed failed -> throw undone(step, failed, late);
    };
  }

  private Undone undone(String step, Failed failed, String late) {
    LOG.atWarn()
        .addKeyValue("host", target.name())
        .addKeyValue("step", step)
        .addKeyValue("failure", failed.failure())
        .log(failed.message());
    String quoted = "'" + step + "'";
    return switch (failed.failure()) {
      case CONNECTION_LOST -> new Undone.ConnectionLost("the connection broke at " + quoted);
      case TIMED_OUT -> new Undone(quoted + " " + late);
      case UNREACHABLE,
          HOST_KEY_MISMATCH,
          AUTHENTICATION_FAILED,
          INVALID_IDENTITY,
          OUTPUT_TOO_LARGE ->
          new Undone(quoted + " failed: " + failed.message());
    };
  }

  private static String end(String output) {
    return output.length() <= LOGGED ? output : "…" + output.substring(output.length() - LOGGED);
  }

  private static void stopIfAsked() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("the work was ended");
    }
  }

  /** Hands the lock to a step that has an answer of its own, and logs that. */
  StepOutcome step(String step, Function<HostLock, StepOutcome> does) throws InterruptedException {
    StepOutcome outcome = does.apply(lock);
    stopIfAsked();
    LOG.atInfo()
        .addKeyValue("host", target.name())
        .addKeyValue("step", step)
        .addKeyValue("outcome", outcome.getClass().getSimpleName())
        .addKeyValue("output", end(Masks.mask(outcome.output())))
        .log(outcome.message());
    return outcome;
  }

  /** Says what is about to be done, or what was seen. */
  void say(String step, String sentence) {
    LOG.atInfo().addKeyValue("host", target.name()).addKeyValue("step", step).log(sentence);
  }

  /** Forgets sessions that a reboot, or a lost connection, has made useless. */
  void forgetSessions() {
    means.shell().forget(access.name());
  }

  /**
   * Takes the lock again after it was lost, and waits for the host where that is away.
   *
   * @return why it could not be had
   */
  Optional<String> lockAgain(Duration patience) throws InterruptedException {
    lock.close();
    Instant enough = now().plus(patience);
    HostLock.Taken taken = means.shell().lock(access, work, patience, CONNECT);
    while (HostLock.isAway(taken) && now().isBefore(enough)) {
      stopIfAsked();
      pause(AGAIN);
      taken = means.shell().lock(access, work, until(enough), CONNECT);
    }
    if (Thread.currentThread().isInterrupted() && taken instanceof HostLock.Held(HostLock again)) {
      again.close();
    }
    stopIfAsked();
    return switch (taken) {
      case HostLock.Held(HostLock again) -> {
        lock = again;
        yield Optional.empty();
      }
      case HostLock.Busy(String holder) -> Optional.of(holder + " has the host's lock now");
      case HostLock.NotTaken(Failed failure) -> Optional.of(failure.message());
    };
  }

  @Override
  public void close() {
    lock.close();
  }
}
