package dev.drydock.adapter.notify;

import dev.drydock.port.Alert;
import dev.drydock.port.Alert.Phase;
import dev.drydock.port.Notifier;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Speaks to each service in its own way. */
public final class ServiceNotifier implements Notifier, AutoCloseable {
  /** How long Alertmanager believes in an alert that it does not hear of again. */
  private static final Duration BELIEVED = Duration.ofMinutes(15);

  private static final int SHORT = 7;

  private final HttpPoster poster = new HttpPoster();
  private final Mailer mailer;
  private final Clock clock;

  public ServiceNotifier(Clock clock) {
    this.clock = clock;
    mailer = new Mailer(clock);
  }

  @Override
  public Sent send(Destination destination, List<Alert> alerts, Duration deadline) {
    return switch (destination) {
      case Destination.Slack slack -> {
        // The others stay where they are: what nobody could read was not told.
        List<Alert> legible = alerts.subList(0, Documents.slackRoom(alerts));
        yield together(
            legible,
            poster.post(
                slack.url(),
                Map.of(),
                Documents.bytes(Documents.slack(legible)),
                path(slack.url()),
                deadline));
      }
      case Destination.Email email -> mailer.send(email, alerts, deadline);
      case Destination.PagerDuty pagerDuty -> page(pagerDuty, alerts, deadline);
      case Destination.Alertmanager alertmanager ->
          together(
              alerts,
              poster.post(
                  alertmanager.url().replaceFirst("/+$", "") + "/api/v2/alerts",
                  alertmanager.headers(),
                  Documents.bytes(
                      Documents.alertmanager(
                          alerts, alertmanager.labels(), clock.instant().plus(BELIEVED))),
                  alertmanager.headers().values(),
                  deadline));
      case Destination.Webhook webhook -> {
        byte[] body = Documents.bytes(Documents.webhook(alerts));
        var headers = new HashMap<>(webhook.headers());
        var secrets = new ArrayList<>(webhook.headers().values());
        if (webhook.hmacKey() != null) {
          headers.put("X-Drydock-Signature", "sha256=" + hmac(webhook.hmacKey(), body));
          secrets.add(webhook.hmacKey());
        }
        yield together(alerts, poster.post(webhook.url(), headers, body, secrets, deadline));
      }
    };
  }

  /** The parts of a URL's path and query that may be secret: every one that is not a short word. */
  private static List<String> path(String url) {
    return Pattern.compile("[/?&=#]")
        .splitAsStream(url.replaceFirst("^[a-z]+://[^/?#]*", ""))
        .filter(part -> part.length() > SHORT)
        .toList();
  }

  private static Sent together(List<Alert> alerts, Optional<Problem> problem) {
    return new Sent(
        problem.isPresent()
            ? Set.of()
            : alerts.stream().map(Alert::key).collect(Collectors.toSet()),
        problem);
  }

  private Sent page(Destination.PagerDuty pagerDuty, List<Alert> alerts, Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    var accepted = new HashSet<String>();
    Optional<Problem> first = Optional.empty();
    int untried = alerts.size();
    for (Alert alert : alerts) {
      untried--;
      Optional<Problem> problem = event(pagerDuty, alert, alert.phase() == Phase.RESOLVED, end);
      if (problem.isEmpty() && alert.phase() == Phase.NOTICE) {
        // News is no incident that somebody has to close.
        problem = event(pagerDuty, alert, true, end);
      }
      if (problem.isEmpty()) {
        accepted.add(alert.key());
      } else if (first.isEmpty()) {
        first = problem;
      }
      if (problem.isPresent() && !problem.get().refused()) {
        break;
      }
      // An event that is refused does not keep back the others.
    }
    return new Sent(accepted, Set.of(), untried, first);
  }

  private Optional<Problem> event(
      Destination.PagerDuty pagerDuty, Alert alert, boolean resolve, long end) {
    Duration left = Duration.ofNanos(end - System.nanoTime());
    if (!left.isPositive()) {
      return Optional.of(new Problem(false, "no time was left for all events", null));
    }
    return poster.post(
        pagerDuty.url(),
        Map.of(),
        Documents.bytes(Documents.pagerDuty(alert, pagerDuty.routingKey(), resolve)),
        List.of(pagerDuty.routingKey()),
        left);
  }

  private static String hmac(String key, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  @Override
  public void close() {
    poster.close();
  }
}
