package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.e2e.Receivers.Received;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class ChannelStories extends Story {
  private static final LabHost HOST = LabHost.ETHBIG;

  @Test
  void everyKindOfChannelTellsTheStartAndTheEnd() {
    declare(HOST);
    String base = "/" + namespace;
    secret("slack", "Opaque", Map.of("url", Receivers.URL + base + "/slack"));
    secret("smtp", "Opaque", Map.of("host", "10.244.0.1", "port", "8025"));
    secret("pagerduty", "Opaque", Map.of("routing-key", "1".repeat(32)));
    secret("hook", "Opaque", Map.of("Authorization", "Bearer story", "hmac", "a key"));
    channel("slack", "slack: {webhookSecret: {name: slack, key: url}}");
    channel(
        "mail",
        "email: {to: [%s@example.com], from: d@example.com, smtpSecret: {name: smtp}, security: None}"
            .formatted(namespace.substring(0, 30)));
    channel(
        "page",
        "pagerDuty: {routingKeySecret: {name: pagerduty, key: routing-key}, url: \"%s%s/page\"}"
            .formatted(Receivers.URL, base));
    channel("alerts", "alertmanager: {url: \"%s%s\"}".formatted(Receivers.URL, base));
    channel(
        "hook",
        "webhook: {url: \"%s%s/hook\", hmacSecret: {name: hook, key: hmac}}"
            .formatted(Receivers.URL, base));
    for (String name : List.of("slack", "mail", "page", "alerts", "hook")) {
      awaitChannel(name, isTrue());
    }

    policy("slack, mail, page, alerts, hook", 500);
    awaitPolicy("load", PATIENCE, host -> host.state() == State.Degraded);
    soon("Slack")
        .until(() -> texts(base + "/slack").contains(":warning: *Warning* ethbig: load: "));
    soon("mail").until(() -> !Receivers.mailsWith(mailed("Warning")).isEmpty());
    soon("PagerDuty").until(() -> events(base + "/page", "trigger") == 2);
    soon("Alertmanager").until(() -> !firing(base).isEmpty());
    soon("webhook").until(() -> texts(base + "/hook").contains("\"status\":\"firing\""));
    assertThat(
            Receivers.at(base + "/hook")
                .getLast()
                .headers()
                .toString()
                .toLowerCase(java.util.Locale.ROOT))
        .contains("x-drydock-signature")
        .contains("sha256=");

    policy("slack, mail, page, alerts, hook", 0);
    awaitPolicy("load", PATIENCE, host -> host.state() == State.Healthy);
    soon("Slack")
        .until(() -> texts(base + "/slack").contains(":white_check_mark: *Resolved* ethbig"));
    soon("mail").until(() -> !Receivers.mailsWith(mailed("Resolved")).isEmpty());
    soon("PagerDuty").until(() -> events(base + "/page", "resolve") == 2);
    soon("webhook").until(() -> texts(base + "/hook").contains("\"status\":\"resolved\""));
    soon("Alertmanager")
        .until(
            () ->
                posts(base).stream()
                    .anyMatch(
                        alert ->
                            alert.at("/labels/check").asText().equals("load")
                                && endsAt(alert).isBefore(Instant.now())));
  }

  @Test
  void aServiceThatIsDownIsToldOnceItIsBack() {
    declare(HOST);
    String path = webhook("web");
    awaitChannel("web", isTrue());
    Receivers.behave(path, 503, 3);
    policy("web", 500);
    awaitChannel("web", isFalse("DeliveryFailed"));
    assertThat(channel("web").getStatus().conditions().toString()).contains("answered 503");
    awaitChannel("web", isTrue());
    assertThat(
            Receivers.acceptedAt(path).stream()
                .filter(one -> one.body().contains("\"status\":\"firing\"")))
        .hasSize(1);
  }

  @Test
  void aServiceThatRefusesIsSaidAndMendedByAnotherSecret() {
    String path = "/" + namespace + "/slack";
    Receivers.behave(path, 404, 1000);
    secret("slack", "Opaque", Map.of("url", Receivers.URL + path));
    channel("slack", "slack: {webhookSecret: {name: slack, key: url}}");
    awaitChannel("slack", isFalse("DeliveryRefused"));
    assertThat(channel("slack").getStatus().conditions().toString())
        .contains("answered 404")
        .as("a webhook's path is a secret")
        .doesNotContain(path);
    secret("slack", "Opaque", Map.of("url", Receivers.URL + path + "-new"));
    awaitChannel("slack", isTrue());
    Receivers.behave(path, 200, 0);
  }

  @Test
  void aSecretThatLacksAKeyIsNamed() {
    secret("slack", "Opaque", Map.of("link", "x"));
    channel("slack", "slack: {webhookSecret: {name: slack, key: url}}");
    awaitChannel("slack", isFalse("InvalidSecret"));
    assertThat(channel("slack").getStatus().conditions().toString())
        .contains("the Secret slack needs a key url; it has link");
  }

  @Test
  void alertsOfOneCauseComeTogether() {
    declare(HOST);
    String path = "/" + namespace + "/web";
    channel("web", "webhook: {url: \"%s%s\"}".formatted(Receivers.URL, path));
    awaitChannel("web", isTrue());
    StringBuilder checks = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      checks.append(
          "  - {name: c%d, severity: Warning, memory: {availablePercentBelow: 99}}\n".formatted(i));
    }
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata: {name: many}
        spec:
          hosts: {names: [ethbig]}
          interval: 5s
          notify: {channels: [web]}
          checks:
        %s"""
            .formatted(checks));
    soon("the message").until(() -> Receivers.acceptedAt(path).size() == 2);
    assertThat(Receivers.acceptedAt(path).getLast().json().path("alerts")).hasSize(12);
  }

  @Test
  void aPolicyNamesAChannelThatDoesNotExist() {
    declare(HOST);
    policy("nobody", 500);
    await(
        "word of it",
        PATIENCE,
        () -> policy("load"),
        policy ->
            policy.getStatus() != null
                && policy.getStatus().conditions().stream()
                    .anyMatch(
                        c ->
                            c.type().equals("Notifying")
                                && c.message()
                                    .startsWith("there is no NotificationChannel nobody")));
    secret("hook", "Opaque", Map.of("Authorization", "x"));
    webhook("nobody");
    soon("the alert that waited")
        .until(() -> texts("/" + namespace + "/nobody").contains("\"status\":\"firing\""));
  }

  private void channel(String name, String service) {
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: NotificationChannel
        metadata: {name: %s}
        spec:
          groupWait: 2s
          %s
        """
            .formatted(name, service));
  }

  /** A policy whose check fails as long as the limit can't be met. */
  private void policy(String channels, int failing) {
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata: {name: load}
        spec:
          hosts: {names: [ethbig]}
          interval: 5s
          notify: {channels: [%s]}
          checks:
          - {name: load, severity: Warning, memory: {availablePercentBelow: %d}}
        """
            .formatted(channels, failing > 0 ? 99 : 1));
  }

  private String mailed(String word) {
    return "[drydock] " + word + ": ethbig: load";
  }

  private static String texts(String path) {
    return String.join("\n", Receivers.acceptedAt(path).stream().map(Received::body).toList());
  }

  private static long events(String path, String action) {
    return Receivers.acceptedAt(path).stream()
        .filter(one -> one.json().path("event_action").asText().equals(action))
        .count();
  }

  private static List<JsonNode> posts(String base) {
    return Receivers.acceptedAt(base + "/api/v2/alerts").stream()
        .flatMap(one -> StreamSupport.stream(one.json().spliterator(), false))
        .toList();
  }

  private static Instant endsAt(JsonNode alert) {
    return Instant.parse(alert.path("endsAt").asText());
  }

  private static List<JsonNode> firing(String base) {
    return posts(base).stream()
        .filter(alert -> alert.at("/labels/check").asText().equals("load"))
        .filter(alert -> endsAt(alert).isAfter(Instant.now()))
        .toList();
  }
}
