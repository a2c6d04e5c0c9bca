package dev.drydock.port;

import dev.drydock.kernel.Severity;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What people are told.
 *
 * @param fingerprint the same for everything that is ever said of one problem, so that services
 *     which group by it show one incident; with {@code startedAt} it names one occurrence
 * @param source what says it, as {@code kind/namespace/name}
 * @param summary one line, for a phone's screen
 * @param detail more lines, for example the readings; may be empty
 * @param labels bounded names and values, such as host and check
 * @param endedAt present on {@link Phase#RESOLVED} alone
 * @param toldBefore present on {@link Phase#REPEATED} alone: when it was told the last time
 */
public record Alert(
    String fingerprint,
    Phase phase,
    Severity severity,
    String source,
    String summary,
    String detail,
    Map<String, String> labels,
    Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable Instant toldBefore) {

  public Alert {
    labels = Map.copyOf(labels);
  }

  /** Names this message: offered again, it is recognized as the same one. */
  public String key() {
    return fingerprint
        + "/"
        + startedAt
        + "/"
        + phase
        + (toldBefore == null ? "" : "/" + toldBefore);
  }

  /**
   * Whether a channel's {@code minSeverity} keeps it back: the start of a problem, and news of a
   * check. Who heard of a start hears of what follows, and a report or a test is asked for by name.
   */
  public boolean isBySeverity() {
    return switch (phase) {
      case FIRING -> true;
      case NOTICE -> labels.containsKey("check");
      case REPEATED, RESOLVED -> false;
    };
  }

  /** Where a problem stands; {@code NOTICE} is news that has no end, such as a report. */
  public enum Phase {
    FIRING,
    /** The same problem once more, because it has gone on for {@code repeatEvery}. */
    REPEATED,
    RESOLVED,
    NOTICE
  }
}
