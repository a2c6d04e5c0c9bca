package dev.drydock.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.app.Cluster.Receiver;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Looker;
import dev.drydock.report.HealthDocument;
import dev.drydock.report.ReportResult;
import dev.drydock.report.ReportResult.HostResult;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Reports, from the word that a pod leaves to the people who read them. The test plays the pods.
 */
class ReportTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

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

  private static void policy(Cluster cluster, String report) {
    cluster.create(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata: {name: fleet}
        spec:
          hosts: {names: [ethbig]}
          interval: 1h
          checks:
          - {name: root-disk, severity: Critical, disk: {path: /, usedPercentAbove: 85}}
          %s
        """
            .formatted(report));
  }

  private static HostHealthPolicyStatus status(Cluster cluster) {
    return Objects.requireNonNull(
        Objects.requireNonNull(cluster.policy("fleet").get()).getStatus());
  }

  private static List<Job> jobs(Cluster cluster) {
    return cluster.client().batch().v1().jobs().inNamespace(cluster.namespace()).list().getItems();
  }

  private static List<ConfigMap> records(Cluster cluster) {
    return cluster
        .client()
        .configMaps()
        .inNamespace(cluster.namespace())
        .withLabel("drydock.dev/record", "report")
        .list()
        .getItems()
        .stream()
        .sorted(Comparator.comparing(map -> map.getMetadata().getName()))
        .toList();
  }

  /** A pod that has ended {@code ago} with a report of one disk. */
  private static void ended(Cluster cluster, String name, Duration ago, Finding disk) {
    Instant at = Instant.now().minus(ago).truncatedTo(ChronoUnit.SECONDS);
    String message =
        ReportResult.of(
                at,
                List.of(
                    HostResult.of(
                        "fleet", "ethbig", new Looker.Seen(Map.of("root-disk", disk), "", ""))))
            .encode();
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(cluster.namespace())
            .addToLabels("app.kubernetes.io/managed-by", "drydock")
            .addToLabels("drydock.dev/policy", "fleet")
            .addToLabels("drydock.dev/task", "report")
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName("task")
            .withImage("drydock")
            .endContainer()
            .endSpec()
            .build();
    cluster.client().resource(pod).create();
    cluster.end(name, at.toString(), message);
  }

  @Test
  void aReportOnDemandIsWrittenAndToldOnceAndTheNextShowsWhatChanged() {
    var cluster = new Cluster(api);
    try (var receiver = new Receiver()) {
      OperatorProcess process = cluster.start();
      try {
        cluster.channel("ops", receiver.url(), "Never");
        policy(cluster, "report: {schedule: \"0 0 * * 1\", channels: [ops], historyLimit: 2}");
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> {
                  CronJob cronJob =
                      cluster
                          .client()
                          .batch()
                          .v1()
                          .cronjobs()
                          .inNamespace(cluster.namespace())
                          .withName("fleet-report")
                          .get();
                  assertThat(cronJob).isNotNull();
                  assertThat(cronJob.getSpec().getSchedule()).isEqualTo("0 0 * * 1");
                });
        assertThat(jobs(cluster)).isEmpty();
        Cluster.patch(
            cluster.policy("fleet"),
            "{\"metadata\":{\"annotations\":{\"drydock.dev/report\":\"monday\"}}}");
        await().atMost(PATIENCE).until(() -> jobs(cluster).size() == 1);
        await().atMost(PATIENCE).until(() -> "monday".equals(status(cluster).lastHandledReport()));
        assertThat(jobs(cluster).getFirst().getSpec().getTemplate().getSpec().getContainers())
            .singleElement()
            .satisfies(
                container -> assertThat(container.getArgs()).containsExactly("task", "report"));

        ended(cluster, "one", Duration.ofMinutes(3), new Finding.Fine("80 % of 1Ti, 200Gi left"));
        await().atMost(PATIENCE).until(() -> receiver.bodies().size() == 1);
        assertThat(receiver.bodies().getFirst())
            .contains("\"status\":\"notice\"", "health report of", "root-disk: fine: 80 %");
        assertThat(records(cluster)).hasSize(1);
        assertThat(records(cluster).getFirst().getMetadata().getName())
            .matches("fleet-report-[0-9]{8}-[0-9]{4}");
        await().atMost(PATIENCE).until(() -> status(cluster).reportsUnderway().isEmpty());

        ended(
            cluster,
            "two",
            Duration.ofMinutes(2),
            new Finding.Bad("91 % of 1Ti", "disk / is used to 91 %"));
        await().atMost(PATIENCE).until(() -> receiver.bodies().size() == 2);
        assertThat(receiver.bodies().getLast())
            .contains("root-disk: CRITICAL: disk / is used to 91 % (was Fine: 80 % of 1Ti");
        assertThat(
                HealthDocument.fromJson(
                    Objects.requireNonNull(
                        records(cluster).getLast().getData().get("report.json"))))
            .hasValueSatisfying(document -> assertThat(document.previous()).isNotNull());
        await().atMost(PATIENCE).until(() -> status(cluster).reportsUnderway().isEmpty());
      } finally {
        process.close();
      }
      // Neither lost nor repeated by a restart; and the pods are still there.
      try (var _ = cluster.start()) {
        ended(cluster, "three", Duration.ofMinutes(1), new Finding.Fine("70 %"));
        await().atMost(PATIENCE).until(() -> receiver.bodies().size() == 3);
        assertThat(receiver.bodies().getLast()).contains("was Bad: 91 % of 1Ti");
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> {
                  assertThat(records(cluster)).as("history limit").hasSize(2);
                  assertThat(status(cluster).reportsUnderway()).isEmpty();
                });
        await()
            .during(Duration.ofSeconds(3))
            .atMost(Duration.ofSeconds(10))
            .until(() -> receiver.bodies().size() == 3 && records(cluster).size() == 2);
        assertThat(jobs(cluster)).as("handled once").hasSize(1);
        assertThat(status(cluster).lastReport()).isNotNull();
      }
    }
  }

  @Test
  void aReportThatNobodyTookYetIsToldAfterARestart() {
    var cluster = new Cluster(api);
    try (var receiver = new Receiver()) {
      cluster.channel("ops", "http://127.0.0.1:1/", "Never");
      policy(cluster, "report: {schedule: \"0 0 * * 1\", channels: [ops]}");
      try (var _ = cluster.start()) {
        ended(cluster, "one", Duration.ofMinutes(1), new Finding.Fine("80 %"));
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> status(cluster).reportsUnderway().size() == 1);
      }
      Cluster.patch(
          cluster.channel("ops"), "{\"spec\":{\"webhook\":{\"url\":\"" + receiver.url() + "\"}}}");
      try (var _ = cluster.start()) {
        await().atMost(PATIENCE).until(() -> receiver.bodies().size() == 1);
        await().atMost(PATIENCE).until(() -> status(cluster).reportsUnderway().isEmpty());
      }
    }
  }

  @Test
  void aReportIsKeptUntilItWasToldThoughANewerOneTakesItsPlace() {
    var cluster = new Cluster(api);
    try (var receiver = new Receiver()) {
      cluster.channel("ops", "http://127.0.0.1:1/", "Never");
      policy(cluster, "report: {schedule: \"0 0 * * 1\", channels: [ops], historyLimit: 1}");
      try (var _ = cluster.start()) {
        ended(cluster, "one", Duration.ofMinutes(2), new Finding.Fine("80 %"));
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> status(cluster).reportsUnderway().size() == 1);
        ended(cluster, "two", Duration.ofMinutes(1), new Finding.Fine("81 %"));
        await().atMost(PATIENCE).until(() -> records(cluster).size() == 2);
        await().atMost(PATIENCE).until(() -> status(cluster).reportsUnderway().size() == 2);
        Cluster.patch(
            cluster.channel("ops"),
            "{\"spec\":{\"webhook\":{\"url\":\"" + receiver.url() + "\"}}}");
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(String.join("", receiver.bodies()))
                        .contains("80 %")
                        .contains("81 %"));
        await().atMost(PATIENCE).until(() -> status(cluster).reportsUnderway().isEmpty());
        assertThat(records(cluster)).as("history limit").hasSize(1);
      }
    }
  }

  @Test
  void aReportThatIsRefusedKeepsNoAlertBack() {
    var cluster = new Cluster(api);
    try (var receiver = new Receiver();
        var _ = cluster.start()) {
      cluster.channel("ops", receiver.url(), "Never");
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: HostHealthPolicy
          metadata: {name: fleet}
          spec:
            hosts: {selector: {}}
            interval: 5s
            unknownAfter: 5s
            notify: {channels: [ops]}
            report: {schedule: "0 0 * * 1"}
            checks:
            - {name: root-disk, severity: Critical, disk: {path: /, usedPercentAbove: 85}}
          """);
      await().atMost(PATIENCE).ignoreExceptions().until(() -> isReady(cluster, "True"));
      cluster.deny(
          "no-more",
          "{apiGroups: [\"\"], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}",
          "false",
          "over quota");
      await().atMost(PATIENCE).until(() -> refusesConfigMaps(cluster));
      ended(cluster, "one", Duration.ofMinutes(1), new Finding.Fine("80 %"));
      await().atMost(PATIENCE).until(() -> isReady(cluster, "False"));
      assertThat(status(cluster).conditions())
          .anySatisfy(
              condition -> {
                assertThat(condition.type()).isEqualTo("Stalled");
                assertThat(condition.reason()).isEqualTo("ReportRefused");
                assertThat(condition.message()).contains("quota");
              });
      cluster.silentHost("ethbig", 1, "{interval: 5s, timeout: 4s}");
      await().atMost(PATIENCE).until(() -> receiver.bodies().size() == 1);
      assertThat(receiver.bodies().getFirst()).contains("ethbig: unreachable");
      assertThat(records(cluster)).isEmpty();

      var _ =
          cluster
              .client()
              .genericKubernetesResources(
                  "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding")
              .withName("no-more")
              .delete();
      await().atMost(PATIENCE.multipliedBy(2)).until(() -> isReady(cluster, "True"));
      assertThat(records(cluster)).hasSize(1);
    }
  }

  @Test
  void whatWasMadeIsWrittenDownThoughNoMoreCanBeMade() {
    var cluster = new Cluster(api);
    try (var _ = cluster.start()) {
      cluster.cronJob("fleet-report", "0 0 * * *");
      policy(cluster, "report: {schedule: \"0 0 * * 1\"}");
      await().atMost(PATIENCE).ignoreExceptions().until(() -> isReady(cluster, "False"));
      assertThat(status(cluster).conditions()).extracting(Condition::reason).contains("NameTaken");
      ended(cluster, "one", Duration.ofMinutes(1), new Finding.Fine("80 %"));
      await().atMost(PATIENCE).until(() -> records(cluster).size() == 1);
      assertThat(isReady(cluster, "False")).isTrue();
    }
  }

  private static boolean refusesConfigMaps(Cluster cluster) {
    try {
      cluster.create("apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: other-}\n");
      return false;
    } catch (KubernetesClientException e) {
      return true;
    }
  }

  private static boolean isReady(Cluster cluster, String expected) {
    return status(cluster).conditions().stream()
        .anyMatch(
            condition -> condition.type().equals("Ready") && condition.status().equals(expected));
  }

  @Test
  void aPolicyWithoutAReportSaysWhatToSet() {
    var cluster = new Cluster(api);
    try (var _ = cluster.start()) {
      policy(cluster, "");
      Cluster.patch(
          cluster.policy("fleet"),
          "{\"metadata\":{\"annotations\":{\"drydock.dev/report\":\"now\"}}}");
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> "now".equals(status(cluster).lastHandledReport()));
      assertThat(jobs(cluster)).isEmpty();
      HostHealthPolicy policy = Objects.requireNonNull(cluster.policy("fleet").get());
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(
                          cluster
                              .client()
                              .events()
                              .v1()
                              .events()
                              .inNamespace(cluster.namespace())
                              .list()
                              .getItems())
                      .anySatisfy(
                          event -> {
                            assertThat(event.getReason()).isEqualTo("ReportNotConfigured");
                            assertThat(event.getNote()).contains("set spec.report");
                            assertThat(event.getRegarding().getUid())
                                .isEqualTo(policy.getMetadata().getUid());
                          }));
    }
  }
}
