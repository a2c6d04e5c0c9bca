package dev.drydock.notification;

import dev.drydock.kernel.Severity;
import dev.drydock.port.Alert;
import dev.drydock.port.Alert.Phase;
import dev.drydock.port.Notifier.Problem;
import dev.drydock.port.Notifier.Sent;
import dev.drydock.port.Outbox.Delivery;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one channel, and when it is sent. Knows no clock and no service; not for two
 * threads at once.
 */
final class ChannelQueue {
  private static final int GROUP = 50;
  private static final int REMEMBERED = 5000;
  private static final Duration REMEMBER = Duration.ofHours(2);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  /** The least time until those are tried again who don't have what others have. */
  private static final Duration MISSED = Duration.ofSeconds(30);

  private final Map<String, Waiting> waiting = new LinkedHashMap<>();
  private final Map<String, Instant> delivered = new LinkedHashMap<>();
  private final ArrayDeque<Instant> sends = new ArrayDeque<>();
  private final Set<String> underway = new LinkedHashSet<>();
  private Instant notBefore = Instant.EPOCH;
  private int failures;
  private int unanswered;

  /**
   * What waits.
   *
   * @param attempted whether a try was made that the service may have taken
   * @param apart null: it goes with the others; else not with them, and not before then
   * @param partly why it goes apart: true if some recipients have it, so that it goes with its
   *     like; false if a service has refused a group that it was part of, so that it goes alone
   */
  private record Waiting(
      Alert alert, Instant since, boolean attempted, @Nullable Instant apart, boolean partly) {

    Waiting tried() {
      return new Waiting(alert, since, true, apart, partly);
    }

    Waiting alone(Instant from) {
      return new Waiting(alert, since, attempted, from, false);
    }

    Waiting missed(Instant from) {
      return new Waiting(alert, since, attempted, from, true);
    }

    Waiting together() {
      return new Waiting(alert, since, attempted, null, false);
    }

    boolean isApartAndDue(Instant now) {
      return apart != null && !apart.isAfter(now);
    }
  }

  /** What is to be done next. */
  sealed interface Next {}

  /** Nothing waits. */
  record Idle() implements Next {}

  /** Something waits, but not to be sent before then. */
  record WaitUntil(Instant time) implements Next {}

  /** Send these now, in this order, and say what came of it. */
  record Send(List<Alert> alerts) implements Next {}

  Delivery offer(Alert alert, Instant now) {
    String key = alert.key();
    Instant at = delivered.get(key);
    if (at != null) {
      return new Delivery.Delivered(at);
    }
    if (alert.phase() == Phase.REPEATED) {
      // A channel that was down for long wants the newest one.
      waiting
          .values()
          .removeIf(
              other ->
                  other.alert().phase() == Phase.REPEATED
                      && other.alert().fingerprint().equals(alert.fingerprint())
                      && !other.alert().key().equals(key)
                      && !underway.contains(other.alert().key()));
    }
    waiting.putIfAbsent(key, new Waiting(alert, now, false, null, false));
    return new Delivery.Underway();
  }

  Delivery withdraw(Alert alert) {
    Instant at = delivered.get(alert.key());
    if (at != null) {
      return new Delivery.Delivered(at);
    }
    if (underway.contains(alert.key())) {
      return new Delivery.Underway();
    }
    @Nullable Waiting gone = waiting.remove(alert.key());
    return gone == null || gone.attempted()
        ? new Delivery.MayHaveArrived()
        : new Delivery.Withdrawn();
  }

  /** Whether the service has it, or may have it, as far as is remembered. */
  boolean mayHaveSent(Alert alert) {
    @Nullable Waiting item = waiting.get(alert.key());
    return delivered.containsKey(alert.key()) || (item != null && item.attempted());
  }

  /** Drops those that no try was made to send. */
  void dropUntried(Predicate<Alert> which) {
    waiting.values().removeIf(item -> !item.attempted() && which.test(item.alert()));
  }

  /**
   * What is to be done at {@code now}. After {@link Send} nothing else is asked before {@link
   * #done}.
   */
  Next next(ChannelSettings settings, Instant now) {
    if (waiting.isEmpty()) {
      return new Idle();
    }
    // A clock that was put back must not make anything wait for longer than it would have to.
    Instant due =
        waiting.values().stream()
            .map(
                item ->
                    item.apart() == null
                        ? groupDue(item, settings, now)
                        : earlier(item.apart(), now.plus(LONGEST_PAUSE)))
            .min(Comparator.naturalOrder())
            .orElse(now);
    due = later(due, earlier(notBefore, now.plus(LONGEST_PAUSE)));
    while (!sends.isEmpty()
        && (sends.getFirst().isAfter(now) || !sends.getFirst().plus(MINUTE).isAfter(now))) {
      sends.removeFirst();
    }
    if (sends.size() >= settings.maxPerMinute()) {
      due = later(due, sends.getFirst().plus(MINUTE));
    }
    if (due.isAfter(now)) {
      return new WaitUntil(due);
    }
    boolean together = settings.destination().takesTogether();
    List<Alert> group =
        group(
            settings,
            now,
            together ? GROUP : Math.min(GROUP, settings.maxPerMinute() - sends.size()));
    for (int message = 0; message < (together ? 1 : group.size()); message++) {
      sends.addLast(now);
    }
    group.forEach(alert -> waiting.computeIfPresent(alert.key(), (_, item) -> item.tried()));
    group.forEach(alert -> underway.add(alert.key()));
    return new Send(group);
  }

  private static Instant groupDue(Waiting item, ChannelSettings settings, Instant now) {
    return earlier(item.since(), now).plus(settings.groupWait());
  }

  /**
   * The most urgent ones together; or, after those, one that has to go alone, or those together
   * that some recipients have.
   */
  private List<Alert> group(ChannelSettings settings, Instant now, int most) {
    boolean due =
        waiting.values().stream()
            .anyMatch(item -> item.apart() == null && !groupDue(item, settings, now).isAfter(now));
    if (!due) {
      List<Waiting> apart =
          waiting.values().stream()
              .filter(item -> item.isApartAndDue(now))
              .sorted(Comparator.comparing(item -> Objects.requireNonNullElse(item.apart(), now)))
              .toList();
      return apart.getFirst().partly()
          ? apart.stream().filter(Waiting::partly).limit(most).map(Waiting::alert).toList()
          : List.of(apart.getFirst().alert());
    }
    // What is said of one problem keeps its order, whatever severity it had when.
    var worst = new HashMap<String, Severity>();
    for (Waiting item : waiting.values()) {
      worst.merge(
          item.alert().fingerprint(),
          item.alert().severity(),
          (one, other) -> one.atLeast(other) ? one : other);
    }
    List<Alert> urgent =
        waiting.values().stream()
            .filter(item -> item.apart() == null)
            .map(Waiting::alert)
            .sorted(
                Comparator.comparing(
                        (Alert alert) -> worst.getOrDefault(alert.fingerprint(), Severity.INFO))
                    .reversed())
            .limit(most)
            .toList();
    // Who has missed that a problem began is not to hear of that after its end.
    Set<String> told = urgent.stream().map(Alert::fingerprint).collect(Collectors.toSet());
    return Stream.concat(
            waiting.values().stream()
                .filter(Waiting::partly)
                .map(Waiting::alert)
                .filter(alert -> told.contains(alert.fingerprint())),
            urgent.stream())
        .toList();
  }

  /**
   * Takes note of what came of the last {@link Send}.
   *
   * @param jitter from 0 to 1, so that channels of one broken service don't come back together
   * @return the alerts that were delivered
   */
  List<Alert> done(Sent sent, Instant now, double jitter) {
    var accepted = new ArrayList<Alert>();
    for (String key : sent.accepted()) {
      @Nullable Waiting item = waiting.remove(key);
      if (item != null) {
        accepted.add(item.alert());
        delivered.put(key, now);
      }
    }
    accepted.forEach(alert -> dropOlder(alert, now));
    for (int message = 0; message < sent.untried() && !sends.isEmpty(); message++) {
      sends.removeLast();
    }
    @Nullable Problem problem = sent.problem().orElse(null);
    if (problem == null) {
      notBefore = Instant.EPOCH;
      failures = 0;
      unanswered = 0;
    } else if (problem.refused()) {
      // It has answered: what it refuses waits by itself, and nothing else waits for that.
      failures += wasApart() ? 0 : 1;
      isolate(now);
      notBefore = Instant.EPOCH;
      unanswered = 0;
    } else if (underway.stream()
        .allMatch(key -> sent.accepted().contains(key) || sent.partly().contains(key))) {
      // Somebody has each: who hasn't, a full mailbox, keeps nothing from those who have.
      if (!wasApart()) {
        failures++;
        unanswered = 0;
        notBefore = Instant.EPOCH;
      }
    } else {
      notBefore = now.plus(pause(problem, jitter));
      failures++;
      unanswered++;
    }
    if (problem != null && !problem.refused()) {
      sent.partly()
          .forEach(
              key ->
                  waiting.computeIfPresent(key, (_, item) -> item.missed(missedUntil(item, now))));
    }
    underway.clear();
    forgetOld(now);
    return accepted;
  }

  /** What comes after it would end what goes on now, or begin what is over. */
  private void dropOlder(Alert accepted, Instant now) {
    waiting
        .values()
        .removeIf(
            item -> {
              boolean older = isOlder(item.alert(), accepted);
              if (older) {
                delivered.put(item.alert().key(), now);
              }
              return older;
            });
  }

  private static boolean isOlder(Alert one, Alert other) {
    return one.fingerprint().equals(other.fingerprint())
        && one.phase() != Phase.NOTICE
        && other.phase() != Phase.NOTICE
        && (one.startedAt().isBefore(other.startedAt())
            || (one.startedAt().equals(other.startedAt())
                && one.phase() != Phase.RESOLVED
                && other.phase() == Phase.RESOLVED));
  }

  /** Whether what was sent was refused before: that it is so again is no news of the channel. */
  private boolean wasApart() {
    return underway.stream()
        .allMatch(
            key -> {
              @Nullable Waiting item = waiting.get(key);
              return item != null && item.apart() != null;
            });
  }

  /** In as long as it has waited already, within reason. */
  private static Instant missedUntil(Waiting item, Instant now) {
    return later(
        now.plus(MISSED),
        earlier(now.plus(Duration.between(item.since(), now)), now.plus(LONGEST_PAUSE)));
  }

  /** One that a service refuses must not keep back the others: each of the group goes alone. */
  private void isolate(Instant now) {
    boolean single = underway.size() == 1;
    Instant from = single ? now.plus(LONGEST_PAUSE) : now;
    // Each keeps its place: what is said of one problem keeps its order.
    underway.forEach(key -> waiting.computeIfPresent(key, (_, item) -> item.alone(from)));
  }

  private Duration pause(Problem problem, double jitter) {
    if (problem.retryAfter() != null) {
      return problem.retryAfter().compareTo(LONGEST_PAUSE) < 0
          ? problem.retryAfter()
          : LONGEST_PAUSE;
    }
    Duration doubled = FIRST_PAUSE.multipliedBy(1L << Math.min(unanswered, 10));
    Duration capped = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    return Duration.ofMillis((long) (capped.toMillis() * (0.75 + 0.25 * jitter)));
  }

  /** Tries again at once: the channel or its Secret was changed. */
  void retryNow() {
    notBefore = Instant.EPOCH;
    waiting.replaceAll((_, item) -> item.together());
  }

  /** Failed tries since the last one that succeeded. */
  int failures() {
    return failures;
  }

  int size() {
    return waiting.size();
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  private void forgetOld(Instant now) {
    var oldest = delivered.entrySet().iterator();
    while (oldest.hasNext()) {
      Instant at = oldest.next().getValue();
      if (delivered.size() <= REMEMBERED && at.plus(REMEMBER).isAfter(now)) {
        return;
      }
      oldest.remove();
    }
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
