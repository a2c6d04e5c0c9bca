package dev.drydock.probe;

import dev.drydock.probe.Finding.Bad;
import dev.drydock.probe.Finding.Fine;
import dev.drydock.probe.Finding.Unknown;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How wrong a host's clock is: by what keeps it right (chrony, systemd-timesyncd), or else against
 * the clock of this process. Pure.
 */
final class Clocks {
  private static final Pattern TIME = Pattern.compile("([0-9]{1,11})(?:\\.([0-9]{9}))?\\b");
  private static final Pattern OFFSET =
      Pattern.compile(
          "^\\s*Offset: *([+-]?)((?:[0-9.]{1,12}(?:us|ms|min|h|s) ?){1,8}+)", Pattern.MULTILINE);
  private static final Pattern PART =
      Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(us|ms|s|min|h)");
  private static final Map<String, Double> SECONDS =
      Map.of("us", 1e-6, "ms", 1e-3, "s", 1.0, "min", 60.0, "h", 3600.0);

  private Clocks() {}

  /**
   * A reading of a clock.
   *
   * @param unit how coarse it is
   */
  record Reading(Instant at, Duration unit) {}

  /** From {@code date +%s.%N}; not every date(1) knows of nanoseconds. */
  static Reading read(String text) throws Unreadable {
    Matcher time = TIME.matcher(text.strip());
    if (!time.lookingAt()) {
      throw new Unreadable("the host's clock can't be read");
    }
    String nanos = time.group(2);
    return new Reading(
        Instant.ofEpochSecond(
            Long.parseLong(time.group(1)), nanos == null ? 0 : Long.parseLong(nanos)),
        nanos == null ? Duration.ofSeconds(1) : Duration.ZERO);
  }

  static Finding evaluate(Demand.TimeOffset demand, Look look) throws Unreadable {
    double limit = demand.aboveMillis() / 1000.0;
    Optional<Double> kept = chrony(look).or(() -> timesync(look));
    if (kept.isPresent()) {
      double offset = kept.get();
      return Math.abs(offset) > limit ? bad(seconds(offset), limit) : new Fine(seconds(offset));
    }
    Bounds bounds = compared(look);
    double least = bounds.least();
    double most = bounds.most();
    String value =
        seconds((least + most) / 2)
            + " ± "
            + String.format(Locale.ROOT, "%.3f s", (most - least) / 2);
    if (least > limit || most < -limit) {
      return bad(value + " against Drydock's own clock", limit);
    }
    if (least >= -limit && most <= limit) {
      return new Fine(value + " against Drydock's own clock");
    }
    return new Unknown(
        "the offset is "
            + value
            + ", too coarse for the limit of "
            + plain(limit)
            + " s: the host has neither chrony nor timesyncd in step, and was compared with Drydock's"
            + " own clock");
  }

  /** How wrong the clock is, in seconds, as well as that is known. */
  static double offset(Look look) throws Unreadable {
    Optional<Double> kept = chrony(look).or(() -> timesync(look));
    if (kept.isPresent()) {
      return kept.get();
    }
    Bounds bounds = compared(look);
    return (bounds.least() + bounds.most()) / 2;
  }

  /** Between what the offset lies, in seconds. */
  private record Bounds(double least, double most) {}

  private static Bounds compared(Look look) throws Unreadable {
    Look.Timing timing =
        look.timing().orElseThrow(() -> new Unreadable("nobody knows when the host was asked"));
    Reading first = read(look.text("clock"));
    Reading last = read(look.text("clock.end"));
    // The host read its clock after it was asked, and before its answer was here.
    double most = seconds(timing.sent(), first.at().plus(first.unit()));
    double least = seconds(timing.received(), last.at());
    if (least > most) {
      throw new Unreadable("a clock was set while the host was asked");
    }
    return new Bounds(least, most);
  }

  private static Bad bad(String value, double limit) {
    return new Bad(value, "the clock is off by " + value + "; the limit is " + plain(limit) + " s");
  }

  private static double seconds(Instant from, Instant to) {
    Duration between = Duration.between(from, to);
    return between.getSeconds() + between.getNano() / 1e9;
  }

  private static String seconds(double offset) {
    return String.format(Locale.ROOT, "%+.3f s", offset);
  }

  private static String plain(double limit) {
    return BigDecimal.valueOf(limit).stripTrailingZeros().toPlainString();
  }

  /** {@code chronyc -c tracking}: the fifth field is the system clock's error, in seconds. */
  private static Optional<Double> chrony(Look look) {
    return text(look, "chrony")
        .map(text -> List.of(text.strip().split(",", -1)))
        .filter(fields -> fields.size() >= 14 && !fields.getLast().startsWith("Not sync"))
        .map(fields -> fields.get(4))
        .filter(field -> field.matches("[+-]?[0-9]{1,9}\\.[0-9]{1,12}"))
        .map(Double::valueOf);
  }

  /** {@code timedatectl timesync-status}; a server that has not answered yet gives no offset. */
  private static Optional<Double> timesync(Look look) {
    return text(look, "timesync")
        .map(OFFSET::matcher)
        .filter(Matcher::find)
        .map(
            offset -> {
              double sum = 0;
              Matcher part = PART.matcher(offset.group(2));
              while (part.find()) {
                sum += Double.parseDouble(part.group(1)) * SECONDS.getOrDefault(part.group(2), 0.0);
              }
              return offset.group(1).equals("-") ? -sum : sum;
            });
  }

  private static Optional<String> text(Look look, String section) {
    try {
      return Optional.of(look.text(section));
    } catch (Unreadable e) {
      return Optional.empty();
    }
  }
}
