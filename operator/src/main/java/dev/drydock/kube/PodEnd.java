package dev.drydock.kube;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a pod of one container ended.
 *
 * @param pod its name
 * @param word the termination message; empty: it left none
 */
public record PodEnd(String pod, Instant at, int exitCode, String word) {

  /** Nothing as long as it has not ended. */
  public static Optional<PodEnd> of(Pod pod) {
    if (pod.getStatus() == null || pod.getStatus().getContainerStatuses() == null) {
      return Optional.empty();
    }
    for (ContainerStatus container : pod.getStatus().getContainerStatuses()) {
      @Nullable ContainerStateTerminated end =
          container.getState() == null ? null : container.getState().getTerminated();
      if (end != null && end.getFinishedAt() != null) {
        return Optional.of(
            new PodEnd(
                pod.getMetadata().getName(),
                Instant.parse(end.getFinishedAt()),
                end.getExitCode(),
                end.getMessage() == null ? "" : end.getMessage()));
      }
    }
    return Optional.empty();
  }

  /** The word of one that ended well; nothing if it left none. */
  public Optional<String> result() {
    return exitCode == 0 && !word.isEmpty() ? Optional.of(word) : Optional.empty();
  }
}
