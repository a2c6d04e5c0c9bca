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
              - {check: disk, phase: NotHelped, started: "2026-11-22T20:01:00Z", finished: "2026-11-22T20:02:00Z", message: "journal vacuumed, the check is not fine",
                 record: fleet-remedy-2, tries: ["2026-11-22T20:01:00Z"]}
            recentAlerts:
            - {host: a, check: swap, severity: Warning, since: "2026-11-10T10:00:00Z", ended: "2026-11-10T10:30:00Z", message: before the last report}
            - {host: b, check: swap, severity: Warning, since: "2026-11-18T10:00:00Z", ended: "2026-11-18T10:30:00Z", message: on another host}
            - {host: a, check: swap, severity: Warning, since: "2026-11-18T10:00:00Z", ended: "2026-11-18T10:30:00Z", message: swap is used to 91 %}
            recentRemedies:
            - {host: a, check: swap, phase: Helped, started: "2026-11-10T10:01:00Z", ended: "2026-11-10T10:02:00Z", message: before the last report}
            - {host: a, check: swap, phase: Helped, started: "2026-11-18T10:01:00Z", ended: "2026-11-18T10:02:00Z", message: "reset swap in 9 s; the check is fine again",
               record: fleet-remedy-1}
            - {host: a, check: disk, phase: NotHelped, started: "2026-11-22T20:01:00Z", ended: "2026-11-22T20:02:00Z", message: "journal vacuumed, the check is not fine",
               record: fleet-remedy-2}
          """,
          HostHealthPolicy.class);

  /** When nothing of all that had happened. */
  private static final HostHealthPolicy BEFORE = before();

  private static HostHealthPolicy before() {
    HostHealthPolicy policy = Serialization.clone(POLICY);
    policy.setStatus(null);
    return policy;
  }

  private static HealthDocument document(
      Instant at, List<HealthDocument> before, HostResult... hosts) {
    return document(POLICY, at, before, hosts);
  }

  private static HealthDocument lastWeek(HostResult... hosts) {
    return document(BEFORE, MONDAY.minusSeconds(604_800), List.of(), hosts);
  }

  private static HealthDocument document(
      HostHealthPolicy policy, Instant at, List<HealthDocument> before, HostResult... hosts) {
    return HealthDocument.of(
        "HostHealthPolicy/ops/fleet",
        "fleet-report-1-x",
        ReportResult.of(at, List.of(hosts)),
        List.of(policy),
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
  void whatGrowsTooFastIsWrongThoughOneLookCanNotTellSo() {
    HostHealthPolicy policy =
        Serialization.unmarshal(
            """
            apiVersion: drydock.dev/v1alpha1
            kind: HostHealthPolicy
            metadata: {name: fleet, namespace: ops}
            spec:
              hosts: {names: [a]}
              interval: 1m
              checks:
              - {name: swap, severity: Warning, postgresql: {secretName: s, growthPercentPerDayAbove: 10}}
              - {name: disk, severity: Warning, disk: {path: /, usedPercentAbove: 85}}
            status:
              hosts:
              - name: a
                state: Degraded
                alerts:
                - {check: swap, severity: Warning, phase: Firing, since: "2026-11-22T20:00:00Z", value: +30 % a day, message: the database grows by 30 % a day}
                - {check: disk, severity: Warning, phase: Firing, since: "2026-11-22T20:00:00Z", message: it was full a minute ago}
            """,
            HostHealthPolicy.class);
    assertThat(document(policy, MONDAY, List.of(), host("a", "2Gi", "80 %", 1 << 30)).toText())
        .contains("swap: WARNING: the database grows by 30 % a day", "disk: fine: 80 %");
  }

  @Test
  void showsEachCheckWithValueAndChange() {
    HealthDocument first = lastWeek(host("a", "3 %", "80 %", 3L << 30));
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
              alert swap, Warning, from 2026-11-18T10:00:00Z to 2026-11-18T10:30:00Z: swap is used to 91 %
              remedy of disk: NotHelped, tried from 2026-11-22T20:01:00Z to 2026-11-22T20:02:00Z: journal vacuumed, the check is not fine; record: ConfigMap fleet-remedy-2
              remedy of swap: Helped, tried from 2026-11-18T10:01:00Z to 2026-11-18T10:02:00Z: reset swap in 9 s; the check is fine again; record: ConfigMap fleet-remedy-1
            """);
    assertThat(second.headline())
        .isEqualTo("health report of 2026-11-23 00:00 UTC: 1 host, 1 Failing; a: disk 91 %");
  }

  @Test
  void theFirstReportTellsOfAllThatIsKnown() {
    assertThat(document(MONDAY, List.of(), host("a", "3 %", "80 %", 1 << 30)).toText())
        .contains("to 2026-11-10T10:30:00Z: before the last report")
        .contains("remedy of swap: Helped, tried from 2026-11-10T10:01:00Z")
        .doesNotContain("another host", "may be missing");
  }

  @Test
  void whatEndedWhileTheLastReportWasWrittenIsToldInOneOfBothAlone() {
    // Its hosts were looked at, then this alert ended, and then it was written.
    HealthDocument wednesday =
        document(
            Instant.parse("2026-11-18T10:01:30Z"), List.of(), host("a", "91 %", "80 %", 1 << 30));
    assertThat(wednesday.toText()).contains("alert swap, Warning, from 2026-11-18T10:00:00Z");
    assertThat(document(MONDAY, List.of(wednesday), host("a", "3 %", "80 %", 1 << 30)).toText())
        .doesNotContain("alert swap", "remedy of swap")
        .contains("remedy of disk: NotHelped");
  }

  @Test
  void aClockThatIsAheadLosesNothing() {
    // By its pod's clock it was made just after the alert had ended, and knew nothing of that.
    HealthDocument early =
        document(
            BEFORE,
            Instant.parse("2026-11-18T10:31:00Z"),
            List.of(),
            host("a", "91 %", "80 %", 1 << 30));
    assertThat(document(MONDAY, List.of(early), host("a", "3 %", "80 %", 1 << 30)).toText())
        .contains("alert swap, Warning, from 2026-11-18T10:00:00Z");
  }

  @Test
  void aHostThatTheLastReportHadNoRoomForLosesNothing() {
    HealthDocument monday = lastWeek(host("a", "3 %", "80 %", 1 << 30));
    HealthDocument full = document(MONDAY.minusSeconds(60), List.of(monday));
    assertThat(document(MONDAY, List.of(full, monday), host("a", "3 %", "80 %", 1 << 30)).toText())
        .contains("alert swap, Warning, from 2026-11-18T10:00:00Z", "remedy of swap: Helped")
        .doesNotContain("before the last report");
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
