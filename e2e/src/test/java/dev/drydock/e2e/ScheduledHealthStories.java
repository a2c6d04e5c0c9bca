package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ScheduledHealthStories extends HealthStories {
  @Override
  String pace() {
    return "schedule: \"* * * * *\"";
  }

  @Override
  Duration slowest() {
    return Duration.ofSeconds(75);
  }

  @Override
  void look(String policy) {
    runNow(policy + "-look");
  }

  @Test
  void aPodHasTheHostsKeyAndNothingElse() {
    declare(HOST);
    webhook("web");
    watch("services", "{name: services, severity: Warning, systemd: {units: [takopi, ollama]}}");
    expect("services", host -> host.state() == State.Healthy);
    Pod pod = client.pods().inNamespace(namespace).list().getItems().getFirst();
    assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
    assertThat(pod.getSpec().getVolumes())
        .as("no token, and no Secret but the host's key")
        .filteredOn(volume -> volume.getSecret() != null || volume.getProjected() != null)
        .hasSize(1);
  }
}
