package dev.drydock.app;

import dev.drydock.port.MetricSource;
import dev.drydock.port.MetricSource.Family;
import dev.drydock.port.MetricSource.Sample;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Asks the sources of figures at each scrape. A gauge of Micrometer's for each of thousands of rows
 * that come and go would cost a search through all of them each time.
 */
record ScrapedMetrics(List<MetricSource> sources) implements MultiCollector {
  private static final String TOTAL = "_total";

  ScrapedMetrics {
    sources = List.copyOf(sources);
  }

  @Override
  public MetricSnapshots collect() {
    var snapshots = new ArrayList<MetricSnapshot>();
    for (MetricSource source : sources) {
      for (Family family : source.families()) {
        if (!family.samples().isEmpty()) {
          snapshots.add(snapshot(family));
        }
      }
    }
    return new MetricSnapshots(snapshots);
  }

  private static MetricSnapshot snapshot(Family family) {
    if (family.counter()) {
      var counter =
          CounterSnapshot.builder()
              .name(family.name().substring(0, family.name().length() - TOTAL.length()))
              .help(family.help());
      for (Sample sample : family.samples()) {
        counter.dataPoint(
            CounterDataPointSnapshot.builder()
                .labels(labels(sample.labels()))
                .value(sample.value())
                .build());
      }
      return counter.build();
    }
    var gauge = GaugeSnapshot.builder().name(family.name()).help(family.help());
    for (Sample sample : family.samples()) {
      gauge.dataPoint(
          GaugeDataPointSnapshot.builder()
              .labels(labels(sample.labels()))
              .value(sample.value())
              .build());
    }
    return gauge.build();
  }

  private static Labels labels(Map<String, String> labels) {
    var sorted = new TreeMap<>(labels);
    return Labels.of(List.copyOf(sorted.keySet()), List.copyOf(sorted.values()));
  }
}
