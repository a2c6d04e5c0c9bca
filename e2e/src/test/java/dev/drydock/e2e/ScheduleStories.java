package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScheduleStories extends Story {
  private static final LabHost HOST = LabHost.ETHBIG;

  @AfterEach
  void mend() {
    HOST.on("sudo systemctl start takopi");
  }

  @Test
  void aCronJobLooksAndTellsTheSame() {
    declare(HOST);
    String path = webhook("web");
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata: {name: services}
        spec:
          hosts: {names: [ethbig]}
          schedule: "* * * * *"
          notify: {channels: [web]}
          checks:
          - {name: services, severity: Warning, systemd: {units: [takopi, ollama]}}
          - {name: memory, severity: Info, memory: {availableBelow: 500Gi}}
        """);
    awaitPolicy("services", Duration.ofMinutes(2), host -> host.state() == State.Healthy);
    assertThat(state("services").orElseThrow().impossible()).hasSize(1);
    Pod pod = client.pods().inNamespace(namespace).list().getItems().getFirst();
    assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
    assertThat(pod.getSpec().getVolumes())
        .as("no token, and no Secret but the host's key")
        .filteredOn(volume -> volume.getSecret() != null || volume.getProjected() != null)
        .hasSize(1);

    HOST.on("sudo systemctl stop takopi");
    runNow();
    awaitPolicy("services", PATIENCE, host -> host.state() == State.Degraded);
    soon("the message").until(() -> said(path, "firing") == 1);
    assertThat(alert("services", "services").orElseThrow().message())
        .isEqualTo("systemd: takopi is inactive");
    assertThat(Receivers.alertsAt(path, "firing").getFirst().toString())
        .as("what the pod read of the host comes along")
        .contains("load ", "memory ", "swap ");

    HOST.on("sudo systemctl start takopi");
    runNow();
    awaitPolicy("services", PATIENCE, host -> host.state() == State.Healthy);
    soon("its end").until(() -> said(path, "resolved") == 1);
    assertThat(said(path, "firing")).isEqualTo(1);
  }

  /** As {@code kubectl create job --from=cronjob/services-look} does. */
  private void runNow() {
    CronJob cronJob =
        client.batch().v1().cronjobs().inNamespace(namespace).withName("services-look").get();
    client
        .resource(
            new JobBuilder()
                .withNewMetadata()
                .withGenerateName("now-")
                .withNamespace(namespace)
                .addToAnnotations("cronjob.kubernetes.io/instantiate", "manual")
                .endMetadata()
                .withSpec(cronJob.getSpec().getJobTemplate().getSpec())
                .build())
        .create();
  }

  private static long said(String path, String status) {
    return Receivers.acceptedAt(path).stream()
        .filter(one -> one.body().contains("\"status\":\"" + status + "\""))
        .count();
  }
}
