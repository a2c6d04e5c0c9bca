package dev.drydock.report;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Past;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.PastAlert;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.PastRemedy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What ended lately on a policy's hosts. A host's own state forgets it within a day, and a report
 * may come once a week: so it stays in the policy's status until newer ones take its room. It is
 * told from the state before and the one that is written now, and so costs no write of its own.
 * Pure.
 */
public final class Recent {
  /** How many are kept of one host. */
  static final int OF_HOST = 20;

  /** How many are kept of all: a status has its limits. */
  static final int OF_ALL = 200;

  private Recent() {}

  /** The alerts that are over, the oldest first. */
  public static List<PastAlert> alerts(
      @Nullable HostHealthPolicyStatus before, List<HostState> now, Instant at) {
    return before == null
        ? List.of()
        : with(before.recentAlerts(), before, now, (was, is) -> alerts(was, is, at));
  }

  /** The tries of remedies that have ended, the oldest first. */
  public static List<PastRemedy> remedies(
      @Nullable HostHealthPolicyStatus before, List<HostState> now) {
    return before == null
        ? List.of()
        : with(before.recentRemedies(), before, now, Recent::remedies);
  }

  private static <T extends Past> List<T> with(
      List<T> kept,
      HostHealthPolicyStatus before,
      List<HostState> now,
      BiFunction<HostState, HostState, Stream<T>> ended) {
    var states = new HashMap<String, HostState>();
    before.hosts().forEach(host -> states.put(host.name(), host));
    List<T> news =
        now.stream()
            .flatMap(
                host ->
                    Optional.ofNullable(states.get(host.name())).stream()
                        .flatMap(was -> ended.apply(was, host)))
            .toList();
    return news.isEmpty() ? kept : bounded(Stream.concat(kept.stream(), news.stream()).toList());
  }

  private static <T extends Past> List<T> bounded(List<T> all) {
    var newest = new ArrayList<T>();
    var ofHost = new HashMap<String, Integer>();
    for (T one : all.reversed()) {
      if (newest.size() < OF_ALL && ofHost.merge(one.host(), 1, Integer::sum) <= OF_HOST) {
        newest.add(one);
      }
    }
    return List.copyOf(newest.reversed());
  }

  private static Stream<PastAlert> alerts(HostState was, HostState is, Instant at) {
    List<String> fired =
        was.alerts().stream()
            .filter(alert -> alert.phase() == Phase.Firing || alert.phase() == Phase.Clearing)
            .map(AlertState::check)
            .toList();
    return is.alerts().stream()
        .filter(alert -> alert.phase() == Phase.Resolved && fired.contains(alert.check()))
        .map(
            alert ->
                new PastAlert(
                    is.name(),
                    alert.check(),
                    alert.severity(),
                    alert.since(),
                    at.truncatedTo(ChronoUnit.SECONDS).toString(),
                    alert.message()));
  }

  private static Stream<PastRemedy> remedies(HostState was, HostState is) {
    return was.remedies().stream()
        .filter(remedy -> remedy.phase() == RemedyPhase.Running)
        .flatMap(begun -> is.remedies().stream().filter(remedy -> isEndOf(begun, remedy)))
        .flatMap(
            remedy ->
                Stream.ofNullable(remedy.finished())
                    .map(
                        finished ->
                            new PastRemedy(
                                is.name(),
                                remedy.check(),
                                remedy.phase(),
                                remedy.started(),
                                finished,
                                remedy.message(),
                                remedy.record())));
  }

  /** A try that was not begun after all leaves the time of the one before it. */
  private static boolean isEndOf(RemedyState begun, RemedyState remedy) {
    return remedy.check().equals(begun.check())
        && remedy.phase() != RemedyPhase.Running
        && begun.started() != null
        && begun.started().equals(remedy.started());
  }

  /** Those of one host that ended since a time; all of them if that is null. */
  static <T extends Past> List<T> since(List<T> kept, String host, @Nullable Instant since) {
    return kept.stream().filter(one -> one.host().equals(host) && isSince(one, since)).toList();
  }

  /** Whether some of one host that ended since then may have had to make room for newer ones. */
  static <T extends Past> boolean isCut(List<T> kept, String host, @Nullable Instant since) {
    return since(kept, host, since).size() >= OF_HOST
        || (kept.size() >= OF_ALL && isSince(kept.getFirst(), since));
  }

  private static boolean isSince(Past one, @Nullable Instant since) {
    return since == null || !Instant.parse(one.ended()).isBefore(since);
  }
}
