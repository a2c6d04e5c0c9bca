package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.HostOutcome;
import dev.drydock.kube.PodEnd;
import dev.drydock.work.WorkResult;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * How a run ended, by what its pod left word of and by what the Job controller says. Pure.
 *
 * @param message what happened, in a sentence that says what to do
 * @param unfinished whether the next run goes on with hosts that this one did not begin
 */
record TaskEnd(Outcome outcome, String message, List<HostOutcome> hosts, boolean unfinished) {
  private static final String JOB_NAME = "batch.kubernetes.io/job-name";
  static final int MOST_HOSTS = 500;

  /** The word of a pod may be seen after the Job's own end. */
  private static final Duration ON_ITS_WAY = Duration.ofSeconds(10);

  TaskEnd {
    hosts = List.copyOf(hosts);
  }

  TaskEnd(Outcome outcome, String message, List<HostOutcome> hosts) {
    this(outcome, message, hosts, false);
  }

  /**
   * The end of a Job that has ended; nothing if its pod's word may still be on its way.
   *
   * @param own whether the pod is the user's own container, which leaves no word
   * @param read reads the word of a pod; nothing if it is none
   * @param pods those of the schedule
   */
  static Optional<TaskEnd> of(
      TaskJob job,
      boolean own,
      Function<String, Optional<TaskEnd>> read,
      String namespace,
      Collection<Pod> pods,
      Instant now) {
    Optional<PodEnd> last = last(job.name(), pods);
    String log = "see its log: kubectl -n " + namespace + " logs job/" + job.name();
    Optional<TaskEnd> word = own ? Optional.empty() : last.map(PodEnd::word).flatMap(read);
    if (word.isPresent()) {
      return job.lostPods() > 0 ? word.map(TaskEnd::takenUp) : word;
    }
    if (own && job.failure().isEmpty()) {
      return Optional.of(new TaskEnd(Outcome.Succeeded, "the container ended with 0", List.of()));
    }
    if (job.failure().equals("DeadlineExceeded")) {
      return failed(
          "it was still at work when its "
              + (own ? "window closed, or its " : "")
              + "activeDeadlineSeconds were over, and was ended: "
              + log);
    }
    if (own && last.isPresent()) {
      return failed("the container ended with " + last.get().exitCode() + ": " + log);
    }
    return job.ended().filter(ended -> now.isBefore(ended.plus(ON_ITS_WAY))).isPresent()
        ? Optional.empty()
        : failed("the pod ended without a result: " + log);
  }

  /** What the last pod found done already was done by one before it. */
  private static TaskEnd takenUp(TaskEnd last) {
    return new TaskEnd(
        last.outcome,
        last.message
            + "; an earlier pod of this run was ended amid its work, and this one took it up",
        last.hosts,
        last.unfinished);
  }

  /** What a pod that works on hosts left word of. */
  static Optional<TaskEnd> ofWork(String message) {
    return WorkResult.fromJson(message)
        .map(word -> new TaskEnd(word.outcome(), word.message(), hosts(word), word.unfinished()));
  }

  /** The pod of a Job that ended last; nothing if none has. */
  static Optional<PodEnd> last(String job, Collection<Pod> pods) {
    return pods.stream()
        .filter(pod -> job.equals(labels(pod).get(JOB_NAME)))
        .flatMap(pod -> PodEnd.of(pod).stream())
        .max(Comparator.comparing(PodEnd::at));
  }

  private static Optional<TaskEnd> failed(String message) {
    return Optional.of(new TaskEnd(Outcome.Failed, message, List.of()));
  }

  private static List<HostOutcome> hosts(WorkResult word) {
    return word.hosts().stream()
        .limit(MOST_HOSTS)
        .map(
            host ->
                new HostOutcome(
                    host.name(), host.outcome(), host.message().isEmpty() ? null : host.message()))
        .sorted(Comparator.comparing(HostOutcome::name))
        .toList();
  }

  private static Map<String, String> labels(Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    return labels == null ? Map.of() : labels;
  }
}
