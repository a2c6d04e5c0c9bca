package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import java.time.Duration;
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
    awaitPolicy("main-machine", Duration.ofMinutes(2), RunbookStories::wasLookedAt);
    assertThat(state("main-machine").orElseThrow().unknown())
        .extracting("check")
        .doesNotContain("gateway", "services", "memory", "disk", "disk-critical", "load");
  }

  @Test
  void theScheduledPolicyKnowsWhatItCarriesOut() {
    assumeThat(policy("offchain").getStatus().lastLook())
        .as("a lab that is younger than an hour has not looked yet")
        .isNotNull();
    HostState offchain = state("offchain").orElseThrow();
    assertThat(offchain).matches(RunbookStories::wasLookedAt, "was looked at");
    assertThat(offchain.unknown())
        .extracting("check")
        .doesNotContain("swap", "load", "load-spike", "processes");
  }

  /** Of a host that nobody has looked at, nobody can say either what is not known. */
  private static boolean wasLookedAt(HostState host) {
    return host.unknownSince() == null
        && (host.state() != State.Unknown || !host.unknown().isEmpty());
  }

  @Test
  void metricsTellOfHosts() {
    String metrics =
        client.raw("/api/v1/namespaces/" + Lab.SYSTEM + "/services/drydock:8080/proxy/metrics");
    assertThat(metrics).contains("drydock_host_up{host=\"ethbig\",namespace=\"ops\"} 1.0");
  }
}
