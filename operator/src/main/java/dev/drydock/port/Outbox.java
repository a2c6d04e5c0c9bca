package dev.drydock.port;

import java.time.Instant;
import java.util.function.Consumer;

/**
 * Takes alerts to the channels that people declared. It keeps nothing across a restart of the
 * operator: whoever offers an alert remembers in its own status which channels have had it, and
 * offers it again until then.
 */
public interface Outbox {

  /**
   * Offers one alert to one channel and returns at once. The channel's {@code minSeverity} holds
   * for the start of a problem and for news of a check alone ({@link Alert#isBySeverity}): whoever
   * was told of a start is told of its end. Offering the same phase of the same fingerprint again
   * is harmless: while it is under way, and for at least an hour after it was delivered, it is not
   * sent a second time.
   */
  Delivery offer(String namespace, String channel, Alert alert);

  /**
   * Takes back an alert that is not needed any more, such as the start of a problem that has ended
   * before it could be told.
   */
  Delivery withdraw(String namespace, String channel, Alert alert);

  /**
   * Says that a problem which the channel was told of goes on. Some services take a problem for
   * ended when they hear nothing; they are reminded.
   */
  void sustain(String namespace, String channel, Alert alert);

  /** Calls {@code listener} with the alert after each delivery, on a thread of the outbox. */
  void whenDelivered(Consumer<Alert> listener);

  /** How one alert stands with one channel. */
  sealed interface Delivery {
    /** The channel's service has accepted it. */
    record Delivered(Instant at) implements Delivery {}

    /** Waiting for its group, for the rate limit, or for another try; the channel says which. */
    record Underway() implements Delivery {}

    /** The channel does not want alerts of so low a severity. Nothing will be sent. */
    record NotWanted() implements Delivery {}

    /** No channel of that name exists. Offer it again when it does. */
    record NoSuchChannel() implements Delivery {}

    /** It was taken back before anything was sent: the channel has never heard of it. */
    record Withdrawn() implements Delivery {}

    /**
     * Nobody knows whether the channel has it: a try was not answered, or was made before the
     * operator started.
     */
    record MayHaveArrived() implements Delivery {}
  }
}
