package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec;
import dev.drydock.hosthealth.Coverage.Covered;
import dev.drydock.kube.HostAccesses;
import dev.drydock.kube.Reaches;
import dev.drydock.probe.LookAssignment;
import dev.drydock.probe.LookAssignment.Target;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What a policy's pods are to look at. Pure. */
final class Assignments {
  private Assignments() {}

  /**
   * The assignment for every host that may be looked at; one whose jump hosts lead nowhere is left
   * out.
   *
   * @param hosts finds a Host by its name
   */
  static LookAssignment of(
      HostHealthPolicySpec spec,
      String schedule,
      Map<String, Covered> covered,
      Function<String, Optional<Host>> hosts) {
    var targets = new ArrayList<Target>();
    covered.forEach(
        (name, one) -> {
          if (one instanceof Coverage.Watched(Host host)) {
            Reaches.of(host, hosts)
                .ifPresent(
                    reach ->
                        targets.add(
                            new Target(
                                name,
                                reach,
                                HostAccesses.timeout(host).toMillis(),
                                Demands.of(spec, host))));
          }
        });
    return new LookAssignment(schedule, LookCronJob.zone(spec), targets);
  }
}
