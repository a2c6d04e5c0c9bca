package dev.drydock.kube;

import dev.drydock.kernel.Fingerprint;
import dev.drydock.kernel.Text;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventSeriesBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events (events.k8s.io/v1). The same event again within ten minutes counts up the series of
 * the first. An event that can't be written is logged and let go: nothing waits for it.
 */
public final class EventRecorder {
  private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
  private static final Duration SERIES = Duration.ofMinutes(10);
  private static final int REMEMBERED = 5000;
  private static final int NOTE_LENGTH = 1000;

  private final KubernetesClient client;
  private final RequestLimit limit;
  private final Clock clock;
  private final String instance;
  private final Map<String, Seen> recent = new LinkedHashMap<>();

  private record Seen(String name, int count, Instant last) {}

  /**
   * @param instance the pod that reports
   */
  public EventRecorder(KubernetesClient client, RequestLimit limit, Clock clock, String instance) {
    this.client = client;
    this.limit = limit;
    this.clock = clock;
    this.instance = instance;
  }

  /** Something went as it should. */
  public void normal(HasMetadata about, String reason, String action, String note) {
    record("Normal", about, reason, action, note);
  }

  /** Somebody may have to look. */
  public void warning(HasMetadata about, String reason, String action, String note) {
    record("Warning", about, reason, action, note);
  }

  private void record(String type, HasMetadata about, String reason, String action, String text) {
    String note = Text.line(text, NOTE_LENGTH);
    LOG.atInfo()
        .addKeyValue("kind", about.getKind())
        .addKeyValue("namespace", about.getMetadata().getNamespace())
        .addKeyValue("name", about.getMetadata().getName())
        .addKeyValue("reason", reason)
        .log(note);
    Instant now = clock.instant();
    String key = Fingerprint.of(about.getMetadata().getUid(), type, reason, action, note);
    try {
      Seen seen = count(key, about, now);
      if (seen.count() == 1) {
        create(event(type, about, reason, action, note, seen.name(), now));
      } else {
        countUp(about, seen, now);
      }
    } catch (KubernetesClientException e) {
      LOG.warn("an event could not be written: {}", e.getMessage());
    }
  }

  private synchronized Seen count(String key, HasMetadata about, Instant now) {
    Seen last = recent.remove(key);
    Seen next =
        last != null && last.last().plus(SERIES).isAfter(now)
            ? new Seen(last.name(), last.count() + 1, now)
            : new Seen(
                Text.line(about.getMetadata().getName(), 200)
                    + "."
                    + Fingerprint.of(key, now.toString()),
                1,
                now);
    recent.put(key, next);
    for (Iterator<Seen> oldest = recent.values().iterator(); recent.size() > REMEMBERED; ) {
      oldest.next();
      oldest.remove();
    }
    return next;
  }

  private Event event(
      String type,
      HasMetadata about,
      String reason,
      String action,
      String note,
      String name,
      Instant now) {
    return new EventBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(about.getMetadata().getNamespace())
        .endMetadata()
        .withEventTime(new MicroTime(MICROS.format(now)))
        .withReportingController("drydock.dev/operator")
        .withReportingInstance(instance)
        .withType(type)
        .withReason(reason)
        .withAction(action)
        .withNote(note)
        .withRegarding(
            new ObjectReferenceBuilder()
                .withApiVersion(about.getApiVersion())
                .withKind(about.getKind())
                .withNamespace(about.getMetadata().getNamespace())
                .withName(about.getMetadata().getName())
                .withUid(about.getMetadata().getUid())
                .withResourceVersion(about.getMetadata().getResourceVersion())
                .build())
        .build();
  }

  private void create(Event event) {
    var _ = limit.within(() -> client.resource(event).create());
  }

  private void countUp(HasMetadata about, Seen seen, Instant now) {
    var patch =
        new EventBuilder()
            .withNewMetadata()
            .withName(seen.name())
            .withNamespace(about.getMetadata().getNamespace())
            .endMetadata()
            .withSeries(
                new EventSeriesBuilder()
                    .withCount(seen.count())
                    .withLastObservedTime(new MicroTime(MICROS.format(now)))
                    .build())
            .build();
    var _ =
        limit.within(
            () ->
                client
                    .events()
                    .v1()
                    .events()
                    .inNamespace(about.getMetadata().getNamespace())
                    .withName(seen.name())
                    .patch(PatchContext.of(PatchType.JSON_MERGE), patch));
  }
}
