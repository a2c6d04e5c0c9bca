package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReportStories extends Story {
  private static final LabHost HOST = LabHost.OFFCHAIN;
  private static final Duration A_LOOK = Duration.ofMinutes(2);

  private String file() {
    return "/tmp/" + namespace;
  }

  @AfterEach
  void tidy() {
    HOST.on("rm -f " + file());
  }

  @Test
  void aReportIsWrittenToldOnceAndComparedWithTheLastOne() throws Exception {
    declare(HOST);
    String path = webhook("web");
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata: {name: services}
        spec:
          hosts: {names: [offchain]}
          interval: 1h
          report: {schedule: "0 0 1 1 *", channels: [web], historyLimit: 2}
          checks:
          - {name: load, severity: Warning, load: {above: "1000"}}
          - {name: disk, severity: Critical, disk: {path: /, usedPercentAbove: 99}}
          - {name: processes, severity: Critical, pm2: {allOnline: true}}
          - {name: mark, severity: Warning, file: {path: %s}}
        """
            .formatted(file()));

    ask("first");
    List<ConfigMap> records = awaitRecords(1);
    JsonNode first = json(records.getFirst());
    JsonNode host = first.path("hosts").path(0);
    assertThat(host.path("name").asText()).isEqualTo("offchain");
    assertThat(host.path("checks").findValuesAsText("check"))
        .containsExactlyInAnyOrder("load", "disk", "processes", "mark");
    assertThat(host.path("checks").findValuesAsText("value")).hasSize(4).noneMatch(String::isBlank);
    assertThat(check(host, "mark").path("state").asText()).isEqualTo("Bad");
    assertThat(records.getFirst().getData().get("report.txt"))
        .contains("mark: WARNING: " + file() + " does not exist", "PM2 ", "disk: fine: ");
    soon("the report at its channel").until(() -> reports(path).size() == 1);
    assertThat(policy("services").getStatus().lastReport()).isNotNull();

    HOST.on("touch " + file());
    ask("second");
    JsonNode second = json(awaitRecords(2).getLast());
    JsonNode mark = check(second.path("hosts").path(0), "mark");
    assertThat(mark.path("state").asText()).isEqualTo("Fine");
    assertThat(mark.path("change").asText()).isEqualTo("was Bad: missing");
    assertThat(second.path("hosts").path(0).path("trends").path("memory available")).hasSize(2);
    soon("the second report at its channel").until(() -> reports(path).size() == 2);

    // As kubectl create job --from=cronjob/services-report does.
    String newest = policy("services").getStatus().lastReport();
    runNow("services-report");
    await(
        "a third report",
        A_LOOK,
        () -> policy("services"),
        policy -> !newest.equals(policy.getStatus().lastReport()));
    soon("the third report at its channel").until(() -> reports(path).size() == 3);
    soon("the oldest to go").until(() -> records().size() == 2);
    assertThat(records().getFirst().getMetadata().getName())
        .as("the first one went")
        .isNotEqualTo(records.getFirst().getMetadata().getName());
    assertThat(reports(path)).doesNotHaveDuplicates();
  }

  @Test
  void aPolicyWithoutAReportSaysWhatToSet() {
    declare(HOST);
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata: {name: services}
        spec:
          hosts: {names: [offchain]}
          interval: 1h
          checks:
          - {name: load, severity: Warning, load: {above: "1000"}}
        """);
    ask("now");
    soon("the answer")
        .until(
            () ->
                client.events().v1().events().inNamespace(namespace).list().getItems().stream()
                    .anyMatch(
                        event ->
                            "ReportNotConfigured".equals(event.getReason())
                                && event.getNote().contains("set spec.report")));
  }

  private void ask(String value) {
    client
        .resources(HostHealthPolicy.class)
        .inNamespace(namespace)
        .withName("services")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\":{\"annotations\":{\"drydock.dev/report\":\"" + value + "\"}}}");
    await(
        "the request to be handled",
        PATIENCE,
        () -> policy("services"),
        policy ->
            policy.getStatus() != null && value.equals(policy.getStatus().lastHandledReport()));
  }

  private List<ConfigMap> awaitRecords(int count) {
    soon("report " + count).atMost(A_LOOK).until(() -> records().size() == count);
    return records();
  }

  /** The oldest first. */
  private List<ConfigMap> records() {
    return client
        .configMaps()
        .inNamespace(namespace)
        .withLabel("drydock.dev/record", "report")
        .list()
        .getItems()
        .stream()
        .sorted(
            Comparator.comparing(
                record -> record.getMetadata().getAnnotations().get("drydock.dev/ended")))
        .toList();
  }

  private static JsonNode json(ConfigMap record) throws Exception {
    return new ObjectMapper().readTree(record.getData().get("report.json"));
  }

  private static JsonNode check(JsonNode host, String name) {
    for (JsonNode check : host.path("checks")) {
      if (check.path("check").asText().equals(name)) {
        return check;
      }
    }
    throw new AssertionError("the report does not have the check " + name);
  }

  private static List<String> reports(String path) {
    return Receivers.acceptedAt(path).stream()
        .map(one -> one.body())
        .filter(body -> body.contains("health report of"))
        .toList();
  }
}
