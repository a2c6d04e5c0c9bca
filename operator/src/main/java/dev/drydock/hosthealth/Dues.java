package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.kernel.CronSchedule;
import dev.drydock.kube.Assignments;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import java.time.Instant;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * When what a policy has a schedule for is due after its last run. Pure.
 *
 * @param look null: looks have no schedule
 * @param report null: the policy writes none
 * @param lastReport when the last one was written, or null
 */
record Dues(@Nullable Instant look, @Nullable Instant report, @Nullable Instant lastReport) {

  static Dues of(HostHealthPolicy policy, Collection<CronJob> cronJobs, Instant now) {
    HostHealthPolicySpec spec = policy.getSpec();
    @Nullable HostHealthPolicyStatus status = policy.getStatus();
    if (Boolean.TRUE.equals(spec.suspend())) {
      return new Dues(null, null, instant(status == null ? null : status.lastReport()));
    }
    return new Dues(
        due(
            spec.schedule(),
            spec,
            instant(status == null ? null : status.lastLook()),
            LookCronJob.name(policy),
            cronJobs,
            now),
        due(
            spec.report() == null ? null : spec.report().schedule(),
            spec,
            instant(status == null ? null : status.lastReport()),
            ReportJobs.name(policy),
            cronJobs,
            now),
        instant(status == null ? null : status.lastReport()));
  }

  /** What was due before the schedule was in force is not late. */
  private static @Nullable Instant due(
      @Nullable String schedule,
      HostHealthPolicySpec spec,
      @Nullable Instant last,
      String cronJob,
      Collection<CronJob> cronJobs,
      Instant now) {
    if (schedule == null) {
      return null;
    }
    Instant since =
        LookCronJob.inForceSince(
            cronJobs.stream().filter(job -> job.getMetadata().getName().equals(cronJob)), now);
    try {
      return CronSchedule.parse(schedule, Assignments.zone(spec))
          .next(last == null || last.isBefore(since) ? since : last)
          .orElse(null);
    } catch (IllegalArgumentException e) {
      // Its condition says so.
      return null;
    }
  }

  private static @Nullable Instant instant(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }
}
