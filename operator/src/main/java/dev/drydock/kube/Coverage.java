package dev.drydock.kube;

import dev.drydock.api.v1alpha1.common.HostSelection;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Which hosts a policy covers, and which of them may be looked at. Pure. */
public final class Coverage {
  private Coverage() {}

  /** One covered host. */
  public sealed interface Covered {}

  /** It may be looked at. */
  public record Watched(Host host) implements Covered {}

  /** It is not to be: it is suspended. */
  public record LeftAlone(String message) implements Covered {}

  /**
   * It is to be, and can't: it does not exist or does not permit it. The message says what to do.
   */
  public record OutOfReach(String message) implements Covered {}

  /** Every host that {@code selection} means, by name, in alphabetical order. */
  public static Map<String, Covered> of(HostSelection selection, Collection<Host> hosts) {
    var covered = new LinkedHashMap<String, Covered>();
    selection.names().stream()
        .sorted()
        .forEach(
            name ->
                covered.put(
                    name,
                    new OutOfReach("there is no Host " + name + " in this namespace: create it")));
    hosts.stream()
        .filter(host -> HostSelector.selects(selection, host.getMetadata().getName(), labels(host)))
        .sorted(java.util.Comparator.comparing(host -> host.getMetadata().getName()))
        .forEach(host -> covered.put(host.getMetadata().getName(), judge(host)));
    return covered;
  }

  private static Covered judge(Host host) {
    if (Boolean.TRUE.equals(host.getSpec().suspend())) {
      return new LeftAlone("the Host is suspended");
    }
    if (!host.getSpec().permits().contains(Permit.Check)) {
      return new OutOfReach("the Host does not permit Check: add it to its spec.permits");
    }
    return new Watched(host);
  }

  /** A host's labels; never null. */
  static Map<String, String> labels(Host host) {
    return Optional.ofNullable(host.getMetadata().getLabels()).orElse(Map.of());
  }
}
