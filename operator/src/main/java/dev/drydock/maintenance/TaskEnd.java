package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.HostOutcome;
import dev.drydock.kernel.Text;
import dev.drydock.kube.PodEnd;
import dev.drydock.kube.PodStart;
import dev.drydock.work.WorkResult;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.UncountedTerminatedPods;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended, by what its pod left word of and by what the Job controller says. Pure.
 *
 * @param message what happened, in a sentence that says what to do
 * @param unfinished whether the next run goes on with hosts that this one did not begin
 */
record TaskEnd(Outcome outcome, String message, List<HostOutcome> hosts, boolean unfinished) {
  private static final String JOB_NAME = "batch.kubernetes.io/job-name";
  static final int MOST_HOSTS = 500;

  /** A schedule's status has room for some megabyte, of all its tasks. */
  private static final int HOSTS_TEXT = 20_000;

  /** Where there is no room for all, these must be told. */
  static final Comparator<HostOutcome> LOST_FIRST =
      Comparator.comparing(host -> !Boolean.TRUE.equals(host.lost()));

  /** The word of a pod may be seen after the Job's own end. */
  private static final Duration ON_ITS_WAY = Duration.ofSeconds(10);

  /** How long a pod may go on that is told to end, and until that is seen. */
  private static final Duration TERMINATING = Duration.ofMinutes(1);

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
   * @param begun whether a pod of it may have begun, whatever is left of that
   * @param read reads the word of a pod; nothing if it is none
   * @param pods those of the schedule
   */
  static Optional<TaskEnd> of(
      TaskJob job,
      boolean own,
      boolean begun,
      Function<String, Optional<TaskEnd>> read,
      String namespace,
      Collection<Pod> pods,
      Instant now) {
    Optional<PodEnd> last = last(job.name(), pods);
    String log = "see its log: kubectl -n " + namespace + " logs job/" + job.name();
    Optional<TaskEnd> word = own ? Optional.empty() : last.map(PodEnd::word).flatMap(read);
    if (word.isPresent()) {
      return word;
    }
    if (own && job.failure().isEmpty()) {
      return Optional.of(new TaskEnd(Outcome.Succeeded, "the container ended with 0", List.of()));
    }
    if (job.givenUp().filter(PodGate.BARRED::equals).isPresent()) {
      return failed("its pod went amid its work, and nobody knows how far it came: " + log);
    }
    if (job.givenUp().isPresent() && last.isEmpty()) {
      List<Pod> left = of(job.name(), pods).filter(Predicate.not(TaskObjects::hasEnded)).toList();
      if (!left.isEmpty() && isRecent(job, TERMINATING, now)) {
        return Optional.empty();
      }
      if (left.stream().anyMatch(PodStart::isAtWork)) {
        return failed(
            "a pod of it began just when it was given up, and nobody knows how far it came: "
                + log);
      }
      // What was done by runs before it still is.
      return Optional.of(
          new TaskEnd(
              Outcome.Missed,
              "it was let start, but no pod of it had begun until "
                  + job.ended().orElse(now)
                  + ": "
                  + job.givenUp().get()
                  + "; when that is mended, start it with the annotation "
                  + MaintenanceManifests.RUN,
              List.of(),
              true));
    }
    if (!begun && last.isEmpty()) {
      return isRecent(job, ON_ITS_WAY, now)
          ? Optional.empty()
          : Optional.of(
              new TaskEnd(
                  Outcome.Missed,
                  "the cluster ended its Job before a pod of it was let begin; start it with the"
                      + " annotation "
                      + MaintenanceManifests.RUN,
                  List.of(),
                  true));
    }
    if (job.failure().equals("DeadlineExceeded") && job.givenUp().isEmpty()) {
      return failed(
          "it had not ended when its "
              + (own ? "window closed, or its " : "")
              + "activeDeadlineSeconds were over, and was ended: "
              + log);
    }
    if (own && last.isPresent()) {
      return failed("the container ended with " + last.get().exitCode() + ": " + log);
    }
    return isRecent(job, ON_ITS_WAY, now)
        ? Optional.empty()
        : failed(
            "the pod ended without a result: "
                + log
                + (job.touches().isEmpty()
                    ? "; start it again"
                    : "; what it had begun may be half done: once you have seen to that, start it"
                        + " again")
                + " with the annotation "
                + MaintenanceManifests.RUN);
  }

  private static boolean isRecent(TaskJob job, Duration time, Instant now) {
    return job.ended().filter(ended -> now.isBefore(ended.plus(time))).isPresent();
  }

  /** What a pod that works on hosts left word of. */
  static Optional<TaskEnd> ofWork(String message) {
    return WorkResult.decode(message).map(TaskEnd::ofWork);
  }

  private static TaskEnd ofWork(WorkResult word) {
    int cut = word.cut() + Math.max(0, word.hosts().size() - MOST_HOSTS);
    return new TaskEnd(
        word.outcome(),
        cut == 0
            ? word.message()
            : word.message() + "; its log alone has how it went on others: " + cut,
        hosts(word),
        word.unfinished());
  }

  /**
   * What a Job that was let start waits for.
   *
   * @param what in the cluster's own words; where {@code again} is present, a clause that says what
   *     to do
   * @param again since when it does so once more, after a pod of it was at work; nothing if none
   *     has begun yet
   */
  record Awaited(String what, Optional<Instant> again) {}

  /**
   * What keeps a Job that was let start from its work; nothing once a pod of it has begun, or if
   * that may be so, unless that one has ended and the next one has yet to begin.
   *
   * @param resumed whether there was one before a person suspended the Job, and resumed it
   */
  static Optional<Awaited> awaited(Job job, boolean resumed, Collection<Pod> pods) {
    List<Pod> own = of(job.getMetadata().getName(), pods).toList();
    JobStatus status = job.getStatus();
    if (status != null
        && (isSome(status.getSucceeded())
            || isSome(status.getReady())
            || (own.isEmpty() && isSome(status.getActive())))) {
      return Optional.empty();
    }
    List<Pod> left = own.stream().filter(pod -> !TaskObjects.hasEnded(pod)).toList();
    Optional<Pod> lost = left.stream().filter(TaskEnd::isToldToEnd).findFirst();
    if (lost.isPresent() && left.stream().allMatch(TaskEnd::isToldToEnd)) {
      return lost.map(TaskEnd::lost);
    }
    if (status != null && (resumed || isSome(status.getFailed()) || isUncounted(status))) {
      return next(job, own, left);
    }
    Optional<String> what = own.isEmpty() ? Optional.of(noneMade(job)) : awaited(own);
    return what.map(one -> new Awaited(one, Optional.empty()));
  }

  private static boolean isToldToEnd(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() != null;
  }

  /** A pod on a node that is down goes nowhere, and its Job does not end before it has. */
  private static Awaited lost(Pod pod) {
    String node = pod.getSpec().getNodeName();
    Instant since = Instant.parse(pod.getMetadata().getDeletionTimestamp());
    return new Awaited(
        "it is not known whether it still works: its node "
            + node
            + " has not ended it since "
            + since
            + ": bring the node back or, once it is off for good, kubectl delete node "
            + node,
        Optional.of(since));
  }

  /** What the pod waits for that goes on with what an earlier one began. */
  private static Optional<Awaited> next(Job job, List<Pod> own, List<Pod> left) {
    if (own.stream().anyMatch(TaskObjects::hasSucceeded)) {
      return Optional.empty();
    }
    Optional<String> what = left.isEmpty() ? Optional.of(noneMade(job)) : awaited(left);
    Optional<Instant> since =
        left.isEmpty()
            ? own.stream()
                .flatMap(pod -> PodEnd.of(pod).stream())
                .map(PodEnd::at)
                .max(Comparator.naturalOrder())
                .or(() -> Optional.ofNullable(job.getStatus().getStartTime()).map(Instant::parse))
            : left.stream()
                .map(pod -> Instant.parse(pod.getMetadata().getCreationTimestamp()))
                .max(Comparator.naturalOrder());
    return what.flatMap(
        why ->
            since.map(
                at ->
                    new Awaited(
                        "the next one, which goes on with that, has not begun since "
                            + at
                            + ": "
                            + why
                            + ": mend that before the Job's activeDeadlineSeconds are over",
                        since)));
  }

  private static String noneMade(Job job) {
    return "the cluster has made none, see: kubectl -n "
        + job.getMetadata().getNamespace()
        + " describe job/"
        + job.getMetadata().getName();
  }

  private static Optional<String> awaited(List<Pod> pods) {
    List<Optional<String>> awaited = pods.stream().map(PodStart::awaited).toList();
    return !awaited.isEmpty() && awaited.stream().allMatch(Optional::isPresent)
        ? awaited.getFirst()
        : Optional.empty();
  }

  static boolean isUncounted(JobStatus status) {
    UncountedTerminatedPods ended = status.getUncountedTerminatedPods();
    return ended != null && !(ended.getFailed().isEmpty() && ended.getSucceeded().isEmpty());
  }

  private static boolean isSome(@Nullable Integer pods) {
    return pods != null && pods > 0;
  }

  static Stream<Pod> of(String job, Collection<Pod> pods) {
    return pods.stream().filter(pod -> job.equals(labels(pod).get(JOB_NAME)));
  }

  /**
   * The pod of a Job that ended last; nothing if none has. Each is let begin after the one before
   * it, but the clocks of their nodes may differ.
   */
  static Optional<PodEnd> last(String job, Collection<Pod> pods) {
    return of(job, pods)
        .filter(pod -> PodEnd.of(pod).isPresent())
        .max(
            Comparator.comparing((Pod pod) -> pod.getMetadata().getCreationTimestamp())
                .thenComparing(pod -> PodEnd.of(pod).orElseThrow().at()))
        .flatMap(PodEnd::of);
  }

  private static Optional<TaskEnd> failed(String message) {
    return Optional.of(new TaskEnd(Outcome.Failed, message, List.of()));
  }

  private static List<HostOutcome> hosts(WorkResult word) {
    int length = HOSTS_TEXT / Math.clamp(word.hosts().size(), 1, MOST_HOSTS);
    return word.hosts().stream()
        .limit(MOST_HOSTS)
        .map(
            host ->
                new HostOutcome(
                    host.name(),
                    host.outcome(),
                    host.message().isEmpty() ? null : Text.line(host.message(), length),
                    host.lost() ? true : null))
        .sorted(Comparator.comparing(HostOutcome::name))
        .toList();
  }

  private static Map<String, String> labels(Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    return labels == null ? Map.of() : labels;
  }
}
