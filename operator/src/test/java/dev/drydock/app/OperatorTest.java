package dev.drydock.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drydock.adapter.ssh.Sshd;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.notification.NotificationChannelStatus;
import dev.drydock.app.Cluster.Receiver;
import dev.drydock.testing.ApiServer;
import io.javaoperatorsdk.operator.processing.retry.RetryExecution;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The whole operator, as it is deployed, against a real API server and real hosts. */
class OperatorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @SuppressWarnings("NullAway.Init")
  private static ApiServer api;

  @BeforeAll
  static void start() {
    api = ApiServer.start();
    api.applyCrds();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  /**
   * With JOSDK's own {@code UpdateControl.patchStatus}, which carries no resource version, 24 and
   * 27 of 60 edits were lost: the event of the edit is taken for the echo of the status patch.
   */
  @Test
  void noEditIsLostThatIsMadeDuringAReconcile() throws Exception {
    var cluster = new Cluster(api);
    // Hosts that accept and say nothing: each look lasts for its whole timeout.
    try (var silent = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        var _ = cluster.start()) {
      var looked = new AtomicInteger();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  while (true) {
                    silent.accept();
                    looked.incrementAndGet();
                  }
                } catch (IOException e) {
                  // Closed.
                }
              });
      cluster.key("key", privateKey());
      List<String> names = IntStream.range(0, 60).mapToObj(i -> "host-" + i).toList();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (String name : names) {
          var _ =
              threads.submit(
                  () ->
                      cluster.silentHost(
                          name, silent.getLocalPort(), "{interval: 5m, timeout: 4s}"));
        }
      }
      await().pollInterval(Duration.ofMillis(20)).atMost(PATIENCE).until(() -> looked.get() >= 60);
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (String name : names) {
          var _ =
              threads.submit(
                  () ->
                      Cluster.patch(
                          cluster.host(name), "{\"spec\":{\"probe\":{\"interval\":\"4m\"}}}"));
        }
      }
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(500))
          .untilAsserted(
              () ->
                  assertThat(names)
                      .allSatisfy(
                          name -> {
                            Host host = Objects.requireNonNull(cluster.host(name).get());
                            assertThat(host.getMetadata().getGeneration()).isEqualTo(2);
                            assertThat(host.getStatus()).isNotNull();
                            assertThat(host.getStatus().observedGeneration()).isEqualTo(2);
                          }));
    }
  }

  @Test
  void anotherOperatorLeadsWithinFourSecondsOfAStop() throws Exception {
    var cluster = new Cluster(api);
    var lost = new AtomicInteger();
    OperatorProcess first = cluster.start("first", true, lost::incrementAndGet);
    await().atMost(PATIENCE).until(() -> cluster.holder().equals("first"));
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    var second = threads.submit(() -> cluster.start("second", true, lost::incrementAndGet));
    // A host that accepts and says nothing: its probe would last for its whole timeout.
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      cluster.channel("before", "http://127.0.0.1:1/", "Never");
      cluster.awaitObserved("before");
      cluster.key("key", privateKey());
      cluster.silentHost("silent", silent.getLocalPort(), "{interval: 1m, timeout: 10s}");
      silent.setSoTimeout((int) PATIENCE.toMillis());
      silent.accept();
      Instant stopped = Instant.now();
      first.close();
      assertThat(Objects.requireNonNull(cluster.host("silent").get()).getStatus())
          .as("what was cut off says nothing of the host")
          .isNull();
      await()
          .pollInterval(Duration.ofMillis(50))
          .atMost(Duration.ofSeconds(4))
          .until(() -> cluster.holder().equals("second"));
      assertThat(Duration.between(stopped, Instant.now())).isLessThan(Duration.ofSeconds(4));
      cluster.channel("after", "http://127.0.0.1:1/", "Never");
      cluster.awaitObserved("after");
      assertThat(lost).hasValue(0);
    } finally {
      first.close();
      await().atMost(PATIENCE).until(second::isDone);
      second.resultNow().close();
      threads.shutdownNow();
    }
  }

  @Test
  void retriesNeverGiveUpAndNeverTakeLongerThanFiveMinutes() {
    RetryExecution execution = OperatorProcess.retry().initExecution();
    for (int i = 0; i < 1000; i++) {
      Optional<Long> delay = execution.nextDelay();
      assertThat(delay).isPresent();
      assertThat(delay.orElseThrow()).isBetween(1L, Duration.ofMinutes(5).toMillis());
    }
  }

  @Test
  void anAnnotationReconciles() {
    var cluster = new Cluster(api);
    try (var receiver = new Receiver();
        var _ = cluster.start()) {
      cluster.channel("ops", receiver.url(), "Never");
      cluster.awaitObserved("ops");
      assertThat(receiver.bodies()).isEmpty();
      Cluster.patch(
          cluster.channel("ops"), "{\"metadata\":{\"annotations\":{\"drydock.dev/test\":\"1\"}}}");
      await().atMost(Duration.ofSeconds(10)).until(() -> receiver.bodies().size() == 1);
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> "1".equals(status(cluster, "ops").lastHandledTest()));
      assertThat(receiver.bodies().getFirst()).contains("Drydock can reach you here");

      Cluster.patch(
          cluster.channel("ops"),
          "{\"metadata\":{\"annotations\":{\"drydock.dev/test\":\"" + "2".repeat(300) + "\"}}}");
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> String.valueOf(status(cluster, "ops").lastHandledTest()).startsWith("22"));
      assertThat(receiver.bodies()).hasSize(2);
    }
  }

  @Test
  void aDiskThatFillsUpIsToldOnceAndItsEndOnce() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var receiver = new Receiver();
        OperatorProcess process = cluster.start()) {
      cluster.key("key", sshd.text("user"));
      cluster.host("ethbig", sshd, "1m");
      cluster.channel("ops", receiver.url(), "Never");
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: HostHealthPolicy
          metadata: {name: fleet}
          spec:
            hosts: {names: [ethbig]}
            interval: 5s
            unknownAfter: 10m
            notify: {channels: [ops]}
            checks:
            - {name: root-disk, severity: Critical, disk: {path: /, usedPercentAbove: 1}}
          """);
      await().atMost(PATIENCE).until(() -> receiver.bodies().size() == 1);
      assertThat(receiver.bodies().getFirst())
          .contains("\"status\":\"firing\"", "\"severity\":\"Critical\"", "disk / is used to");
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(policy(cluster).hosts().getFirst().alerts().getFirst().told())
                      .containsExactly("ops"));
      assertThat(Cluster.metrics(process)).contains("drydock_alert_firing{check=\"root-disk\"");

      Cluster.patch(
          cluster.policy("fleet"),
          """
          {"spec":{"checks":[{"name":"root-disk","severity":"Critical",
           "disk":{"path":"/","usedPercentAbove":99}}]}}
          """);
      await().atMost(PATIENCE).until(() -> receiver.bodies().size() == 2);
      assertThat(receiver.bodies().get(1)).contains("\"status\":\"resolved\"", "\"endedAt\"");
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                HostHealthPolicyStatus status = policy(cluster);
                assertThat(status.hosts().getFirst().alerts()).isEmpty();
                assertThat(status.conditions())
                    .anyMatch(c -> c.type().equals("Healthy") && c.status().equals("True"));
              });
      await()
          .during(Duration.ofSeconds(6))
          .atMost(Duration.ofSeconds(10))
          .until(() -> receiver.bodies().size() == 2);
      assertThat(Cluster.metrics(process))
          .doesNotContain("drydock_alert_firing{check=\"root-disk\"");
    }
  }

  private static String privateKey() throws IOException {
    Path key = Files.createTempDirectory("key").resolve("key");
    Sshd.keygen(key, "ed25519", "");
    return Files.readString(key);
  }

  private static HostHealthPolicyStatus policy(Cluster cluster) {
    return Objects.requireNonNull(cluster.policy("fleet").get()).getStatus();
  }

  private static NotificationChannelStatus status(Cluster cluster, String channel) {
    return Objects.requireNonNull(cluster.channel(channel).get()).getStatus();
  }
}
