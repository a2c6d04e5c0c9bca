package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.HostOutcome;
import dev.drydock.probe.LookAssignment.Target;
import dev.drydock.report.ReportResult;
import dev.drydock.report.ReportResult.CheckResult;
import dev.drydock.report.ReportResult.HostResult;
import dev.drydock.report.ReportResult.State;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a report's pod is told, what keeps it from starting, and how its run ends. */
class ReportRunTest {
  private static final Instant AT = Instant.parse("2026-11-23T00:00:07Z");
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private static final Map<String, Host> HOSTS =
      Map.of(
          "big", host("big", "permits: [Check]"),
          "shy", host("shy", "permits: [Backup]"),
          "lost", host("lost", "permits: [Check], jumpHost: nowhere"),
          "off", host("off", "permits: [Check], suspend: true"));

  private static final Map<String, HostHealthPolicy> POLICIES =
      Map.of(
          "fleet", policy("fleet", "names: [big, shy, lost, off, gone]", "interval: 1m"),
          "asleep", policy("asleep", "names: [big]", "interval: 1m, suspend: true"),
          "shut", policy("shut", "names: [shy]", "interval: 1m"),
          "odd", policy("odd", "names: [big]", "schedule: \"61 * * * *\""));

  private static Host host(String name, String spec) {
    return YAML.unmarshal(
        """
        metadata: {name: %s, namespace: ops}
        spec: {address: a, user: u, identity: {secretName: key}, hostKeys: [ssh-ed25519 k], %s}
        """
            .formatted(name, spec),
        Host.class);
  }

  private static HostHealthPolicy policy(String name, String hosts, String spec) {
    return YAML.unmarshal(
        """
        metadata: {name: %s, namespace: ops}
        spec:
          { hosts: {%s}, %s, checks: [
            {name: disk, severity: Critical, disk: {path: /, usedPercentAbove: 85}},
            {name: errors, severity: Info, logs: {journal: x, pattern: e}},
            {name: database, severity: Critical, postgresql: {secretName: db}}]}
        """
            .formatted(name, hosts, spec),
        HostHealthPolicy.class);
  }

  private static ReportPlan plan(String report) {
    MaintenanceScheduleSpec spec =
        Schedules.of(
            """
            timeZone: Europe/Berlin
            tasks: [{name: weekly, schedule: "0 0 * * 1", healthReport: %s}]
            """
                .formatted(report));
    return ReportPlan.of(
        spec, Objects.requireNonNull(spec.tasks().getFirst().healthReport()), POLICIES, HOSTS);
  }

  @Test
  void looksWhereItMayAndSaysWhereItCannot() {
    ReportPlan plan = plan("{policies: [fleet, fleet], checks: [disk]}");
    assertThat(plan.refusal()).isEmpty();
    assertThat(plan.assignment().schedule()).isNull();
    assertThat(plan.assignment().timeZone()).isEqualTo("Europe/Berlin");
    assertThat(plan.assignment().parts())
        .singleElement()
        .satisfies(
            part -> {
              assertThat(part.policy()).isEqualTo("fleet");
              assertThat(plan.assignment().targets(part))
                  .singleElement()
                  .satisfies(target -> assertThat(target.demands()).containsOnlyKeys("disk"))
                  .extracting(Target::name)
                  .isEqualTo("big");
            });
    assertThat(plan.assignment().identities()).containsExactly("key");
    assertThat(plan.assignment().credentials()).isEmpty();
    assertThat(plan("{policies: [fleet]}").assignment().credentials()).containsExactly("db");
    assertThat(plan.leftAlone())
        .containsOnly(
            Map.entry("gone", "there is no Host gone in this namespace: create it"),
            Map.entry("lost", "its jump hosts lead nowhere"),
            Map.entry("shy", "the Host does not permit Check: add it to its spec.permits"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {policies: [flet]} | there is no HostHealthPolicy flet in this namespace: create it,
          {policies: [fleet, flet], checks: [x]} | there is no HostHealthPolicy flet in this
          {policies: [asleep]} | the HostHealthPolicy asleep is suspended: set its spec.suspend
          {policies: [odd]} | the HostHealthPolicy odd can't be read:
          {policies: [fleet], checks: [disk, dsk]} | there is no check dsk in HostHealthPolicy fleet
          {policies: [shut]} | no host of HostHealthPolicy shut can be looked at: shy: the Host does
          """)
  void isBlockedByWhatAPersonHasToChange(String report, String message) {
    assertThat(plan(report).refusal())
        .hasValueSatisfying(refusal -> assertThat(refusal).startsWith(message));
  }

  private static HostResult seen(String host, Map<String, CheckResult> checks) {
    return new HostResult("fleet", host, null, "", "", checks, Map.of());
  }

  private static CheckResult check(State state, String message) {
    return new CheckResult(state, "", message);
  }

  private static TaskEnd end(Map<String, String> leftAlone, HostResult... hosts) {
    return ReportEnd.of(ReportResult.of(AT, List.of(hosts)), leftAlone);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Fine       | Succeeded | no check is wrong: 2 checks on 1 host
          Planned    | Succeeded | no check is wrong: 2 checks on 1 host
          Bad        | Failed    | 1 of 2 checks is wrong: a: disk: it is so
          Impossible | Failed    | 1 of 2 checks is wrong: a: disk: it is so
          Unknown    | Failed    | 1 of 2 checks is unknown: a: disk: it is so
          """)
  void endsByWhatChecksFound(State state, Outcome outcome, String message) {
    TaskEnd end =
        end(
            Map.of(),
            seen("a", Map.of("disk", check(state, "it is so"), "swap", check(State.Fine, ""))));
    assertThat(end.outcome()).isEqualTo(outcome);
    assertThat(end.message()).isEqualTo(message);
    assertThat(end.hosts())
        .containsExactly(
            new HostOutcome("a", outcome, outcome == Outcome.Succeeded ? null : "disk: it is so"));
  }

  @Test
  void aHostThatCouldNotBeLookedAtIsAFailure() {
    TaskEnd end =
        end(
            Map.of("c", "there is no Host c in this namespace"),
            seen("a", Map.of("swap", check(State.Fine, ""))),
            new HostResult("fleet", "b", "no route to host", "", "", Map.of(), Map.of()));
    assertThat(end.outcome()).isEqualTo(Outcome.Failed);
    assertThat(end.message())
        .isEqualTo(
            "b could not be looked at: no route to host; "
                + "c could not be looked at: there is no Host c in this namespace");
    assertThat(end.hosts())
        .extracting(HostOutcome::outcome)
        .containsExactly(Outcome.Succeeded, Outcome.Failed, Outcome.Failed);
  }

  @Test
  void whatNobodyKnowsIsNoSuccess() {
    assertThat(end(Map.of()).message()).isEqualTo("nothing was checked");
    assertThat(end(Map.of()).outcome()).isEqualTo(Outcome.Failed);
    TaskEnd cut =
        ReportEnd.of(
            new ReportResult(
                AT.toString(),
                false,
                List.of(seen("a", Map.of("swap", check(State.Fine, "")))),
                List.of("fleet/b"),
                2),
            Map.of());
    assertThat(cut.outcome()).isEqualTo(Outcome.Failed);
    assertThat(cut.message()).isEqualTo("of 3 hosts only the pod's log has what was found");
  }

  @Test
  void theMessageStaysShort() {
    Map<String, CheckResult> checks =
        IntStream.range(0, 41)
            .boxed()
            .collect(
                Collectors.toMap(i -> "check-" + (10 + i), _ -> check(State.Bad, "x".repeat(999))));
    TaskEnd end = end(Map.of(), seen("a", checks), seen("b", checks));
    assertThat(end.message())
        .hasSizeLessThan(1000)
        .startsWith("82 of 82 checks are wrong: a: check-10: xxx")
        .endsWith("; and 79 more");
    assertThat(end.hosts())
        .allSatisfy(host -> assertThat(host.message()).hasSizeLessThan(500).contains("38 more"));
  }
}
