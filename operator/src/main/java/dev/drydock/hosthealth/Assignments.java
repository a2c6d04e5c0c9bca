package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.host.HostSpec;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec;
import dev.drydock.hosthealth.Coverage.Covered;
import dev.drydock.kube.HostAccesses;
import dev.drydock.probe.LookAssignment;
import dev.drydock.probe.LookAssignment.Reach;
import dev.drydock.probe.LookAssignment.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
            reach(host, hosts, new HashSet<>())
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

  private static Optional<Reach> reach(
      Host host, Function<String, Optional<Host>> hosts, Set<String> seen) {
    HostSpec spec = host.getSpec();
    if (!seen.add(host.getMetadata().getName())) {
      return Optional.empty();
    }
    @Nullable Reach jump = null;
    if (spec.jumpHost() != null) {
      jump = hosts.apply(spec.jumpHost()).flatMap(next -> reach(next, hosts, seen)).orElse(null);
      if (jump == null) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new Reach(
            host.getMetadata().getNamespace() + "/" + host.getMetadata().getName(),
            spec.address(),
            spec.port() == null ? 22 : spec.port(),
            spec.user(),
            spec.identity().secretName(),
            spec.hostKeys().stream().map(HostAccesses::withoutComment).toList(),
            jump));
  }
}
