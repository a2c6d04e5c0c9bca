package dev.drydock.host;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** {@code drydock_host_up} and what belongs to it, by namespace and host. */
public final class HostMetrics {
  private final MeterRegistry registry;
  private final ConcurrentHashMap<String, Row> rows = new ConcurrentHashMap<>();

  public HostMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  private static final class Row {
    private volatile double up;
    private volatile double seconds;
    private volatile double lastProbe;
    private List<Meter> meters = List.of();
  }

  void probed(String namespace, String host, boolean up, Duration took, Instant at) {
    Row row = rows.computeIfAbsent(namespace + "/" + host, _ -> register(namespace, host));
    row.up = up ? 1 : 0;
    row.seconds = took.toNanos() / 1e9;
    row.lastProbe = at.toEpochMilli() / 1e3;
  }

  private Row register(String namespace, String host) {
    var row = new Row();
    Tags tags = Tags.of("namespace", namespace, "host", host);
    row.meters =
        List.of(
            Gauge.builder("drydock.host.up", row, r -> r.up)
                .description("1: the host answered its last probe and can be used")
                .tags(tags)
                .register(registry),
            Gauge.builder("drydock.host.probe.duration.seconds", row, r -> r.seconds)
                .description("How long the last probe took")
                .tags(tags)
                .register(registry),
            Gauge.builder("drydock.host.last.probe.timestamp.seconds", row, r -> r.lastProbe)
                .description("When the host was last probed, in seconds since 1970")
                .tags(tags)
                .register(registry));
    return row;
  }

  void gone(String namespace, String host) {
    Row row = rows.remove(namespace + "/" + host);
    if (row != null) {
      row.meters.forEach(registry::remove);
    }
  }
}
