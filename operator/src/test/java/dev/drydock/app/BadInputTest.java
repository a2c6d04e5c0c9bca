package dev.drydock.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drydock.adapter.ssh.Sshd;
import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.app.Cluster.Receiver;
import dev.drydock.kube.ClusterClient;
import dev.drydock.probe.Finding;
import dev.drydock.probe.LookResult;
import dev.drydock.probe.Looker;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
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

  @Test
  void aBrokenWebhookKeepsNoAlertOfAScheduledLookBack() {
    var cluster = new Cluster(api);
    try (var receiver = new Receiver();
        var _ = cluster.start()) {
      cluster.channel("ops", receiver.url(), "Never");
      cluster.silentHost("ethbig", 1, "{interval: 1h, timeout: 4s}");
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: HostHealthPolicy
          metadata: {name: fleet}
          spec:
            hosts: {selector: {}}
            schedule: "0 3 * * *"
            notify: {channels: [ops]}
            checks:
            - {name: load, severity: Warning, load: {over: 1m, above: "4"}}
          """);
      await().atMost(PATIENCE).until(() -> isReady(cluster, "True"));
      HasMetadata broken =
          cluster
              .client()
              .resource(
                  """
                  apiVersion: admissionregistration.k8s.io/v1
                  kind: ValidatingWebhookConfiguration
                  metadata: {name: broken}
                  webhooks:
                  - name: broken.example.com
                    admissionReviewVersions: [v1]
                    sideEffects: None
                    failurePolicy: Fail
                    clientConfig: {url: "https://127.0.0.1:1/"}
                    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %s}}
                    rules:
                    - {apiGroups: ["", batch], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps, cronjobs]}
                  """
                      .formatted(cluster.namespace()))
              .create();
      await().atMost(PATIENCE).until(() -> refusesConfigMaps(cluster));
      cluster.silentHost("joined", 1, "{interval: 1h, timeout: 4s}");
      looked(cluster, new Finding.Bad("9", "load is 9"));
      await().atMost(PATIENCE).until(() -> receiver.bodies().size() == 1);
      assertThat(receiver.bodies().getFirst()).contains("ethbig: load: load is 9");
      assertThat(conditions(cluster))
          .anySatisfy(
              condition -> {
                assertThat(condition.type()).isEqualTo("Stalled");
                assertThat(condition.reason()).isEqualTo("CronJobRefused");
                assertThat(condition.message()).contains("webhook");
              });
      cluster.client().resource(broken).delete();
      await().atMost(PATIENCE).until(() -> isReady(cluster, "True"));
    }
  }

  private static List<Condition> conditions(Cluster cluster) {
    HostHealthPolicy policy = cluster.policy("fleet").get();
    return policy == null || policy.getStatus() == null
        ? List.of()
        : policy.getStatus().conditions();
  }

  private static boolean isReady(Cluster cluster, String expected) {
    return conditions(cluster).stream()
        .anyMatch(
            condition -> condition.type().equals("Ready") && condition.status().equals(expected));
  }

  private static boolean refusesConfigMaps(Cluster cluster) {
    try {
      cluster.create("apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: other-}\n");
      return false;
    } catch (KubernetesClientException e) {
      return true;
    }
  }

  /** A pod of the CronJob that has just ended, with what it saw of ethbig. */
  private static void looked(Cluster cluster, Finding load) {
    Instant at = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    cluster
        .client()
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withName("look")
                .withNamespace(cluster.namespace())
                .addToLabels("app.kubernetes.io/managed-by", "drydock")
                .addToLabels("drydock.dev/policy", "fleet")
                .addToLabels("drydock.dev/task", "look")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("task")
                .withImage("drydock")
                .endContainer()
                .endSpec()
                .build())
        .create();
    cluster.end(
        "look",
        at.toString(),
        LookResult.of(at, Map.of("ethbig", new Looker.Seen(Map.of("load", load), "", "")))
            .encode());
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
