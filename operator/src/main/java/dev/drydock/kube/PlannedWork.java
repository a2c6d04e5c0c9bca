package dev.drydock.kube;

import dev.drydock.kernel.Work;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The planned work that this operator knows to go on, by host. The hosts' own locks tell the same,
 * and of other operators too; this one speaks where a host can't be asked, as during a reboot.
 * Whoever does the work brings it back here after a restart of the operator.
 */
public final class PlannedWork {
  private final Map<String, Map<String, Work>> hosts = new ConcurrentHashMap<>();

  /**
   * Says that work goes on.
   *
   * @param by names the one who does it, as {@code kind/namespace/name}
   */
  public void begin(String namespace, String host, String by, Work work) {
    hosts.computeIfAbsent(namespace + "/" + host, _ -> new ConcurrentHashMap<>()).put(by, work);
  }

  /** Says that it is over; harmless if it was not begun. */
  public void end(String namespace, String host, String by) {
    hosts.computeIfPresent(
        namespace + "/" + host,
        (_, works) -> {
          works.remove(by);
          return works.isEmpty() ? null : works;
        });
  }

  /** What goes on on a host; of several works one that touches the whole host comes first. */
  public Optional<Work> on(String namespace, String host) {
    var works = hosts.getOrDefault(namespace + "/" + host, Map.of()).values();
    return works.stream()
        .filter(Work::touchesHost)
        .findFirst()
        .or(() -> works.stream().findFirst());
  }
}
