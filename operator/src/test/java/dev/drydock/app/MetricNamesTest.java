package dev.drydock.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.drydock.adapter.ssh.Sshd;
import dev.drydock.app.Cluster.Receiver;
import dev.drydock.probe.Metric;
import dev.drydock.testing.ApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the chart's dashboard and alert rules ask for is there when the operator is scraped. */
class MetricNamesTest {
  private static final Path CHART = Path.of("../helm/drydock");
  private static final Pattern NAME = Pattern.compile("\\b[a-zA-Z_][a-zA-Z0-9_]*\\b(?!\\s*\\()");

  /** PromQL's own words, and what Prometheus makes itself. */
  private static final Set<String> WORDS =
      Set.of("by", "on", "or", "and", "unless", "bool", "ignoring", "group_left", "up", "m", "h");

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

  @Test
  void everyNameThatTheChartUsesIsThere() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var receiver = new Receiver();
        OperatorProcess process = cluster.start()) {
      cluster.key("key", sshd.text("user"));
      cluster.host("ethbig", sshd, "1m");
      cluster.channel("ops", receiver.url(), "OnChange");
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: HostHealthPolicy
          metadata: {name: fleet}
          spec:
            hosts: {names: [ethbig]}
            interval: 5s
            report: {schedule: "0 0 * * 1"}
            checks:
            - name: root-disk
              severity: Critical
              disk: {path: /, usedPercentAbove: 1}
              remedy: {steps: [{cleanDisk: {packageCache: true}}]}
          """);
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(Cluster.metrics(process))
                      .contains(
                          "drydock_alert_firing{",
                          "node_filesystem_avail_bytes{host=\"ethbig\",mountpoint=\"/\",",
                          "node_memory_MemAvailable_bytes{host=\"ethbig\",namespace=",
                          "# HELP node_load1 ",
                          "drydock_check_ok{check=\"root-disk\"",
                          "drydock_remedy{check=\"root-disk\"",
                          "drydock_channel_deliveries_total{channel=\"ops\"",
                          "reconciliations_success_total{"));
      Set<String> known = names(Cluster.metrics(process));
      for (Metric metric : Metric.values()) {
        known.add(metric.series());
      }
      // Told where there is such a thing: a flapping check, a report, a reconcile that failed.
      known.add("drydock_alert_flapping");
      known.add("drydock_policy_last_report_timestamp_seconds");
      known.add("reconciliations_failure_total");
      // Told where there is a task; MaintenanceTest sees them.
      known.add("drydock_task_outcome");
      known.add("drydock_task_next_run_timestamp_seconds");
      known.add("drydock_task_lateness_seconds");
      known.add("drydock_task_duration_seconds");
      // Told where a remedy was tried; AlertMetricsTest sees it.
      known.add("drydock_remedy_tries_total");
      var used = new TreeSet<String>();
      for (String expression : expressions()) {
        used.addAll(used(expression));
      }
      assertThat(used)
          .contains(
              "drydock_host_up", "drydock_channel_queue_length", "process_start_time_seconds");
      assertThat(known).containsAll(used);

      cluster.policy("fleet").delete();
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(Cluster.metrics(process))
                      .doesNotContain("policy=\"fleet\"", "node_load1{"));
    }
  }

  private static Set<String> names(String scrape) {
    var names = new TreeSet<String>();
    scrape
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> names.add(line.split("[{ ]", 2)[0]));
    return names;
  }

  private static List<String> expressions() throws IOException {
    var expressions = new ArrayList<String>();
    JsonNode dashboard =
        new ObjectMapper().readTree(CHART.resolve("files/dashboards/drydock.json").toFile());
    dashboard.findValues("expr").forEach(node -> expressions.add(node.asText()));
    dashboard
        .findValues("definition")
        .forEach(node -> expressions.add(node.asText().replaceAll(".*\\((.*), [a-z]+\\)$", "$1")));
    assertThat(expressions).hasSizeGreaterThan(20);
    int panels = expressions.size();
    boolean inside = false;
    for (String line : Files.readAllLines(CHART.resolve("templates/prometheusrule.yaml"))) {
      if (line.strip().startsWith("expr: ")) {
        inside = line.strip().endsWith("|-");
        expressions.add(line.strip().replaceFirst("expr: ", ""));
      } else if (inside && line.startsWith("        ")) {
        expressions.add(line.strip());
      } else {
        inside = false;
      }
    }
    assertThat(expressions.size() - panels).isGreaterThan(6);
    return expressions;
  }

  /** The names of series in an expression: not those of functions, labels, durations. */
  private static Set<String> used(String expression) {
    String bare =
        expression
            .replaceAll("\\{[^{}]*\\{\\{.*?\\}\\}[^{}]*\\}", "")
            .replaceAll("\\{\\{.*?\\}\\}", "")
            .replaceAll("\\{[^}]*\\}", "")
            .replaceAll("\\[[^\\]]*\\]", "")
            .replaceAll("\\b(by|on|ignoring)\\s*\\([^)]*\\)", "");
    var names = new TreeSet<String>();
    Matcher name = NAME.matcher(bare);
    while (name.find()) {
      if (!WORDS.contains(name.group())) {
        names.add(name.group());
      }
    }
    return names;
  }
}
