package dev.drydock.maintenance;

import dev.drydock.kube.Applier;
import dev.drydock.kube.TaskPods;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One Job of a task. Pure.
 *
 * @param slot the due time that it is of; nothing if a person started it
 * @param created when it was made, or, by hand, asked for
 * @param started since when pods of it may begin, as the Job controller says; nothing if it has yet
 *     to say so
 * @param begun whether it was let start once, though a person may have suspended it since: a pod of
 *     it may have been at work
 * @param ended when it ended; present in phase {@code Ended} alone
 * @param failure why it failed, as the Job controller calls it; empty if it did not
 * @param hosts that it works on
 * @param touches what it may disturb there, as {@link dev.drydock.kernel.Work} writes it
 * @param origin what it was made of
 * @param givenUp what its pod waited for when it was given up; nothing if it was not
 */
record TaskJob(
    String name,
    String schedule,
    String task,
    Optional<Instant> slot,
    Instant created,
    Phase phase,
    Optional<Instant> started,
    boolean begun,
    Optional<Instant> ended,
    String failure,
    Set<String> hosts,
    List<String> touches,
    Origin origin,
    Optional<String> givenUp) {
  static final String HOSTS = "drydock.dev/hosts";
  static final String TOUCHES = "drydock.dev/touches";
  static final String SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp";
  static final String BY_HAND = "cronjob.kubernetes.io/instantiate";

  /** On a Job that was made in the place of another one: when a person asked for that. */
  static final String ASKED = "drydock.dev/asked";

  /** Likewise: the other one's uid. */
  static final String INSTEAD_OF = "drydock.dev/instead-of";

  /** The order in which they are dealt with. */
  static final Comparator<TaskJob> ORDER =
      Comparator.comparing((TaskJob job) -> job.slot().orElse(job.created()))
          .thenComparing(TaskJob::name);

  /** On a Job that is ended, since no pod of it has begun: what that waited for. */
  static final String GIVEN_UP = "drydock.dev/given-up";

  private static final Pattern MINUTES = Pattern.compile(".*-([0-9]{8,9})");

  TaskJob {
    hosts = Set.copyOf(hosts);
    touches = List.copyOf(touches);
  }

  /** How far it is. */
  enum Phase {
    /** Suspended: it has not been let start yet, or a person holds it. */
    Waiting,
    Running,
    Ended
  }

  /**
   * What a Job was made of.
   *
   * @param uid its own
   * @param content names what it does, and where; empty: it doesn't say
   * @param insteadOf the uid of a Job that was asked for before the task was changed, and whose
   *     place it takes
   */
  record Origin(String uid, String content, Optional<String> insteadOf) {}

  static TaskJob of(Job job) {
    Map<String, String> labels = orNone(job.getMetadata().getLabels());
    Map<String, String> annotations = orNone(job.getMetadata().getAnnotations());
    Optional<JobCondition> end = end(job, annotations.containsKey(GIVEN_UP));
    Optional<JobCondition> failure =
        end.filter(condition -> !condition.getType().equals("Complete"));
    Instant created =
        time(annotations.get(ASKED))
            .orElseGet(() -> Instant.parse(job.getMetadata().getCreationTimestamp()));
    return new TaskJob(
        job.getMetadata().getName(),
        labels.getOrDefault(MaintenanceManifests.SCHEDULE, ""),
        labels.getOrDefault(MaintenanceManifests.TASK, ""),
        slot(job.getMetadata().getName(), annotations),
        created,
        end.isPresent()
            ? Phase.Ended
            : Boolean.TRUE.equals(job.getSpec().getSuspend()) ? Phase.Waiting : Phase.Running,
        started(job),
        hasBegun(job),
        end.map(
            condition ->
                Optional.ofNullable(job.getStatus().getCompletionTime())
                    .or(() -> Optional.ofNullable(condition.getLastTransitionTime()))
                    .map(Instant::parse)
                    .orElse(created)),
        failure.map(condition -> String.valueOf(condition.getReason())).orElse(""),
        new LinkedHashSet<>(words(annotations.getOrDefault(HOSTS, ""))),
        words(annotations.getOrDefault(TOUCHES, "")),
        new Origin(
            job.getMetadata().getUid(),
            annotations.getOrDefault(Applier.CONTENT, ""),
            Optional.ofNullable(annotations.get(INSTEAD_OF))),
        Optional.ofNullable(annotations.get(GIVEN_UP)));
  }

  /** Of one that was suspended and is to go on, the Job controller has yet to say when it does. */
  private static Optional<Instant> started(Job job) {
    JobStatus status = job.getStatus();
    boolean isToGoOn =
        status != null
            && !Boolean.TRUE.equals(job.getSpec().getSuspend())
            && Objects.requireNonNullElse(status.getConditions(), List.<JobCondition>of()).stream()
                .anyMatch(
                    condition ->
                        condition.getType().equals("Suspended")
                            && "True".equals(condition.getStatus()));
    return status == null || isToGoOn
        ? Optional.empty()
        : Optional.ofNullable(status.getStartTime()).map(Instant::parse);
  }

  /** The same Job, of which is known that it was let start, though it does not say so any more. */
  TaskJob thatHasBegun() {
    return new TaskJob(
        name, schedule, task, slot, created, phase, started, true, ended, failure, hosts, touches,
        origin, givenUp);
  }

  /** A cluster may take the start time away from a Job that is suspended; this stays. */
  private static boolean hasBegun(Job job) {
    return (job.getStatus() != null && job.getStatus().getStartTime() != null)
        || (job.getSpec().getTemplate() != null
            && job.getSpec().getTemplate().getMetadata() != null
            && orNone(job.getSpec().getTemplate().getMetadata().getAnnotations())
                .containsKey(TaskPods.SLOT));
  }

  /**
   * @param isGivenUp that one will have failed is enough then: a pod on a node that is down goes
   *     nowhere
   */
  private static Optional<JobCondition> end(Job job, boolean isGivenUp) {
    return job.getStatus() == null || job.getStatus().getConditions() == null
        ? Optional.empty()
        : job.getStatus().getConditions().stream()
            .filter(condition -> "True".equals(condition.getStatus()))
            .filter(
                condition ->
                    condition.getType().equals("Complete")
                        || condition.getType().equals("Failed")
                        || (isGivenUp && condition.getType().equals("FailureTarget")))
            .findFirst();
  }

  /** The CronJob controller notes it; before 1.28 only the name told. */
  private static Optional<Instant> slot(String name, Map<String, String> annotations) {
    String noted = annotations.get(SCHEDULED);
    if (noted != null) {
      return time(noted);
    }
    var minutes = MINUTES.matcher(name);
    return annotations.containsKey(BY_HAND) || !minutes.matches()
        ? Optional.empty()
        : Optional.of(Instant.EPOCH.plus(Duration.ofMinutes(Long.parseLong(minutes.group(1)))));
  }

  private static Optional<Instant> time(@Nullable String noted) {
    try {
      return Optional.ofNullable(noted).map(text -> OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static List<String> words(String list) {
    return Arrays.stream(list.split(",", -1)).filter(word -> !word.isEmpty()).toList();
  }

  private static Map<String, String> orNone(Map<String, String> map) {
    return map == null ? Map.of() : map;
  }
}
