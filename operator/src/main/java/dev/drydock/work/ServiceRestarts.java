package dev.drydock.work;

import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.maintenance.ServiceRestart;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Work;
import dev.drydock.probe.HostLook;
import dev.drydock.work.WorkAssignment.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Restarts services, lets them settle, and sees whether all is well. */
record ServiceRestarts(ServiceRestart spec) implements HostWork {
  private static final String ALL = "all";
  private static final Duration SETTLE = Duration.ofSeconds(10);

  @Override
  public List<Permit> permits() {
    return List.of(Permit.Restart);
  }

  @Override
  public boolean needsRoot(Target target) {
    return !spec.systemd().isEmpty();
  }

  @Override
  public List<String> touches() {
    return Stream.concat(pm2().stream().map(Work::pm2), units().stream().map(Work::unit)).toList();
  }

  private List<String> pm2() {
    return spec.pm2() == null ? spec.processes() : List.of(spec.pm2());
  }

  private List<String> units() {
    return spec.systemd().stream().map(HostLook::withSuffix).toList();
  }

  @Override
  public Done on(Site site) throws InterruptedException {
    Verification verification = Verification.begin(site, spec.verify());
    var said = new ArrayList<String>();
    var wrong = new ArrayList<String>();
    List<String> processes = List.of();
    if (!pm2().isEmpty()) {
      Pm2List list = Pm2List.of(site);
      if (list.problem().isPresent()) {
        return Done.of(List.of(list.problem().get()), said);
      }
      processes = processes(list);
      if (processes.isEmpty()) {
        return Done.of(List.of("PM2 has no process that is not stopped"), said);
      }
      List<String> names = processes;
      note(site.step("restart PM2", lock -> Services.restartPm2(lock, names)), said, wrong);
    }
    if (!units().isEmpty()) {
      note(site.step("restart units", lock -> Services.restartUnits(lock, units())), said, wrong);
    }
    site.pause(Durations.parse(spec.settle(), SETTLE));
    verification.wrong(site, new Before(units(), processes, null)).ifPresent(wrong::add);
    return Done.of(wrong, said);
  }

  /** What is stopped stays so: somebody did that. */
  private List<String> processes(Pm2List list) {
    return pm2().contains(ALL) ? list.names(process -> !process.isStopped()) : pm2();
  }

  private static void note(StepOutcome outcome, List<String> said, List<String> wrong) {
    (outcome instanceof StepOutcome.Done ? said : wrong).add(outcome.message());
  }
}
