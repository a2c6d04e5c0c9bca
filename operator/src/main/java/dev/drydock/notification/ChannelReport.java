package dev.drydock.notification;

import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import dev.drydock.api.v1alpha1.notification.NotificationChannelStatus;
import dev.drydock.kernel.Conditions;
import dev.drydock.port.Notifier.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From what is known of a channel to its status. Pure. */
final class ChannelReport {
  private static final Duration REFRESH = Duration.ofMinutes(1);
  private static final Set<String> FAILURES =
      Set.of(ChannelReason.DeliveryFailed.name(), ChannelReason.DeliveryRefused.name());

  private ChannelReport() {}

  /**
   * What was observed.
   *
   * @param verification the fingerprint of spec and Secrets as they are now
   * @param verified whether a test of exactly these has been delivered, or none is wanted
   * @param handledTest the annotation's value that has been handled, or null
   */
  record Seen(
      Destinations.Result destination,
      Journal journal,
      String verification,
      boolean verified,
      boolean testWanted,
      @Nullable String handledTest) {}

  static NotificationChannelStatus status(NotificationChannel channel, Seen seen, Instant now) {
    NotificationChannelStatus previous = channel.getStatus();
    var conditions =
        new Conditions(
            previous == null ? List.of() : previous.conditions(),
            now,
            channel.getMetadata().getGeneration());
    conditions.without("Reconciling").without("Stalled");
    switch (seen.destination()) {
      case Destinations.Incomplete(ChannelReason reason, String message) ->
          conditions
              .with("Ready", false, reason.name(), message)
              .with("Stalled", true, reason.name(), message);
      case Destinations.Complete _ -> judge(conditions, seen, previous);
    }
    return new NotificationChannelStatus(
        channel.getMetadata().getGeneration(),
        conditions.list(),
        Destinations.type(channel.getSpec()),
        lastDelivery(previous, seen.journal()),
        seen.journal().failed(),
        seen.verified() ? seen.verification() : previous == null ? null : previous.verifiedFor(),
        seen.handledTest());
  }

  /**
   * How the last try failed that an operator before this one made with these settings, as long as
   * this one has made none: to start anew mends nothing.
   */
  static Optional<Condition> untried(
      @Nullable NotificationChannelStatus previous, Journal journal, String verification) {
    return previous == null
            || journal.lastDelivery() != null
            || journal.problem() != null
            || !verification.equals(previous.verifiedFor())
        ? Optional.empty()
        : previous.conditions().stream()
            .filter(condition -> condition.type().equals("Ready"))
            .filter(condition -> condition.status().equals("False"))
            .filter(condition -> FAILURES.contains(condition.reason()))
            .findFirst();
  }

  private static void judge(
      Conditions conditions, Seen seen, @Nullable NotificationChannelStatus previous) {
    @Nullable Problem problem = seen.journal().problem();
    Optional<Condition> untried = untried(previous, seen.journal(), seen.verification());
    if (problem != null) {
      ChannelReason reason =
          problem.refused() ? ChannelReason.DeliveryRefused : ChannelReason.DeliveryFailed;
      String message =
          problem.message()
              + (problem.refused()
                  ? ". Mend the channel or its Secret; it is tried again at once when they change"
                  : ". It is tried again in growing pauses; nothing is lost");
      failing(conditions, reason.name(), message);
    } else if (untried.isPresent()) {
      failing(conditions, untried.get().reason(), untried.get().message());
    } else if (!seen.verified()) {
      conditions
          .unknown("Ready", ChannelReason.Testing.name(), "a test message is on its way")
          .with("Reconciling", true, ChannelReason.Testing.name(), "a test message is on its way");
    } else if (seen.journal().lastDelivery() != null
        || (previous != null && previous.lastDelivery() != null)) {
      conditions.with(
          "Ready",
          true,
          ChannelReason.DeliverySucceeded.name(),
          "the service has accepted the last message");
    } else {
      conditions.unknown(
          "Ready",
          ChannelReason.NotUsedYet.name(),
          "no message was sent yet; annotate the channel with drydock.dev/test=1 to send one");
    }
  }

  private static void failing(Conditions conditions, String reason, String message) {
    boolean refused = reason.equals(ChannelReason.DeliveryRefused.name());
    conditions
        .with("Ready", false, reason, message)
        .with(refused ? "Stalled" : "Reconciling", true, reason, message);
  }

  /** Brought up to date once a minute at the most. */
  private static @Nullable String lastDelivery(
      @Nullable NotificationChannelStatus previous, Journal journal) {
    String before = previous == null ? null : previous.lastDelivery();
    Instant last = journal.lastDelivery();
    if (last == null) {
      return before;
    }
    return before != null && Instant.parse(before).plus(REFRESH).isAfter(last)
        ? before
        : last.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
