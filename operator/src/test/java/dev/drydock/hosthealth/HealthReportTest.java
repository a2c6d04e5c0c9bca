package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Severity;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.PastAlert;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Sample;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HealthReportTest {
  private final HostHealthPolicy policy = Fixtures.policy("interval: 1m\n");

  @BeforeEach
  void generation() {
    policy.getMetadata().setGeneration(1L);
  }

  private HostHealthPolicyStatus write(HostState host, Instant now) {
    return write(host, "", now);
  }

  private HostHealthPolicyStatus write(HostState host, String acknowledged, Instant now) {
    return write(List.of(host), acknowledged, now);
  }

  private HostHealthPolicyStatus write(List<HostState> hosts, String acknowledged, Instant now) {
    HostHealthPolicyStatus next =
        HealthReport.status(
            policy,
            new HealthReport.Outcome(
                new HealthReport.AtWork("Watching", ""),
                hosts,
                null,
                null,
                acknowledged,
                List.of(),
                ReportDesk.before(policy)),
            now);
    policy.setStatus(next);
    return next;
  }

  @Test
  void growthOfManyDatabasesFitsIntoOneWrite() {
    HostHealthPolicyStatus status = write(hosts(500, 4, 48, "load is 9"), "", NOON);
    assertThat(bytes(status)).isBetween(StatusRoom.MOST / 2, StatusRoom.MOST + 1000);
    assertThat(status.hosts()).hasSize(500);
    HostState host = status.hosts().getFirst();
    assertThat(host.samples()).extracting(Sample::time).contains(NOON.toString());
    assertThat(host.samples().stream().map(Sample::check).distinct()).hasSize(4);
    assertThat(host.alerts().getFirst().message()).isEqualTo("load is 9");
    assertThat(status.conditions().getFirst().message()).endsWith("split the policy");
    assertThat(write(status.hosts(), "", NOON)).as("and stays so").isEqualTo(status);
  }

  @Test
  void aDayOfGrowthIsNothingThatPeopleMiss() {
    HostHealthPolicyStatus status = write(hosts(400, 1, 48, "load is 9"), "", NOON);
    assertThat(bytes(status)).isLessThan(StatusRoom.MOST + 1000);
    assertThat(status.hosts().getFirst().samples()).hasSizeBetween(24, 36);
    assertThat(status.conditions().getFirst().message()).doesNotContain("split");
  }

  @Test
  void noAlertIsGivenUpForWantOfRoom() {
    HostHealthPolicyStatus status = write(hosts(500, 10, 4, "x".repeat(300)), "", NOON);
    assertThat(bytes(status)).isLessThan(StatusRoom.MOST + 1000);
    assertThat(status.hosts()).hasSize(500).allMatch(host -> host.alerts().size() == 10);
    assertThat(status.hosts().getFirst().alerts())
        .allSatisfy(alert -> assertThat(alert.told()).containsExactly("ops"))
        .allSatisfy(alert -> assertThat(alert.message()).startsWith("xxx").hasSize(40));
    assertThat(status.conditions().getFirst().message()).endsWith("split the policy");
  }

  @Test
  void fewHostsKeepAllThatIsKnown() {
    List<HostState> hosts = hosts(20, 4, 48, "x".repeat(300));
    HostHealthPolicyStatus status = write(hosts, "", NOON);
    assertThat(status.hosts()).isEqualTo(hosts);
    assertThat(status.conditions().getFirst().message()).isEmpty();
  }

  private static int bytes(HostHealthPolicyStatus status) {
    return Serialization.asJson(status).getBytes(StandardCharsets.UTF_8).length;
  }

  /** Hosts with so many checks, each of which fires, and so many hourly samples of each. */
  private static List<HostState> hosts(int hosts, int checks, int samples, String message) {
    List<AlertState> alerts =
        IntStream.range(0, checks)
            .mapToObj(
                check ->
                    new AlertState(
                        "database-" + check,
                        Severity.Warning,
                        Phase.Firing,
                        NOON.toString(),
                        null,
                        "9",
                        message,
                        null,
                        List.of("ops"),
                        List.of(),
                        null,
                        null,
                        List.of()))
            .toList();
    List<Sample> grown =
        IntStream.range(0, checks)
            .boxed()
            .flatMap(
                check ->
                    IntStream.range(0, samples)
                        .mapToObj(
                            hour ->
                                new Sample(
                                    "database-" + check,
                                    NOON.minusSeconds(3600L * (samples - 1 - hour)).toString(),
                                    "1073746144")))
            .toList();
    return IntStream.range(0, hosts)
        .mapToObj(
            host ->
                new HostState(
                    "host-" + host,
                    State.Degraded,
                    null,
                    null,
                    null,
                    alerts,
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    grown))
        .toList();
  }

  @Test
  void anAcknowledgementIsNewAgainOnceItWasTakenAway() {
    policy.getMetadata().setAnnotations(Map.of("drydock.dev/acknowledge", "a/load"));
    write(Fixtures.host("a"), "a/load", NOON);
    assertThat(write(Fixtures.host("a"), NOON).lastHandledAcknowledge()).isEqualTo("a/load");
    policy.getMetadata().setAnnotations(Map.of());
    assertThat(write(Fixtures.host("a"), NOON).lastHandledAcknowledge()).isNull();
  }

  @Test
  void anAlertThatEndsIsLeftForTheNextReportByTheVeryWriteThatEndsIt() {
    write(Fixtures.host("a", Fixtures.alert(Phase.Firing, NOON, null)), NOON);
    Instant end = NOON.plusSeconds(60);
    HostHealthPolicyStatus ended =
        write(Fixtures.host("a", Fixtures.alert(Phase.Resolved, NOON, end)), end);
    assertThat(ended.recentAlerts())
        .singleElement()
        .extracting(PastAlert::host, PastAlert::check, PastAlert::since, PastAlert::ended)
        .containsExactly("a", "load", NOON.toString(), end.toString());
    HostHealthPolicyStatus later = write(Fixtures.host("a"), end.plusSeconds(5));
    assertThat(later.recentAlerts()).isEqualTo(ended.recentAlerts());
    assertThat(write(Fixtures.host("a"), end.plusSeconds(90_000))).as("no write").isEqualTo(later);
  }
}
