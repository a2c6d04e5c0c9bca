package dev.drydock.probe;

import dev.drydock.kernel.Text;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One figure of a host.
 *
 * @param check the check that it belongs to; empty: the host's own, whoever asks
 * @param labels what of several it is, such as the path or the process
 */
public record Figure(Metric metric, String check, Map<String, String> labels, double value) {
  private static final int LABEL = 120;
  private static final int DIGITS = 15;
  private static final String SEPARATOR = "\t";

  public Figure {
    var bounded = new TreeMap<String, String>();
    labels.forEach((name, text) -> bounded.put(name, Text.line(text, LABEL)));
    labels = Map.copyOf(bounded);
  }

  /** A figure of the host itself. */
  public static Figure ofHost(Metric metric, Number value) {
    return new Figure(metric, "", Map.of(), value.doubleValue());
  }

  /** The same with one label. */
  static Figure ofHost(Metric metric, String label, String text, Number value) {
    return new Figure(metric, "", Map.of(label, text), value.doubleValue());
  }

  /** A figure of one check. */
  public static Figure ofCheck(Metric metric, String check, Number value) {
    return new Figure(metric, check, Map.of(), value.doubleValue());
  }

  /** Whether status keeps samples of it, to tell how fast it grows. */
  public boolean isCompared() {
    return metric == Metric.DATABASE_SIZE;
  }

  /** In one short line, for {@link #fromText}. */
  public String toText() {
    var text = new StringBuilder(metric.name()).append(SEPARATOR).append(number());
    if (!check.isEmpty() || !labels.isEmpty()) {
      text.append(SEPARATOR).append(check);
    }
    new TreeMap<>(labels)
        .forEach((name, value) -> text.append(SEPARATOR).append(name).append('=').append(value));
    return text.toString();
  }

  private String number() {
    return Double.isFinite(value)
        ? new BigDecimal(value).round(new MathContext(DIGITS)).stripTrailingZeros().toPlainString()
        : Double.toString(value);
  }

  /** What {@link #toText} wrote; nothing if it is something else. */
  public static Optional<Figure> fromText(String text) {
    String[] words = text.split(SEPARATOR, -1);
    try {
      var labels = new TreeMap<String, String>();
      for (int i = 3; i < words.length; i++) {
        int equals = words[i].indexOf('=');
        labels.put(words[i].substring(0, equals), words[i].substring(equals + 1));
      }
      return Optional.of(
          new Figure(
              Metric.valueOf(words[0]),
              words.length > 2 ? words[2] : "",
              labels,
              Double.parseDouble(words[1])));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }
}
