package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec;
import dev.drydock.kernel.CronSchedule;
import dev.drydock.kernel.Fingerprint;
import dev.drydock.kube.Applier;
import dev.drydock.kube.Assignments;
import dev.drydock.kube.Owners;
import dev.drydock.kube.TaskPods;
import dev.drydock.probe.LookAssignment;
import dev.drydock.probe.LookAssignment.Reach;
import dev.drydock.probe.LookAssignment.Target;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The objects by which a policy with a schedule looks. Pure. */
final class LookCronJob {
  /** On every object that is made for a policy: the policy's name. */
  static final String POLICY = "drydock.dev/policy";

  private static final int STARTING_DEADLINE = 300;
  private static final Duration MARGIN = Duration.ofMinutes(5);

  private LookCronJob() {}

  static String name(HostHealthPolicy policy) {
    return policy.getMetadata().getName() + "-look";
  }

  static int startingDeadline(HostHealthPolicySpec spec) {
    return spec.startingDeadlineSeconds() == null
        ? STARTING_DEADLINE
        : spec.startingDeadlineSeconds();
  }

  static Map<String, String> labels(HostHealthPolicy policy) {
    return Map.of(POLICY, policy.getMetadata().getName(), "drydock.dev/task", "look");
  }

  /** Named by what it says: a pod that runs never sees it change. */
  static ConfigMap configMap(HostHealthPolicy policy, LookAssignment assignment) {
    String json = assignment.toJson();
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(policy.getMetadata().getNamespace())
        .withName(name(policy) + "-" + Fingerprint.of(json).substring(0, 10))
        .withLabels(allLabels(policy))
        .withOwnerReferences(Owners.reference(policy))
        .endMetadata()
        .withImmutable(true)
        .withData(Map.of("assignment.json", json))
        .build();
  }

  static CronJob cronJob(
      HostHealthPolicy policy,
      CronSchedule schedule,
      LookAssignment assignment,
      ConfigMap configMap,
      TaskPods pods) {
    HostHealthPolicySpec spec = policy.getSpec();
    var labels = new HashMap<>(labels(policy));
    var template =
        pods.template(
            "look",
            labels,
            configMap.getMetadata().getName(),
            identities(assignment),
            assignment.credentials());
    return new CronJobBuilder()
        .withNewMetadata()
        .withNamespace(policy.getMetadata().getNamespace())
        .withName(name(policy))
        .withLabels(allLabels(policy))
        .withOwnerReferences(Owners.reference(policy))
        .endMetadata()
        .withNewSpec()
        .withSchedule(schedule.forCronJob())
        .withTimeZone(Assignments.zone(spec))
        .withConcurrencyPolicy("Forbid")
        .withSuspend(Boolean.TRUE.equals(spec.suspend()))
        .withStartingDeadlineSeconds((long) startingDeadline(spec))
        .withSuccessfulJobsHistoryLimit(2)
        .withFailedJobsHistoryLimit(2)
        .withNewJobTemplate()
        .withNewMetadata()
        .withLabels(allLabels(policy))
        .endMetadata()
        .withNewSpec()
        .withBackoffLimit(1)
        .withActiveDeadlineSeconds(deadline(assignment).toSeconds())
        .withTemplate(template)
        .endSpec()
        .endJobTemplate()
        .endSpec()
        .build();
  }

  /**
   * When what the CronJob says was last changed, on creation, by an edit, or when it was resumed:
   * looks that would have been due before that are no late ones.
   *
   * @param now stands for a CronJob that the informer has not seen yet
   */
  static Instant inForceSince(Stream<CronJob> cronJobs, Instant now) {
    return cronJobs
        .flatMap(
            cronJob ->
                Stream.concat(
                    Stream.of(cronJob.getMetadata().getCreationTimestamp()),
                    cronJob.getMetadata().getManagedFields().stream()
                        .filter(entry -> Applier.MANAGER.equals(entry.getManager()))
                        .map(ManagedFieldsEntry::getTime)
                        .filter(Objects::nonNull)))
        .map(Instant::parse)
        .max(Comparator.naturalOrder())
        .orElse(now);
  }

  private static Map<String, String> allLabels(HostHealthPolicy policy) {
    var labels = new HashMap<>(TaskPods.MANAGED);
    labels.putAll(labels(policy));
    return labels;
  }

  private static Duration deadline(LookAssignment assignment) {
    long longest = assignment.targets().stream().mapToLong(Target::timeoutMillis).max().orElse(0);
    return Duration.ofMillis(longest).plus(MARGIN);
  }

  private static Set<String> identities(LookAssignment assignment) {
    var names = new LinkedHashSet<String>();
    for (Target target : assignment.targets()) {
      for (@Nullable Reach reach = target.reach(); reach != null; reach = reach.jump()) {
        names.add(reach.identity());
      }
    }
    return names;
  }
}
