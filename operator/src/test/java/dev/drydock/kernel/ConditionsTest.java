package dev.drydock.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Condition;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionsTest {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00.750Z");
  private static final Instant LATER = NOON.plusSeconds(60);

  @Test
  void keepsTheTransitionTimeWhileTheStatusStays() {
    List<Condition> first = new Conditions(List.of(), NOON, 1).with("Ready", true, "A", "a").list();
    List<Condition> second = new Conditions(first, LATER, 2).with("Ready", true, "B", "b").list();
    assertThat(second)
        .containsExactly(new Condition("Ready", "True", "B", "b", "2026-11-23T12:00:00Z", 2L));
  }

  @Test
  void takesTheTimeOfATransition() {
    List<Condition> first = new Conditions(List.of(), NOON, 1).with("Ready", true, "A", "a").list();
    List<Condition> second = new Conditions(first, LATER, 1).unknown("Ready", "C", "c").list();
    assertThat(second)
        .containsExactly(new Condition("Ready", "Unknown", "C", "c", "2026-11-23T12:01:00Z", 1L));
  }

  @Test
  void keepsThePlaceOfEachAndLetsOthersBe() {
    List<Condition> first =
        new Conditions(List.of(), NOON, 1)
            .with("Ready", true, "A", "a")
            .with("Healthy", true, "A", "a")
            .with("Stalled", true, "A", "a")
            .list();
    List<Condition> second =
        new Conditions(first, LATER, 2).without("Stalled").with("Ready", false, "B", "b").list();
    assertThat(second).extracting(Condition::type).containsExactly("Ready", "Healthy");
    assertThat(second.get(1)).isEqualTo(first.get(1));
  }

  @Test
  void whatIsLeftOutAndAnsweredAfterAllKeepsItsTimeAndItsPlace() {
    List<Condition> first =
        new Conditions(List.of(), NOON, 1)
            .with("Ready", false, "A", "a")
            .with("Stalled", true, "A", "a")
            .with("Healthy", true, "A", "a")
            .list();
    List<Condition> second =
        new Conditions(first, LATER, 1)
            .without("Reconciling")
            .without("Stalled")
            .with("Ready", false, "A", "a")
            .with("Stalled", true, "A", "a")
            .with("Healthy", true, "A", "a")
            .list();
    assertThat(second).isEqualTo(first);
  }

  @Test
  void whatWasAbsentBeginsAnew() {
    List<Condition> first =
        new Conditions(List.of(), NOON, 1).with("Stalled", true, "A", "a").list();
    List<Condition> second = new Conditions(first, NOON, 1).without("Stalled").list();
    assertThat(second).isEmpty();
    assertThat(new Conditions(second, LATER, 1).with("Stalled", true, "A", "a").list())
        .extracting(Condition::lastTransitionTime)
        .containsExactly("2026-11-23T12:01:00Z");
  }

  @Test
  void makesOneLineOfWhatOthersSay() {
    String message =
        new Conditions(List.of(), NOON, 1)
            .with("Ready", false, "A", "one\ntwo\u0000\u202Ethree" + "x".repeat(2000))
            .list()
            .getFirst()
            .message();
    assertThat(message).startsWith("one two threex").hasSize(1000).endsWith("…");
  }

  @Test
  void answersWhatIsTrue() {
    List<Condition> list =
        new Conditions(List.of(), NOON, 1)
            .with("Ready", true, "A", "a")
            .unknown("Healthy", "A", "a")
            .list();
    assertThat(Conditions.isTrue(list, "Ready")).isTrue();
    assertThat(Conditions.isTrue(list, "Healthy")).isFalse();
    assertThat(Conditions.isTrue(list, "Absent")).isFalse();
  }
}
