package dev.drydock.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drydock.adapter.ssh.Sshd;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.kube.ClusterClient;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What is wrong is named, with what to do about it; once that is done, it heals by itself. */
@Execution(ExecutionMode.CONCURRENT)
class BadInputTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

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
  void aPolicyOfAHostThatThereIsNotWaitsForIt() {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      cluster.key("key", sshd.text("user"));
      cluster.host("there", sshd, "5s");
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: HostHealthPolicy
          metadata: {name: fleet}
          spec:
            hosts: {names: [there, missing]}
            interval: 5s
            checks:
            - {name: load, severity: Warning, load: {over: 1m, above: "10000"}}
          """);
      awaitState(cluster, "there", State.Healthy);
      assertThat(awaitState(cluster, "missing", State.Unknown).message())
          .isEqualTo("there is no Host missing in this namespace: create it");

      cluster.host("missing", sshd, "5s");
      awaitState(cluster, "missing", State.Healthy);

      cluster.host("missing").delete();
      assertThat(awaitState(cluster, "missing", State.Unknown).message()).contains("create it");
      awaitState(cluster, "there", State.Healthy);
    }
  }

  @Test
  void aSecretThatTheOperatorMayNotReadIsNamedUntilItMay() {
    var cluster = new Cluster(api);
    rights(cluster);
    var config =
        new ConfigBuilder(api.config())
            .withImpersonateUsername("system:serviceaccount:drydock:drydock")
            .build();
    try (var sshd = Sshd.start();
        var _ = cluster.start(ClusterClient.create(config), "operator", false, () -> {})) {
      cluster.key("key", sshd.text("user"));
      cluster.host("ethbig", sshd, "5s");
      assertRefused(cluster);

      secretsAreReadable(cluster);
      cluster.awaitReady("ethbig");

      // As somebody does who tidies up.
      cluster
          .client()
          .rbac()
          .roleBindings()
          .inNamespace(cluster.namespace())
          .withName("secrets")
          .delete();
      assertRefused(cluster);

      secretsAreReadable(cluster);
      cluster.awaitReady("ethbig");
    }
  }

  private static void assertRefused(Cluster cluster) {
    cluster.awaitStalled("ethbig", "SecretNotFound");
    assertThat(cluster.condition(cluster.host("ethbig"), "Ready"))
        .hasValueSatisfying(
            ready ->
                assertThat(ready.message())
                    .isEqualTo(
                        "the operator may not read the Secret key in namespace %s: let its service account get Secrets there"
                            .formatted(cluster.namespace())));
  }

  /** What the chart grants, but for Secrets. */
  private static void rights(Cluster cluster) {
    cluster.create(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: operator}
        rules:
        - {apiGroups: [drydock.dev, batch, events.k8s.io, coordination.k8s.io], resources: ["*"], verbs: ["*"]}
        - {apiGroups: [""], resources: [configmaps, pods, pods/log, events], verbs: ["*"]}
        """);
    bind(cluster, "operator");
    cluster.create(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: secrets}
        rules:
        - {apiGroups: [""], resources: [secrets], verbs: [get]}
        """);
  }

  private static void secretsAreReadable(Cluster cluster) {
    bind(cluster, "secrets");
  }

  private static void bind(Cluster cluster, String role) {
    cluster.create(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: %1$s}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: %1$s}
        subjects: [{kind: ServiceAccount, namespace: drydock, name: drydock}]
        """
            .formatted(role));
  }

  @Test
  void aSecretOfAnotherTypeIsRefusedUntilItIsMadeAnew() {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      cluster
          .client()
          .resource(
              new SecretBuilder()
                  .withNewMetadata()
                  .withName("key")
                  .withNamespace(cluster.namespace())
                  .endMetadata()
                  .withType("Opaque")
                  .withStringData(Map.of("ssh-privatekey", sshd.text("user")))
                  .build())
          .create();
      cluster.host("ethbig", sshd, "5s");
      cluster.awaitStalled("ethbig", "InvalidSecret");
      assertThat(cluster.condition(cluster.host("ethbig"), "Ready"))
          .hasValueSatisfying(
              ready ->
                  assertThat(ready.message())
                      .contains("is of type Opaque: it must be kubernetes.io/ssh-auth"));

      // A Secret's type can't be changed.
      cluster.client().secrets().inNamespace(cluster.namespace()).withName("key").delete();
      cluster.key("key", sshd.text("user"));
      cluster.awaitReady("ethbig");
      assertThat(cluster.condition(cluster.host("ethbig"), "Stalled")).isEmpty();
    }
  }

  @Test
  void aKeyThatIsTakenOffTheHostIsNamedUntilItIsBack() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      cluster.key("key", sshd.text("user"));
      cluster.host("ethbig", sshd, "5s");
      cluster.awaitReady("ethbig");
      String authorized = sshd.text("authorized_keys");

      Files.writeString(sshd.file("authorized_keys"), "");
      // As whoever takes a right away makes sure that it is not used any longer.
      ProcessHandle.of(sshd.pid())
          .orElseThrow()
          .descendants()
          .forEach(ProcessHandle::destroyForcibly);
      cluster.awaitStalled("ethbig", "AuthenticationFailed");
      assertThat(cluster.condition(cluster.host("ethbig"), "Ready"))
          .hasValueSatisfying(ready -> assertThat(ready.message()).contains("authorized_keys"));

      Files.writeString(sshd.file("authorized_keys"), authorized);
      cluster.awaitReady("ethbig");
    }
  }

  private static HostState awaitState(Cluster cluster, String host, State wanted) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> state(cluster, host),
            state -> state.filter(now -> now.state() == wanted).isPresent())
        .orElseThrow();
  }

  private static Optional<HostState> state(Cluster cluster, String host) {
    HostHealthPolicy policy = cluster.policy("fleet").get();
    return policy == null || policy.getStatus() == null
        ? Optional.empty()
        : policy.getStatus().hosts().stream().filter(one -> one.name().equals(host)).findFirst();
  }
}
