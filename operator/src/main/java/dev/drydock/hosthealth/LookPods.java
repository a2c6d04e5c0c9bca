package dev.drydock.hosthealth;

import dev.drydock.kube.PodEnd;
import dev.drydock.probe.LookResult;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

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
    return PodEnd.of(pod)
        .map(
            end ->
                new Ended(
                    end.result().flatMap(LookResult::decode),
                    end.at(),
                    end.pod(),
                    assignment(pod)));
  }

  private static String assignment(Pod pod) {
    return pod.getSpec().getVolumes().stream()
        .filter(volume -> volume.getConfigMap() != null)
        .map(volume -> volume.getConfigMap().getName())
        .findFirst()
        .orElse("");
  }
}
