package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.PastAlert;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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
    HostHealthPolicyStatus next =
        HealthReport.status(
            policy,
            new HealthReport.Outcome(
                new HealthReport.AtWork("Watching", ""),
                List.of(host),
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
