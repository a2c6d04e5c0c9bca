package dev.drydock.report;

import dev.drydock.kernel.Sizes;
import dev.drydock.probe.Figure;
import dev.drydock.probe.Metric;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The figures of a host that a report compares over time: memory, swap, load, disks, restarts. */
final class Trends {
  private static final String MEMORY = "memory available";
  private static final String SWAP = "swap used";
  private static final String LOAD = "load over 5m";
  private static final String RESTARTS = "PM2 restarts";
  private static final String DISK = "disk used ";
  private static final int DISKS = 8;

  private Trends() {}

  /** By name, for people. */
  static Map<String, Double> of(List<Figure> figures) {
    var trends = new TreeMap<String, Double>();
    double swapTotal = 0;
    double swapFree = 0;
    int disks = 0;
    for (Figure figure : figures) {
      if (figure.metric() == Metric.MEMORY_AVAILABLE) {
        trends.put(MEMORY, figure.value());
      } else if (figure.metric() == Metric.SWAP_TOTAL) {
        swapTotal = figure.value();
      } else if (figure.metric() == Metric.SWAP_FREE) {
        swapFree = figure.value();
      } else if (figure.metric() == Metric.LOAD5) {
        trends.put(LOAD, figure.value());
      } else if (figure.metric() == Metric.PM2_RESTARTS) {
        trends.merge(RESTARTS, figure.value(), Double::sum);
      } else if (figure.metric() == Metric.FILESYSTEM_USED && disks++ < DISKS) {
        trends.put(DISK + figure.labels().getOrDefault("mountpoint", ""), figure.value());
      }
    }
    if (swapTotal > 0) {
      trends.put(SWAP, Math.rint(1000 * (swapTotal - swapFree) / swapTotal) / 10);
    }
    return trends;
  }

  /** One value, as people read it. */
  static String text(String name, double value) {
    return switch (name) {
      case MEMORY -> Sizes.text(Math.round(value));
      case LOAD -> String.format(Locale.ROOT, "%.2f", value);
      case RESTARTS -> Long.toString(Math.round(value));
      default -> (value == Math.rint(value) ? "" + Math.round(value) : "" + value) + " %";
    };
  }
}
