package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcknowledgementTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"a/load", "a/load@2026-11-23", "b/x, a/load ", "a/load@1,b/x@2", "a/load@"})
  void resetsWhatItNames(String value) {
    var acknowledgement = Acknowledgement.of(value, "a/load@0");
    RemedyState next =
        acknowledgement.apply(Fixtures.host("a"), state(RemedyPhase.NotHelped), NOON);
    assertThat(next.phase()).isEqualTo(RemedyPhase.Acknowledged);
    assertThat(next.finished()).isEqualTo(NOON.toString());
    assertThat(next.tries()).isEmpty();
    assertThat(acknowledgement.value()).isEqualTo(value.strip());
  }

  @Test
  void keepsTheLastTryOfWhatWasHeldSoThatItCoolsDown() {
    var acknowledgement = Acknowledgement.of("a/load", null);
    RemedyState next = acknowledgement.apply(Fixtures.host("a"), state(RemedyPhase.Held), NOON);
    assertThat(next.tries()).containsExactly("2026-11-23T11:00:00Z");
    assertThat(acknowledgement.misses()).isEmpty();
  }

  @Test
  void isHandledOnce() {
    var acknowledgement = Acknowledgement.of("a/load", "a/load");
    var held = state(RemedyPhase.Held);
    assertThat(acknowledgement.apply(Fixtures.host("a"), held, NOON)).isSameAs(held);
    assertThat(acknowledgement.value()).isEmpty();
    assertThat(Acknowledgement.of(null, "a/load").value()).isEmpty();
  }

  @Test
  void doesNotDisturbWhatIsAtWork() {
    var running = state(RemedyPhase.Running);
    assertThat(Acknowledgement.of("a/load", null).apply(Fixtures.host("a"), running, NOON))
        .isSameAs(running);
  }

  @Test
  void saysWhatItDoesNotKnow() {
    var acknowledgement = Acknowledgement.of("a/load,a/gone@1,nonsense", null);
    acknowledgement.apply(Fixtures.host("a"), state(RemedyPhase.Held), NOON);
    assertThat(acknowledgement.misses())
        .startsWith("no remedy has done anything for a/gone, nonsense: ");
  }

  private static RemedyState state(RemedyPhase phase) {
    return new RemedyState(
        "load",
        phase,
        "2026-11-23T11:00:00Z",
        "2026-11-23T11:01:00Z",
        "said",
        null,
        List.of("2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z"));
  }
}
