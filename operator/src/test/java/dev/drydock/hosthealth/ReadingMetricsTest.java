package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.Check;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.port.MetricSource.Family;
import dev.drydock.port.MetricSource.Sample;
import dev.drydock.probe.Figure;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Metric;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ReadingMetricsTest {
  private static final Dues NONE = new Dues(null, null, null);

  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final ReadingMetrics metrics = new ReadingMetrics();
  private final Set<String> policies = new HashSet<>();

  private static Sighting looked(Instant at, double load, Finding finding) {
    return new Sighting.Looked(
        Map.of("load", finding),
        "",
        "",
        at,
        false,
        List.of(
            Figure.ofHost(Metric.LOAD1, load),
            new Figure(Metric.LOG_LINES, "errors", Map.of(), 2)));
  }

  private List<String> told() {
    return metrics.families().stream()
        .flatMap(family -> family.samples().stream().map(sample -> text(family, sample)))
        .sorted()
        .toList();
  }

  private static String text(Family family, Sample sample) {
    return family.name() + new TreeMap<>(sample.labels()) + " " + (long) sample.value();
  }

  private void watched(String policy, String host, Sighting sighting) {
    if (policies.add(policy)) {
      metrics.turn("ns", policy, Map.of(host, new Sighting.NothingNew()), INTERVAL, NONE);
    }
    metrics.watched("ns", policy, host, INTERVAL, sighting);
  }

  @Test
  void tellsTheNewestOfEachHostAndOfEachCheck() {
    watched("p", "a", looked(NOON, 1, new Finding.Fine("1")));
    watched("p", "a", looked(NOON.plusSeconds(60), 9, new Finding.Bad("9", "load is 9")));
    assertThat(told())
        .containsExactly(
            "drydock_check_ok{check=load, host=a, namespace=ns, policy=p} 0",
            "drydock_host_log_lines{check=errors, host=a, namespace=ns, policy=p} 2",
            "drydock_policy_look_due_timestamp_seconds{namespace=ns, policy=p} "
                + NOON.plusSeconds(120).getEpochSecond(),
            "node_load1{host=a, namespace=ns} 9");
  }

  @Test
  void whatGrowsTooFastIsNotFineThoughOneLookCanNotTellSo() {
    Check check =
        Serialization.unmarshal(
            """
            name: load
            severity: Warning
            postgresql: {secretName: s, growthPercentPerDayAbove: 10}
            """,
            Check.class);
    var yesterday =
        new HostHealthPolicyStatus.Sample("load", NOON.minusSeconds(86_400).toString(), "100");
    metrics.compare("ns", "p", new Growth.Past(List.of(check), Map.of("a", List.of(yesterday))));
    for (long size : new long[] {105, 120}) {
      watched(
          "p",
          "a",
          new Sighting.Looked(
              Map.of("load", new Finding.Fine("")),
              "",
              "",
              NOON,
              false,
              List.of(Figure.ofCheck(Metric.DATABASE_SIZE, "load", size))));
      assertThat(told())
          .contains(
              "drydock_check_ok{check=load, host=a, namespace=ns, policy=p} "
                  + (size > 110 ? 0 : 1));
    }
  }

  @Test
  void whatIsAHostsOwnIsToldOnceWhereSeveralPoliciesLook() {
    watched("p", "a", looked(NOON.plusSeconds(1), 5, new Finding.Fine("1")));
    watched("q", "a", looked(NOON, 1, new Finding.Fine("1")));
    assertThat(told())
        .filteredOn(row -> row.startsWith("node_load1"))
        .containsExactly("node_load1{host=a, namespace=ns} 5");
    assertThat(told()).filteredOn(row -> row.startsWith("drydock_host_log_lines")).hasSize(2);
  }

  @Test
  void nobodyKnowsFiguresOfAHostOutOfSight() {
    watched("p", "a", looked(NOON, 1, new Finding.Fine("1")));
    watched("p", "a", new Sighting.Unseen("no route", NOON.plusSeconds(60)));
    assertThat(told())
        .singleElement()
        .asString()
        .startsWith("drydock_policy_look_due_timestamp_seconds");
  }

  @Test
  void whatIsGoneIsGone() {
    watched("p", "a", looked(NOON, 1, new Finding.Fine("1")));
    watched("p", "b", looked(NOON, 1, new Finding.Fine("1")));
    metrics.turn("ns", "p", Map.of("a", new Sighting.NothingNew()), INTERVAL, NONE);
    assertThat(told()).isNotEmpty().noneMatch(row -> row.contains("host=b"));
    metrics.gone("ns", "p");
    metrics.watched("ns", "p", "a", INTERVAL, looked(NOON, 1, new Finding.Fine("1")));
    assertThat(told()).as("a look that was under way brings nothing back").isEmpty();
  }

  @Test
  void theFirstTurnTellsWhatTheWatchSawBeforeIt() {
    metrics.turn("ns", "p", Map.of("a", looked(NOON, 1, new Finding.Fine("1"))), INTERVAL, NONE);
    assertThat(told()).contains("node_load1{host=a, namespace=ns} 1");
    watched("p", "a", looked(NOON.plusSeconds(9), 2, new Finding.Fine("1")));
    metrics.turn("ns", "p", Map.of("a", looked(NOON, 1, new Finding.Fine("1"))), INTERVAL, NONE);
    assertThat(told()).contains("node_load1{host=a, namespace=ns} 2");
  }

  @Test
  void aScheduledLookIsToldUntilTheNextOne() {
    var dues = new Dues(NOON.plusSeconds(3600), NOON.plusSeconds(86_400), NOON);
    metrics.turn("ns", "p", Map.of("a", looked(NOON, 1, new Finding.Fine("1"))), null, dues);
    metrics.turn("ns", "p", Map.of("a", new Sighting.NothingNew()), null, dues);
    assertThat(told())
        .contains(
            "node_load1{host=a, namespace=ns} 1",
            "drydock_policy_look_due_timestamp_seconds{namespace=ns, policy=p} "
                + NOON.plusSeconds(3600).getEpochSecond(),
            "drydock_policy_report_due_timestamp_seconds{namespace=ns, policy=p} "
                + NOON.plusSeconds(86_400).getEpochSecond(),
            "drydock_policy_last_report_timestamp_seconds{namespace=ns, policy=p} "
                + NOON.getEpochSecond());
    metrics.turn("ns", "p", Map.of("a", new Sighting.Unseen("x", NOON)), null, dues);
    assertThat(told()).noneMatch(row -> row.contains("host=a"));
  }

  @Test
  void aWatchOfThousandsOfHostsIsScrapedInAMoment() {
    for (int i = 0; i < 5000; i++) {
      watched("p" + i % 500, "h" + i, looked(NOON, i, new Finding.Fine("1")));
    }
    long start = System.nanoTime();
    assertThat(metrics.families().stream().mapToInt(family -> family.samples().size()).sum())
        .isEqualTo(15_500);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }
}
