package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec;
import dev.drydock.kernel.CronSchedule;
import dev.drydock.kube.Assignments;
import dev.drydock.kube.Coverage.Covered;
import dev.drydock.kube.TaskPods;
import dev.drydock.probe.LookAssignment;
import dev.drydock.probe.LookAssignment.Target;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A policy with a schedule: the CronJob that looks, what it reads, and what its pods saw. */
final class ScheduledPolicy {
  private final TaskPods taskPods;
  private final TaskObjects objects;

  ScheduledPolicy(TaskPods taskPods, TaskObjects objects) {
    this.taskPods = taskPods;
    this.objects = objects;
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
    boolean suspended = Boolean.TRUE.equals(spec.suspend());
    CronSchedule schedule;
    try {
      schedule = CronSchedule.parse(cron, Assignments.zone(spec));
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      return new View(
          new HealthReport.Stalled("InvalidSchedule", message),
          View.outOfSight(covered, suspended, message, now),
          null,
          View.lastLook(policy));
    }
    LookAssignment assignment =
        Assignments.of(spec, cron, covered, name -> Optional.ofNullable(hosts.get(name)));
    ConfigMap configMap = LookCronJob.configMap(policy, assignment);
    Optional<HealthReport.Stalled> stalled =
        objects.keep(
            policy,
            LookCronJob.labels(policy),
            configMap,
            LookCronJob.cronJob(policy, schedule, assignment, configMap, taskPods),
            context);
    // What can't be changed now goes on as it was, and its pods are read.
    boolean none = stalled.isPresent() && own(CronJob.class, policy, context).findAny().isEmpty();
    @Nullable String cronJob = none ? null : LookCronJob.name(policy);
    Optional<LookPods.Ended> newest = LookPods.newest(own(Pod.class, policy, context).toList());
    if (suspended) {
      return new View(
          stalled.<HealthReport.Work>map(why -> why).orElseGet(HealthReport.Suspended::new),
          View.suspended(covered),
          cronJob,
          ScheduledLook.skipped(View.lastLook(policy), newest));
    }
    if (none) {
      return new View(
          stalled.get(),
          View.outOfSight(covered, false, stalled.get().message(), now),
          null,
          View.lastLook(policy));
    }
    ScheduledLook.News news =
        ScheduledLook.read(
            policy,
            new ScheduledLook.InForce(
                schedule,
                configMap.getMetadata().getName(),
                assignment.targets().stream().map(Target::name).collect(Collectors.toSet()),
                LookCronJob.inForceSince(own(CronJob.class, policy, context), now)),
            covered,
            newest,
            now);
    return new View(
        stalled
            .<HealthReport.Work>map(why -> why)
            .orElseGet(
                () ->
                    new HealthReport.AtWork(
                        "Scheduled", "the CronJob " + cronJob + " looks at the hosts on schedule")),
        news.sightings(),
        cronJob,
        news.lastLook(),
        news.vitals());
  }

  /** Removes what was made for a policy that has no schedule any more. */
  void remove(HostHealthPolicy policy, Context<HostHealthPolicy> context) {
    objects.remove(policy, LookCronJob.labels(policy), context);
  }

  private static <R extends HasMetadata> Stream<R> own(
      Class<R> type, HostHealthPolicy policy, Context<HostHealthPolicy> context) {
    return context
        .getSecondaryResourcesAsStream(type)
        .filter(object -> TaskObjects.has(object, LookCronJob.labels(policy)));
  }
}
