package dev.drydock.kernel;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Pattern;

/** Sizes in bytes, as Kubernetes quantities write them: {@code 5Gi}, {@code 500M}. */
public final class Sizes {
  private static final Pattern QUANTITY = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(|[kMGTP]i?|Ki)");
  private static final Map<String, BigDecimal> UNITS =
      Map.ofEntries(
          Map.entry("", BigDecimal.ONE),
          Map.entry("k", BigDecimal.TEN.pow(3)),
          Map.entry("M", BigDecimal.TEN.pow(6)),
          Map.entry("G", BigDecimal.TEN.pow(9)),
          Map.entry("T", BigDecimal.TEN.pow(12)),
          Map.entry("P", BigDecimal.TEN.pow(15)),
          Map.entry("Ki", BigDecimal.valueOf(1L << 10)),
          Map.entry("Mi", BigDecimal.valueOf(1L << 20)),
          Map.entry("Gi", BigDecimal.valueOf(1L << 30)),
          Map.entry("Ti", BigDecimal.valueOf(1L << 40)),
          Map.entry("Pi", BigDecimal.valueOf(1L << 50)));
  private static final String[] BINARY = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};

  private Sizes() {}

  /**
   * The size in bytes.
   *
   * @throws IllegalArgumentException if {@code quantity} is not of the form that the schema admits
   */
  public static long parse(String quantity) {
    var matcher = QUANTITY.matcher(quantity);
    BigDecimal unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
    if (unit == null) {
      throw new IllegalArgumentException("not a size such as 5Gi: " + quantity);
    }
    return new BigDecimal(matcher.group(1))
        .multiply(unit)
        .setScale(0, RoundingMode.CEILING)
        .longValueExact();
  }

  /** With three digits at the most and a binary unit, for people: {@code 62Gi}, {@code 3.8Gi}. */
  public static String text(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1023.5 && unit < BINARY.length - 1) {
      value /= 1024;
      unit++;
    }
    var digits =
        value < 9.95 && unit > 0
            ? BigDecimal.valueOf(value).setScale(1, RoundingMode.HALF_UP).stripTrailingZeros()
            : BigDecimal.valueOf(value).setScale(0, RoundingMode.HALF_UP);
    return digits.toPlainString() + BINARY[unit];
  }
}
