package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.FlapState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.hosthealth.AlertTimeline.Rule;
import dev.drydock.kernel.CronSchedule;
import dev.drydock.kernel.Durations;
import dev.drydock.kube.Assignments;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks that come and go. One that has fired often lately is told once as flapping, and then is
 * one alert until it has been steady: it does not end before, so nothing is lost meanwhile. How
 * often and how long that is goes by how often one looks. Pure.
 */
final class Flapping {
  private static final int OFTEN = 4;

  /** A check that changes at each look fires four times in seven. */
  private static final int LOOKS = 8;

  private static final Duration LEAST = Duration.ofHours(1);

  /** What fires less than four times a day is told each time. */
  private static final Duration MOST = Duration.ofDays(1);

  /** Any instant, as long as it is the same one each time: what is told must not wander. */
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** What the schema of the status has room for. */
  private static final int KEPT = 20;

  private final Duration lately;
  private final Duration steady;
  private final Duration apart;

  /**
   * Flapping where looks are so far apart.
   *
   * @param looks how long eight looks take
   * @param apart how far one look is from the next at the most
   */
  private Flapping(Duration looks, Duration apart) {
    this.apart = apart;
    lately = looks.compareTo(LEAST) < 0 ? LEAST : looks.compareTo(MOST) > 0 ? MOST : looks;
    steady = lately.dividedBy(2);
  }

  /** As often as a policy's hosts are looked at. */
  static Flapping of(HostHealthPolicySpec spec) {
    if (spec.interval() != null) {
      Duration interval = Durations.parse(spec.interval());
      return new Flapping(interval.multipliedBy(LOOKS), interval);
    }
    try {
      return of(CronSchedule.parse(String.valueOf(spec.schedule()), Assignments.zone(spec)));
    } catch (IllegalArgumentException e) {
      // Its condition says so, and nobody looks.
      return new Flapping(LEAST, Duration.ZERO);
    }
  }

  private static Flapping of(CronSchedule schedule) {
    Instant first = schedule.next(START).orElse(START);
    Instant last = first;
    Duration apart = Duration.ZERO;
    for (int i = 0; i < LOOKS && last.isBefore(first.plus(MOST)); i++) {
      Instant next = schedule.next(last).orElse(first.plus(MOST));
      Duration gap = Duration.between(last, next);
      apart = gap.compareTo(apart) > 0 ? gap : apart;
      last = next;
    }
    return new Flapping(Duration.between(first, last), apart);
  }

  /** How long two looks take: less than that is out of sight by one look that saw nothing. */
  Duration twoLooks() {
    return apart.multipliedBy(2);
  }

  /** The rule for a check: while it flaps, its alert ends only when it has been steadily fine. */
  Rule rule(Rule rule, @Nullable HostState before) {
    return isFlapping(before, rule.check()) && rule.clearing().compareTo(steady) < 0
        ? new Rule(rule.check(), rule.severity(), rule.pending(), steady)
        : rule;
  }

  static boolean isFlapping(@Nullable HostState host, String check) {
    return host != null && of(host, check).filter(flap -> flap.since() != null).isPresent();
  }

  private static Optional<FlapState> of(HostState host, String check) {
    return host.flaps().stream().filter(flap -> flap.check().equals(check)).findFirst();
  }

  /**
   * What is remembered of a host's checks.
   *
   * @param alerts as they are now
   */
  List<FlapState> next(@Nullable HostState before, List<AlertState> alerts, Instant at) {
    var flaps = new LinkedHashMap<String, FlapState>();
    if (before != null) {
      before.flaps().forEach(flap -> flaps.put(flap.check(), flap));
    }
    Map<String, AlertState> was = byCheck(before == null ? List.of() : before.alerts());
    Map<String, AlertState> now = byCheck(alerts);
    now.forEach(
        (check, alert) -> {
          if (hasBegun(was.get(check), alert, isFlapping(before, check))) {
            flaps.put(check, fired(flaps.get(check), check, at));
          }
        });
    flaps
        .values()
        .removeIf(
            flap -> {
              AlertState alert = now.get(flap.check());
              return flap.since() == null
                  ? isOld(flap, at)
                  : alert == null || alert.phase() == Phase.Resolved;
            });
    return List.copyOf(flaps.values());
  }

  /** While a check flaps, its one alert counts anew each time that it stops to clear. */
  private static boolean hasBegun(@Nullable AlertState before, AlertState now, boolean flapping) {
    return now.phase() == Phase.Firing
        && (before == null
            || switch (before.phase()) {
              case Pending, Resolved -> true;
              case Clearing -> flapping;
              case Firing -> false;
            });
  }

  private FlapState fired(@Nullable FlapState before, String check, Instant at) {
    var fired = new ArrayList<String>();
    if (before != null) {
      before.fired().stream()
          .filter(time -> !Instant.parse(time).plus(lately).isBefore(at))
          .forEach(fired::add);
    }
    fired.add(text(at));
    @Nullable String since = before == null ? null : before.since();
    if (since == null && fired.size() >= OFTEN) {
      since = text(at);
    }
    return new FlapState(
        check, fired.subList(Math.max(0, fired.size() - KEPT), fired.size()), since);
  }

  private boolean isOld(FlapState flap, Instant at) {
    return flap.fired().isEmpty()
        || Instant.parse(flap.fired().getLast()).plus(lately).isBefore(at);
  }

  /**
   * Whether a check that flaps has fired without a break for so long that this is its true state.
   */
  boolean isSteady(HostState host, AlertState alert, Instant now) {
    return alert.phase() == Phase.Firing
        && of(host, alert.check())
            .filter(flap -> flap.since() != null && !flap.fired().isEmpty())
            .filter(flap -> !Instant.parse(flap.fired().getLast()).plus(steady).isAfter(now))
            .isPresent();
  }

  /** A host's checks without one that is steady again. */
  static List<FlapState> without(List<FlapState> flaps, String check) {
    return flaps.stream().filter(flap -> !flap.check().equals(check)).toList();
  }

  /** The checks of a host that flap, and did not before. */
  static List<String> begun(@Nullable HostState before, HostState now) {
    return now.flaps().stream()
        .filter(flap -> flap.since() != null && !isFlapping(before, flap.check()))
        .map(FlapState::check)
        .toList();
  }

  /** What people are told of an alert that flaps; empty if it does not. */
  String text(HostState host, String check) {
    return of(host, check)
        .filter(flap -> flap.since() != null)
        .map(
            _ ->
                "has fired "
                    + OFTEN
                    + " times within "
                    + Durations.text(lately)
                    + ": flapping; told again when it has been steady for "
                    + Durations.text(steady)
                    + "; now ")
        .orElse("");
  }

  private static Map<String, AlertState> byCheck(List<AlertState> alerts) {
    var map = new LinkedHashMap<String, AlertState>();
    alerts.forEach(alert -> map.put(alert.check(), alert));
    return map;
  }

  private static String text(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
