package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import java.util.List;
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
    // Other stories may have stopped some of it a minute ago.
    awaitPolicy(
        "main-machine",
        Duration.ofMinutes(3),
        host ->
            wasLookedAt(host)
                && host.unknown().isEmpty()
                && host.alerts().stream()
                    .noneMatch(
                        alert ->
                            List.of("gateway", "services", "attestations", "sync")
                                .contains(alert.check())));
  }

  @Test
  void theScheduledPolicyKnowsWhatItCarriesOut() {
    lookNow("offchain-look");
    awaitPolicy(
        "offchain", Duration.ofMinutes(2), host -> wasLookedAt(host) && host.unknown().isEmpty());
    HostState offchain = state("offchain").orElseThrow();
    // The lab's database has one, so that there is something to be found.
    assertThat(offchain.alerts())
        .filteredOn(alert -> alert.check().equals("database"))
        .singleElement()
        .satisfies(alert -> assertThat(alert.message()).contains("no primary key: public.events"));
  }

  /** As {@code kubectl create job --from} does: the next hour is too far away. */
  private void lookNow(String name) {
    CronJob cronJob = client.batch().v1().cronjobs().inNamespace(namespace).withName(name).get();
    client
        .resource(
            new JobBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withGenerateName(name + "-story-")
                .withLabels(cronJob.getSpec().getJobTemplate().getMetadata().getLabels())
                .addNewOwnerReference()
                .withApiVersion("batch/v1")
                .withKind("CronJob")
                .withName(name)
                .withUid(cronJob.getMetadata().getUid())
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .withSpec(cronJob.getSpec().getJobTemplate().getSpec())
                .build())
        .create();
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
