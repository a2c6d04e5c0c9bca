package dev.drydock.port;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes messages to one of the services by which people are told. */
public interface Notifier {

  /**
   * Sends {@code alerts} together where the service can take them together. Returns within {@code
   * deadline} and a second; never throws for anything that the service does.
   */
  Sent send(Destination destination, List<Alert> alerts, Duration deadline);

  /**
   * What came of it.
   *
   * @param accepted keys of the alerts that the service has accepted
   * @param partly keys of those that some of the recipients have, and others are still to be sent
   * @param untried how many messages the service was not asked to take after another had failed
   * @param problem why the others were not, or not by everybody; absent if all were
   */
  record Sent(Set<String> accepted, Set<String> partly, int untried, Optional<Problem> problem) {
    public Sent {
      accepted = Set.copyOf(accepted);
      partly = Set.copyOf(partly);
    }

    public Sent(Set<String> accepted, Optional<Problem> problem) {
      this(accepted, Set.of(), 0, problem);
    }
  }

  /**
   * Why a service did not accept a message.
   *
   * @param refused true: the service answered, and trying again without a change is of little use
   * @param message for people; holds no secret, so no webhook's path either
   * @param retryAfter what the service asked for, or null
   */
  record Problem(boolean refused, String message, @Nullable Duration retryAfter) {}

  /** Where a message goes, with the secrets for it. */
  sealed interface Destination {

    /** Whether several alerts make one message there, and not one each. */
    default boolean takesTogether() {
      return true;
    }

    /** A Slack incoming webhook. */
    record Slack(String url) implements Destination {
      @Override
      public String toString() {
        return "Slack[…]";
      }
    }

    /** Mail over SMTP (RFC 5321). */
    record Email(
        List<String> to,
        String from,
        String host,
        int port,
        @Nullable String username,
        @Nullable String password,
        Security security)
        implements Destination {
      public Email {
        to = List.copyOf(to);
      }

      @Override
      public String toString() {
        return "Email[" + host + "]";
      }
    }

    /** How an SMTP connection is protected. */
    enum Security {
      START_TLS,
      TLS,
      NONE
    }

    /** PagerDuty's Events API v2. */
    record PagerDuty(String url, String routingKey) implements Destination {
      @Override
      public boolean takesTogether() {
        return false;
      }

      @Override
      public String toString() {
        return "PagerDuty[…]";
      }
    }

    /** Alertmanager's API v2. */
    record Alertmanager(String url, Map<String, String> headers, Map<String, String> labels)
        implements Destination {
      public Alertmanager {
        headers = Map.copyOf(headers);
        labels = Map.copyOf(labels);
      }

      @Override
      public String toString() {
        return "Alertmanager[" + url + "]";
      }
    }

    /**
     * A URL of the user's own.
     *
     * @param hmacKey signs the body, or null
     */
    record Webhook(String url, Map<String, String> headers, @Nullable String hmacKey)
        implements Destination {
      public Webhook {
        headers = Map.copyOf(headers);
      }

      @Override
      public String toString() {
        return "Webhook[" + url + "]";
      }
    }
  }
}
