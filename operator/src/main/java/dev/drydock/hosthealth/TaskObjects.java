package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.kube.Applier;
import dev.drydock.kube.RequestLimit;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The CronJob of one kind of task of a policy, and the assignments that its pods read. */
final class TaskObjects {
  private final KubernetesClient client;
  private final RequestLimit limit;
  private final Clock clock;
  private final Applier applier;

  TaskObjects(KubernetesClient client, RequestLimit limit, Clock clock) {
    this.client = client;
    this.limit = limit;
    this.clock = clock;
    applier = new Applier(client);
  }

  /**
   * Brings both about: first what the pods read, then the CronJob that starts them; then removes
   * what nobody reads any more.
   *
   * @param labels what all objects of this kind of task have
   * @return why it can't be; most often until a person changes something
   */
  Optional<HealthReport.Stalled> keep(
      HostHealthPolicy policy,
      Map<String, String> labels,
      ConfigMap configMap,
      CronJob cronJob,
      Context<HostHealthPolicy> context) {
    try {
      return apply(policy, labels, configMap, cronJob, context);
    } catch (KubernetesClientException e) {
      // Also where it may go by itself: a turn that does not end tells of no alert.
      return Optional.of(
          new HealthReport.Stalled(
              "CronJobRefused",
              "the API server refuses what looks at the hosts: " + e.getMessage()));
    }
  }

  private Optional<HealthReport.Stalled> apply(
      HostHealthPolicy policy,
      Map<String, String> labels,
      ConfigMap configMap,
      CronJob cronJob,
      Context<HostHealthPolicy> context) {
    HasMetadata applied = cronJob;
    for (HasMetadata desired : List.of(configMap, cronJob)) {
      if (limit.within(() -> applier.apply(desired, existing(desired, context)))
          instanceof Applier.Outcome.Applied(HasMetadata now)) {
        applied = now;
      } else {
        return Optional.of(
            new HealthReport.Stalled(
                "NameTaken",
                "there is a "
                    + desired.getKind()
                    + " "
                    + desired.getMetadata().getName()
                    + " that does not belong to this policy: rename or delete it"));
      }
    }
    Set<String> read =
        Stream.concat(
                Stream.of(configMap.getMetadata().getName()),
                context
                    .getSecondaryResourcesAsStream(Pod.class)
                    .filter(pod -> !hasEnded(pod))
                    .flatMap(pod -> pod.getSpec().getVolumes().stream())
                    .filter(volume -> volume.getConfigMap() != null)
                    .map(volume -> volume.getConfigMap().getName()))
            .collect(Collectors.toSet());
    if (applied instanceof CronJob now && isPastItsJobs(now, clock.instant())) {
      context
          .getSecondaryResourcesAsStream(ConfigMap.class)
          .filter(old -> !read.contains(old.getMetadata().getName()))
          .filter(old -> isMade(old, policy, labels))
          .forEach(this::delete);
    }
    return Optional.empty();
  }

  /** Removes what was made for a task that the policy does not ask for any more. */
  void remove(
      HostHealthPolicy policy, Map<String, String> labels, Context<HostHealthPolicy> context) {
    Stream.concat(
            context.getSecondaryResourcesAsStream(CronJob.class),
            context.getSecondaryResourcesAsStream(ConfigMap.class))
        .filter(object -> isMade(object, policy, labels))
        .forEach(this::delete);
  }

  private void delete(HasMetadata object) {
    var _ = limit.within(() -> client.resource(object).delete());
  }

  /** A pod that a Job is about to start may still name an assignment that was just replaced. */
  static boolean isPastItsJobs(CronJob applied, Instant now) {
    return LookCronJob.inForceSince(Stream.of(applied), now)
        .plus(Duration.ofMinutes(15))
        .isBefore(now);
  }

  /** Somebody may have made a copy, with its labels; and a policy has more than one task. */
  static boolean isMade(HasMetadata object, HostHealthPolicy policy, Map<String, String> labels) {
    return object.getMetadata().getOwnerReferences().stream()
            .anyMatch(owner -> owner.getUid().equals(policy.getMetadata().getUid()))
        && has(object, labels);
  }

  /** Whether an object has all these labels. */
  static boolean has(HasMetadata object, Map<String, String> labels) {
    return object.getMetadata().getLabels().entrySet().containsAll(labels.entrySet());
  }

  private static boolean hasEnded(Pod pod) {
    String phase = pod.getStatus() == null ? "" : String.valueOf(pod.getStatus().getPhase());
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  /** From the informer, or, for what may belong to somebody else, from the API server. */
  private @Nullable HasMetadata existing(HasMetadata desired, Context<HostHealthPolicy> context) {
    Stream<? extends HasMetadata> known =
        desired instanceof CronJob
            ? context.getSecondaryResourcesAsStream(CronJob.class)
            : context.getSecondaryResourcesAsStream(ConfigMap.class);
    return known
        .filter(object -> object.getMetadata().getName().equals(desired.getMetadata().getName()))
        .findFirst()
        .<HasMetadata>map(object -> object)
        .orElseGet(() -> client.resource(desired).get());
  }
}
