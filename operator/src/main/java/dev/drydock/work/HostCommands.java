package dev.drydock.work;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask.Disturbance;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask.HostCommand;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Work;
import dev.drydock.port.Script;
import dev.drydock.probe.HostLook;
import dev.drydock.work.WorkAssignment.Target;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A command line of the user's own. */
record HostCommands(HostCommand spec) implements HostWork {
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private static final String RUN =
      Shell.COMMON
          + """
          cd || exit 1
          if [ -z "$2" ]; then
            kept 8000 sh -c "$1"
          else
            kept 8000 sudo -n -H -u "$2" -- sh -c 'cd; exec sh -c "$1"' sh "$1"
          fi
          """;

  @Override
  public List<Permit> permits() {
    return List.of(Permit.Command);
  }

  @Override
  public boolean needsRoot(Target target) {
    return !user(target).isEmpty();
  }

  /** What it was said to disturb: an hour of gardening must hide no gateway that is down. */
  @Override
  public List<String> touches() {
    Disturbance disturbs = spec.disturbs();
    if (disturbs == null) {
      return List.of();
    }
    return Boolean.TRUE.equals(disturbs.host())
        ? List.of(Work.HOST)
        : Stream.concat(
                disturbs.pm2().stream().map(Work::pm2),
                disturbs.systemd().stream().map(HostLook::withSuffix).map(Work::unit))
            .toList();
  }

  /** Who runs it; empty: the SSH user. */
  private String user(Target target) {
    return spec.user() == null || spec.user().equals(target.reach().user()) ? "" : spec.user();
  }

  static Script script(String line, String user) {
    return Script.of(RUN, List.of(line, user));
  }

  @Override
  public Done on(Site site) throws InterruptedException {
    Duration timeout = Durations.parse(spec.timeout(), TIMEOUT);
    try {
      Site.Ended ended =
          site.run("run the command", script(spec.run(), user(site.target())), timeout);
      boolean silent = ended.output().isBlank();
      String last = silent ? "" : ": " + PackageManager.last(ended.output(), 3);
      return ended.isFine()
          ? new Done(Outcome.Succeeded, "the command ended well" + last)
          : new Done(Outcome.Failed, "the command ended with status " + ended.status() + last);
    } catch (Undone e) {
      return new Done(Outcome.Failed, e.why());
    }
  }
}
