package dev.drydock.notification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import dev.drydock.api.v1alpha1.notification.NotificationChannelSpec;
import dev.drydock.api.v1alpha1.notification.NotificationChannelStatus;
import dev.drydock.port.Notifier.Destination;
import dev.drydock.port.Notifier.Problem;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelReportTest {
  private static final Instant NOON = Instant.parse("2026-11-26T12:00:00Z");
  private static final Instant LATER = NOON.plusSeconds(600);

  private static final Destinations.Result COMPLETE =
      new Destinations.Complete(new Destination.Slack("https://example.invalid/"), "");
  private static final Journal DELIVERED = new Journal(NOON, 0, null);

  private static NotificationChannelStatus next(
      @Nullable NotificationChannelStatus previous, ChannelReport.Seen seen, Instant now) {
    var channel = new NotificationChannel();
    channel.setMetadata(
        new ObjectMetaBuilder().withNamespace("ns").withName("ops").withGeneration(1L).build());
    channel.setSpec(
        Serialization.unmarshal(
            "slack: {webhookSecret: {name: slack, key: url}}", NotificationChannelSpec.class));
    channel.setStatus(previous);
    return ChannelReport.status(channel, seen, now);
  }

  private static ChannelReport.Seen seen(Journal journal, String verification, boolean verified) {
    return new ChannelReport.Seen(COMPLETE, journal, verification, verified, !verified, null);
  }

  private static Journal failed(boolean refused) {
    return new Journal(NOON, 2, new Problem(refused, "the service answered 403", null));
  }

  private static NotificationChannelStatus failing(boolean refused) {
    NotificationChannelStatus verified = next(null, seen(DELIVERED, "v", true), NOON);
    return next(verified, seen(failed(refused), "v", true), NOON);
  }

  private static Condition ready(NotificationChannelStatus status) {
    return condition(status, "Ready");
  }

  private static Condition condition(NotificationChannelStatus status, String type) {
    return status.conditions().stream()
        .filter(condition -> condition.type().equals(type))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatIsMissingCostsOneWrite() {
    var seen =
        new ChannelReport.Seen(
            new Destinations.Incomplete(ChannelReason.SecretNotFound, "create it"),
            Journal.EMPTY,
            "",
            false,
            false,
            null);
    NotificationChannelStatus first = next(null, seen, NOON);
    assertThat(condition(first, "Stalled").lastTransitionTime()).isEqualTo(NOON.toString());
    assertThat(next(first, seen, LATER)).isEqualTo(first);
  }

  @ParameterizedTest
  @CsvSource({"true, DeliveryRefused, Stalled", "false, DeliveryFailed, Reconciling"})
  void aRestartMakesNoChannelReady(boolean refused, String reason, String type) {
    NotificationChannelStatus before = failing(refused);
    assertThat(ready(before).reason()).isEqualTo(reason);
    for (boolean verified : new boolean[] {true, false}) {
      NotificationChannelStatus after = next(before, seen(Journal.EMPTY, "v", verified), LATER);
      assertThat(after.conditions()).isEqualTo(before.conditions());
      assertThat(condition(after, type).status()).isEqualTo("True");
      assertThat(after.verifiedFor()).isEqualTo("v");
    }
  }

  @Test
  void aDeliveryAfterARestartDoes() {
    NotificationChannelStatus after =
        next(failing(true), seen(new Journal(LATER, 0, null), "v", true), LATER);
    assertThat(ready(after).status()).isEqualTo("True");
    assertThat(after.conditions()).extracting(Condition::type).containsExactly("Ready");
  }

  @Test
  void anotherFailureAfterARestartIsSaidInstead() {
    NotificationChannelStatus after = next(failing(true), seen(failed(false), "v", true), LATER);
    assertThat(ready(after).reason()).isEqualTo("DeliveryFailed");
  }

  @Test
  void whatWasChangedMeanwhileIsTested() {
    NotificationChannelStatus after =
        next(failing(true), seen(Journal.EMPTY, "changed", false), LATER);
    assertThat(ready(after).reason()).isEqualTo("Testing");
    assertThat(ChannelReport.untried(failing(true), Journal.EMPTY, "changed")).isEmpty();
  }

  @Test
  void aChannelThatWasReadyIsReadyAfterARestart() {
    NotificationChannelStatus before = next(null, seen(DELIVERED, "v", true), NOON);
    assertThat(next(before, seen(Journal.EMPTY, "v", true), LATER)).isEqualTo(before);
    assertThat(ChannelReport.untried(before, Journal.EMPTY, "v")).isEmpty();
    assertThat(List.of(ready(before).status(), ready(before).reason()))
        .containsExactly("True", "DeliverySucceeded");
  }
}
