package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.Check;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Sample;
import dev.drydock.probe.Figure;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Finding.Bad;
import dev.drydock.probe.Finding.Fine;
import dev.drydock.probe.Metric;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A database of 1 Gi, with 25 % a day as the limit. */
class GrowthTest {
  private static final double GIGA = 1L << 30;
  private static final Check CHECK = check("database", 25);

  private static Check check(String name, int limit) {
    return Serialization.unmarshal(
        """
        ---
        name: %s
        severity: Warning
        postgresql: {secretName: s, growthPercentPerDayAbove: %d}
        """
            .formatted(name, limit),
        Check.class);
  }

  private static Sample sample(String check, Duration age, double value) {
    return new Sample(check, NOON.minus(age).toString(), Long.toString(Math.round(value)));
  }

  private static Finding judge(Finding found, @Nullable Double measured, Sample... samples) {
    return Growth.judge(CHECK, found, measured, List.of(samples), NOON);
  }

  @ParameterizedTest
  @CsvSource({
    // hours, grown to, whether that is too fast
    "24, 1.25, false",
    "24, 1.26, true",
    "24, 0.5, false",
    "48, 1.49, false",
    "48, 1.52, true",
    "12, 1.12, false",
    "12, 1.13, true",
    "6, 1.07, true",
    // Too early to tell, but what has grown already is beyond the limit.
    "5, 1.24, false",
    "5, 1.26, true",
    "1, 1.1, false",
    "0, 9, false"
  })
  void comparesWithWhatItWas(int hours, double factor, boolean tooFast) {
    Finding finding =
        judge(new Fine("fine"), factor * GIGA, sample("database", Duration.ofHours(hours), GIGA));
    assertThat(finding instanceof Bad).isEqualTo(tooFast);
  }

  @Test
  void takesTheSampleThatIsClosestToADayOld() {
    assertThat(
            judge(
                new Fine("fine"),
                1.5 * GIGA,
                sample("database", Duration.ofHours(40), 1.5 * GIGA),
                sample("other", Duration.ofHours(24), 9 * GIGA),
                sample("database", Duration.ofHours(23), GIGA),
                sample("database", Duration.ofHours(2), 1.5 * GIGA)))
        .isEqualTo(
            new Bad(
                "+52 % a day",
                "the database grows by 52 % a day, from 1Gi to 1.5Gi within 23h; the limit is"
                    + " 25 %"));
  }

  @Test
  void addsToWhatElseIsWrong() {
    Sample day = sample("database", Duration.ofDays(1), GIGA);
    assertThat(judge(new Bad("a", "b"), 2 * GIGA, day))
        .isEqualTo(
            new Bad(
                "a, +100 % a day",
                "b; the database grows by 100 % a day, from 1Gi to 2Gi within 1d; the limit is"
                    + " 25 %"));
    assertThat(judge(new Fine("a"), null, day)).isEqualTo(new Fine("a"));
    assertThat(judge(new Fine("a"), GIGA, sample("database", Duration.ofDays(1), 0)))
        .isEqualTo(new Fine("a"));
  }

  @Test
  void keepsOneSampleAnHourForTwoDays() {
    List<Sample> samples = List.of();
    for (int minute = 0; minute <= 72 * 60; minute++) {
      List<Sample> next =
          Growth.keep(
              List.of(CHECK),
              samples,
              Map.of("database", GIGA + minute),
              NOON.plus(Duration.ofMinutes(minute)));
      assertThat(next.equals(samples)).as("minute " + minute).isEqualTo(minute % 60 != 0);
      samples = next;
    }
    assertThat(samples).hasSize(48);
    assertThat(samples.getLast())
        .isEqualTo(new Sample("database", "2026-11-26T12:00:00Z", "1073746144"));
  }

  @Test
  void dropsWhatNobodyAsksForAndStaysWithinTheSchema() {
    List<Check> many = IntStream.range(0, 10).mapToObj(i -> check("c" + i, 5)).toList();
    List<Sample> samples = List.of(sample("gone", Duration.ofHours(3), 1));
    for (int hour = 0; hour < 60; hour++) {
      Map<String, Double> measures = many.stream().collect(Collectors.toMap(Check::name, _ -> 1.0));
      samples = Growth.keep(many, samples, measures, NOON.plus(Duration.ofHours(hour)));
    }
    assertThat(samples).hasSize(200).noneMatch(sample -> sample.check().equals("gone"));
  }

  @Test
  void isKeptInStatusAndAlerts() {
    var plan = new HealthPlan(List.of(CHECK), Duration.ofMinutes(10), Fixtures.FLAPPING);
    HostState state = Fixtures.host("a");
    for (int hour = 0; hour <= 24; hour++) {
      var at = NOON.plus(Duration.ofHours(hour));
      var looked =
          new Sighting.Looked(
              Map.of("database", new Fine("fine")),
              "",
              "",
              at,
              false,
              List.of(Figure.ofCheck(Metric.DATABASE_SIZE, "database", GIGA * (1 + 0.02 * hour))));
      state = plan.next("a", state, looked, null, at).orElseThrow();
    }
    assertThat(state.samples()).hasSize(25);
    assertThat(state.alerts())
        .singleElement()
        .satisfies(
            alert -> {
              assertThat(alert.phase()).isEqualTo(Phase.Firing);
              assertThat(alert.value()).startsWith("+48 % a day");
            });
    var unseen = new Sighting.Unseen("gone", NOON.plus(Duration.ofHours(25)));
    assertThat(plan.next("a", state, unseen, null, unseen.at()).orElseThrow().samples())
        .as("outlive a host that is out of sight")
        .hasSize(25);
  }
}
