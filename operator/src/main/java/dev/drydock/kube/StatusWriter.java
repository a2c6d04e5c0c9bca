package dev.drydock.kube;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the status of one kind: only when it has changed, and only over the version that it was
 * derived from. JOSDK's own status patch carries no version, and then swallows the event of a spec
 * that was edited meanwhile; with it, the API server answers 409 and the reconcile is tried again.
 */
public final class StatusWriter<R extends CustomResource<?, S>, S> {
  private static final Logger LOG = LoggerFactory.getLogger(StatusWriter.class);

  /** An informer needs a moment for what the API server has already. */
  private static final Duration SOON = Duration.ofMillis(200);

  private final KubernetesClient client;
  private final RequestLimit limit;
  private final Supplier<R> blank;
  private final BiConsumer<R, S> setter;
  private final ConcurrentHashMap<String, R> written = new ConcurrentHashMap<>();

  /**
   * @param blank makes a resource that has nothing yet
   */
  public StatusWriter(
      KubernetesClient client, RequestLimit limit, Supplier<R> blank, BiConsumer<R, S> setter) {
    this.client = client;
    this.limit = limit;
    this.blank = blank;
    this.setter = setter;
  }

  /**
   * The resource as it was last written here, if the informer has not seen that yet; else {@code
   * cached} itself. A turn begins with it.
   *
   * @throws RequestLimit.ClosedException once nothing may be written any more; see {@link #onError}
   */
  public R freshest(R cached) {
    limit.demandOpen();
    R mine =
        written.computeIfPresent(
            cached.getMetadata().getUid(),
            // Once the informer has caught up, a second copy is of no use.
            (_, own) -> version(own) > version(cached) ? own : null);
    return mine == null ? cached : mine;
  }

  /** Somebody else has changed the resource since it was read: nothing was written. */
  public static final class OutdatedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutdatedException(KubernetesClientException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /**
   * What a reconciler's {@code updateErrorStatus} answers: a turn whose status was outdated is no
   * failure and is taken again soon, one of an operator that stops is not taken again, and of
   * everything else JOSDK takes care.
   */
  public static <R extends CustomResource<?, ?>> ErrorStatusUpdateControl<R> onError(
      R resource, Exception thrown) {
    // JOSDK's metrics wrap what a reconciler throws.
    for (@Nullable Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof RequestLimit.ClosedException) {
        return ErrorStatusUpdateControl.<R>noStatusUpdate().withNoRetry();
      }
      if (cause instanceof OutdatedException) {
        LOG.atDebug()
            .addKeyValue("kind", resource.getKind())
            .addKeyValue("namespace", resource.getMetadata().getNamespace())
            .addKeyValue("name", resource.getMetadata().getName())
            .log("changed meanwhile: {}", cause.getMessage());
        return ErrorStatusUpdateControl.<R>noStatusUpdate().rescheduleAfter(SOON);
      }
    }
    return ErrorStatusUpdateControl.defaultErrorProcessing();
  }

  /**
   * Writes {@code next} if it differs from what {@code observed} has.
   *
   * @return whether something was written
   * @throws OutdatedException if the resource has changed since, or is gone; see {@link #onError}
   */
  public boolean write(R observed, S next) {
    @Nullable S previous = observed.getStatus();
    if (Objects.equals(previous, next)) {
      return false;
    }
    R updated;
    try {
      updated = limit.within(() -> client.resource(toBeSent(observed, next)).updateStatus());
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT
          || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        // Nothing may be done whose intent is not written, of what was deleted neither.
        throw new OutdatedException(e);
      }
      throw e;
    }
    written.put(observed.getMetadata().getUid(), updated);
    return true;
  }

  /** What is not status is left out: the API server would not look at it. */
  private R toBeSent(R observed, S next) {
    R sent = blank.get();
    sent.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(observed.getMetadata().getNamespace())
            .withName(observed.getMetadata().getName())
            .withUid(observed.getMetadata().getUid())
            .withResourceVersion(observed.getMetadata().getResourceVersion())
            .build());
    setter.accept(sent, next);
    return sent;
  }

  /** Forgets a resource that is gone. */
  public void forget(R gone) {
    written.remove(gone.getMetadata().getUid());
  }

  private static long version(CustomResource<?, ?> resource) {
    try {
      return Long.parseLong(resource.getMetadata().getResourceVersion());
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
