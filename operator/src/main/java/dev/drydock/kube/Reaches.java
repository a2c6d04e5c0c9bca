package dev.drydock.kube;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.host.HostSpec;
import dev.drydock.probe.LookAssignment.Reach;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How pods reach hosts: everything but the keys, which are mounted from their Secrets. Pure. */
public final class Reaches {
  private Reaches() {}

  /**
   * How to reach {@code host}; nothing if its jump hosts lead nowhere.
   *
   * @param hosts finds a Host by its name
   */
  public static Optional<Reach> of(Host host, Function<String, Optional<Host>> hosts) {
    return of(host, hosts, new HashSet<>());
  }

  /** Names of the Secrets with the keys of hosts and of those on the way to them. */
  public static Set<String> identities(Collection<Reach> reaches) {
    var names = new LinkedHashSet<String>();
    for (Reach first : reaches) {
      for (@Nullable Reach reach = first; reach != null; reach = reach.jump()) {
        names.add(reach.identity());
      }
    }
    return names;
  }

  private static Optional<Reach> of(
      Host host, Function<String, Optional<Host>> hosts, Set<String> seen) {
    HostSpec spec = host.getSpec();
    if (!seen.add(host.getMetadata().getName())) {
      return Optional.empty();
    }
    @Nullable Reach jump = null;
    if (spec.jumpHost() != null) {
      jump = hosts.apply(spec.jumpHost()).flatMap(next -> of(next, hosts, seen)).orElse(null);
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
