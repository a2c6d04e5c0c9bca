package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.common.Severity;
import dev.drydock.api.v1alpha1.hosthealth.Check;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.CheckNote;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Sample;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.hosthealth.AlertTimeline.Rule;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Text;
import dev.drydock.kernel.Work;
import dev.drydock.probe.Finding;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The next state of one host, from its state and the newest that is known of it. Pure. */
final class HealthPlan {
  /** Drydock's own check: whether a host can be looked at. */
  static final String UNREACHABLE = "unreachable";

  /** Drydock's own check: whether a host that answers can say what is asked. */
  static final String UNANSWERED = "unanswered";

  static final String NOT_COVERED = "not covered any more";
  private static final String NOT_YET = "not looked at yet";
  private static final int MESSAGE = 300;

  /** What the schema of the status has room for: twice what a policy can ask for at a time. */
  private static final int ALERTS = 120;

  private final List<Check> checks;
  private final Duration unknownAfter;
  private final Flapping flapping;

  /**
   * @param unknownAfter how long a host may be out of sight before that is an alert of its own
   */
  HealthPlan(List<Check> checks, Duration unknownAfter, Flapping flapping) {
    this.checks = checks;
    this.unknownAfter = unknownAfter;
    this.flapping = flapping;
  }

  /**
   * The next state of {@code name}; empty: the host is not worth a line any more.
   *
   * @param before null: the host is new
   * @param planned work on it that is to be believed though the host does not name it; or null
   */
  Optional<HostState> next(
      String name,
      @Nullable HostState before,
      Sighting sighting,
      @Nullable Work planned,
      Instant now) {
    return judged(name, before, sighting, planned, now)
        .map(next -> carried(next, before, sighting, now));
  }

  /** With what is remembered of the host beside its alerts. */
  private HostState carried(
      HostState next, @Nullable HostState before, Sighting sighting, Instant now) {
    List<Sample> samples = before == null ? List.of() : before.samples();
    if (sighting instanceof Sighting.Looked looked) {
      samples = Growth.keep(checks, samples, looked.measures(), looked.at());
    }
    var carried =
        new HostState(
            next.name(),
            next.state(),
            next.message(),
            next.unknownSince(),
            next.work(),
            next.alerts(),
            next.unknown(),
            next.impossible(),
            before == null ? List.of() : before.remedies(),
            flapping.next(before, next.alerts(), now).stream()
                .filter(flap -> isAsked(checks, flap.check()))
                .toList(),
            samples);
    return carried.equals(next) ? next : carried;
  }

  /** Whether an alert can have ended because all is well, and not because nobody looks any more. */
  static boolean isWatched(HostHealthPolicy policy, HostState host, AlertState alert) {
    return !NOT_COVERED.equals(host.message()) && isAsked(policy.getSpec().checks(), alert.check());
  }

  /** Whether the policy has the check still, or Drydock itself has it. */
  private static boolean isAsked(List<Check> checks, String check) {
    return check.equals(UNREACHABLE)
        || check.equals(UNANSWERED)
        || checks.stream().anyMatch(one -> one.name().equals(check));
  }

  private Optional<HostState> judged(
      String name,
      @Nullable HostState before,
      Sighting sighting,
      @Nullable Work planned,
      Instant now) {
    return switch (sighting) {
      case Sighting.Looked looked -> Optional.of(looked(name, before, looked, planned));
      case Sighting.Unseen unseen -> Optional.of(unseen(name, before, unseen, planned));
      case Sighting.NothingNew _ ->
          Optional.of(before == null || wasNotLookedAt(before) ? notYet(name, before) : before);
      case Sighting.NotLookedAt(String message) ->
          // Nobody looks, so nobody knows: what was told is neither over nor news.
          Optional.of(
              unknown(
                  name,
                  message,
                  null,
                  "",
                  before == null ? List.of() : interrupted(before),
                  List.of(),
                  List.of()));
      case Sighting.NotCovered _ -> {
        List<AlertState> ending = dropAll(before, now);
        yield ending.isEmpty() && !isRemembered(before, now)
            ? Optional.empty()
            : Optional.of(unknown(name, NOT_COVERED, null, "", ending, List.of(), List.of()));
      }
    };
  }

  /** A label that comes and goes must not set a remedy free, nor let it try more often. */
  private static boolean isRemembered(@Nullable HostState before, Instant now) {
    return before != null
        && before.remedies().stream()
            .anyMatch(
                state ->
                    state.phase() == RemedyPhase.Held
                        || state.phase() == RemedyPhase.Running
                        || !RemedyPlan.tries(state, now).isEmpty());
  }

  /** Whether the policy covers it; one that it doesn't may be worth a line for what was there. */
  static boolean isCovered(HostState host) {
    return !NOT_COVERED.equals(host.message());
  }

  /** A service that a remedy stops, and keeps stopped, fails no more, and is not well either. */
  private static boolean isInRemedy(@Nullable HostState before, Check check) {
    return before != null
        && before.remedies().stream()
            .filter(state -> state.check().equals(check.name()))
            .anyMatch(
                state -> state.phase() == RemedyPhase.Running || state.phase() == RemedyPhase.Held);
  }

  private static boolean wasNotLookedAt(HostState before) {
    return before.state() == State.Unknown
        && before.unknownSince() == null
        && before.unknown().isEmpty();
  }

  private static HostState notYet(String name, @Nullable HostState before) {
    return unknown(
        name,
        NOT_YET,
        null,
        "",
        before == null ? List.of() : before.alerts(),
        List.of(),
        List.of());
  }

  /** What was so then need not have been so without a break. */
  private static List<AlertState> interrupted(HostState before) {
    return before.alerts().stream()
        .flatMap(alert -> AlertTimeline.interrupted(alert).stream())
        .toList();
  }

  private HostState looked(
      String name, @Nullable HostState before, Sighting.Looked looked, @Nullable Work planned) {
    Map<String, AlertState> was = byCheck(before);
    var alerts = new ArrayList<AlertState>();
    var unknown = new ArrayList<CheckNote>();
    var impossible = new ArrayList<CheckNote>();
    var unanswered = new ArrayList<Check>();
    for (Check check : checks) {
      AlertState alert = was.remove(check.name());
      Finding finding = looked.findings().get(check.name());
      if (finding == null) {
        finding = new Finding.Unknown("the last look did not ask for it yet");
      }
      finding =
          Growth.judge(
              check,
              finding,
              looked.measures().get(check.name()),
              before == null ? List.of() : before.samples(),
              looked.at());
      if (finding instanceof Finding.Bad bad && planned != null && planned.touchesHost()) {
        finding = new Finding.Planned(bad.message());
      }
      if (finding instanceof Finding.Fine
          && alert != null
          && isFiring(alert)
          && isInRemedy(before, check)) {
        finding = new Finding.Planned("its remedy is not over");
      }
      switch (finding) {
        case Finding.Unknown(String message) ->
            unknown.add(
                note(check, message, unknownSince(before, check.name()).orElse(text(looked.at()))));
        case Finding.Impossible(String message) -> impossible.add(note(check, message, null));
        case Finding.Bad _, Finding.Fine _, Finding.Planned _ -> {
          // The alert says it, or the work.
        }
      }
      if (finding instanceof Finding.Unknown) {
        unanswered.add(check);
      }
      Rule rule = flapping.rule(rule(check), before);
      AlertTimeline.next(
              sinceUnbroken(alert, before, rule, looked.at()),
              rule,
              finding,
              looked.at(),
              looked.refresh())
          .ifPresent(alerts::add);
    }
    AlertTimeline.next(
            was.remove(UNANSWERED),
            flapping.rule(unanswered(unanswered), before),
            answered(unanswered, planned),
            looked.at(),
            false)
        .ifPresent(alerts::add);
    AlertTimeline.next(
            was.remove(UNREACHABLE),
            flapping.rule(unreachable(), before),
            new Finding.Fine(""),
            looked.at(),
            false)
        .ifPresent(alerts::add);
    // Checks that the policy has no more.
    was.values().forEach(old -> AlertTimeline.dropped(old, looked.at()).ifPresent(alerts::add));
    State state = state(alerts);
    if (state == State.Healthy && !unknown.isEmpty()) {
      return unknown(
          name,
          "nobody knows of "
              + unknown.stream().map(CheckNote::check).collect(Collectors.joining(", ")),
          null,
          looked.work(),
          alerts,
          unknown,
          impossible);
    }
    return state(name, state, null, null, looked.work(), alerts, unknown, impossible);
  }

  private HostState unseen(
      String name, @Nullable HostState before, Sighting.Unseen unseen, @Nullable Work planned) {
    String since =
        before == null || before.unknownSince() == null ? text(unseen.at()) : before.unknownSince();
    if (planned != null && planned.touchesHost()) {
      return unknown(
          name,
          "can't be looked at during planned work",
          since,
          planned.holder(),
          before == null ? List.of() : before.alerts(),
          List.of(),
          before == null ? List.of() : before.impossible());
    }
    Map<String, AlertState> was = byCheck(before);
    AlertState own = was.remove(UNREACHABLE);
    var alerts = new ArrayList<>(was.values());
    var bad = new Finding.Bad("no answer", "can't be looked at: " + unseen.message());
    AlertTimeline.next(own, unreachable(), bad, unseen.at(), false).ifPresent(alerts::addFirst);
    return unknown(
        name,
        // A message whose figures wander is not worth a write each.
        before != null
                && before.message() != null
                && before.unknownSince() != null
                && before
                    .message()
                    .replaceAll("[0-9]+", "")
                    .equals(clip(unseen.message()).replaceAll("[0-9]+", ""))
            ? before.message()
            : unseen.message(),
        since,
        "",
        alerts,
        before == null ? List.of() : before.unknown(),
        before == null ? List.of() : before.impossible());
  }

  private static HostState unknown(
      String name,
      @Nullable String message,
      @Nullable String since,
      String work,
      List<AlertState> alerts,
      List<CheckNote> unknown,
      List<CheckNote> impossible) {
    return state(
        name,
        State.Unknown,
        message == null ? null : clip(message),
        since,
        work,
        alerts,
        unknown,
        impossible);
  }

  private static HostState state(
      String name,
      State state,
      @Nullable String message,
      @Nullable String since,
      String work,
      List<AlertState> alerts,
      List<CheckNote> unknown,
      List<CheckNote> impossible) {
    return new HostState(
        name,
        state,
        message,
        since,
        work.isEmpty() ? null : work,
        // The last ones are of checks that the policy has no more.
        alerts.subList(0, Math.min(ALERTS, alerts.size())),
        unknown,
        impossible,
        List.of(),
        List.of(),
        List.of());
  }

  private static List<AlertState> dropAll(@Nullable HostState before, Instant now) {
    return before == null
        ? List.of()
        : before.alerts().stream().flatMap(a -> AlertTimeline.dropped(a, now).stream()).toList();
  }

  private static State state(List<AlertState> alerts) {
    State worst = State.Healthy;
    for (AlertState alert : alerts) {
      if (isFiring(alert)) {
        if (alert.severity() == Severity.Critical) {
          return State.Failing;
        }
        worst = State.Degraded;
      }
    }
    return worst;
  }

  /** Whether people are, or are to be, told of it. */
  static boolean isFiring(AlertState alert) {
    return alert.phase() == Phase.Firing || alert.phase() == Phase.Clearing;
  }

  /**
   * What was out of sight for longer than {@code for} or {@code clearFor}: nobody knows that it
   * went on without a break. One look that saw nothing is no break where these are shorter than the
   * time between looks, or what is seen at every other look would never fire.
   */
  private @Nullable AlertState sinceUnbroken(
      @Nullable AlertState alert, @Nullable HostState before, Rule rule, Instant at) {
    if (alert == null || before == null) {
      return alert;
    }
    Duration lasting = alert.phase() == Phase.Clearing ? rule.clearing() : rule.pending();
    Duration dark = lasting.compareTo(flapping.twoLooks()) < 0 ? flapping.twoLooks() : lasting;
    boolean broken =
        Stream.concat(
                Stream.ofNullable(before.unknownSince()),
                unknownSince(before, rule.check()).stream())
            .anyMatch(since -> Instant.parse(since).plus(dark).isBefore(at));
    return broken ? AlertTimeline.interrupted(alert).orElse(null) : alert;
  }

  /** Since when nobody knows of a check though its host answers; empty: it is known. */
  private static Optional<String> unknownSince(@Nullable HostState before, String check) {
    return before == null
        ? Optional.empty()
        : before.unknown().stream()
            .filter(note -> note.check().equals(check))
            .flatMap(note -> Stream.ofNullable(note.since()))
            .findFirst();
  }

  /** A host that goes down for a reboot answers less and less, and one that comes up not yet. */
  private static Finding answered(List<Check> unanswered, @Nullable Work planned) {
    if (unanswered.isEmpty()) {
      return new Finding.Fine("");
    }
    String names = unanswered.stream().map(Check::name).collect(Collectors.joining(", "));
    String message = "the host answers, but nobody can tell how it is with " + names;
    return planned != null && planned.touchesHost()
        ? new Finding.Planned(message)
        : new Finding.Bad(names, message);
  }

  private Rule unanswered(List<Check> unanswered) {
    return new Rule(UNANSWERED, worst(unanswered), unknownAfter, Duration.ZERO);
  }

  private static Severity worst(List<Check> checks) {
    return checks.stream().map(Check::severity).max(Severity::compareTo).orElse(Severity.Warning);
  }

  private Rule unreachable() {
    return new Rule(UNREACHABLE, worst(checks), unknownAfter, Duration.ZERO);
  }

  private static Rule rule(Check check) {
    return new Rule(
        check.name(),
        check.severity(),
        Durations.parse(check.forDuration(), Duration.ZERO),
        Durations.parse(check.clearFor(), Duration.ZERO));
  }

  private static CheckNote note(Check check, String message, @Nullable String since) {
    return new CheckNote(check.name(), clip(message), since);
  }

  private static String text(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String clip(String message) {
    return Text.line(message, MESSAGE);
  }

  private static Map<String, AlertState> byCheck(@Nullable HostState before) {
    var alerts = new LinkedHashMap<String, AlertState>();
    if (before != null) {
      before.alerts().forEach(alert -> alerts.put(alert.check(), alert));
    }
    return alerts;
  }
}
