package dev.drydock.hosthealth;

import dev.drydock.probe.Figure;
import dev.drydock.probe.Finding;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The newest that is known of one covered host. */
sealed interface Sighting {

  /**
   * It answered.
   *
   * @param findings by the check's name
   * @param vitals load, memory and swap in one line, and more of them for PM2; may be empty
   * @param work who does planned work there now; may be empty
   * @param refresh whether values in status that merely wander are to be brought up to date
   * @param figures all that was measured
   */
  record Looked(
      Map<String, Finding> findings,
      String vitals,
      String work,
      Instant at,
      boolean refresh,
      List<Figure> figures)
      implements Sighting {
    public Looked {
      findings = Map.copyOf(findings);
      figures = List.copyOf(figures);
    }

    /** The figures that are compared with themselves over time, by the check's name. */
    Map<String, Double> measures() {
      return figures.stream()
          .filter(Figure::isCompared)
          .collect(Collectors.toMap(Figure::check, Figure::value, (one, _) -> one));
    }

    Looked(Map<String, Finding> findings, String vitals, String work, Instant at, boolean refresh) {
      this(findings, vitals, work, at, refresh, List.of());
    }
  }

  /** It was, or is, to be looked at, and nobody knows. */
  record Unseen(String message, Instant at) implements Sighting {}

  /** Nothing new: no look since the last turn, or since the operator started. */
  record NothingNew() implements Sighting {}

  /** It is not to be looked at: the Host or the policy is suspended. */
  record NotLookedAt(String message) implements Sighting {}

  /** The policy does not cover it any more: what was told of it is over. */
  record NotCovered() implements Sighting {}
}
