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
   */
  record Looked(
      Map<String, Finding> findings, String vitals, String work, Instant at, boolean refresh)
      implements Sighting {
    public Looked {
      findings = Map.copyOf(findings);
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
