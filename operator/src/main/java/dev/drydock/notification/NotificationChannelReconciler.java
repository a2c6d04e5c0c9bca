package dev.drydock.notification;

import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import dev.drydock.api.v1alpha1.notification.NotificationChannelSpec;
import dev.drydock.api.v1alpha1.notification.NotificationChannelStatus;
import dev.drydock.kernel.Conditions;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Fingerprint;
import dev.drydock.kernel.Severity;
import dev.drydock.kernel.Text;
import dev.drydock.kube.EventRecorder;
import dev.drydock.kube.Secrets;
import dev.drydock.kube.StatusWriter;
import dev.drydock.kube.Wakeups;
import dev.drydock.port.Alert;
import dev.drydock.port.Alert.Phase;
import dev.drydock.port.Outbox.Delivery;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps the outbox's settings, and the channel's status, true. */
@ControllerConfiguration(name = "notificationchannel")
public final class NotificationChannelReconciler implements Reconciler<NotificationChannel> {
  private static final String TEST = "drydock.dev/test";

  /** What the schema of the status has room for. */
  private static final int ANNOTATION = 256;

  /** How soon a changed Secret is noticed. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  private static final Duration GROUP_WAIT = Duration.ofSeconds(5);
  private static final int MAX_PER_MINUTE = 20;

  private final Secrets secrets;
  private final ChannelOutbox outbox;
  private final EventRecorder events;
  private final Clock clock;
  private final StatusWriter<NotificationChannel, NotificationChannelStatus> statuses;
  private final Wakeups<NotificationChannel> wakeups = new Wakeups<>("deliveries");

  public NotificationChannelReconciler(
      Secrets secrets,
      ChannelOutbox outbox,
      EventRecorder events,
      Clock clock,
      StatusWriter<NotificationChannel, NotificationChannelStatus> statuses) {
    this.secrets = secrets;
    this.outbox = outbox;
    this.events = events;
    this.clock = clock;
    this.statuses = statuses;
    outbox.whenChanged(wakeups::wake);
  }

  @Override
  public List<EventSource<?, NotificationChannel>> prepareEventSources(
      EventSourceContext<NotificationChannel> context) {
    return List.of(wakeups);
  }

  @Override
  public UpdateControl<NotificationChannel> reconcile(
      NotificationChannel cached, Context<NotificationChannel> context) {
    if (context.isPrimaryResourceDeleted()) {
      outbox.remove(cached.getMetadata().getNamespace(), cached.getMetadata().getName());
      statuses.forget(cached);
      return UpdateControl.noUpdate();
    }
    NotificationChannel channel = statuses.freshest(cached);
    Destinations.Result destination =
        Destinations.of(channel.getSpec(), secrets, channel.getMetadata().getNamespace());
    boolean same = false;
    if (destination instanceof Destinations.Complete complete) {
      same =
          outbox.sendsTo(
              channel.getMetadata().getNamespace(),
              channel.getMetadata().getName(),
              complete.destination());
      outbox.configure(
          channel.getMetadata().getNamespace(),
          channel.getMetadata().getName(),
          settings(channel.getSpec(), complete));
    }
    ChannelReport.Seen seen = verify(channel, destination, same);
    NotificationChannelStatus next = ChannelReport.status(channel, seen, clock.instant());
    if (statuses.write(channel, next)) {
      tell(channel, next);
    }
    UpdateControl<NotificationChannel> done = UpdateControl.noUpdate();
    return readsSecrets(destination) ? done.rescheduleAfter(LOOK_AGAIN) : done;
  }

  @Override
  public ErrorStatusUpdateControl<NotificationChannel> updateErrorStatus(
      NotificationChannel channel, Context<NotificationChannel> context, Exception e) {
    return StatusWriter.onError(channel, e);
  }

  private static boolean readsSecrets(Destinations.Result destination) {
    return !(destination instanceof Destinations.Complete complete
        && complete.secretVersions().isEmpty());
  }

  private static ChannelSettings settings(
      NotificationChannelSpec spec, Destinations.Complete complete) {
    return new ChannelSettings(
        complete.destination(),
        spec.minSeverity() == null ? Severity.INFO : Severity.of(spec.minSeverity().name()),
        Durations.parse(spec.groupWait(), GROUP_WAIT),
        spec.maxPerMinute() == null ? MAX_PER_MINUTE : spec.maxPerMinute());
  }

  /**
   * Sends a test where spec, Secrets or annotation ask for one that was not delivered yet, or where
   * the last thing that is known of the channel is a failure from before this operator started.
   *
   * @param same whether messages have gone to just this destination already, so that what changed
   *     is something else, such as a label of the Secret
   */
  private ChannelReport.Seen verify(
      NotificationChannel channel, Destinations.Result destination, boolean same) {
    NotificationChannelStatus status = channel.getStatus();
    String namespace = channel.getMetadata().getNamespace();
    String name = channel.getMetadata().getName();
    String handled = status == null ? null : status.lastHandledTest();
    String asked =
        Optional.ofNullable(channel.getMetadata().getAnnotations())
            .map(annotations -> annotations.get(TEST))
            .map(value -> Text.line(value, ANNOTATION))
            .orElse(null);
    String verification = "";
    boolean verified = false;
    boolean wanted = false;
    if (destination instanceof Destinations.Complete complete) {
      boolean onChange = channel.getSpec().verify() != NotificationChannelSpec.Verify.Never;
      boolean askedAgain = asked != null && !asked.equals(handled);
      verification =
          Fingerprint.of(
              channel.getMetadata().getUid(),
              Destinations.text(channel.getSpec()),
              complete.secretVersions());
      boolean proven =
          status != null
              && status.verifiedFor() != null
              && Conditions.isTrue(status.conditions(), "Ready");
      boolean changed =
          !verification.equals(status == null ? null : status.verifiedFor()) && !(same && proven);
      boolean untried =
          ChannelReport.untried(status, outbox.journal(namespace, name), verification).isPresent();
      wanted = (onChange && (changed || untried)) || askedAgain;
      verified = !wanted;
      if (wanted
          && outbox.offer(namespace, name, test(channel, verification, asked))
              instanceof Delivery.Delivered) {
        verified = true;
        handled = asked;
      }
    }
    return new ChannelReport.Seen(
        destination, outbox.journal(namespace, name), verification, verified, wanted, handled);
  }

  /** A message with no labels: no channel's {@code minSeverity} keeps it back. */
  private static Alert test(
      NotificationChannel channel, String verification, @Nullable String asked) {
    String source =
        "NotificationChannel/"
            + channel.getMetadata().getNamespace()
            + "/"
            + channel.getMetadata().getName();
    return new Alert(
        Fingerprint.of(source, "test", verification, String.valueOf(asked)),
        Phase.NOTICE,
        Severity.INFO,
        source,
        "Drydock can reach you here",
        "This is a test: the channel "
            + channel.getMetadata().getName()
            + " was set up or changed. Nothing is wrong.",
        Map.of(),
        Instant.parse(channel.getMetadata().getCreationTimestamp()),
        null,
        null);
  }

  private void tell(NotificationChannel channel, NotificationChannelStatus next) {
    ready(next.conditions())
        .filter(now -> !sameStatus(channel.getStatus(), now))
        .ifPresent(
            now -> {
              if (now.status().equals("False")) {
                events.warning(channel, now.reason(), "Deliver", now.message());
              } else if (now.status().equals("True")) {
                events.normal(channel, now.reason(), "Deliver", now.message());
              }
            });
  }

  private static boolean sameStatus(
      @Nullable NotificationChannelStatus before, dev.drydock.api.v1alpha1.common.Condition now) {
    return before != null
        && ready(before.conditions())
            .filter(
                condition ->
                    Objects.equals(condition.status(), now.status())
                        && Objects.equals(condition.reason(), now.reason()))
            .isPresent();
  }

  private static Optional<Condition> ready(List<Condition> conditions) {
    return conditions.stream().filter(condition -> condition.type().equals("Ready")).findFirst();
  }
}
