package dev.drydock.task;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask.Strategy;
import dev.drydock.kernel.Admission;
import dev.drydock.kernel.Admission.Refusal;
import dev.drydock.kernel.Work;
import dev.drydock.port.Database;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell;
import dev.drydock.port.HostShell.Failed;
import dev.drydock.port.Network;
import dev.drydock.probe.Looker;
import dev.drydock.work.HostWork;
import dev.drydock.work.HostWork.Done;
import dev.drydock.work.HostWork.Reach;
import dev.drydock.work.Pause;
import dev.drydock.work.Progress;
import dev.drydock.work.Progress.Turn;
import dev.drydock.work.RunNote;
import dev.drydock.work.RunNote.Begun;
import dev.drydock.work.RunNote.Ended;
import dev.drydock.work.RunNote.Found;
import dev.drydock.work.RunNote.NotTold;
import dev.drydock.work.RunNote.Told;
import dev.drydock.work.Site;
import dev.drydock.work.WorkAssignment;
import dev.drydock.work.WorkAssignment.Target;
import dev.drydock.work.WorkResult;
import dev.drydock.work.WorkResult.HostResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does the work of one maintenance task, host by host, and leaves word of it. */
public final class MaintainTask {
  private static final Logger LOG = LoggerFactory.getLogger(MaintainTask.class);
  private static final Duration CONNECT = Duration.ofSeconds(30);
  private static final Duration AGAIN = Duration.ofSeconds(5);

  /** Less than what a pod has between the request to end and its end. */
  private static final Duration GRACE = Duration.ofSeconds(20);

  private final HostShell shell;
  private final Site.Means means;
  private final Clock clock;
  private final Settings settings;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * What the pod is told.
   *
   * @param directory holds {@code assignment/assignment.json}, {@code identities/<secret>/<key>} of
   *     hosts, and {@code credentials/<secret>/<key>} of databases and other services
   * @param message where the result goes, for the kubelet to pick up
   * @param job the name of the Job that runs this, or null
   * @param slot when it was due, if the operator has said so, or null
   * @param run that Job's UID, which no other ever has, or null
   * @param first whether it is certain that no other pod of that Job has begun before
   */
  public record Settings(
      Path directory,
      Path message,
      @Nullable String job,
      @Nullable String slot,
      @Nullable String run,
      boolean first) {}

  /** What it works by. */
  public record Ports(HostShell shell, Network network, Database database) {}

  public MaintainTask(Ports ports, Clock clock, Pause pause, Settings settings) {
    this.shell = ports.shell();
    this.means =
        new Site.Means(
            ports.shell(),
            new Looker(ports.shell(), ports.network(), ports.database(), clock),
            ports.database(),
            new MountedCredentials(settings.directory().resolve("credentials")),
            clock,
            pause);
    this.clock = clock;
    this.settings = settings;
  }

  /**
   * Works.
   *
   * @return the process's exit status: 1 if something failed or was blocked
   */
  public int run() {
    WorkResult result;
    try {
      result =
          work(
              WorkAssignment.fromJson(
                  Files.readString(settings.directory().resolve("assignment/assignment.json"))));
    } catch (IOException e) {
      LOG.error("the assignment can't be read: {}", e.getMessage());
      result = result(Outcome.Failed, "the pod could not read what it has to do", List.of());
    } catch (RuntimeException e) {
      LOG.error("the work failed", e);
      result =
          result(
              Outcome.Failed,
              "the pod failed, read its log: " + e.getClass().getSimpleName(),
              List.of());
    }
    try {
      return leave(result);
    } finally {
      threads.shutdownNow();
      ended.countDown();
    }
  }

  private int leave(WorkResult result) {
    LOG.info("result {}", result.toJson());
    try {
      Files.writeString(settings.message(), result.encode());
    } catch (IOException e) {
      LOG.error("the result can't be left: {}", e.getMessage());
      return 1;
    }
    return switch (result.outcome()) {
      case Succeeded, Skipped, Frozen, CutOff, Missed -> 0;
      case Failed, Blocked -> 1;
    };
  }

  /** Ends the work between two steps, and waits until word of it is left. From another thread. */
  public void stop() {
    threads.shutdownNow();
    try {
      if (!ended.await(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("the work did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private WorkResult result(Outcome outcome, String message, List<HostResult> hosts) {
    return new WorkResult(clock.instant(), outcome, message, hosts);
  }

  private WorkResult work(WorkAssignment assignment) {
    Instant started = clock.instant();
    var admission =
        new Admission(
            assignment.task(),
            assignment.timeZone(),
            assignment.freezes(),
            Slot.of(settings.slot(), settings.job(), started).orElse(null),
            started);
    Optional<Refusal> refusal = admission.atStart(started);
    Optional<HostWork> work = HostWork.of(assignment.task());
    // Of what was begun in time, a second pod may come too late to begin it.
    boolean mayBeBegun =
        refusal.filter(one -> one.outcome() == Outcome.Skipped).isEmpty()
            && work.filter(this::isTakenUp).isPresent();
    if (refusal.isPresent() && !mayBeBegun) {
      return new WorkResult(
          started,
          refusal.get().outcome(),
          refusal.get().message(),
          List.of(),
          !assignment.targets().isEmpty());
    }
    if (work.isEmpty()) {
      return result(Outcome.Failed, "this is no work for a pod", List.of());
    }
    if (work.get().reach() == Reach.NONE || assignment.targets().isEmpty()) {
      return fromHere(work.get(), admission.end(started));
    }
    Strategy strategy = assignment.task().strategy();
    int parallel = limit(strategy == null ? null : strategy.maxParallel(), 1);
    var progress =
        new Progress(
            targets(assignment, work.get().reach()),
            limit(strategy == null ? null : strategy.maxFailures(), 0),
            parallel,
            isTakenUp(work.get()),
            refusal);
    work(new Shift(assignment.holder(), admission, work.get(), progress), parallel);
    return progress.result(clock.instant());
  }

  /** Whether an earlier pod may have begun what this one then goes on with. */
  private boolean isTakenUp(HostWork work) {
    return work.isTakenUp() && !settings.first();
  }

  private static int limit(@Nullable Integer limit, int otherwise) {
    return limit == null ? otherwise : limit;
  }

  private WorkResult fromHere(HostWork work, Instant end) {
    Future<Done> future;
    try {
      future = threads.submit(() -> work.fromHere(means, end));
      Done done = future.get();
      return result(done.outcome(), done.message(), List.of());
    } catch (RejectedExecutionException | InterruptedException e) {
      return result(Outcome.Failed, "the pod was ended before the work was", List.of());
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Where no host is left that an earlier run has not done, that is over: all begin anew. */
  private static List<Target> targets(WorkAssignment assignment, Reach reach) {
    List<Target> all = assignment.targets();
    List<Target> left =
        all.stream().filter(target -> !assignment.done().contains(target.name())).toList();
    return (left.isEmpty() ? all : left)
        .stream().limit(reach == Reach.FIRST ? 1 : Long.MAX_VALUE).toList();
  }

  /** What is done on one host after the other. */
  private static final class Shift {
    private final String holder;
    private final HostWork work;
    private final Progress progress;
    private final Instant started;
    private Admission admission;

    Shift(String holder, Admission admission, HostWork work, Progress progress) {
      this.holder = holder;
      this.work = work;
      this.progress = progress;
      this.started = admission.started();
      this.admission = admission;
    }

    String holder() {
      return holder;
    }

    HostWork work() {
      return work;
    }

    Progress progress() {
      return progress;
    }

    /** When this pod did, which need not be the run's first one. */
    Instant started() {
      return started;
    }

    synchronized Admission admission() {
      return admission;
    }

    /** An earlier pod has begun the run: what is new has no more time than that one had. */
    synchronized void takenUp(RunNote note) {
      if (note.started().isBefore(admission.started())) {
        admission = admission.since(note.started());
      }
      progress.takenUp();
    }
  }

  private void work(Shift shift, int parallel) {
    var workers = new CountDownLatch(parallel);
    for (int i = 0; i < parallel; i++) {
      try {
        var _ =
            threads.submit(
                () -> {
                  try {
                    work(shift);
                  } finally {
                    workers.countDown();
                  }
                });
      } catch (RejectedExecutionException e) {
        shift.progress().interrupted();
        workers.countDown();
      }
    }
    try {
      workers.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void work(Shift shift) {
    Progress progress = shift.progress();
    Optional<Turn> next = progress.next(shift.admission().beforeHost(clock.instant()));
    while (next.isPresent()) {
      Target target = next.get().target();
      try {
        LOG.atInfo()
            .addKeyValue("host", target.name())
            .log(next.get().mayBegin() ? "begins" : "looks whether anything was begun there");
        Optional<Done> done = work(shift, target, next.get().mayBegin());
        LOG.atInfo()
            .addKeyValue("host", target.name())
            .addKeyValue("outcome", done.map(Done::outcome).orElse(null))
            .log(done.map(Done::message).orElse("nothing was, and nothing is"));
        done.ifPresentOrElse(one -> progress.done(target, one), () -> progress.leave(target));
      } catch (InterruptedException e) {
        progress.interrupted(target);
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).addKeyValue("host", target.name()).log("the work failed");
        progress.untold();
        progress.done(
            target,
            new Done(
                Outcome.Failed, "the pod failed, read its log: " + e.getClass().getSimpleName()));
      } finally {
        progress.endRebootTurn(target);
      }
      next = progress.next(shift.admission().beforeHost(clock.instant()));
    }
  }

  /** Returns nothing if nothing is begun there, and no earlier pod of this run has begun it. */
  private Optional<Done> work(Shift shift, Target target, boolean mayBegin)
      throws InterruptedException {
    Optional<String> refusal = shift.work().refusal(target);
    if (refusal.isPresent()) {
      shift.progress().untouched();
      return mayBegin ? Optional.of(new Done(Outcome.Blocked, refusal.get())) : Optional.empty();
    }
    HostAccess access;
    try {
      access =
          new MountedIdentities(settings.directory().resolve("identities")).access(target.reach());
    } catch (NoSuchFileException e) {
      shift.progress().untold();
      return Optional.of(
          new Done(
              Outcome.Failed, "the Secret of the host's key was not there when the pod started"));
    } catch (IOException e) {
      shift.progress().untold();
      return Optional.of(new Done(Outcome.Failed, "the host's key can't be read"));
    }
    return mayBegin ? lock(shift, target, access, true) : takeUp(shift, target, access);
  }

  /** Only what an earlier pod has begun goes on, however late it is. */
  private Optional<Done> takeUp(Shift shift, Target target, HostAccess access)
      throws InterruptedException {
    Instant end = shift.started().plus(shift.work().patience());
    Found found = find(access);
    if (found instanceof NotTold(Failed failure) && failure.isAway()) {
      shift.progress().awaitRebootTurn(target);
      found = find(access);
    }
    while (found instanceof NotTold(Failed failure)
        && failure.isAway()
        && clock.instant().isBefore(end)) {
      means.pause().of(AGAIN);
      found = find(access);
    }
    return switch (found) {
      case NotTold(Failed failure) -> {
        untold(shift, target, failure);
        yield Optional.of(
            new Done(
                Outcome.Failed,
                "nobody can tell whether an earlier pod of this run has begun there: "
                    + failure.message()));
      }
      case Told(Optional<RunNote> note) ->
          switch (note.orElse(null)) {
            case null -> {
              shift.progress().untouched();
              yield Optional.empty();
            }
            case Ended ended -> {
              shift.takenUp(ended);
              yield Optional.of(ended.done());
            }
            case Begun begun -> {
              shift.takenUp(begun);
              yield lock(shift, target, access, false);
            }
          };
    };
  }

  /** It was waited for. */
  private void untold(Shift shift, Target target, Failed failure) {
    shift.progress().untold();
    if (failure.isAway() && shift.work().patience().isPositive() && !settings.first()) {
      shift.progress().away(target);
    }
  }

  private Found find(HostAccess access) throws InterruptedException {
    Found found =
        settings.run() == null
            ? new Told(Optional.empty())
            : RunNote.find(shell, access, settings.run());
    if (Thread.interrupted()) {
      throw new InterruptedException("the work was ended");
    }
    return found;
  }

  private Optional<Done> lock(Shift shift, Target target, HostAccess access, boolean mayBegin)
      throws InterruptedException {
    HostWork work = shift.work();
    Admission admission = shift.admission();
    var claim = new Work(shift.holder(), work.touches());
    Instant end = clock.instant().plus(work.patience());
    // What was being installed goes on for that long after its pod was ended.
    Duration patience = mayBegin ? admission.patience(clock.instant()) : HostLock.GRACE;
    HostLock.Taken taken = shell.lock(access, claim, patience, CONNECT);
    if (HostLock.isAway(taken) && isTakenUp(work)) {
      // An earlier pod may have rebooted it.
      shift.progress().awaitRebootTurn(target);
      taken = shell.lock(access, claim, patience, CONNECT);
    }
    while (HostLock.isAway(taken) && clock.instant().isBefore(end)) {
      means.pause().of(AGAIN);
      taken = shell.lock(access, claim, patience, CONNECT);
    }
    if (Thread.interrupted()) {
      if (taken instanceof HostLock.Held(HostLock lock)) {
        lock.close();
      }
      throw new InterruptedException("the work was ended");
    }
    return switch (taken) {
      case HostLock.Busy(String other) -> {
        Optional<Done> begun =
            mayBegin && isTakenUp(work) ? takeUp(shift, target, access) : Optional.empty();
        yield begun.isPresent()
            ? begun
            : Optional.of(
                new Done(
                    Outcome.Blocked,
                    (other.isEmpty() ? "somebody else" : other)
                        + " works on the host, and did not end in time"));
      }
      case HostLock.NotTaken(Failed failure) -> {
        untold(shift, target, failure);
        yield Optional.of(notReached(failure));
      }
      case HostLock.Held(HostLock lock) -> {
        var run = new Site.Run(shift.admission(), settings.run(), shift.progress());
        try (var site = new Site(means, target, access, claim, lock, run)) {
          Found found = isTakenUp(work) ? find(access) : new Told(Optional.empty());
          yield switch (found) {
            case NotTold(Failed failure) -> {
              shift.progress().untold();
              yield Optional.of(notReached(failure));
            }
            case Told(Optional<RunNote> note) -> work(shift, site, mayBegin, note.orElse(null));
          };
        }
      }
    };
  }

  private static Done notReached(Failed failure) {
    return new Done(Outcome.Failed, "the host can't be worked on: " + failure.message());
  }

  private Optional<Done> work(Shift shift, Site site, boolean mayBegin, @Nullable RunNote note)
      throws InterruptedException {
    return switch (note) {
      case null -> {
        shift.progress().untouched();
        if (!mayBegin) {
          yield Optional.empty();
        }
        // Waiting for the lock may have taken what was left.
        Optional<Refusal> late = shift.admission().beforeHost(clock.instant());
        yield Optional.of(
            late.isPresent()
                ? new Done(late.get().outcome(), late.get().message())
                : work(shift.work(), site));
      }
      case Ended ended -> {
        shift.takenUp(ended);
        yield Optional.of(ended.done());
      }
      case Begun begun -> {
        shift.takenUp(begun);
        site.takeUp(begun);
        yield Optional.of(work(shift.work(), site));
      }
    };
  }

  private static Done work(HostWork work, Site site) throws InterruptedException {
    Done done = work.on(site);
    if (work.isTakenUp() && !done.lost()) {
      site.ends(done).leave(site);
    }
    return done;
  }
}
