package dev.drydock.hosthealth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.port.MetricSource.Family;
import dev.drydock.port.MetricSource.Sample;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AlertMetricsTest {
  private final AlertMetrics metrics = new AlertMetrics();
  private final HostHealthPolicy policy = Fixtures.policy("interval: 1m\n");

  private List<Sample> tries() {
    return metrics.families().stream()
        .filter(family -> family.name().equals("drydock_remedy_tries_total"))
        .map(Family::samples)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void countsTriesByHowTheyEnded() {
    for (RemedyPhase phase :
        List.of(RemedyPhase.Helped, RemedyPhase.NotHelped, RemedyPhase.Helped)) {
      metrics.ended(policy, new Remedies.EndedTry("a", "load", phase));
    }
    Map<String, String> labels =
        Map.of("namespace", "ns", "policy", "fleet", "host", "a", "check", "load");
    assertThat(tries()).extracting(Sample::value).containsExactlyInAnyOrder(2.0, 1.0);
    assertThat(tries())
        .allSatisfy(sample -> assertThat(sample.labels()).containsAllEntriesOf(labels))
        .filteredOn(sample -> sample.value() == 2)
        .singleElement()
        .satisfies(sample -> assertThat(sample.labels()).containsEntry("outcome", "Helped"));
    metrics.gone(policy);
    assertThat(tries()).isEmpty();
  }
}
