package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.kernel.CronSchedule;
import dev.drydock.kernel.Fingerprint;
import dev.drydock.kube.Assignments;
import dev.drydock.kube.Owners;
import dev.drydock.kube.TaskPods;
import dev.drydock.report.HealthDocument;
import dev.drydock.report.ReportAssignment;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The objects by which a policy's reports come about, and those that keep them. Pure. */
final class ReportJobs {
  /** On each report that is kept: the pod that it was made from. */
  static final String POD = "drydock.dev/pod";

  /** On each report that is kept: when its pod had ended, by which the next one is told from it. */
  static final String ENDED = "drydock.dev/ended";

  static final String TEXT = "report.txt";
  static final String JSON = "report.json";

  private static final Duration MARGIN = Duration.ofMinutes(5);
  private static final int DAY = 86_400;
  private static final int DIGITS = 10;

  private ReportJobs() {}

  static String name(HostHealthPolicy policy) {
    return policy.getMetadata().getName() + "-report";
  }

  /** Of what makes reports: its CronJob, its Jobs and pods, and what they read. */
  static Map<String, String> labels(HostHealthPolicy policy) {
    return Map.of(LookCronJob.POLICY, policy.getMetadata().getName(), "drydock.dev/task", "report");
  }

  /** Of the reports that are kept. */
  static Map<String, String> recordLabels(HostHealthPolicy policy) {
    return Map.of(
        LookCronJob.POLICY, policy.getMetadata().getName(), "drydock.dev/record", "report");
  }

  /** Named by what it says: a pod that runs never sees it change. */
  static ConfigMap assignment(HostHealthPolicy policy, ReportAssignment assignment) {
    String json = assignment.toJson();
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(policy.getMetadata().getNamespace())
        .withName(name(policy) + "-" + Fingerprint.of(json).substring(0, DIGITS))
        .withLabels(managed(labels(policy)))
        .withOwnerReferences(Owners.reference(policy))
        .endMetadata()
        .withImmutable(true)
        .withData(Map.of("assignment.json", json))
        .build();
  }

  static CronJob cronJob(
      HostHealthPolicy policy,
      CronSchedule schedule,
      ReportAssignment assignment,
      ConfigMap configMap,
      TaskPods pods) {
    return new CronJobBuilder()
        .withNewMetadata()
        .withNamespace(policy.getMetadata().getNamespace())
        .withName(name(policy))
        .withLabels(managed(labels(policy)))
        .withOwnerReferences(Owners.reference(policy))
        .endMetadata()
        .withNewSpec()
        .withSchedule(schedule.forCronJob())
        .withTimeZone(Assignments.zone(policy.getSpec()))
        .withConcurrencyPolicy("Forbid")
        .withSuspend(Boolean.TRUE.equals(policy.getSpec().suspend()))
        .withStartingDeadlineSeconds((long) LookCronJob.startingDeadline(policy.getSpec()))
        .withSuccessfulJobsHistoryLimit(2)
        .withFailedJobsHistoryLimit(2)
        .withNewJobTemplate()
        .withNewMetadata()
        .withLabels(managed(labels(policy)))
        .endMetadata()
        .withNewSpec()
        .withBackoffLimit(1)
        .withActiveDeadlineSeconds(assignment.longest().plus(MARGIN).toSeconds())
        .withTemplate(
            pods.template(
                "report",
                labels(policy),
                configMap.getMetadata().getName(),
                assignment.identities(),
                assignment.credentials()))
        .endSpec()
        .endJobTemplate()
        .endSpec()
        .build();
  }

  /**
   * The same at once, because a person asks for it.
   *
   * @param asked names the request: asked for again by the same value, it is the same Job
   */
  static Job onDemand(HostHealthPolicy policy, CronJob cronJob, String asked) {
    return new JobBuilder()
        .withNewMetadata()
        .withNamespace(policy.getMetadata().getNamespace())
        // The Job's name must not end as one of the CronJob's does, which says when it was due.
        .withName(
            name(policy)
                + "-asked-"
                + Fingerprint.of(policy.getMetadata().getUid(), asked).substring(0, DIGITS)
                + "x")
        .withLabels(managed(labels(policy)))
        .withOwnerReferences(Owners.reference(policy))
        .endMetadata()
        .withNewSpecLike(cronJob.getSpec().getJobTemplate().getSpec())
        .withTtlSecondsAfterFinished(DAY)
        .endSpec()
        .build();
  }

  /**
   * A report that is kept.
   *
   * @param name one of {@link HealthDocument#names}
   */
  static ConfigMap record(
      HostHealthPolicy policy, String name, HealthDocument document, ReportPods.Ended ended) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(policy.getMetadata().getNamespace())
        .withName(name)
        .withLabels(managed(recordLabels(policy)))
        .withAnnotations(Map.of(POD, ended.pod(), ENDED, ended.ended().toString()))
        .withOwnerReferences(Owners.reference(policy))
        .endMetadata()
        .withImmutable(true)
        .withData(Map.of(TEXT, document.toText(), JSON, document.toJson()))
        .build();
  }

  private static Map<String, String> managed(Map<String, String> labels) {
    var all = new HashMap<>(TaskPods.MANAGED);
    all.putAll(labels);
    return all;
  }
}
