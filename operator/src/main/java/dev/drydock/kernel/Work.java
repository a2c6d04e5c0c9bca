package dev.drydock.kernel;

import java.util.List;

/**
 * Planned work on a host, and what it may disturb there: whatever else goes wrong meanwhile is an
 * incident as ever.
 *
 * @param holder who works, for people, for example {@code maintenance ops/offchain/vacuum}
 * @param touches what may be disturbed, as {@link #HOST}, {@link #pm2} and {@link #unit} write it;
 *     none: nothing is
 */
public record Work(String holder, List<String> touches) {
  /** The whole host, as a reboot does. */
  public static final String HOST = "host";

  private static final int LENGTH = 200;
  private static final String ALL = "*";
  private static final String PM2 = "pm2 ";
  private static final String UNIT = "unit ";

  public Work {
    holder = Text.line(holder, LENGTH);
    touches = touches.stream().map(touch -> Text.line(touch, LENGTH)).toList();
  }

  /** A PM2 process; {@code all} means each. */
  public static String pm2(String process) {
    return PM2 + (process.equals("all") ? ALL : process);
  }

  /** A systemd unit, with its suffix. */
  public static String unit(String unit) {
    return UNIT + unit;
  }

  /** Whether everything on the host may be disturbed. */
  public boolean touchesHost() {
    return touches.contains(HOST);
  }

  /** Whether a PM2 process may be disturbed. */
  public boolean touchesPm2(String process) {
    return touchesHost() || touches.contains(PM2 + process) || touches.contains(PM2 + ALL);
  }

  /** Whether a PM2 process may be disturbed, and with it how PM2 answers for the others. */
  public boolean touchesAnyPm2() {
    return touchesHost() || touches.stream().anyMatch(touch -> touch.startsWith(PM2));
  }

  /** Whether a systemd unit, named with its suffix, may be disturbed. */
  public boolean touchesUnit(String unit) {
    return touchesHost() || touches.contains(UNIT + unit);
  }

  /** Whether any service may be disturbed, and with it whatever answers for it. */
  public boolean touchesServices() {
    return !touches.isEmpty();
  }
}
