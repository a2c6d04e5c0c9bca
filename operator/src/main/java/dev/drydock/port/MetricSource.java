package dev.drydock.port;

import java.util.List;
import java.util.Map;

/**
 * Whoever has figures for those who watch Drydock. It is asked at each scrape, and keeps no more
 * than it would tell: what is gone is not told any more.
 */
@FunctionalInterface
public interface MetricSource {

  /** All that there is to tell now; no two samples of one family have the same labels. */
  List<Family> families();

  /**
   * Figures of one name.
   *
   * @param name as Prometheus knows it; a counter's ends with {@code _total}
   * @param counter whether it only grows; else it may go up and down
   * @param help what it is, in a sentence
   */
  record Family(String name, boolean counter, String help, List<Sample> samples) {
    public Family {
      samples = List.copyOf(samples);
    }
  }

  /** One figure. */
  record Sample(Map<String, String> labels, double value) {
    public Sample {
      labels = Map.copyOf(labels);
    }
  }
}
