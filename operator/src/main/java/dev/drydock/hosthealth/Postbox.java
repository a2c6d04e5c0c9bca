package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec.Notify;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.FlapState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Severity;
import dev.drydock.port.Alert;
import dev.drydock.port.Outbox;
import dev.drydock.port.Outbox.Delivery;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings one policy's alerts to its channels. Who was told is in the alerts themselves: offering
 * again what was delivered is harmless, so a crash between a delivery and the status that says so
 * costs a repetition at the worst, and never silence.
 */
final class Postbox {
  /** How long what a remedy came to is news, though its alert is over. */
  private static final Duration NEWS = Duration.ofMinutes(15);

  /** What the schema of the status has room for. */
  private static final int CHANNELS = 20;

  private static final Duration LEAST_REPEAT = Duration.ofMinutes(1);

  private final Outbox outbox;
  private final HostHealthPolicy policy;
  private final List<String> channels;
  private final Predicate<String> exists;
  private final Map<String, String> toldRemedies;
  private final @Nullable Duration repeatEvery;
  private final Instant now;
  private final Flapping flapping;
  private boolean underway;

  /**
   * @param exists whether a channel is declared in the policy's namespace
   * @param toldRemedies what {@link #remedyKey} names, and when that try ended, once the channel
   *     has heard of it; status has no place for it, and the outbox forgets, so after a restart of
   *     the operator it is told once more
   */
  Postbox(
      Outbox outbox,
      HostHealthPolicy policy,
      Predicate<String> exists,
      Map<String, String> toldRemedies,
      Instant now) {
    this.outbox = outbox;
    this.policy = policy;
    this.exists = exists;
    this.toldRemedies = toldRemedies;
    this.now = now;
    flapping = Flapping.of(policy.getSpec());
    Notify notify = policy.getSpec().notification();
    channels = notify == null ? List.of() : notify.channels();
    repeatEvery =
        notify == null || notify.repeatEvery() == null
            ? null
            : longer(Durations.parse(notify.repeatEvery()), LEAST_REPEAT);
  }

  /**
   * Offers what has to be told, and returns the state with what has been.
   *
   * @param vitals goes into the message; may be empty
   */
  HostState post(HostState host, String vitals) {
    var alerts = new ArrayList<AlertState>();
    List<FlapState> flaps = host.flaps();
    for (AlertState alert : host.alerts()) {
      switch (alert.phase()) {
        case Pending -> alerts.add(alert);
        case Firing, Clearing -> {
          boolean known = host.state() != State.Unknown;
          boolean goesOn =
              known
                  || (alert.check().equals(HealthPlan.UNREACHABLE) && host.unknownSince() != null);
          String prefix = flapping.text(host, alert.check());
          if (known && flapping.isSteady(host, alert, now) && steady(host.name(), alert, vitals)) {
            flaps = Flapping.without(flaps, alert.check());
            alerts.add(told(alert, alert.told(), alert.toldResolved(), text(now)));
          } else {
            alerts.add(firing(host.name(), alert, prefix, vitals, goesOn));
          }
        }
        case Resolved -> resolved(host, alert, vitals, false).ifPresent(alerts::add);
      }
    }
    remedied(host, vitals);
    return new HostState(
        host.name(),
        host.state(),
        host.message(),
        host.unknownSince(),
        host.work(),
        alerts,
        host.unknown(),
        host.impossible(),
        host.remedies(),
        flaps,
        host.samples());
  }

  /** Tells nothing; but what was told, and has not ended, is not to end by silence. */
  void sustain(HostState host) {
    host.alerts().stream()
        .filter(HealthPlan::isFiring)
        .forEach(
            alert -> {
              Alert letter = Letters.firing(policy, host.name(), alert, "", "");
              alert.told().forEach(channel -> outbox.sustain(namespace(), channel, letter));
            });
  }

  /** Tells those who heard of a check that flaps that it fires steadily; whether all have heard. */
  private boolean steady(String host, AlertState alert, String vitals) {
    Alert letter = Letters.repeated(policy, host, alert, "flaps no longer, and goes on: ", vitals);
    return channels.stream()
        .filter(channel -> alert.told().contains(channel) && exists.test(channel))
        .filter(channel -> !offer(channel, letter))
        .toList()
        .isEmpty();
  }

  /**
   * Remedies that hold, as long as they do, or came to nothing, as long as what they were for goes
   * on: nothing more may be done there before a person has heard of it. Nobody is paged for the
   * tries of an alert that is over; status tells of them for a day.
   */
  private void remedied(HostState host, String vitals) {
    for (RemedyState state : host.remedies()) {
      String finished = state.finished();
      if (finished == null || !isNews(host, state, Instant.parse(finished))) {
        continue;
      }
      switch (state.phase()) {
        case NotHelped, Failed, Interrupted, Held -> {
          Alert letter = Letters.remedied(policy, host.name(), severity(state), state, vitals);
          for (String channel : channels) {
            String key = remedyKey(policy, host.name() + "/" + state.check() + "/" + channel);
            if (exists.test(channel)
                && !finished.equals(toldRemedies.get(key))
                && offer(channel, letter)) {
              toldRemedies.put(key, finished);
            }
          }
        }
        case Refused, Observed, Running, Helped, Acknowledged -> {
          // Nobody has to do anything.
        }
      }
    }
  }

  private boolean isNews(HostState host, RemedyState state, Instant finished) {
    return state.phase() == RemedyPhase.Held
        || now.isBefore(finished.plus(NEWS))
        || host.alerts().stream()
            .filter(alert -> alert.check().equals(state.check()))
            .filter(alert -> alert.phase() == Phase.Firing || alert.phase() == Phase.Clearing)
            .anyMatch(alert -> RemedyPlan.isOf(state, Instant.parse(alert.since())));
  }

  /** Names one remedy and one channel; empty {@code of}: how all of a policy's begin. */
  static String remedyKey(HostHealthPolicy policy, String of) {
    return policy.getMetadata().getUid() + "/" + of;
  }

  private Severity severity(RemedyState state) {
    return policy.getSpec().checks().stream()
        .filter(check -> check.name().equals(state.check()))
        .map(check -> Severity.of(check.severity().name()))
        .findFirst()
        .orElse(Severity.WARNING);
  }

  /** Ends every alert that was, or may have been, told: there will be no other turn to do it. */
  void farewell(HostState host) {
    for (AlertState alert : host.alerts()) {
      if (alert.phase() == Phase.Resolved) {
        var _ = resolved(host, alert, "The policy was deleted.", true);
      }
    }
  }

  /** Whether something is on its way of which nobody has heard yet. */
  boolean isUnderway() {
    return underway;
  }

  /**
   * @param goesOn whether that is known, and not only that nobody has seen its end
   */
  private AlertState firing(
      String host, AlertState alert, String flapping, String vitals, boolean goesOn) {
    SequencedSet<String> told = new LinkedHashSet<>(alert.told());
    Alert letter = Letters.firing(policy, host, alert, flapping, vitals);
    for (String channel : channels) {
      if (!told.contains(channel) && offer(channel, letter)) {
        told.add(channel);
      }
    }
    told.forEach(channel -> outbox.sustain(namespace(), channel, letter));
    String lastTold = alert.lastTold();
    if (told.size() > alert.told().size()) {
      lastTold = text(now);
    } else if (goesOn && isRepeatDue(alert)) {
      Alert again = Letters.repeated(policy, host, alert, flapping, vitals);
      channels.stream().filter(told::contains).forEach(channel -> offer(channel, again));
      lastTold = text(now);
    }
    return told(alert, told, alert.toldResolved(), lastTold);
  }

  private boolean isRepeatDue(AlertState alert) {
    return repeatEvery != null
        && alert.lastTold() != null
        && alert.phase() == Phase.Firing
        && !now.isBefore(Instant.parse(alert.lastTold()).plus(repeatEvery));
  }

  /** The alert stays until everybody who was told of it knows that it is over. */
  private Optional<AlertState> resolved(
      HostState host, AlertState alert, String vitals, boolean lastTurn) {
    SequencedSet<String> told = new LinkedHashSet<>(alert.told());
    boolean waiting = false;
    Alert start = Letters.firing(policy, host.name(), alert, "", vitals);
    boolean brief = !lastTurn && isSeenOnce(alert);
    for (String channel : channels) {
      if (!told.contains(channel)) {
        switch (brief
            ? outbox.offer(namespace(), channel, start)
            : outbox.withdraw(namespace(), channel, start)) {
          case Delivery.Delivered _, Delivery.MayHaveArrived _ -> told.add(channel);
          case Delivery.Underway _ -> {
            if (lastTurn) {
              told.add(channel);
            }
            waiting = true;
          }
          case Delivery.NoSuchChannel _ -> waiting |= exists.test(channel);
          case Delivery.Withdrawn _, Delivery.NotWanted _ -> {
            // It never hears of the problem.
          }
        }
      }
    }
    // They know of the time before; of both the end is the same.
    told.addAll(alert.owed());
    boolean watched = HealthPlan.isWatched(policy, host, alert);
    Alert end = Letters.resolved(policy, host.name(), alert, watched, vitals);
    SequencedSet<String> toldResolved = new LinkedHashSet<>(alert.toldResolved());
    for (String channel : told) {
      if (!toldResolved.contains(channel)) {
        switch (outbox.offer(namespace(), channel, end)) {
          case Delivery.Delivered _,
              Delivery.NotWanted _,
              Delivery.Withdrawn _,
              Delivery.MayHaveArrived _ ->
              toldResolved.add(channel);
          case Delivery.Underway _ -> waiting = true;
          // The operator has just started, or the channel's Secret can't be read now.
          case Delivery.NoSuchChannel _ -> {
            if (exists.test(channel)) {
              waiting = true;
            } else {
              toldResolved.add(channel);
            }
          }
        }
      }
    }
    underway |= waiting;
    AlertState next = told(alert, told, toldResolved, alert.lastTold());
    return waiting ? Optional.of(next) : AlertTimeline.ended(next);
  }

  /** A log line counts in one look alone: that the next one is fine does not make it old news. */
  private boolean isSeenOnce(AlertState alert) {
    return policy.getSpec().checks().stream()
        .filter(check -> check.name().equals(alert.check()))
        .anyMatch(check -> check.logs() != null && check.logs().since() == null);
  }

  /** Whether the channel has it. */
  private boolean offer(String channel, Alert letter) {
    return switch (outbox.offer(namespace(), channel, letter)) {
      case Delivery.Delivered _ -> true;
      // A channel that is not known yet may be declared, or the operator may just have started.
      case Delivery.Underway _, Delivery.NoSuchChannel _ -> {
        underway = true;
        yield false;
      }
      case Delivery.NotWanted _, Delivery.Withdrawn _, Delivery.MayHaveArrived _ -> false;
    };
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private String namespace() {
    return policy.getMetadata().getNamespace();
  }

  private AlertState told(
      AlertState alert,
      Collection<String> told,
      Collection<String> toldResolved,
      @Nullable String lastTold) {
    List<String> kept = kept(told);
    return new AlertState(
        alert.check(),
        alert.severity(),
        alert.phase(),
        alert.since(),
        alert.fineSince(),
        alert.value(),
        alert.message(),
        alert.remedy(),
        kept,
        toldResolved.stream().filter(kept::contains).toList(),
        lastTold,
        alert.failingSince(),
        kept(alert.owed()).stream().filter(channel -> !kept.contains(channel)).toList());
  }

  /** The policy's channels, and those that it has no more and that are still there to be told. */
  private List<String> kept(Collection<String> told) {
    return Stream.concat(
            told.stream().filter(channels::contains),
            told.stream().filter(channel -> !channels.contains(channel) && exists.test(channel)))
        .limit(CHANNELS)
        .toList();
  }

  private static String text(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
