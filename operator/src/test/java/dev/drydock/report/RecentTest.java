package dev.drydock.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.PastAlert;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.PastRemedy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a policy's status keeps for its next report, write by write. */
class RecentTest {
  private static final Instant NOON = Instant.parse("2026-11-18T12:00:00Z");

  private HostHealthPolicyStatus status = new Written("").status();

  /** A status as the API server gives it back, of one host that is as {@code yaml} says. */
  private record Written(String yaml) {
    HostHealthPolicyStatus status() {
      return Serialization.unmarshal(
          "hosts:\n- name: a\n  state: Healthy\n" + yaml.indent(2), HostHealthPolicyStatus.class);
    }
  }

  private void write(String yaml, Instant at) {
    HostHealthPolicyStatus next = new Written(yaml).status();
    status =
        new HostHealthPolicyStatus(
            1L,
            List.of(),
            null,
            null,
            null,
            null,
            null,
            null,
            next.hosts(),
            List.of(),
            Recent.alerts(status, next.hosts(), at),
            Recent.remedies(status, next.hosts()));
  }

  private static String alert(String phase) {
    return "alerts: [{check: swap, severity: Warning, phase: "
        + phase
        + ", since: \"2026-11-18T11:50:00Z\", message: swap is used to 91 %}]\n";
  }

  private static String remedy(String phase, String started, String more) {
    return "remedies: [{check: swap, phase: "
        + phase
        + ", started: \""
        + started
        + "\", message: reset swap"
        + more
        + "}]\n";
  }

  @Test
  void anAlertIsKeptOnceWhenItEnds() {
    write(alert("Pending"), NOON);
    write(alert("Firing"), NOON.plusSeconds(60));
    write(alert("Clearing"), NOON.plusSeconds(120));
    assertThat(status.recentAlerts()).isEmpty();
    write(alert("Resolved"), NOON.plusSeconds(180));
    List<PastAlert> kept = status.recentAlerts();
    assertThat(kept)
        .singleElement()
        .satisfies(
            alert -> {
              assertThat(alert.host()).isEqualTo("a");
              assertThat(alert.check()).isEqualTo("swap");
              assertThat(alert.since()).isEqualTo("2026-11-18T11:50:00Z");
              assertThat(alert.ended()).isEqualTo("2026-11-18T12:03:00Z");
              assertThat(alert.message()).isEqualTo("swap is used to 91 %");
            });
    // Its channels hear of it, then it goes.
    write(alert("Resolved"), NOON.plusSeconds(185));
    write("", NOON.plusSeconds(190));
    assertThat(status.recentAlerts()).isEqualTo(kept);
  }

  @Test
  void whatOnlyThreatenedIsNoAlertOfTheTime() {
    write(alert("Pending"), NOON);
    write("", NOON.plusSeconds(60));
    assertThat(status.recentAlerts()).isEmpty();
  }

  @Test
  void aTryIsKeptWithItsEndLongAfterTheHostsStateHasForgottenIt() {
    write(remedy("Running", "2026-11-18T12:00:00Z", ""), NOON);
    assertThat(status.recentRemedies()).isEmpty();
    String helped =
        remedy(
            "Helped",
            "2026-11-18T12:00:00Z",
            ", finished: \"2026-11-18T12:00:30Z\", record: fleet-remedy-1");
    write(helped, NOON.plusSeconds(30));
    write(helped, NOON.plusSeconds(60));
    write("", NOON.plusSeconds(90_000));
    assertThat(status.recentRemedies())
        .containsExactly(
            new PastRemedy(
                "a",
                "swap",
                RemedyPhase.Helped,
                "2026-11-18T12:00:00Z",
                "2026-11-18T12:00:30Z",
                "reset swap",
                "fleet-remedy-1"));
  }

  @Test
  void aTryThatWasNotBegunAfterAllIsNone() {
    String last = ", finished: \"2026-11-18T11:00:30Z\"";
    write(remedy("Helped", "2026-11-18T11:00:00Z", last), NOON);
    write(remedy("Running", "2026-11-18T12:00:00Z", ""), NOON);
    write(remedy("Refused", "2026-11-18T11:00:00Z", last), NOON.plusSeconds(30));
    assertThat(status.recentRemedies()).isEmpty();
  }

  @Test
  void theNewestHaveRoomAndAReportKnowsThatOthersHadNone() {
    for (int i = 0; i < Recent.OF_HOST; i++) {
      assertThat(Recent.isCut(status.recentAlerts(), "a", null)).isFalse();
      fireAndEnd(i);
    }
    fireAndEnd(Recent.OF_HOST);
    assertThat(status.recentAlerts()).hasSize(Recent.OF_HOST);
    assertThat(status.recentAlerts().getFirst().ended()).isEqualTo("2026-11-18T12:01:00Z");
    assertThat(Recent.isCut(status.recentAlerts(), "a", null)).isTrue();
    assertThat(Recent.isCut(status.recentAlerts(), "b", null)).isFalse();
    Instant since = NOON.plusSeconds(90);
    assertThat(Recent.since(status.recentAlerts(), "a", since)).hasSize(Recent.OF_HOST - 1);
    assertThat(Recent.isCut(status.recentAlerts(), "a", since)).isFalse();
  }

  private void fireAndEnd(int minute) {
    write(alert("Firing"), NOON.plusSeconds(60L * minute));
    write(alert("Resolved"), NOON.plusSeconds(60L * minute));
    write("", NOON.plusSeconds(60L * minute));
  }
}
