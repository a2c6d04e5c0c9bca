package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec;
import dev.drydock.hosthealth.Coverage.Covered;
import dev.drydock.kernel.CronSchedule;
import dev.drydock.kube.Applier;
import dev.drydock.kube.TaskPods;
import dev.drydock.probe.LookAssignment;
import dev.drydock.probe.LookAssignment.Target;
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

/** A policy with a schedule: the CronJob that looks, what it reads, and what its pods saw. */
final class ScheduledPolicy {
  private final KubernetesClient client;
  private final TaskPods taskPods;
  private final Clock clock;
  private final Applier applier;

  ScheduledPolicy(KubernetesClient client, TaskPods taskPods, Clock clock) {
    this.client = client;
    this.taskPods = taskPods;
    this.clock = clock;
    applier = new Applier(client);
  }

  /**
   * Brings about the CronJob of a policy, and reads what its pods left word of.
   *
   * @param covered the hosts that the policy covers
   * @param hosts every Host of the namespace, by name
   */
  View observe(
      HostHealthPolicy policy,
      String cron,
      Map<String, Covered> covered,
      Map<String, Host> hosts,
      Context<HostHealthPolicy> context,
      Instant now) {
    HostHealthPolicySpec spec = policy.getSpec();
    CronSchedule schedule;
    try {
      schedule = CronSchedule.parse(cron, LookCronJob.zone(spec));
    } catch (IllegalArgumentException e) {
      return new View(
          new HealthReport.Stalled("InvalidSchedule", String.valueOf(e.getMessage())),
          View.nothingNew(covered),
          null,
          View.lastLook(policy));
    }
    LookAssignment assignment =
        Assignments.of(spec, cron, covered, name -> Optional.ofNullable(hosts.get(name)));
    Optional<HealthReport.Stalled> foreign;
    try {
      foreign = apply(policy, schedule, assignment, context);
    } catch (KubernetesClientException e) {
      if (!isRefusal(e)) {
        throw e;
      }
      foreign =
          Optional.of(
              new HealthReport.Stalled(
                  "CronJobRefused",
                  "the API server refuses what looks at the hosts: " + e.getMessage()));
    }
    if (foreign.isPresent()) {
      return new View(foreign.get(), View.nothingNew(covered), null, View.lastLook(policy));
    }
    String cronJob = LookCronJob.name(policy);
    if (Boolean.TRUE.equals(spec.suspend())) {
      return new View(
          new HealthReport.Suspended(), View.suspended(covered), cronJob, View.lastLook(policy));
    }
    ScheduledLook.News news =
        ScheduledLook.read(
            policy,
            new ScheduledLook.InForce(
                schedule,
                LookCronJob.configMap(policy, assignment).getMetadata().getName(),
                assignment.targets().stream().map(Target::name).collect(Collectors.toSet()),
                LookCronJob.inForceSince(
                    context.getSecondaryResourcesAsStream(CronJob.class), now)),
            covered,
            LookPods.newest(context.getSecondaryResources(Pod.class)),
            now);
    return new View(
        new HealthReport.AtWork(
            "Scheduled", "the CronJob " + cronJob + " looks at the hosts on schedule"),
        news.sightings(),
        cronJob,
        news.lastLook());
  }

  /** Whether it will be refused again until somebody changes something. */
  private static boolean isRefusal(KubernetesClientException e) {
    return e.getCode() >= 400 && e.getCode() < 500 && e.getCode() != 404 && e.getCode() != 409;
  }

  /** First what the pods read, then the CronJob that starts them, then what nobody reads. */
  private Optional<HealthReport.Stalled> apply(
      HostHealthPolicy policy,
      CronSchedule schedule,
      LookAssignment assignment,
      Context<HostHealthPolicy> context) {
    ConfigMap configMap = LookCronJob.configMap(policy, assignment);
    CronJob cronJob = LookCronJob.cronJob(policy, schedule, assignment, configMap, taskPods);
    for (HasMetadata desired : List.of(configMap, cronJob)) {
      if (applier.apply(desired, existing(desired, context)) == Applier.Outcome.FOREIGN) {
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
    context
        .getSecondaryResourcesAsStream(ConfigMap.class)
        .filter(old -> !read.contains(old.getMetadata().getName()))
        .filter(old -> isMade(old, policy) && isOlderThanAJob(old))
        .forEach(old -> client.resource(old).delete());
    return Optional.empty();
  }

  /** A pod that a Job is about to start may still name an assignment that was just replaced. */
  private boolean isOlderThanAJob(ConfigMap old) {
    return Instant.parse(old.getMetadata().getCreationTimestamp())
        .plus(Duration.ofMinutes(15))
        .isBefore(clock.instant());
  }

  /** Somebody may have made a copy, with its labels; and a policy has more than what looks. */
  private static boolean isMade(HasMetadata object, HostHealthPolicy policy) {
    return object.getMetadata().getOwnerReferences().stream()
            .anyMatch(owner -> owner.getUid().equals(policy.getMetadata().getUid()))
        && object
            .getMetadata()
            .getLabels()
            .entrySet()
            .containsAll(LookCronJob.labels(policy).entrySet());
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

  /** Removes what was made for a policy that has no schedule any more. */
  void remove(HostHealthPolicy policy, Context<HostHealthPolicy> context) {
    context
        .getSecondaryResourcesAsStream(CronJob.class)
        .filter(object -> isMade(object, policy))
        .forEach(object -> client.resource(object).delete());
    context
        .getSecondaryResourcesAsStream(ConfigMap.class)
        .filter(object -> isMade(object, policy))
        .forEach(object -> client.resource(object).delete());
  }
}
