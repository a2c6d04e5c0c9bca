package dev.drydock.kernel;

import java.time.Duration;
import java.time.Instant;

/**
 * When something is done that is done once an interval. Each has an offset of its own, made of its
 * name, so that a fleet is spread over the interval and not asked in one burst, also after a
 * restart (as Prometheus spreads its scrapes).
 */
public final class Cadence {
  private static final int HEX_DIGITS = 15;
  private static final int HEX = 16;

  /** A turn that comes just before the next one is due takes its place. */
  private static final int PART = 10;

  private Cadence() {}

  /**
   * How long to wait from {@code now} for the next turn of {@code name}: more than a tenth of the
   * interval, and no more than that and the interval; after a turn on time, the interval.
   *
   * @param interval a millisecond at the least
   */
  public static Duration untilNext(String name, Duration interval, Instant now) {
    long period = interval.toMillis();
    long offset = Long.parseLong(Fingerprint.of(name).substring(0, HEX_DIGITS), HEX) % period;
    long since = Math.floorMod(now.toEpochMilli() - offset, period);
    long left = period - since;
    return Duration.ofMillis(left > period / PART ? left : left + period);
  }
}
