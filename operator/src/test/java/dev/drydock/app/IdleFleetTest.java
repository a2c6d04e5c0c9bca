package dev.drydock.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drydock.adapter.ssh.Sshd;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.testing.ApiServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/** A thousand hosts and a thousand policies that have nothing to say. */
class IdleFleetTest {
  private static final int COUNT = 1000;

  /** As many have a session; the others refuse theirs, as they did before. */
  private static final int REACHED = 40;

  /** The hosts are on this machine, too, which has to keep up with their scripts. */
  private static final Duration INTERVAL = Duration.ofSeconds(90);

  private static final Duration PATIENCE = Duration.ofMinutes(6);

  @Test
  void writesNothing() throws Exception {
    try (var api = ApiServer.start();
        var sshd = Sshd.start()) {
      api.applyCrds();
      var cluster = new Cluster(api);
      cluster.key("key", sshd.text("user"));
      inParallel(
          number -> {
            String host = "host-" + number;
            if (number < REACHED) {
              cluster.host(host, sshd, INTERVAL.toSeconds() + "s");
            } else {
              cluster.silentHost(
                  host, 1, "{interval: %ds, timeout: 4s}".formatted(INTERVAL.toSeconds()));
            }
            cluster.create(
                """
                apiVersion: drydock.dev/v1alpha1
                kind: HostHealthPolicy
                metadata: {name: policy-%d}
                spec:
                  hosts: {names: [host-%d]}
                  interval: %ds
                  checks:
                  - {name: load, severity: Warning, load: {over: 1m, above: "10000"}}
                """
                    .formatted(number, number % REACHED, INTERVAL.toSeconds()));
          });
      try (OperatorProcess process = cluster.start()) {
        await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofSeconds(2))
            .until(() -> observed(cluster) == 2 * COUNT);
        // On a machine that is busy a look may come to nothing, and that is written.
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> {
                  int before = cluster.writes().size();
                  awaitLooks(process);
                  List<String> writes = cluster.writes();
                  assertThat(writes.subList(before, writes.size()))
                      .as("while each was looked at once more")
                      .isEmpty();
                });
      }
    }
  }

  private static void inParallel(IntConsumer one) {
    try (var threads = Executors.newFixedThreadPool(10)) {
      for (int i = 0; i < COUNT; i++) {
        int number = i;
        var _ = threads.submit(() -> one.accept(number));
      }
    }
  }

  /** Waits until each of them was looked at once more. */
  private static void awaitLooks(OperatorProcess process) {
    long now = Instant.now().getEpochSecond();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(
            () -> {
              String metrics = Cluster.metrics(process);
              assertThat(times(metrics, "drydock_host_last_probe_timestamp_seconds"))
                  .hasSize(COUNT)
                  .allMatch(at -> at > now);
              assertThat(times(metrics, "drydock_policy_look_due_timestamp_seconds"))
                  .hasSize(COUNT)
                  .allMatch(due -> due > now + INTERVAL.toSeconds());
            });
  }

  private static List<Double> times(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(name + "{"))
        .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
        .toList();
  }

  /** How many hosts and policies have a status. */
  private static long observed(Cluster cluster) {
    return cluster
            .client()
            .resources(Host.class)
            .inNamespace(cluster.namespace())
            .list()
            .getItems()
            .stream()
            .filter(host -> host.getStatus() != null)
            .count()
        + cluster
            .client()
            .resources(HostHealthPolicy.class)
            .inNamespace(cluster.namespace())
            .list()
            .getItems()
            .stream()
            .filter(policy -> policy.getStatus() != null && policy.getStatus().summary() != null)
            .count();
  }
}
