package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSchedulingGate;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which pod of a Job may begin. The Job controller makes one, and now and then two (so says its
 * documentation): when the API server dies amid its request, for example. So each is made with a
 * scheduling gate (KEP-3521), and one is let begin, after status has its name. Pure.
 */
final class PodGate {
  /** The scheduling gate. */
  static final String NAME = "drydock.dev/one-pod";

  /** What a Job waits for in vain whose pod has begun, and is gone. */
  static final String BARRED = "a pod of it has begun already, and its work is not begun twice";

  private PodGate() {}

  /**
   * A pod that may begin.
   *
   * @param left the gates that others have set, which stay
   * @param follows whether another one of its Job may have begun before it
   */
  record Begin(String pod, String uid, List<PodSchedulingGate> left, boolean follows) {}

  /** Whether the pods of a Job are made with the gate. */
  static boolean isOf(Job job) {
    return has(job.getSpec().getTemplate().getSpec().getSchedulingGates());
  }

  /** The pod of a Job that was let begin last, as status has it; null if none was. */
  static @Nullable String begun(@Nullable Run lastRun, String job) {
    return lastRun != null && job.equals(lastRun.job()) ? lastRun.pod() : null;
  }

  /**
   * The pod that is to be let begin now; nothing if one is at work, or if none may.
   *
   * @param lastRun as status has it
   * @param pods those of the schedule
   */
  static Optional<Begin> next(@Nullable Run lastRun, Job job, Collection<Pod> pods) {
    @Nullable String begun = begun(lastRun, job.getMetadata().getName());
    List<Pod> waiting = waiting(job, pods);
    List<Pod> before = before(job, pods);
    if (!before.stream().allMatch(TaskObjects::hasEnded)
        || before.stream().anyMatch(TaskObjects::hasSucceeded)) {
      return Optional.empty();
    }
    Optional<Pod> named =
        waiting.stream().filter(pod -> pod.getMetadata().getName().equals(begun)).findFirst();
    Optional<Pod> next = named.or(() -> waiting.stream().findFirst());
    boolean isOver = !before.isEmpty() || hasFailed(job.getStatus()) || isResumed(lastRun, job);
    if (!isOver && (begun == null || named.isPresent())) {
      return next.map(pod -> begin(pod, false));
    }
    // One that is gone without a trace may be at work still.
    return named.isPresent() || (isOver && isTriedAgain(job))
        ? next.map(pod -> begin(pod, true))
        : Optional.empty();
  }

  /** Whether no pod of a Job is at work or has done it, and none may begin any more. */
  static boolean isBarred(@Nullable Run lastRun, Job job, Collection<Pod> pods) {
    boolean isNextInVain =
        !waiting(job, pods).isEmpty() || (isResumed(lastRun, job) && !isTriedAgain(job));
    List<Pod> before = before(job, pods);
    return isNextInVain
        && before.stream().allMatch(TaskObjects::hasEnded)
        && before.stream().noneMatch(TaskObjects::hasSucceeded)
        && next(lastRun, job, pods).isEmpty();
  }

  private static List<Pod> waiting(Job job, Collection<Pod> pods) {
    return TaskEnd.of(job.getMetadata().getName(), pods)
        .filter(PodGate::isGated)
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .filter(Predicate.not(TaskObjects::hasEnded))
        .sorted(
            Comparator.comparing((Pod pod) -> pod.getMetadata().getCreationTimestamp())
                .thenComparing(pod -> pod.getMetadata().getName()))
        .toList();
  }

  private static List<Pod> before(Job job, Collection<Pod> pods) {
    return TaskEnd.of(job.getMetadata().getName(), pods)
        .filter(Predicate.not(PodGate::isGated))
        .toList();
  }

  private static Begin begin(Pod pod, boolean follows) {
    return new Begin(
        pod.getMetadata().getName(),
        pod.getMetadata().getUid(),
        pod.getSpec().getSchedulingGates().stream()
            .filter(gate -> !NAME.equals(gate.getName()))
            .toList(),
        follows);
  }

  private static boolean isGated(Pod pod) {
    return has(pod.getSpec().getSchedulingGates());
  }

  private static boolean has(@Nullable List<PodSchedulingGate> gates) {
    return gates != null && gates.stream().anyMatch(gate -> NAME.equals(gate.getName()));
  }

  /** Else what one pod has begun is not begun by another one. */
  private static boolean isTriedAgain(Job job) {
    return Objects.requireNonNullElse(job.getSpec().getBackoffLimit(), 0) > 0;
  }

  /**
   * Whether a Job goes on that a person had suspended after a pod of it was let begin. Such pods
   * are taken away, and count for nothing.
   */
  static boolean isResumed(@Nullable Run lastRun, Job job) {
    JobStatus status = job.getStatus();
    return lastRun != null
        && lastRun.started() != null
        && begun(lastRun, job.getMetadata().getName()) != null
        && status != null
        && status.getStartTime() != null
        && Instant.parse(status.getStartTime()).isAfter(Instant.parse(lastRun.started()));
  }

  private static boolean hasFailed(@Nullable JobStatus status) {
    return status != null
        && (Objects.requireNonNullElse(status.getFailed(), 0) > 0 || TaskEnd.isUncounted(status));
  }
}
