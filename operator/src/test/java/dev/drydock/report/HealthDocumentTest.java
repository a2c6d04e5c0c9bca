package dev.drydock.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.port.Alert;
import dev.drydock.report.ReportResult.CheckResult;
import dev.drydock.report.ReportResult.HostResult;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HealthDocumentTest {
  private static final Instant MONDAY = Instant.parse("2026-11-23T00:00:07Z");

  private static final HostHealthPolicy POLICY =
      Serialization.unmarshal(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: HostHealthPolicy
          metadata: {name: fleet, namespace: ops}
          spec:
            hosts: {names: [a, b, c]}
            interval: 1m
            checks:
            - {name: swap, severity: Warning, swap: {usedPercentAbove: 20}}
            - {name: disk, severity: Critical, disk: {path: /, usedPercentAbove: 85}}
          status:
            hosts:
            - name: a
              state: Failing
              alerts:
              - {check: disk, severity: Critical, phase: Firing, since: "2026-11-22T20:00:00Z", message: disk / is used to 91 %}
              remedies:
              - {check: disk, phase: Helped, started: "2026-11-20T02:00:00Z", message: "journal vacuumed, 2Gi won"}
          """,
          HostHealthPolicy.class);

  private static HealthDocument document(
      Instant at, List<HealthDocument> before, HostResult... hosts) {
    return HealthDocument.of(
        "HostHealthPolicy/ops/fleet",
        "fleet-report-1-x",
        ReportResult.of(at, List.of(hosts)),
        List.of(POLICY),
        before);
  }

  private static HostResult host(String name, String swap, String disk, double memory) {
    boolean full = disk.startsWith("9");
    return new HostResult(
        "fleet",
        name,
        null,
        "",
        "load 0.10 0.10 0.10 on 2 CPUs",
        Map.of(
            "swap", new CheckResult(ReportResult.State.Fine, swap, ""),
            "disk",
                new CheckResult(
                    full ? ReportResult.State.Bad : ReportResult.State.Fine,
                    disk,
                    full ? "disk / is used to " + disk : "")),
        Map.of("memory available", memory));
  }

  @Test
  void showsEachCheckWithValueAndChange() {
    HealthDocument first =
        document(MONDAY.minusSeconds(604_800), List.of(), host("a", "3 %", "80 %", 3L << 30));
    HealthDocument second = document(MONDAY, List.of(first), host("a", "3 %", "91 %", 2L << 30));
    assertThat(second.hosts().getFirst().state()).isEqualTo(State.Failing);
    assertThat(second.toText())
        .isEqualTo(
            """
            Health report of 2026-11-23 00:00 UTC
            HostHealthPolicy/ops/fleet: 1 host, 1 Failing
            Compared with the report of 2026-11-16 00:00 UTC.

            a (fleet): Failing
              disk: CRITICAL: disk / is used to 91 % (was Fine: 80 %)
              swap: fine: 3 %
              load 0.10 0.10 0.10 on 2 CPUs
              trend of memory available: 3Gi, 2Gi
              alert disk, Critical, Firing since 2026-11-22T20:00:00Z: disk / is used to 91 %
              remedy of disk: Helped at 2026-11-20T02:00:00Z: journal vacuumed, 2Gi won
            """);
    assertThat(second.headline())
        .isEqualTo("health report of 2026-11-23 00:00 UTC: 1 host, 1 Failing; a: disk 91 %");
  }

  @Test
  void saysOfAHostOutOfSightWhyNobodyKnows() {
    HealthDocument document =
        document(
            MONDAY,
            List.of(),
            new HostResult("fleet", "b", "no route to host", "", "", Map.of(), Map.of()),
            new HostResult(
                "fleet",
                "c",
                null,
                "",
                "",
                Map.of(
                    "swap", new CheckResult(ReportResult.State.Unknown, "", "meminfo is missing")),
                Map.of()));
    assertThat(document.hosts()).extracting(host -> host.state()).containsOnly(State.Unknown);
    assertThat(document.toText())
        .contains(
            "There is no earlier report",
            "could not be looked at: no route to host",
            "swap: unknown: meminfo is missing");
  }

  @Test
  void trendsGoOverTheLastReportsTheOldestFirst() {
    var before = new ArrayList<HealthDocument>();
    for (int week = 20; week > 0; week--) {
      before.addFirst(
          document(
              MONDAY.minusSeconds(604_800L * week),
              List.of(),
              host("a", "0 %", "50 %", (20 - week) * 1024.0 * 1024)));
    }
    HealthDocument document = document(MONDAY, before, host("a", "0 %", "50 %", 20 << 20));
    List<Double> trend = document.hosts().getFirst().trends().get("memory available");
    assertThat(trend).hasSize(HealthDocument.TREND).isSorted().endsWith(20.0 * 1024 * 1024);
  }

  @Test
  void isTheSameAfterItWasWrittenAndRead() {
    HealthDocument first = document(MONDAY, List.of(), host("a", "3 %", "91 %", 1 << 30));
    HealthDocument read = HealthDocument.fromJson(first.toJson()).orElseThrow();
    assertThat(read).isEqualTo(first);
    assertThat(read.toText()).isEqualTo(first.toText());
    assertThat(HealthDocument.fromJson("{}")).isEmpty();
    assertThat(HealthDocument.fromJson("Killed")).isEmpty();
  }

  @Test
  void isToldByOneAndTheSameMessage() {
    HealthDocument document = document(MONDAY, List.of(), host("a", "3 %", "91 %", 1 << 30));
    Alert notice = document.notice(Map.of("policy", "fleet"));
    Alert again =
        HealthDocument.fromJson(document.toJson()).orElseThrow().notice(Map.of("policy", "fleet"));
    assertThat(again).isEqualTo(notice);
    assertThat(notice.phase()).isEqualTo(Alert.Phase.NOTICE);
    assertThat(notice.key())
        .isNotEqualTo(
            document(MONDAY.plusSeconds(60), List.of(), host("a", "3 %", "91 %", 1 << 30))
                .notice(Map.of())
                .key());
  }

  @Test
  void namesTheHostsForWhichThereWasNoRoom() {
    HealthDocument document =
        HealthDocument.of(
            "s",
            "pod-1",
            new ReportResult(MONDAY.toString(), false, List.of(), List.of("fleet/x", "fleet/y"), 3),
            List.of(),
            List.of());
    assertThat(document.toText())
        .contains(
            "s: 5 hosts",
            "no room here for fleet/x, fleet/y and 3 more hosts: the log of pod pod-1");
  }
}
