package dev.drydock.hosthealth;

import dev.drydock.probe.LookResult;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the pods of a policy's CronJob left word of. Pure. */
final class LookPods {
  private LookPods() {}

  /**
   * How the newest pod that has ended did.
   *
   * @param result nothing: it ended without a result, and nobody knows
   * @param ended when its container ended
   * @param assignment the name of the ConfigMap that it read
   */
  record Ended(Optional<LookResult> result, Instant ended, String pod, String assignment) {}

  /** The newest pod that has ended and was due; nothing if there is none. */
  static Optional<Ended> newest(Collection<Pod> pods) {
    return pods.stream()
        .flatMap(pod -> ended(pod).stream())
        .filter(ended -> ended.result().filter(LookResult::skipped).isEmpty())
        .max(Comparator.comparing(Ended::ended));
  }

  private static Optional<Ended> ended(Pod pod) {
    if (pod.getStatus() == null || pod.getStatus().getContainerStatuses() == null) {
      return Optional.empty();
    }
    for (ContainerStatus container : pod.getStatus().getContainerStatuses()) {
      @Nullable ContainerStateTerminated end =
          container.getState() == null ? null : container.getState().getTerminated();
      if (end != null && end.getFinishedAt() != null) {
        Optional<LookResult> result =
            end.getMessage() == null || end.getExitCode() != 0
                ? Optional.empty()
                : LookResult.fromJson(end.getMessage());
        return Optional.of(
            new Ended(
                result,
                Instant.parse(end.getFinishedAt()),
                pod.getMetadata().getName(),
                assignment(pod)));
      }
    }
    return Optional.empty();
  }

  private static String assignment(Pod pod) {
    return pod.getSpec().getVolumes().stream()
        .filter(volume -> volume.getConfigMap() != null)
        .map(volume -> volume.getConfigMap().getName())
        .findFirst()
        .orElse("");
  }
}
