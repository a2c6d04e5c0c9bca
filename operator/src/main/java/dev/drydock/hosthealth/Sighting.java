package dev.drydock.hosthealth;

import dev.drydock.probe.Finding;
import java.time.Instant;
import java.util.Map;

/** The newest that is known of one covered host. */
sealed interface Sighting {

  /**
   * It answered.
   *
   * @param findings by the check's name
   * @param vitals load, memory and swap in one line; may be empty
   * @param work who does planned work there now; may be empty
   * @param refresh whether values in status that merely wander are to be brought up to date
   * @param measures what was measured to be compared over time, by the check's name
   */
  record Looked(
      Map<String, Finding> findings,
      String vitals,
      String work,
      Instant at,
      boolean refresh,
      Map<String, Double> measures)
      implements Sighting {
    public Looked {
      findings = Map.copyOf(findings);
      measures = Map.copyOf(measures);
    }

    Looked(Map<String, Finding> findings, String vitals, String work, Instant at, boolean refresh) {
      this(findings, vitals, work, at, refresh, Map.of());
    }
  }

  /** It was looked at, and nobody knows. */
  record Unseen(String message, Instant at) implements Sighting {}

  /** Nothing new: no look since the last turn, or since the operator started. */
  record NothingNew() implements Sighting {}

  /** It is not looked at: the Host is suspended, does not permit it, or does not exist. */
  record NotLookedAt(String message) implements Sighting {}

  /** The policy does not cover it any more: what was told of it is over. */
  record NotCovered() implements Sighting {}
}
