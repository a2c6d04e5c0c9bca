package dev.drydock.hosthealth;

import dev.drydock.kube.PodEnd;
import dev.drydock.report.ReportResult;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the pods of a policy's reports left word of. Pure. */
final class ReportPods {
  private ReportPods() {}

  /**
   * How a pod ended.
   *
   * @param result nothing: without one
   */
  record Ended(Optional<ReportResult> result, Instant ended, String pod) {}

  /**
   * The pods that have ended after {@code last} and were due, the earliest first.
   *
   * @param last when that of the last report did, or null
   */
  static List<Ended> since(Collection<Pod> pods, @Nullable Instant last) {
    return pods.stream()
        .flatMap(pod -> ended(pod).stream())
        .filter(ended -> last == null || ended.ended().isAfter(last))
        .filter(ended -> ended.result().filter(ReportResult::skipped).isEmpty())
        .sorted(Comparator.comparing(Ended::ended).thenComparing(Ended::pod))
        .toList();
  }

  private static Optional<Ended> ended(Pod pod) {
    return PodEnd.of(pod)
        .map(end -> new Ended(end.result().flatMap(ReportResult::decode), end.at(), end.pod()));
  }
}
