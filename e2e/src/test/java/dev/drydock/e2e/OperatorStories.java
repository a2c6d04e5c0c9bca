package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Duration;
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
        .resources(dev.drydock.api.v1alpha1.host.Host.class)
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
