package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import io.fabric8.kubernetes.api.model.HasMetadata;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code ./lab up} has declared: the runbooks' own hosts, channels and policies. */
class RunbookStories extends Story {
  @BeforeEach
  void lookAtOps() {
    namespace = "ops";
  }

  @Override
  void closeNamespace() {
    // It belongs to the lab.
  }

  @Override
  void openNamespace(org.junit.jupiter.api.TestInfo test) {
    // As above.
  }

  @Test
  void everyHostAndChannelIsReady() {
    for (LabHost host : LabHost.values()) {
      awaitHost(host.text(), isTrue());
    }
    for (String channel : new String[] {"ops-slack", "ops-mail", "oncall"}) {
      awaitChannel(channel, isTrue());
    }
  }

  @Test
  void theLivePolicyKnowsWhatItCarriesOut() {
    HostHealthPolicy policy = policy("main-machine");
    assertThat(policy.getStatus()).isNotNull();
    HostState ethbig = state("main-machine").orElseThrow();
    assertThat(ethbig.unknown())
        .extracting("check")
        .doesNotContain("gateway", "services", "memory", "disk", "disk-critical", "load");
  }

  @Test
  void metricsTellOfHosts() {
    String metrics =
        client.raw("/api/v1/namespaces/" + Lab.SYSTEM + "/services/drydock:8080/proxy/metrics");
    assertThat(metrics).contains("drydock_host_up{host=\"ethbig\",namespace=\"ops\"} 1.0");
  }

  @Test
  void nothingIsWrittenWhileNothingChanges() throws InterruptedException {
    awaitHost("ethbig", isTrue());
    String before = versions();
    Thread.sleep(java.time.Duration.ofSeconds(25));
    assertThat(versions()).isEqualTo(before);
  }

  private String versions() {
    var text = new StringBuilder();
    for (Class<? extends HasMetadata> kind :
        java.util.List.<Class<? extends HasMetadata>>of(
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
}
