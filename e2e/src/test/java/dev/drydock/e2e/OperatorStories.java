package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OperatorStories extends Story {
  @AfterEach
  void scaleBack() {
    scale(1);
    LabHost.ETHBIG.on("sudo systemctl start takopi");
  }

  @Test
  void theOtherOneTakesOverAndGoesOnLooking() {
    declare(LabHost.ETHBIG);
    String path = webhook("web");
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata: {name: services}
        spec:
          hosts: {selector: {matchLabels: {watched: "yes"}}}
          interval: 5s
          notify: {channels: [web]}
          checks:
          - {name: services, severity: Warning, systemd: {units: [takopi]}}
        """);
    await(
        "a policy that covers nobody",
        PATIENCE,
        () -> policy("services"),
        policy ->
            policy.getStatus() != null
                && policy.getStatus().conditions().stream()
                    .anyMatch(condition -> condition.reason().equals("NoHosts")));
    client
        .resources(Host.class)
        .inNamespace(namespace)
        .withName("ethbig")
        .edit(
            host -> {
              host.getMetadata().setLabels(java.util.Map.of("watched", "yes"));
              return host;
            });
    awaitPolicy("services", PATIENCE, host -> host.state() == State.Healthy);

    scale(2);
    String leader = holder();
    assertThat(leader).isNotEmpty();
    client.pods().inNamespace(Lab.SYSTEM).withName(leader).delete();
    Awaitility.await("another leader")
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> !holder().isEmpty() && !holder().equals(leader));

    LabHost.ETHBIG.on("sudo systemctl stop takopi");
    awaitPolicy("services", PATIENCE, host -> host.state() == State.Degraded);
    soon("the message")
        .until(
            () ->
                Receivers.acceptedAt(path).stream()
                        .filter(one -> one.body().contains("\"status\":\"firing\""))
                        .count()
                    == 1);
  }

  @Test
  void nothingIsWrittenWhileNothingChanges() throws InterruptedException {
    declare(LabHost.ETHBIG);
    webhook("web");
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata: {name: fine}
        spec:
          hosts: {names: [ethbig]}
          interval: 5s
          notify: {channels: [web]}
          checks:
          - {name: memory, severity: Warning, memory: {availableBelow: 1Mi}}
        """);
    awaitChannel("web", isTrue());
    awaitHost("ethbig", isTrue());
    awaitPolicy("fine", PATIENCE, host -> host.state() == State.Healthy);
    String before = versions();
    // That nothing is written can't be waited for: so long, several looks long.
    Thread.sleep(java.time.Duration.ofSeconds(25));
    assertThat(versions()).isEqualTo(before);
  }

  private String versions() {
    var text = new StringBuilder();
    for (Class<? extends HasMetadata> kind :
        List.<Class<? extends HasMetadata>>of(
            Host.class, NotificationChannel.class, HostHealthPolicy.class)) {
      client
          .resources(kind)
          .inNamespace(namespace)
          .list()
          .getItems()
          .forEach(
              one ->
                  text.append(one.getMetadata().getName())
                      .append(one.getMetadata().getResourceVersion())
                      .append('\n'));
    }
    return text.toString();
  }

  private String holder() {
    Lease lease = client.resources(Lease.class).inNamespace(Lab.SYSTEM).withName("drydock").get();
    return Objects.requireNonNullElse(lease.getSpec().getHolderIdentity(), "");
  }

  /** Scales the operator, and waits until every pod of it is ready. */
  private void scale(int replicas) {
    var deployment = client.apps().deployments().inNamespace(Lab.SYSTEM).withName("drydock");
    deployment.scale(replicas);
    soon("the operator's pods")
        .until(
            () -> {
              var status = deployment.get().getStatus();
              return Objects.equals(status.getReadyReplicas(), replicas)
                  && Objects.equals(status.getReplicas(), replicas);
            });
  }
}
