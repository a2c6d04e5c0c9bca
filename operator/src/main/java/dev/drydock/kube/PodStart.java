package dev.drydock.kube;

import dev.drydock.kernel.Text;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Why a pod of one container has not begun. Pure. */
public final class PodStart {
  private static final int TEXT = 400;

  private PodStart() {}

  /** What a pod waits for, in the cluster's own words; nothing once its container has begun. */
  public static Optional<String> awaited(Pod pod) {
    if (pod.getStatus() == null) {
      return Optional.of("no node has taken it yet");
    }
    String phase = String.valueOf(pod.getStatus().getPhase());
    if (!phase.equals("Pending") && !phase.equals("null")) {
      return Optional.empty();
    }
    if (containers(pod).anyMatch(PodStart::hasBegun)) {
      return Optional.empty();
    }
    return containers(pod)
        .flatMap(container -> waiting(container.getState()).stream())
        .findFirst()
        .or(() -> notScheduled(pod))
        .or(() -> Optional.of("no node has begun it yet"));
  }

  /** Whether its container runs, as far as its node has told. */
  public static boolean isAtWork(Pod pod) {
    return pod.getStatus() != null
        && containers(pod)
            .map(ContainerStatus::getState)
            .anyMatch(state -> state != null && state.getRunning() != null);
  }

  private static boolean hasBegun(ContainerStatus container) {
    return hasBegun(container.getState()) || hasBegun(container.getLastState());
  }

  private static boolean hasBegun(@Nullable ContainerState state) {
    return state != null && (state.getRunning() != null || state.getTerminated() != null);
  }

  private static Optional<String> waiting(@Nullable ContainerState state) {
    @Nullable ContainerStateWaiting waiting = state == null ? null : state.getWaiting();
    return waiting == null ? Optional.empty() : said(waiting.getReason(), waiting.getMessage());
  }

  private static Optional<String> notScheduled(Pod pod) {
    return pod.getStatus().getConditions() == null
        ? Optional.empty()
        : pod.getStatus().getConditions().stream()
            .filter(condition -> "PodScheduled".equals(condition.getType()))
            .filter(condition -> "False".equals(condition.getStatus()))
            .findFirst()
            .flatMap(
                (PodCondition condition) -> said(condition.getReason(), condition.getMessage()));
  }

  private static Optional<String> said(@Nullable String reason, @Nullable String message) {
    String said =
        Text.line(
            Stream.of(reason, message)
                .filter(part -> part != null && !part.isBlank())
                .reduce((one, other) -> one + ": " + other)
                .orElse(""),
            TEXT);
    return said.isEmpty() ? Optional.empty() : Optional.of(said);
  }

  private static Stream<ContainerStatus> containers(Pod pod) {
    return pod.getStatus().getContainerStatuses() == null
        ? Stream.empty()
        : pod.getStatus().getContainerStatuses().stream();
  }
}
