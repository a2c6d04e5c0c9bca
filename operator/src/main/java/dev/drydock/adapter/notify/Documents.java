package dev.drydock.adapter.notify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Severity;
import dev.drydock.port.Alert;
import dev.drydock.port.Alert.Phase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What each service is sent, in its own form. */
final class Documents {
  private static final int SLACK_TEXT = 2900;
  private static final int SLACK_LINE = 600;
  private static final int SLACK_NOTICE = 2000;
  private static final int PAGERDUTY_SUMMARY = 1024;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Documents() {}

  static byte[] bytes(JsonNode document) {
    try {
      return JSON.writeValueAsString(document).getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One line for one alert, or how many there are and the first. */
  static String headline(List<Alert> alerts) {
    Alert first = alerts.getFirst();
    return alerts.size() == 1
        ? word(first) + ": " + first.summary()
        : alerts.size() + " alerts, first " + word(first) + ": " + first.summary();
  }

  private static String word(Alert alert) {
    return switch (alert.phase()) {
      case FIRING -> alert.severity().text();
      case REPEATED -> alert.severity().text() + ", still";
      case RESOLVED -> "Resolved";
      case NOTICE -> "Notice";
    };
  }

  /** For people: one paragraph an alert. */
  static String text(List<Alert> alerts) {
    var text = new StringBuilder();
    for (Alert alert : alerts) {
      text.append(word(alert)).append(": ").append(alert.summary()).append('\n');
      if (!alert.detail().isBlank()) {
        text.append(alert.detail().strip()).append('\n');
      }
      if (alert.phase() != Phase.NOTICE) {
        text.append("Since ").append(alert.startedAt());
        if (alert.endedAt() != null) {
          text.append(", ended after ")
              .append(Durations.text(Duration.between(alert.startedAt(), alert.endedAt())));
        }
        text.append('\n');
      }
      text.append(alert.source()).append("\n\n");
    }
    return text.toString();
  }

  /** Slack's incoming webhooks: text alone, with its three characters escaped. */
  static ObjectNode slack(List<Alert> alerts) {
    var text = new StringBuilder();
    alerts.forEach(alert -> text.append(slackParagraph(alert)));
    return NODES.objectNode().put("text", text.toString().strip());
  }

  /**
   * How many of {@code alerts}, from the first on, one Slack message has room for; at least one.
   */
  static int slackRoom(List<Alert> alerts) {
    int length = 0;
    for (int i = 0; i < alerts.size(); i++) {
      length += slackParagraph(alerts.get(i)).length();
      if (length > SLACK_TEXT) {
        return Math.max(1, i);
      }
    }
    return alerts.size();
  }

  private static String slackParagraph(Alert alert) {
    return symbol(alert)
        + " *"
        + escape(word(alert))
        + "* "
        + escape(cut(alert.summary(), SLACK_LINE))
        + "\n"
        + detail(alert)
        + "_"
        + escape(alert.source())
        + (alert.phase() == Phase.NOTICE ? "" : ", since " + alert.startedAt())
        + "_\n";
  }

  /** A report has columns and goes on; readings are a few lines. */
  private static String detail(Alert alert) {
    String detail = alert.detail().strip();
    if (detail.isEmpty()) {
      return "";
    }
    return alert.phase() == Phase.NOTICE && detail.contains("\n")
        ? "```" + escape(cut(detail.replace("`", "'"), SLACK_NOTICE)) + "```\n"
        : escape(cut(detail, SLACK_LINE)) + "\n";
  }

  private static String symbol(Alert alert) {
    return switch (alert.phase()) {
      case RESOLVED -> ":white_check_mark:";
      case NOTICE -> ":information_source:";
      case FIRING, REPEATED ->
          switch (alert.severity()) {
            case CRITICAL -> ":rotating_light:";
            case WARNING -> ":warning:";
            case INFO -> ":information_source:";
          };
    };
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** PagerDuty's Events API v2: one event; the same dedup_key is the same incident. */
  static ObjectNode pagerDuty(Alert alert, String routingKey, boolean resolve) {
    ObjectNode event =
        NODES
            .objectNode()
            .put("routing_key", routingKey)
            .put("event_action", resolve ? "resolve" : "trigger")
            .put("dedup_key", alert.fingerprint());
    if (!resolve) {
      ObjectNode payload = event.putObject("payload");
      payload
          .put("summary", cut(word(alert) + ": " + alert.summary(), PAGERDUTY_SUMMARY))
          .put("source", alert.source())
          .put("severity", alert.severity().text().toLowerCase(Locale.ROOT))
          .put("timestamp", alert.startedAt().toString());
      ObjectNode details = payload.putObject("custom_details");
      new TreeMap<>(alert.labels()).forEach(details::put);
      if (!alert.detail().isBlank()) {
        details.put("detail", alert.detail());
      }
    }
    return event;
  }

  /**
   * Alertmanager's API v2: it identifies an alert by its labels, and takes it for ended at {@code
   * endsAt}, unless it hears of it again.
   */
  static JsonNode alertmanager(List<Alert> alerts, Map<String, String> labels, Instant until) {
    var array = NODES.arrayNode();
    for (Alert alert : alerts) {
      ObjectNode object = array.addObject();
      ObjectNode identity = object.putObject("labels");
      new TreeMap<>(labels).forEach(identity::put);
      identity.put("alertname", "Drydock" + capitalized(alert.labels().getOrDefault("check", "")));
      new TreeMap<>(alert.labels()).forEach(identity::put);
      identity.put("severity", alert.severity().text().toLowerCase(Locale.ROOT));
      identity.put("drydock", alert.source());
      object
          .putObject("annotations")
          .put("summary", alert.summary())
          .put("description", alert.detail());
      object.put("startsAt", alert.startedAt().toString());
      object.put("endsAt", (alert.endedAt() == null ? until : alert.endedAt()).toString());
    }
    return array;
  }

  private static String capitalized(String name) {
    var text = new StringBuilder();
    for (String word : name.split("[^A-Za-z0-9]+", -1)) {
      if (!word.isEmpty()) {
        text.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
      }
    }
    return text.toString();
  }

  /** A document of our own, for webhooks. */
  static ObjectNode webhook(List<Alert> alerts) {
    ObjectNode document = NODES.objectNode().put("version", "1");
    var array = document.putArray("alerts");
    for (Alert alert : alerts) {
      ObjectNode object =
          array
              .addObject()
              .put("fingerprint", alert.fingerprint())
              .put("status", alert.phase().name().toLowerCase(Locale.ROOT))
              .put("severity", alert.severity().text())
              .put("source", alert.source())
              .put("summary", alert.summary())
              .put("detail", alert.detail())
              .put("startedAt", alert.startedAt().toString());
      if (alert.endedAt() != null) {
        object.put("endedAt", alert.endedAt().toString());
      }
      ObjectNode labels = object.putObject("labels");
      new TreeMap<>(alert.labels()).forEach(labels::put);
    }
    return document;
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - 1) + "…";
  }

  /** The most severe of {@code alerts}, for mail's priority. */
  static Severity worst(List<Alert> alerts) {
    return alerts.stream().map(Alert::severity).reduce(Severity.INFO, Documents::higher);
  }

  private static Severity higher(Severity one, Severity other) {
    return one.atLeast(other) ? one : other;
  }
}
