package dev.drydock.task;

import dev.drydock.kernel.CronSchedule;
import dev.drydock.port.Database;
import dev.drydock.port.HostShell;
import dev.drydock.port.Network;
import dev.drydock.probe.LookAssignment;
import dev.drydock.probe.LookAssignment.Target;
import dev.drydock.probe.LookResult;
import dev.drydock.probe.Looker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks once at every host of an assignment, all at a time, and leaves word of it. */
public final class LookTask {
  private static final Logger LOG = LoggerFactory.getLogger(LookTask.class);

  private final HostShell shell;
  private final Network network;
  private final Database database;
  private final Clock clock;
  private final Path directory;
  private final Path message;
  private final @Nullable String job;

  /**
   * @param directory holds {@code assignment/assignment.json}, {@code identities/<secret>/<key>} of
   *     hosts, and {@code credentials/<secret>/<key>} of services
   * @param message where the result goes, for the kubelet to pick up
   * @param job the name of the Job that runs this, or null
   */
  public LookTask(
      HostShell shell,
      Network network,
      Database database,
      Clock clock,
      Path directory,
      Path message,
      @Nullable String job) {
    this.shell = shell;
    this.network = network;
    this.database = database;
    this.clock = clock;
    this.directory = directory;
    this.message = message;
    this.job = job;
  }

  /**
   * Looks. That a host can't be looked at is a result, and no failure of the task.
   *
   * @return the process's exit status
   */
  public int run() throws InterruptedException {
    LookAssignment assignment;
    try {
      assignment = LookAssignment.fromJson(assignment());
    } catch (IOException e) {
      LOG.error("the assignment can't be read: {}", e.getMessage());
      return 1;
    }
    LookResult result =
        isDue(assignment.schedule(), assignment.timeZone())
            ? LookResult.of(clock.instant(), look(sinceLastDue(assignment)))
            : LookResult.notDue(clock.instant());
    String text = result.encode();
    LOG.info("result {}", text);
    return leave(text);
  }

  /** What the operator wrote down to be done. */
  String assignment() throws IOException {
    return Files.readString(directory.resolve("assignment/assignment.json"));
  }

  Instant now() {
    return clock.instant();
  }

  /** Leaves word for the kubelet to pick up; returns the process's exit status. */
  int leave(String result) {
    try {
      Files.writeString(message, result);
    } catch (IOException e) {
      LOG.error("the result can't be left: {}", e.getMessage());
      return 1;
    }
    return 0;
  }

  /** A run that a person started is always due. */
  boolean isDue(String schedule, String timeZone) {
    return Slot.of(null, job, clock.instant())
        .map(CronSchedule.parse(schedule, timeZone)::isDue)
        .orElse(true);
  }

  /** A pod may start late, and the one before it may have been on time: no line is to be missed. */
  private List<Target> sinceLastDue(LookAssignment assignment) {
    Instant now = clock.instant();
    Instant due = Slot.of(null, job, now).orElse(now);
    Duration ago =
        CronSchedule.parse(assignment.schedule(), assignment.timeZone())
            .previous(due.minusNanos(1))
            .map(last -> Duration.between(last, now))
            .orElse(Duration.ZERO);
    return assignment.targets().stream().map(target -> target.after(ago)).toList();
  }

  /** Looks at all of them at a time. */
  Map<String, Looker.Sight> look(List<Target> targets) throws InterruptedException {
    var looker = new Looker(shell, network, database, clock);
    var sights = new ConcurrentHashMap<String, Looker.Sight>();
    // A host of which nothing is said is taken for a healthy one.
    targets.forEach(
        target -> sights.put(target.name(), new Looker.Unseen("the pod's look came to no end")));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Target target : targets) {
        var _ =
            threads.submit(
                () -> {
                  Looker.Sight sight = look(looker, target);
                  LOG.atInfo()
                      .addKeyValue("host", target.name())
                      .addKeyValue("sight", sight)
                      .log("looked");
                  sights.put(target.name(), sight);
                });
      }
    }
    return sights;
  }

  private Looker.Sight look(Looker looker, Target target) {
    try {
      return looker.look(
          new MountedIdentities(directory.resolve("identities")).access(target.reach()),
          target.demands(),
          new MountedCredentials(directory.resolve("credentials")),
          Duration.ofMillis(target.timeoutMillis()));
    } catch (NoSuchFileException e) {
      return new Looker.Unseen("the Secret of the host's key was not there when the pod started");
    } catch (IOException | RuntimeException | Error e) {
      LOG.atWarn().setCause(e).addKeyValue("host", target.name()).log("a look failed");
      return new Looker.Unseen("the pod could not look: " + e.getClass().getSimpleName());
    }
  }
}
