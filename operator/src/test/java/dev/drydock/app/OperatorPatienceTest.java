package dev.drydock.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.drydock.adapter.ssh.Sshd;
import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.api.v1alpha1.notification.NotificationChannelStatus;
import dev.drydock.app.Cluster.Receiver;
import dev.drydock.kube.ClusterClient;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What takes the operator a while, and the machine nothing: all of it at a time. */
@Execution(ExecutionMode.CONCURRENT)
class OperatorPatienceTest {
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

  @Test
  void writesNothingWhileNothingChanges() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var refusing = Sshd.start();
        var _ = cluster.start()) {
      cluster.key("key", sshd.text("user"));
      for (int i = 0; i < 200; i++) {
        cluster.channel("channel-" + i, "http://127.0.0.1:1/", "Never");
      }
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: NotificationChannel
          metadata: {name: no-secret}
          spec: {slack: {webhookSecret: {name: nowhere, key: url}}}
          """);
      for (int i = 0; i < 20; i++) {
        cluster.host("host-" + i, sshd, "5s");
      }
      cluster.host("refused", refusing, "5s");
      cluster.silentHost("unreachable", 1, "{interval: 5s, timeout: 4s}");
      cluster.silentHost("no-secret", 1, "{interval: 5s, timeout: 4s}");
      Cluster.patch(
          cluster.host("no-secret"), "{\"spec\":{\"identity\":{\"secretName\":\"nowhere\"}}}");
      for (int i = 0; i < 3; i++) {
        cluster.create(
            """
            apiVersion: drydock.dev/v1alpha1
            kind: HostHealthPolicy
            metadata: {name: policy-%d}
            spec:
              hosts: {names: [host-0, host-1, host-2, refused, unreachable, no-secret]}
              interval: 5s
              checks:
              - {name: load, severity: Warning, load: {over: 1m, above: "10000"}}
              - {name: disk, severity: Info, disk: {path: /, usedPercentAbove: 1}}
              - {name: nobody-knows, severity: Info, disk: {path: /nonexistent, usedPercentAbove: 1}}
            """
                .formatted(i));
      }
      for (int i = 0; i < 20; i++) {
        cluster.awaitReady("host-" + i);
      }
      cluster.awaitStalled("refused", "AuthenticationFailed");
      cluster.awaitStalled("no-secret", "SecretNotFound");
      for (int i = 0; i < 200; i++) {
        cluster.awaitObserved("channel-" + i);
      }
      cluster.awaitObserved("no-secret");
      for (int i = 0; i < 3; i++) {
        String policy = "policy-" + i;
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    cluster.policy(policy).get().getStatus() != null
                        && cluster.policy(policy).get().getStatus().hosts().stream()
                            .allMatch(host -> !host.alerts().isEmpty()));
      }
      int settled = settled(cluster::writes);
      await()
          .during(Duration.ofSeconds(30))
          .atMost(Duration.ofSeconds(40))
          .pollInterval(Duration.ofSeconds(2))
          .untilAsserted(
              () ->
                  assertThat(cluster.writes().subList(settled, cluster.writes().size())).isEmpty());
    }
  }

  @Test
  void oneHostThatChangesCostsOneWrite() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      cluster.key("key", sshd.text("user"));
      Path mark = sshd.file("mark");
      Files.createFile(mark);
      for (int i = 0; i < 4; i++) {
        cluster.host("host-" + i, sshd, "30s");
      }
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: HostHealthPolicy
          metadata: {name: fleet}
          spec:
            hosts: {names: [%s]}
            interval: 5s
            checks:
            - {name: load, severity: Warning, load: {over: 1m, above: "10000"}}
          """
              .formatted(
                  IntStream.range(0, 4)
                      .mapToObj(i -> "host-" + i)
                      .collect(Collectors.joining(", "))));
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: HostHealthPolicy
          metadata: {name: one}
          spec:
            hosts: {names: [host-3]}
            interval: 5s
            checks:
            - {name: mark, severity: Warning, file: {path: %s}}
          """
              .formatted(mark));
      for (String name : List.of("fleet", "one")) {
        await()
            .atMost(PATIENCE)
            .until(() -> cluster.policy(name).get().getStatus() != null && healthy(cluster, name));
      }
      int before = settled(() -> policyWrites(cluster));

      Files.delete(mark);

      await().atMost(PATIENCE).until(() -> !healthy(cluster, "one"));
      await()
          .during(Duration.ofSeconds(10))
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(policyWrites(cluster)).hasSize(before + 1));
      assertThat(policyWrites(cluster).getLast()).contains("one");
    }
  }

  /** How many writes there are once there are no more for as long as a probe or look takes. */
  private static int settled(Supplier<List<String>> writes) {
    var settled = new AtomicInteger(-1);
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(6))
        .until(
            () -> {
              int now = writes.get().size();
              return now == settled.getAndSet(now);
            });
    return settled.get();
  }

  private static List<String> policyWrites(Cluster cluster) {
    return cluster.writes().stream()
        .filter(write -> write.contains("hosthealthpolicies/status"))
        .toList();
  }

  private static boolean healthy(Cluster cluster, String policy) {
    return cluster.policy(policy).get().getStatus().hosts().stream()
        .allMatch(host -> host.state() == State.Healthy);
  }

  @Test
  void aLeaderWhoseLeaseIsTakenEndsItself() {
    var cluster = new Cluster(api);
    var lost = new AtomicInteger();
    try (var _ = cluster.start("first", true, lost::incrementAndGet)) {
      await().atMost(PATIENCE).until(() -> cluster.holder().equals("first"));
      KubernetesClient client = cluster.client();
      // By force, and held: as a second leader would that believes the first one dead.
      await()
          .pollInterval(Duration.ofMillis(500))
          .atMost(PATIENCE)
          // The leader may renew it between the thief's reading and writing.
          .ignoreExceptionsMatching(
              e -> e instanceof KubernetesClientException refused && refused.getCode() == 409)
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
      assertThat(cluster.holder()).isEqualTo("thief");
    }
    assertThat(cluster.holder()).as("a lease of another's is not given up").isEqualTo("thief");
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
        diverted(
            path -> broken.get() && path.contains("/secrets/"),
            "http://127.0.0.1:" + fault.getAddress().getPort() + "/");
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
      cluster.awaitObserved("ops");
    } finally {
      fault.stop(0);
    }
  }

  @Test
  void aStatusThatMeetsAnotherChangeIsWrittenOverThatAndIsNoFailure() throws Exception {
    var cluster = new Cluster(api);
    Path key = Files.createTempDirectory("key").resolve("key");
    Sshd.keygen(key, "ed25519", "");
    try (var silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        OperatorProcess process = cluster.start()) {
      silent.setSoTimeout((int) PATIENCE.toMillis());
      cluster.key("key", Files.readString(key));
      cluster.silentHost("ethbig", silent.getLocalPort(), "{interval: 5m, timeout: 4s}");
      try (var _ = silent.accept()) {
        // Of an annotation that is not Drydock's it is not woken: it has to come back by itself.
        Cluster.patch(
            cluster.host("ethbig"), "{\"metadata\":{\"annotations\":{\"example.com/by\":\"me\"}}}");
        await()
            .atMost(PATIENCE)
            .until(() -> cluster.condition(cluster.host("ethbig"), "Ready").isPresent());
      }
      assertThat(cluster.writes())
          .anyMatch(write -> write.contains("hosts/status") && write.endsWith("/ethbig 409"));
      assertThat(
              Cluster.metrics(process)
                  .lines()
                  .filter(line -> line.startsWith("reconciliations_failure_total")))
          .allMatch(line -> line.endsWith(" 0.0"));
    }
  }

  @Test
  void aSuspendedBastionIsLeftOnceAndHostsBehindItAreLookedAtAsBefore() throws Exception {
    var cluster = new Cluster(api);
    try (var outer = Sshd.start();
        var inner = Sshd.start();
        var _ = cluster.start()) {
      Files.copy(
          outer.file("authorized_keys"),
          inner.file("authorized_keys"),
          StandardCopyOption.REPLACE_EXISTING);
      cluster.key("key", outer.text("user"));
      cluster.host("bastion", outer, "5s");
      cluster.awaitReady("bastion");
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: Host
          metadata: {name: behind}
          spec:
            address: 127.0.0.1
            port: %d
            user: %s
            identity: {secretName: key}
            hostKeys: ["%s"]
            jumpHost: bastion
            probe: {interval: 5s, timeout: 4s}
          """
              .formatted(inner.port(), Sshd.USER, inner.publicKey("host_ed25519")));
      cluster.awaitReady("behind");
      assertThat(logins(outer)).as("its own session, and the way to all behind it").isEqualTo(2);

      Cluster.patch(cluster.host("bastion"), "{\"spec\":{\"suspend\":true}}");
      await().atMost(PATIENCE).until(() -> logins(outer) == 3);
      await()
          .during(Duration.ofSeconds(16))
          .atMost(Duration.ofSeconds(20))
          .until(() -> logins(outer) == 3);
      cluster.awaitReady("behind");
      assertThat(cluster.condition(cluster.host("bastion"), "Ready"))
          .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("Suspended"));
    }
  }

  private static long logins(Sshd sshd) {
    return sshd.log().lines().filter(line -> line.contains("Accepted publickey")).count();
  }

  @Test
  void aRestartMakesNoChannelReadyThatWasRefused() {
    var cluster = new Cluster(api);
    try (var receiver = new Receiver();
        var untested = new Receiver()) {
      try (var _ = cluster.start()) {
        cluster.channel("ops", receiver.url(), "OnChange");
        cluster.channel("quiet", untested.url(), "Never");
        await().atMost(PATIENCE).until(() -> ready(cluster, "ops").status().equals("True"));
        cluster.awaitObserved("quiet");
      }
      // As a delivery leaves it that is refused; whoever wanted it has no more to say.
      var refused =
          new Condition(
              "Ready", "False", "DeliveryRefused", "it answered 403", "2026-11-01T00:00:00Z", 1L);
      for (String name : List.of("ops", "quiet")) {
        cluster
            .channel(name)
            .editStatus(
                channel -> {
                  NotificationChannelStatus was = channel.getStatus();
                  channel.setStatus(
                      new NotificationChannelStatus(
                          was.observedGeneration(),
                          List.of(refused),
                          was.type(),
                          "2026-10-31T00:00:00Z",
                          3,
                          was.verifiedFor(),
                          was.lastHandledTest()));
                  return channel;
                });
      }
      receiver.answer(403);
      try (var _ = cluster.start()) {
        await().atMost(PATIENCE).until(() -> ready(cluster, "ops").message().contains("Mend"));
        await().atMost(PATIENCE).until(() -> Objects.equals(status(cluster, "quiet").failed(), 0));
        assertThat(ready(cluster, "quiet")).isEqualTo(refused);
        assertThat(ready(cluster, "ops").status()).isEqualTo("False");
        assertThat(ready(cluster, "ops").lastTransitionTime())
            .as("it was never said to be ready")
            .isEqualTo(refused.lastTransitionTime());
        assertThat(receiver.bodies()).hasSize(2);
        assertThat(untested.bodies()).isEmpty();
      }
    }
  }

  private static NotificationChannelStatus status(Cluster cluster, String channel) {
    return Objects.requireNonNull(cluster.channel(channel).get()).getStatus();
  }

  private static Condition ready(Cluster cluster, String channel) {
    NotificationChannelStatus status = status(cluster, channel);
    return (status == null ? List.<Condition>of() : status.conditions())
        .stream()
            .filter(condition -> condition.type().equals("Ready"))
            .findFirst()
            .orElse(new Condition("Ready", "Unknown", "", "", "", null));
  }

  @Test
  void tellsAnApiServerThatIsAwayFromAClientThatIsStuck() throws Exception {
    int port;
    try (var nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = nobody.getLocalPort();
      assertThat(isSilence(port)).isTrue();
    }
    assertThat(isSilence(port)).isFalse();
  }

  private static boolean isSilence(int port) {
    var config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl("https://127.0.0.1:" + port)
            .withRequestTimeout(5000)
            .withConnectionTimeout(5000)
            .withRequestRetryBackoffLimit(0)
            .build();
    try (var client = ClusterClient.create(config)) {
      client.getKubernetesVersion();
      throw new AssertionError("nobody is there");
    } catch (KubernetesClientException e) {
      return OperatorProcess.isSilence(e);
    }
  }

  @Test
  void itWaitsForAnApiServerThatDoesNotAnswerAndThenGoesToWork() throws Exception {
    var cluster = new Cluster(api);
    var away = new AtomicBoolean(true);
    KubernetesClient client = diverted(_ -> away.get(), "http://127.0.0.1:1/");
    var lost = new AtomicInteger();
    var started = new CompletableFuture<OperatorProcess>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                started.complete(cluster.start(client, "operator", true, lost::incrementAndGet));
              } catch (RuntimeException e) {
                started.completeExceptionally(e);
              }
            });
    await().during(Duration.ofSeconds(3)).until(() -> !started.isDone());
    away.set(false);
    try (var _ = started.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      cluster.channel("ops", "http://127.0.0.1:1/", "Never");
      cluster.awaitObserved("ops");
    }
    assertThat(lost).hasValue(0);
  }

  /** A client whose requests for some paths go elsewhere. */
  private static KubernetesClient diverted(Predicate<String> which, String elsewhere) {
    return new KubernetesClientBuilder()
        .withConfig(api.config())
        .withHttpClientBuilderConsumer(
            builder ->
                builder.addOrReplaceInterceptor(
                    "diversion",
                    new Interceptor() {
                      @Override
                      public void before(BasicBuilder request, HttpRequest http, RequestTags tags) {
                        if (which.test(http.uri().getPath())) {
                          request.uri(URI.create(elsewhere));
                        }
                      }
                    }))
        .build();
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
      assertThat(Cluster.metrics(process)).contains("drydock_host_up{host=\"ethbig\"");

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
      await().atMost(PATIENCE).until(() -> !Cluster.metrics(process).contains("host=\"ethbig\""));
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

  private static ZonedDateTime now() {
    return ZonedDateTime.now(ZoneOffset.UTC);
  }
}
