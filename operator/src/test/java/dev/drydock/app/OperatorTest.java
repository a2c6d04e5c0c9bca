package dev.drydock.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.drydock.adapter.ssh.Sshd;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.notification.NotificationChannelStatus;
import dev.drydock.app.Cluster.Receiver;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.javaoperatorsdk.operator.processing.retry.RetryExecution;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The whole operator, as it is deployed, against a real API server and real hosts. */
@Execution(ExecutionMode.CONCURRENT)
class OperatorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

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
   * 27 of 60 edits were lost here: the event of the edit is taken for the echo of the status patch.
   */
  @Test
  void noEditIsLostThatIsMadeDuringAReconcile() throws Exception {
    var cluster = new Cluster(api);
    // Each look takes a while, and the edit comes in the middle of it.
    try (var slow = Sshd.start("ForceCommand sleep 0.5; exec /bin/sh");
        var _ = cluster.start()) {
      cluster.key("key", slow.text("user"));
      List<String> names = IntStream.range(0, 60).mapToObj(i -> "host-" + i).toList();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (String name : names) {
          var _ =
              threads.submit(
                  () -> {
                    cluster.host(name, slow, "5m");
                    Cluster.patch(
                        cluster.host(name), "{\"spec\":{\"probe\":{\"interval\":\"4m\"}}}");
                    await()
                        .pollInterval(Duration.ofMillis(20))
                        .atMost(PATIENCE)
                        .until(() -> slow.log().contains("Accepted publickey"));
                    Cluster.patch(
                        cluster.host(name), "{\"spec\":{\"probe\":{\"interval\":\"3m\"}}}");
                  });
        }
      }
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(names)
                      .allSatisfy(
                          name -> {
                            Host host = Objects.requireNonNull(cluster.host(name).get());
                            assertThat(host.getStatus()).isNotNull();
                            assertThat(host.getStatus().observedGeneration())
                                .isEqualTo(host.getMetadata().getGeneration())
                                .isEqualTo(3);
                          }));
    }
  }

  @Test
  void aLeaderWhoseLeaseIsTakenEndsItself() {
    var cluster = new Cluster(api);
    var lost = new AtomicInteger();
    try (var _ = cluster.start("first", true, lost::incrementAndGet)) {
      await().atMost(PATIENCE).until(() -> holder(cluster).equals("first"));
      KubernetesClient client = cluster.client();
      // By force, and held: as a second leader would that believes the first one dead.
      await()
          .pollInterval(Duration.ofMillis(500))
          .atMost(PATIENCE)
          .until(
              () -> {
                client
                    .resources(Lease.class)
                    .inNamespace(cluster.namespace())
                    .withName(LeaderLease.NAME)
                    .edit(
                        lease -> {
                          lease.getSpec().setHolderIdentity("thief");
                          lease.getSpec().setRenewTime(now());
                          return lease;
                        });
                return lost.get() > 0;
              });
      assertThat(holder(cluster)).isEqualTo("thief");
    }
    assertThat(holder(cluster)).as("a lease of another's is not given up").isEqualTo("thief");
  }

  @Test
  void anotherOperatorLeadsWithinFourSecondsOfAStop() {
    var cluster = new Cluster(api);
    var lost = new AtomicInteger();
    OperatorProcess first = cluster.start("first", true, lost::incrementAndGet);
    await().atMost(PATIENCE).until(() -> holder(cluster).equals("first"));
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    var second = threads.submit(() -> cluster.start("second", true, lost::incrementAndGet));
    try {
      cluster.channel("before", "http://127.0.0.1:1/", "Never");
      awaitObserved(cluster, "before");
      first.close();
      Instant stopped = Instant.now();
      await()
          .pollInterval(Duration.ofMillis(50))
          .atMost(Duration.ofSeconds(4))
          .until(() -> holder(cluster).equals("second"));
      assertThat(Duration.between(stopped, Instant.now())).isLessThan(Duration.ofSeconds(4));
      cluster.channel("after", "http://127.0.0.1:1/", "Never");
      awaitObserved(cluster, "after");
      assertThat(lost).hasValue(0);
    } finally {
      first.close();
      await().atMost(PATIENCE).until(second::isDone);
      second.resultNow().close();
      threads.shutdownNow();
    }
  }

  @Test
  void aReconcileThatFailsManyTimesIsTriedUntilItHeals() throws Exception {
    var cluster = new Cluster(api);
    var broken = new AtomicBoolean(true);
    var asked = new AtomicInteger();
    HttpServer fault =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    fault.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          exchange.sendResponseHeaders(500, -1);
          exchange.close();
        });
    fault.start();
    KubernetesClient client =
        new KubernetesClientBuilder()
            .withConfig(api.config())
            .withHttpClientBuilderConsumer(
                builder ->
                    builder.addOrReplaceInterceptor(
                        "fault",
                        new Interceptor() {
                          @Override
                          public void before(
                              BasicBuilder request, HttpRequest http, RequestTags tags) {
                            if (broken.get() && http.uri().getPath().contains("/secrets/")) {
                              request.uri(
                                  URI.create(
                                      "http://127.0.0.1:" + fault.getAddress().getPort() + "/"));
                            }
                          }
                        }))
            .build();
    try (var receiver = new Receiver();
        var _ = cluster.start(client, "operator", false, () -> {})) {
      cluster.create(
          """
          apiVersion: v1
          kind: Secret
          metadata: {name: hmac}
          stringData: {key: secret}
          """);
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: NotificationChannel
          metadata: {name: ops}
          spec: {webhook: {url: "%s", hmacSecret: {name: hmac, key: key}}, groupWait: 0s}
          """
              .formatted(receiver.url()));
      await().atMost(Duration.ofSeconds(60)).until(() -> asked.get() >= 6);
      assertThat(receiver.bodies()).isEmpty();
      broken.set(false);
      await().atMost(Duration.ofSeconds(60)).until(() -> receiver.bodies().size() == 1);
      awaitObserved(cluster, "ops");
    } finally {
      fault.stop(0);
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
      awaitObserved(cluster, "ops");
      assertThat(receiver.bodies()).isEmpty();
      Cluster.patch(
          cluster.channel("ops"), "{\"metadata\":{\"annotations\":{\"drydock.dev/test\":\"1\"}}}");
      await().atMost(Duration.ofSeconds(10)).until(() -> receiver.bodies().size() == 1);
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> "1".equals(status(cluster, "ops").lastHandledTest()));
      assertThat(receiver.bodies().getFirst()).contains("Drydock can reach you here");
    }
  }

  @Test
  void writesNothingWhileNothingChanges() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      cluster.key("key", sshd.text("user"));
      for (int i = 0; i < 200; i++) {
        cluster.channel("channel-" + i, "http://127.0.0.1:1/", "Never");
      }
      for (int i = 0; i < 20; i++) {
        cluster.host("host-" + i, sshd, "5s");
      }
      for (int i = 0; i < 20; i++) {
        cluster.awaitReady("host-" + i);
      }
      for (int i = 0; i < 200; i++) {
        awaitObserved(cluster, "channel-" + i);
      }
      int settled = cluster.writes().size();
      await()
          .during(Duration.ofSeconds(30))
          .atMost(Duration.ofSeconds(35))
          .pollInterval(Duration.ofSeconds(2))
          .untilAsserted(
              () ->
                  assertThat(cluster.writes().subList(settled, cluster.writes().size())).isEmpty());
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
      assertThat(metrics(process)).contains("drydock_alert_firing{check=\"root-disk\"");

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
      assertThat(metrics(process)).doesNotContain("drydock_alert_firing{check=\"root-disk\"");
    }
  }

  @Test
  void aWrongNewKeyKeepsTheOldSessionAndARightOneTakesItsPlace() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      cluster.key("key", sshd.text("user"));
      cluster.host("ethbig", sshd, "5s");
      cluster.awaitReady("ethbig");

      Sshd.keygen(sshd.file("next"), "ed25519", "");
      cluster.key("key", sshd.text("next"));
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(cluster.condition(cluster.host("ethbig"), "Reconciling"))
                      .hasValueSatisfying(
                          c -> {
                            assertThat(c.reason()).isEqualTo("AuthenticationFailed");
                            assertThat(c.message()).contains("previous session is still used");
                          }));
      assertThat(cluster.condition(cluster.host("ethbig"), "Ready"))
          .hasValueSatisfying(c -> assertThat(c.status()).isEqualTo("True"));

      // A third key, since the second one is shown again only after a pause.
      Sshd.keygen(sshd.file("third"), "ed25519", "");
      Files.writeString(
          sshd.file("authorized_keys"),
          sshd.publicKey("third") + "\n",
          StandardOpenOption.TRUNCATE_EXISTING);
      cluster.key("key", sshd.text("third"));
      await()
          .atMost(PATIENCE)
          .until(() -> cluster.condition(cluster.host("ethbig"), "Reconciling").isEmpty());
      assertThat(sshd.log().lines().filter(line -> line.contains("Accepted publickey"))).hasSize(2);
      assertThat(cluster.condition(cluster.host("ethbig"), "Ready"))
          .hasValueSatisfying(c -> assertThat(c.status()).isEqualTo("True"));
    }
  }

  @Test
  void nobodyLooksAtWhatIsDeleted() throws Exception {
    var cluster = new Cluster(api);
    Path heard = Files.createTempFile("heard", "");
    // Everything that a host is asked is written down there.
    try (var sshd = Sshd.start("ForceCommand tee -a " + heard + " | /bin/sh");
        OperatorProcess process = cluster.start()) {
      cluster.key("key", sshd.text("user"));
      cluster.host("ethbig", sshd, "5s");
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: HostHealthPolicy
          metadata: {name: fleet}
          spec:
            hosts: {names: [ethbig]}
            interval: 5s
            checks:
            - {name: marked, severity: Info, disk: {path: /marked-by-the-policy, usedPercentAbove: 9}}
          """);
      await()
          .atMost(PATIENCE)
          .until(() -> Files.readString(heard).contains("marked-by-the-policy"));
      assertThat(metrics(process)).contains("drydock_host_up{host=\"ethbig\"");

      cluster.policy("fleet").delete();
      await().atMost(PATIENCE).until(() -> cluster.policy("fleet").get() == null);
      long marks = marks(heard);
      await()
          .during(Duration.ofSeconds(11))
          .atMost(Duration.ofSeconds(15))
          .until(() -> marks(heard) == marks);

      long before = Files.size(heard);
      await().atMost(PATIENCE).until(() -> Files.size(heard) > before);
      cluster.host("ethbig").delete();
      await().atMost(PATIENCE).until(() -> !metrics(process).contains("host=\"ethbig\""));
      long after = Files.size(heard);
      await()
          .during(Duration.ofSeconds(11))
          .atMost(Duration.ofSeconds(15))
          .until(() -> Files.size(heard) == after);
      await()
          .atMost(PATIENCE)
          .until(() -> ProcessHandle.of(sshd.pid()).orElseThrow().children().findAny().isEmpty());
    } finally {
      Files.delete(heard);
    }
  }

  private static long marks(Path heard) throws IOException {
    return Files.readString(heard).lines().filter(l -> l.contains("marked-by-the-policy")).count();
  }

  private static HostHealthPolicyStatus policy(Cluster cluster) {
    return Objects.requireNonNull(cluster.policy("fleet").get()).getStatus();
  }

  private static NotificationChannelStatus status(Cluster cluster, String channel) {
    return Objects.requireNonNull(cluster.channel(channel).get()).getStatus();
  }

  private static void awaitObserved(Cluster cluster, String channel) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(cluster.channel(channel).get())
                    .matches(
                        c ->
                            c != null
                                && c.getStatus() != null
                                && Cluster.isCurrent(c, c.getStatus().observedGeneration())));
  }

  private static String holder(Cluster cluster) {
    Lease lease =
        cluster
            .client()
            .resources(Lease.class)
            .inNamespace(cluster.namespace())
            .withName(LeaderLease.NAME)
            .get();
    return lease == null ? "" : String.valueOf(lease.getSpec().getHolderIdentity());
  }

  private static ZonedDateTime now() {
    return ZonedDateTime.now(ZoneOffset.UTC);
  }

  private static String metrics(OperatorProcess process) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              java.net.http.HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + process.httpPort() + "/metrics"))
                  .build(),
              BodyHandlers.ofString())
          .body();
    }
  }
}
