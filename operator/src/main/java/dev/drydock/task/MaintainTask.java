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
import dev.drydock.port.Network;
import dev.drydock.probe.Looker;
import dev.drydock.work.HostWork;
import dev.drydock.work.HostWork.Done;
import dev.drydock.work.HostWork.Reach;
import dev.drydock.work.Pause;
import dev.drydock.work.Progress;
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
   */
  public record Settings(
      Path directory, Path message, @Nullable String job, @Nullable String slot) {}

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
    String json = result.toJson();
    LOG.info("result {}", json);
    try {
      Files.writeString(settings.message(), json);
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
    if (refusal.isPresent()) {
      return new WorkResult(
          started,
          refusal.get().outcome(),
          refusal.get().message(),
          List.of(),
          !assignment.targets().isEmpty());
    }
    Optional<HostWork> work = HostWork.of(assignment.task());
    if (work.isEmpty()) {
      return result(Outcome.Failed, "this is no work for a pod", List.of());
    }
    if (work.get().reach() == Reach.NONE || assignment.targets().isEmpty()) {
      return fromHere(work.get(), admission.end(started));
    }
    Progress progress = progress(assignment, work.get().reach());
    work(assignment, admission, work.get(), progress);
    return progress.result(clock.instant());
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

  private static Progress progress(WorkAssignment assignment, Reach reach) {
    Strategy strategy = assignment.task().strategy();
    Integer maxFailures = strategy == null ? null : strategy.maxFailures();
    return new Progress(targets(assignment, reach), maxFailures == null ? 0 : maxFailures);
  }

  /** Where no host is left that an earlier run has not done, that is over: all begin anew. */
  private static List<Target> targets(WorkAssignment assignment, Reach reach) {
    List<Target> all = assignment.targets();
    List<Target> left =
        all.stream().filter(target -> !assignment.done().contains(target.name())).toList();
    return (left.isEmpty() ? all : left)
        .stream().limit(reach == Reach.FIRST ? 1 : Long.MAX_VALUE).toList();
  }

  private void work(
      WorkAssignment assignment, Admission admission, HostWork work, Progress progress) {
    Strategy strategy = assignment.task().strategy();
    Integer parallel = strategy == null ? null : strategy.maxParallel();
    var workers = new CountDownLatch(parallel == null ? 1 : parallel);
    for (long i = workers.getCount(); i > 0; i--) {
      try {
        var _ =
            threads.submit(
                () -> {
                  try {
                    work(assignment.holder(), admission, work, progress);
                  } finally {
                    workers.countDown();
                  }
                });
      } catch (RejectedExecutionException e) {
        progress.interrupted();
        workers.countDown();
      }
    }
    try {
      workers.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void work(String holder, Admission admission, HostWork work, Progress progress) {
    Optional<Target> next = progress.next(admission.beforeHost(clock.instant()));
    while (next.isPresent()) {
      Target target = next.get();
      try {
        LOG.atInfo().addKeyValue("host", target.name()).log("begins");
        Done done = work(holder, admission, work, target);
        LOG.atInfo()
            .addKeyValue("host", target.name())
            .addKeyValue("outcome", done.outcome())
            .log(done.message());
        progress.done(target, done);
      } catch (InterruptedException e) {
        progress.interrupted(target);
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).addKeyValue("host", target.name()).log("the work failed");
        progress.done(
            target,
            new Done(
                Outcome.Failed, "the pod failed, read its log: " + e.getClass().getSimpleName()));
      }
      next = progress.next(admission.beforeHost(clock.instant()));
    }
  }

  private static boolean isAway(HostLock.Taken taken) {
    return taken instanceof HostLock.NotTaken(HostShell.Failed failure)
        && switch (failure.failure()) {
          case UNREACHABLE, TIMED_OUT, CONNECTION_LOST -> true;
          case HOST_KEY_MISMATCH, AUTHENTICATION_FAILED, INVALID_IDENTITY, OUTPUT_TOO_LARGE ->
              false;
        };
  }

  private Done work(String holder, Admission admission, HostWork work, Target target)
      throws InterruptedException {
    Optional<String> refusal = work.refusal(target);
    if (refusal.isPresent()) {
      return new Done(Outcome.Blocked, refusal.get());
    }
    HostAccess access;
    try {
      access =
          new MountedIdentities(settings.directory().resolve("identities")).access(target.reach());
    } catch (NoSuchFileException e) {
      return new Done(
          Outcome.Failed, "the Secret of the host's key was not there when the pod started");
    } catch (IOException e) {
      return new Done(Outcome.Failed, "the host's key can't be read");
    }
    var claim = new Work(holder, work.touches());
    HostLock.Taken taken = shell.lock(access, claim, admission.patience(clock.instant()), CONNECT);
    Instant end = clock.instant().plus(work.patience());
    while (isAway(taken) && clock.instant().isBefore(end)) {
      means.pause().of(AGAIN);
      taken = shell.lock(access, claim, admission.patience(clock.instant()), CONNECT);
    }
    if (Thread.interrupted()) {
      if (taken instanceof HostLock.Held(HostLock lock)) {
        lock.close();
      }
      throw new InterruptedException("the work was ended");
    }
    return switch (taken) {
      case HostLock.Busy(String other) ->
          new Done(
              Outcome.Blocked,
              (other.isEmpty() ? "somebody else" : other)
                  + " works on the host, and did not end in time");
      case HostLock.NotTaken(HostShell.Failed failure) ->
          new Done(Outcome.Failed, "the host can't be worked on: " + failure.message());
      case HostLock.Held(HostLock lock) -> {
        try (var site = new Site(means, target, access, claim, lock, admission, settings.job())) {
          // Waiting for the lock may have taken what was left.
          Optional<Refusal> late = admission.beforeHost(clock.instant());
          yield late.isPresent()
              ? new Done(late.get().outcome(), late.get().message())
              : work.on(site);
        }
      }
    };
  }
}
