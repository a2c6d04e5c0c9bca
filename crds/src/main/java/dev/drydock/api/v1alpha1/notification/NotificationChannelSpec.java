package dev.drydock.api.v1alpha1.notification;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import dev.drydock.api.v1alpha1.common.SecretKeyReference;
import dev.drydock.api.v1alpha1.common.SecretReference;
import dev.drydock.api.v1alpha1.common.Severity;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One way to reach people. Exactly one of slack, email, pagerDuty, alertmanager, webhook. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "[has(self.slack), has(self.email), has(self.pagerDuty), has(self.alertmanager),"
            + " has(self.webhook)].filter(x, x).size() == 1",
    message = "set exactly one of slack, email, pagerDuty, alertmanager and webhook")
@ValidationRule(
    value = "duration(self.groupWait) <= duration('5m')",
    message = "groupWait must be 5m at the most: alerts would come too late")
public record NotificationChannelSpec(
    @Default("Info")
        @JsonPropertyDescription(
            "What is less severe than this is not sent here: Info, Warning or Critical. Default"
                + " Info.")
        @Nullable Severity minSeverity,
    @Default("OnChange")
        @JsonPropertyDescription(
            "OnChange: a test message is sent when the channel, its Secret or the annotation"
                + " drydock.dev/test changes, so that Ready is proven. Never: Ready waits for the"
                + " first real message. Default OnChange.")
        @Nullable Verify verify,
    @Default("5s")
        @Size(max = 20)
        @Pattern(Formats.MINUTES)
        @JsonPropertyDescription(
            "How long to wait for more before a message is sent, so that alerts of one cause come"
                + " together. Default 5s, at most 5m.")
        @Nullable String groupWait,
    @Default("20")
        @Min(1)
        @Max(600)
        @JsonPropertyDescription(
            "Messages a minute at the most. What is more waits and is put together, or, for"
                + " PagerDuty, comes one by one, the most severe first; nothing is lost. Default"
                + " 20.")
        @Nullable Integer maxPerMinute,
    @JsonPropertyDescription("A Slack incoming webhook.") @Nullable Slack slack,
    @JsonPropertyDescription("E-mail over SMTP.") @Nullable Email email,
    @JsonPropertyDescription("PagerDuty's Events API v2, or a service that speaks it.")
        @Nullable PagerDuty pagerDuty,
    @JsonPropertyDescription("An Alertmanager, by its API v2.") @Nullable Alertmanager alertmanager,
    @JsonPropertyDescription("A JSON document to a URL of your own.") @Nullable Webhook webhook) {

  /** When a channel is tested. */
  public enum Verify {
    OnChange,
    Never
  }

  /** A Slack incoming webhook. */
  public record Slack(
      @Required
          @JsonPropertyDescription(
              "The Secret's key that holds the webhook's URL; the URL is a secret itself.")
          SecretKeyReference webhookSecret) {}

  /** E-mail over SMTP. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Email(
      @Required @Size(min = 1, max = 20) @JsonPropertyDescription("Who gets the mail.")
          List<@Size(max = 254) @Pattern(Formats.MAIL_ADDRESS) String> to,
      @Required
          @Size(max = 254)
          @Pattern(Formats.MAIL_ADDRESS)
          @JsonPropertyDescription("The sender's address.")
          String from,
      @Required
          @JsonPropertyDescription(
              "Secret with the keys host, port, and, where the server asks for them, username and"
                  + " password.")
          SecretReference smtpSecret,
      @Default("StartTls")
          @JsonPropertyDescription(
              "StartTls (required, not just tried), Tls (from the first byte) or None. Default"
                  + " StartTls.")
          @Nullable Security security) {

    public Email {
      to = to == null ? List.of() : List.copyOf(to);
    }
  }

  /** How an SMTP connection is protected. */
  public enum Security {
    StartTls,
    Tls,
    None
  }

  /** PagerDuty's Events API v2. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record PagerDuty(
      @Required
          @JsonPropertyDescription("The Secret's key that holds the integration's routing key.")
          SecretKeyReference routingKeySecret,
      @Default("https://events.pagerduty.com/v2/enqueue")
          @Size(max = 1024)
          @Pattern(Formats.HTTP_URL)
          @JsonPropertyDescription(
              "Where events are sent; the EU region and compatible services have their own."
                  + " Default https://events.pagerduty.com/v2/enqueue.")
          @Nullable String url) {}

  /** An Alertmanager. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Alertmanager(
      @Required
          @Size(max = 1024)
          @Pattern(Formats.HTTP_URL)
          @JsonPropertyDescription("The Alertmanager's address, without /api/v2.")
          String url,
      @JsonPropertyDescription(
              "Secret whose keys are header names and whose values are their values, for example"
                  + " Authorization.")
          @Nullable SecretReference headersSecret,
      @Size(max = 20) @JsonPropertyDescription("Labels that every alert gets, for routing.")
          Map<String, @Size(max = 200) String> labels) {

    public Alertmanager {
      labels = labels == null ? Map.of() : Map.copyOf(labels);
    }
  }

  /** A JSON document to a URL of the user's own. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Webhook(
      @Required
          @Size(max = 1024)
          @Pattern(Formats.HTTP_URL)
          @JsonPropertyDescription("Where the document is posted. Redirects are not followed.")
          String url,
      @JsonPropertyDescription(
              "Secret whose keys are header names and whose values are their values, for example"
                  + " Authorization.")
          @Nullable SecretReference headersSecret,
      @JsonPropertyDescription(
              "The Secret's key that holds the key of the HMAC-SHA256 over the body, sent as"
                  + " X-Drydock-Signature: sha256=<hex>.")
          @Nullable SecretKeyReference hmacSecret) {}
}
