package dev.drydock.api.v1alpha1.notification;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Condition;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How deliveries went. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record NotificationChannelStatus(
    @JsonPropertyDescription("The metadata.generation that this status was derived from.")
        @Nullable Long observedGeneration,
    @Size(max = 8)
        @JsonPropertyDescription(
            "Ready: True because a message was accepted, False with the reason why the last one was"
                + " not, Unknown as long as none was sent.")
        List<Condition> conditions,
    @JsonPropertyDescription("Slack, Email, PagerDuty, Alertmanager or Webhook.")
        @Nullable String type,
    @JsonPropertyDescription(
            "When a message was last accepted; brought up to date once a minute at the most.")
        @Nullable String lastDelivery,
    @JsonPropertyDescription("Failed attempts since the last delivery that succeeded.")
        @Nullable Integer failed,
    @JsonPropertyDescription(
            "Fingerprint of the spec and the Secrets' versions that were last tested, so that a"
                + " restart sends no test again, unless the last delivery failed.")
        @Nullable String verifiedFor,
    @Size(max = 256)
        @JsonPropertyDescription("The value of the annotation drydock.dev/test last handled.")
        @Nullable String lastHandledTest) {

  public NotificationChannelStatus {
    conditions = conditions == null ? List.of() : List.copyOf(conditions);
  }
}
