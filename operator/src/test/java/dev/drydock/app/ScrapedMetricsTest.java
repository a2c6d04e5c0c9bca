package dev.drydock.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.port.MetricSource.Family;
import dev.drydock.port.MetricSource.Sample;
import dev.drydock.probe.Metric;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScrapedMetricsTest {
  /** Prometheus' library refuses some endings, and with one such name a whole scrape. */
  @ParameterizedTest
  @EnumSource
  void everyNameCanBeTold(Metric metric) {
    var family =
        new Family(
            metric.series(),
            metric.isCounter(),
            metric.help(),
            List.of(new Sample(Map.of("host", "a"), 1)));
    assertThat(new ScrapedMetrics(List.of(() -> List.of(family))).collect().stream()).hasSize(1);
  }
}
