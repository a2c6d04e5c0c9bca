package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import dev.drydock.kube.ClusterClient;
import dev.drydock.kube.RequestLimit;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RemedyConfigMapTest {
  @SuppressWarnings("NullAway.Init")
  private static ApiServer server;

  @SuppressWarnings("NullAway.Init")
  private static KubernetesClient client;

  private String namespace = server.freshNamespace();
  private final List<Duration> pauses = new ArrayList<>();
  private final RemedyConfigMap shelf =
      new RemedyConfigMap(client, new RequestLimit(4), pauses::add);

  @BeforeAll
  static void start() {
    server = ApiServer.start();
    server.applyCrds();
    client = ClusterClient.create(server.config());
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  private HostHealthPolicy policy() {
    HostHealthPolicy policy = Fixtures.policy("interval: 1m\n");
    policy.getMetadata().setNamespace(namespace);
    policy.getMetadata().setUid(null);
    policy.getMetadata().setCreationTimestamp(null);
    return client.resource(policy).create();
  }

  private static String started(int minute) {
    return NOON.plus(Duration.ofMinutes(minute)).toString();
  }

  private ConfigMap read(@Nullable String name) {
    return client
        .configMaps()
        .inNamespace(namespace)
        .withName(Objects.requireNonNull(name))
        .require();
  }

  private boolean exists(@Nullable String name) {
    return name != null && client.configMaps().inNamespace(namespace).withName(name).get() != null;
  }

  @Test
  void keepsWhatThereIsAndThenTheRest() {
    HostHealthPolicy policy = policy();
    assertThat(shelf.find(policy, "a", "load", started(0))).isNull();

    String name = shelf.keep(policy, "a", "load", started(0), "seen", false);

    assertThat(shelf.find(policy, "a", "load", started(0))).isEqualTo(name);
    assertThat(read(name).getData()).containsEntry("record.txt", "seen");
    assertThat(shelf.keep(policy, "a", "load", started(0), "seen and done", true)).isEqualTo(name);
    assertThat(read(name).getData()).containsEntry("record.txt", "seen and done");
    assertThat(read(name).getImmutable()).isTrue();
    assertThat(read(name).getMetadata().getOwnerReferences())
        .singleElement()
        .satisfies(owner -> assertThat(owner.getUid()).isEqualTo(policy.getMetadata().getUid()));
    assertThat(pauses).isEmpty();
  }

  @Test
  void triesAFewTimes() {
    HostHealthPolicy policy = policy();
    namespace = namespace + "-late";
    policy.getMetadata().setNamespace(namespace);
    assertThat(shelf.keep(policy, "a", "load", started(0), "seen", true)).isNull();
    assertThat(pauses).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));

    var patient =
        new RemedyConfigMap(
            client,
            new RequestLimit(4),
            _ ->
                client
                    .resource(
                        new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(namespace)
                            .endMetadata()
                            .build())
                    .create());
    assertThat(exists(patient.keep(policy, "a", "load", started(0), "seen", true))).isTrue();
  }

  @Test
  void isKeptWhereOldOnesCanNotBeRemoved() {
    HostHealthPolicy policy = policy();
    client
        .load(
            new ByteArrayInputStream(
                """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: keeper}
                rules: [{apiGroups: [""], resources: [configmaps], verbs: [create, patch]}]
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: keeper}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: keeper}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: keeper}]
                """
                    .getBytes(StandardCharsets.UTF_8)))
        .inNamespace(namespace)
        .create();
    try (KubernetesClient keeper =
        ClusterClient.create(
            new ConfigBuilder(server.config()).withImpersonateUsername("keeper").build())) {
      var other = new RemedyConfigMap(keeper, new RequestLimit(4), pauses::add);
      // The API server takes a moment to know of a new role.
      await().until(() -> exists(other.keep(policy, "a", "load", started(0), "seen", true)));
    }
  }

  @Test
  void removesNothingThatStatusNames() {
    HostHealthPolicy policy = policy();
    String oldest = shelf.keep(policy, "a", "load", started(0), "seen", true);
    String atWork = shelf.keep(policy, "b", "load", started(1), "seen", false);
    String forgotten = shelf.keep(policy, "c", "load", started(2), "seen", true);
    // The policy that a try was begun with says less than the one that there is now.
    HostHealthPolicy now = client.resource(policy).get();
    now.setStatus(
        Fixtures.status(
            null,
            null,
            List.of(
                host("a", RemedyPhase.NotHelped, started(0), oldest),
                host("b", RemedyPhase.Running, started(1), null))));
    client.resource(now).updateStatus();

    for (int i = 0; i < RemedyConfigMap.KEPT; i++) {
      assertThat(shelf.keep(policy, "d", "load", started(10 + i), "seen", true)).isNotNull();
    }

    assertThat(exists(forgotten)).isFalse();
    assertThat(exists(oldest)).isTrue();
    assertThat(exists(atWork)).isTrue();
    assertThat(client.configMaps().inNamespace(namespace).withLabel("drydock.dev/record").list())
        .satisfies(all -> assertThat(all.getItems()).hasSize(RemedyConfigMap.KEPT + 2));
  }

  private static HostState host(
      String name, RemedyPhase phase, String started, @Nullable String record) {
    HostState host = Fixtures.host(name);
    return new HostState(
        host.name(),
        host.state(),
        null,
        null,
        null,
        List.of(),
        List.of(),
        List.of(),
        List.of(new RemedyState("load", phase, started, null, null, record, List.of())),
        List.of(),
        List.of());
  }
}
