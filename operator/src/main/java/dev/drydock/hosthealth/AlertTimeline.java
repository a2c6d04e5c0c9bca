package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.common.Severity;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.kernel.Text;
import dev.drydock.probe.Finding;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where one alert goes from where it stands, by what a look found. Pure. */
final class AlertTimeline {
  private static final int LENGTH = 300;

  /** What the schema of the status has room for. */
  private static final int CHANNELS = 20;

  private AlertTimeline() {}

  /**
   * The check that an alert belongs to.
   *
   * @param pending how long it must have failed
   * @param clearing how long it must have been fine again
   */
  record Rule(String check, Severity severity, Duration pending, Duration clearing) {}

  /**
   * The next state; empty: nothing is to be said of the check.
   *
   * @param refresh whether a value that merely wandered is to be written
   */
  static Optional<AlertState> next(
      @Nullable AlertState before, Rule rule, Finding finding, Instant at, boolean refresh) {
    return switch (finding) {
      case Finding.Bad bad -> Optional.of(bad(before, rule, bad, at, refresh));
      case Finding.Fine _, Finding.Impossible _ -> fine(before, rule, at);
      case Finding.Unknown _ -> Optional.ofNullable(before);
      // It begins nothing and ends nothing: what failed before it fires after it, by its own time.
      case Finding.Planned _ -> Optional.ofNullable(before);
    };
  }

  /** Ends an alert because nobody asks for the check any more. */
  static Optional<AlertState> dropped(AlertState before, Instant at) {
    return switch (before.phase()) {
      case Pending -> Optional.empty();
      case Firing, Clearing -> Optional.of(resolved(before, at));
      case Resolved -> Optional.of(with(before, Phase.Resolved, before.fineSince(), null));
    };
  }

  /** What is left of an alert once everybody has heard that it is over. */
  static Optional<AlertState> ended(AlertState before) {
    return Optional.ofNullable(before.failingSince())
        .map(
            since ->
                new AlertState(
                    before.check(),
                    before.severity(),
                    Phase.Pending,
                    since,
                    null,
                    before.value(),
                    before.message(),
                    null,
                    List.of(),
                    List.of(),
                    null,
                    null,
                    owed(before)));
  }

  /** Who heard that it, or the time before it, had begun, and of no end yet. */
  private static List<String> owed(AlertState before) {
    return Stream.concat(before.owed().stream(), before.told().stream())
        .distinct()
        .filter(channel -> !before.toldResolved().contains(channel))
        .limit(CHANNELS)
        .toList();
  }

  /** What is left of an alert after nobody could see how it is: what has to last begins anew. */
  static Optional<AlertState> interrupted(AlertState before) {
    return switch (before.phase()) {
      case Pending -> Optional.empty();
      case Firing -> Optional.of(before);
      case Clearing -> Optional.of(with(before, Phase.Clearing, null, null));
      case Resolved -> Optional.of(with(before, Phase.Resolved, before.fineSince(), null));
    };
  }

  private static AlertState bad(
      @Nullable AlertState before, Rule rule, Finding.Bad bad, Instant at, boolean refresh) {
    if (before != null && before.phase() == Phase.Resolved && !rule.pending().isZero()) {
      // Those who heard of it are still to hear of its end, over restarts as well: it has to stay.
      String since = before.failingSince() == null ? text(at) : before.failingSince();
      AlertState again = with(before, Phase.Resolved, before.fineSince(), since);
      return at.isBefore(Instant.parse(since).plus(rule.pending()))
          ? again
          : bad(ended(again).orElse(null), rule, bad, at, refresh);
    }
    if (before == null || before.phase() == Phase.Resolved) {
      return new AlertState(
          rule.check(),
          rule.severity(),
          rule.pending().isZero() ? Phase.Firing : Phase.Pending,
          text(at),
          null,
          clip(bad.value()),
          clip(bad.message()),
          null,
          List.of(),
          List.of(),
          null,
          null,
          before == null ? List.of() : owed(before));
    }
    boolean lasting = !at.isBefore(Instant.parse(before.since()).plus(rule.pending()));
    Phase phase = before.phase() == Phase.Pending && !lasting ? Phase.Pending : Phase.Firing;
    boolean retell =
        refresh
            || phase != before.phase()
            || !sameButFigures(before.message(), clip(bad.message()));
    return new AlertState(
        rule.check(),
        rule.severity(),
        phase,
        before.since(),
        null,
        retell ? clip(bad.value()) : before.value(),
        retell ? clip(bad.message()) : before.message(),
        before.remedy(),
        before.told(),
        List.of(),
        before.lastTold(),
        null,
        before.owed());
  }

  private static Optional<AlertState> fine(@Nullable AlertState before, Rule rule, Instant at) {
    if (before == null || before.phase() == Phase.Pending) {
      return Optional.empty();
    }
    if (before.phase() == Phase.Resolved) {
      return Optional.of(with(before, Phase.Resolved, before.fineSince(), null));
    }
    String fineSince = before.fineSince() == null ? text(at) : before.fineSince();
    return Optional.of(
        at.isBefore(Instant.parse(fineSince).plus(rule.clearing()))
            ? with(before, Phase.Clearing, fineSince, null)
            : with(before, Phase.Resolved, fineSince, null));
  }

  private static AlertState resolved(AlertState before, Instant at) {
    return with(
        before, Phase.Resolved, before.fineSince() == null ? text(at) : before.fineSince(), null);
  }

  private static AlertState with(
      AlertState before, Phase phase, @Nullable String fineSince, @Nullable String failingSince) {
    return new AlertState(
        before.check(),
        before.severity(),
        phase,
        before.since(),
        fineSince,
        before.value(),
        before.message(),
        before.remedy(),
        before.told(),
        before.toldResolved(),
        before.lastTold(),
        failingSince,
        before.owed());
  }

  private static String clip(String text) {
    return Text.line(text, LENGTH);
  }

  /** Figures that wander are not worth a write each. */
  private static boolean sameButFigures(@Nullable String one, String other) {
    return one != null && one.replaceAll("[0-9.]+", "0").equals(other.replaceAll("[0-9.]+", "0"));
  }

  private static String text(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
