package dev.drydock.kube;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec;
import dev.drydock.kube.Coverage.Covered;
import dev.drydock.probe.LookAssignment;
import dev.drydock.probe.LookAssignment.Target;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What a policy's pods are to look at. Pure. */
public final class Assignments {
  private static final String ZONE = "Etc/UTC";

  private Assignments() {}

  /** The name of the zone that a policy's schedules are meant in. */
  public static String zone(HostHealthPolicySpec spec) {
    return spec.timeZone() == null ? ZONE : spec.timeZone();
  }

  /**
   * The assignment for every host that may be looked at; one whose jump hosts lead nowhere is left
   * out.
   *
   * @param hosts finds a Host by its name
   */
  public static LookAssignment of(
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
    return new LookAssignment(schedule, zone(spec), targets);
  }
}
