package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
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
}
