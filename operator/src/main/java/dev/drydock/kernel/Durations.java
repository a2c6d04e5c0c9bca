package dev.drydock.kernel;

import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as the API writes them: {@code 90s}, {@code 1h30m}, {@code 30d}. */
public final class Durations {
  private static final Pattern PART = Pattern.compile("([0-9]+)(ms|s|m|h|d)");

  private Durations() {}

  /**
   * Reads what the schema's pattern admits.
   *
   * @throws IllegalArgumentException if {@code text} is of another form
   */
  public static Duration parse(String text) {
    var matcher = PART.matcher(text);
    var sum = Duration.ZERO;
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      long count = Long.parseLong(matcher.group(1));
      sum =
          sum.plus(
              switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                default -> Duration.ofDays(count);
              });
      end = matcher.end();
    }
    if (end == 0 || end != text.length()) {
      throw new IllegalArgumentException("not a duration such as 90s or 1h30m: " + text);
    }
    return sum;
  }

  /** As {@link #parse}, and {@code otherwise} where nothing is set. */
  public static Duration parse(@Nullable String text, Duration otherwise) {
    return text == null ? otherwise : parse(text);
  }

  /** The two largest units that are not zero, for people: {@code 2d4h}, {@code 10m}, {@code 0s}. */
  public static String text(Duration duration) {
    var text = new StringBuilder();
    int shown = 0;
    long[] counts = {
      duration.toDays(), duration.toHoursPart(), duration.toMinutesPart(), duration.toSecondsPart()
    };
    String units = "dhms";
    for (int i = 0; i < counts.length && shown < 2; i++) {
      if (counts[i] > 0) {
        text.append(counts[i]).append(units.charAt(i));
        shown++;
      } else if (shown > 0) {
        break;
      }
    }
    return text.isEmpty() ? "0s" : text.toString();
  }
}
