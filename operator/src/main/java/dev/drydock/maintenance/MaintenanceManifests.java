package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Container;
import dev.drydock.api.v1alpha1.common.EnvironmentVariable;
import dev.drydock.api.v1alpha1.host.HostSpec.Sudo;
import dev.drydock.api.v1alpha1.maintenance.Audit;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.Admission;
import dev.drydock.kernel.Fingerprint;
import dev.drydock.kernel.Window;
import dev.drydock.kube.Applier;
import dev.drydock.kube.HostAccesses;
import dev.drydock.kube.Owners;
import dev.drydock.kube.Reaches;
import dev.drydock.kube.TaskPods;
import dev.drydock.probe.LookAssignment.Reach;
import dev.drydock.report.HealthDocument;
import dev.drydock.report.ReportAssignment;
import dev.drydock.work.WorkAssignment;
import dev.drydock.work.WorkAssignment.Target;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSchedulingGate;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobTemplateSpec;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicy;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyBuilder;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The objects by which a schedule's tasks run. Pure. */
final class MaintenanceManifests {
  /** On every object that is made for a schedule: its name. */
  static final String SCHEDULE = "drydock.dev/schedule";

  /** On every object that is made for a task: its name. */
  static final String TASK = "drydock.dev/task";

  /** On a Job that was asked for by an annotation: its value. */
  static final String RUN = "drydock.dev/run";

  /** On every report that is kept, beside its task's. */
  static final String RECORD = "drydock.dev/record";

  /** In a report that is kept: what {@link HealthDocument#toJson} wrote. */
  static final String REPORT = "report.json";

  private static final int HISTORY = 30;
  private static final int DEADLINE = 21_600;

  /** How often the pod of an update may be killed, evicted or lose its node: as of any Job. */
  private static final int INTERRUPTIONS = 6;

  /** What the pod itself ends with. Of one that was killed, or whose node died, it is another. */
  private static final List<Integer> OWN_FAILURES = List.of(1, 2);

  private MaintenanceManifests() {}

  static String cronJobName(MaintenanceSchedule schedule, MaintenanceTask task) {
    return cronJobName(schedule, task.name());
  }

  static String cronJobName(MaintenanceSchedule schedule, String task) {
    return schedule.getMetadata().getName() + "-" + task;
  }

  /** Named as the CronJob controller names it, so that a run is never started by both. */
  static String jobName(MaintenanceSchedule schedule, MaintenanceTask task, Instant slot) {
    return cronJobName(schedule, task) + "-" + slot.getEpochSecond() / 60;
  }

  /**
   * The Job that a person asked for.
   *
   * @param handled how many requests were handled before it: the same word may be said again later
   */
  static String jobName(
      MaintenanceSchedule schedule, MaintenanceTask task, String request, long handled) {
    return cronJobName(schedule, task)
        + "-now-"
        + Fingerprint.of(request, String.valueOf(handled)).substring(0, 6);
  }

  /** The Job that takes the place of one that a person asked for. */
  static String jobName(MaintenanceSchedule schedule, MaintenanceTask task, TaskJob old) {
    return cronJobName(schedule, task)
        + "-now-"
        + Fingerprint.of(old.origin().uid()).substring(0, 6);
  }

  /** Names what the Jobs of a CronJob do, and where: what is taken out of a task is seen, too. */
  static String content(CronJob cronJob) {
    return cronJob
        .getSpec()
        .getJobTemplate()
        .getMetadata()
        .getAnnotations()
        .getOrDefault(Applier.CONTENT, "");
  }

  static boolean isJob(MaintenanceTask task) {
    return task.checklist() == null;
  }

  /**
   * What a pod is told.
   *
   * @param command which of Drydock's tasks it runs
   * @param hosts that are its own as long as it runs
   * @param touches what it may disturb there
   * @param identities names of the Secrets with the keys of hosts
   * @param credentials names of the Secrets of databases and servers that it logs in to
   */
  record Assignment(
      MaintenanceTask task,
      String command,
      String json,
      List<String> hosts,
      List<String> touches,
      Set<String> identities,
      Set<String> credentials) {}

  static Assignment assignment(
      MaintenanceSchedule schedule, MaintenanceTask task, WorkHosts hosts, List<String> done) {
    MaintenanceScheduleSpec spec = schedule.getSpec();
    var work =
        new WorkAssignment(
            schedule.getMetadata().getNamespace(),
            schedule.getMetadata().getName(),
            Calendar.zone(spec),
            spec.freezes(),
            task,
            hosts.assigned().stream().map(MaintenanceManifests::target).toList(),
            done.stream().filter(hosts.names()::contains).toList());
    return new Assignment(
        task,
        "maintain",
        work.toJson(),
        work.targets().stream().map(Target::name).toList(),
        work.touches(),
        Reaches.identities(work.targets().stream().<Reach>map(Target::reach).toList()),
        credentials(task));
  }

  /** To look disturbs nobody: a report takes no host for itself. */
  static Assignment assignment(MaintenanceTask task, ReportAssignment report) {
    return new Assignment(
        task,
        "report",
        report.toJson(),
        List.of(),
        List.of(),
        report.identities(),
        report.credentials());
  }

  private static Target target(WorkHosts.Found found) {
    return new Target(
        found.name(),
        found.reach().orElseThrow(),
        HostAccesses.timeout(found.host()).toMillis(),
        found.host().getSpec().permits(),
        found.host().getSpec().sudo() == Sudo.Passwordless);
  }

  /**
   * A merge patch that lets a Job start, this one and none that took its name, and has its pods
   * know when it was due: not every Job's name tells that.
   *
   * @param deadline another one than the Job's own, in seconds
   */
  static Job letStart(TaskJob job, Optional<Long> deadline) {
    return new JobBuilder()
        .withNewMetadata()
        .withName(job.name())
        .withUid(job.origin().uid())
        .endMetadata()
        .withNewSpec()
        .withSuspend(false)
        .withActiveDeadlineSeconds(deadline.orElse(null))
        .withNewTemplate()
        .withNewMetadata()
        .withAnnotations(
            Map.of(TaskPods.SLOT, job.slot().map(Instant::toString).orElse(Admission.NOT_DUE)))
        .endMetadata()
        .endTemplate()
        .endSpec()
        .build();
  }

  /** Named by what it says: a pod that runs never sees it change. */
  static ConfigMap configMap(MaintenanceSchedule schedule, Assignment assignment) {
    String json = assignment.json();
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(schedule.getMetadata().getNamespace())
        .withName(
            cronJobName(schedule, assignment.task()) + "-" + Fingerprint.of(json).substring(0, 10))
        .withLabels(allLabels(schedule, assignment.task()))
        .withOwnerReferences(Owners.reference(schedule))
        .endMetadata()
        .withImmutable(true)
        .withData(Map.of("assignment.json", json))
        .build();
  }

  /**
   * What makes a task's Jobs. They are suspended: the operator lets each start when nothing speaks
   * against it.
   *
   * @param configMap what the pods are told
   */
  static CronJob cronJob(
      MaintenanceSchedule schedule,
      Assignment assignment,
      ConfigMap configMap,
      Calendar calendar,
      TaskPods pods) {
    MaintenanceScheduleSpec spec = schedule.getSpec();
    MaintenanceTask task = assignment.task();
    CronJob cronJob =
        new CronJobBuilder()
            .withNewMetadata()
            .withNamespace(schedule.getMetadata().getNamespace())
            .withName(cronJobName(schedule, task))
            .withLabels(allLabels(schedule, task))
            .withOwnerReferences(Owners.reference(schedule))
            .endMetadata()
            .withNewSpec()
            .withSchedule(calendar.cron(task.name()).forCronJob())
            .withTimeZone(Calendar.zone(spec))
            .withConcurrencyPolicy("Forbid")
            .withSuspend(isTrue(spec.suspend()) || isTrue(task.suspend()))
            .withStartingDeadlineSeconds(Math.max(Window.lateness(task).toSeconds(), 10))
            .withSuccessfulJobsHistoryLimit(
                Objects.requireNonNullElse(spec.successfulJobsHistoryLimit(), HISTORY))
            .withFailedJobsHistoryLimit(
                Objects.requireNonNullElse(spec.failedJobsHistoryLimit(), HISTORY))
            .withNewJobTemplate()
            .withNewMetadata()
            .withLabels(allLabels(schedule, task))
            .withAnnotations(
                Map.of(
                    TaskJob.HOSTS,
                    String.join(",", assignment.hosts()),
                    TaskJob.TOUCHES,
                    String.join(",", assignment.touches())))
            .endMetadata()
            .withNewSpec()
            .withSuspend(true)
            .withBackoffLimit(task.systemUpdate() == null ? 0 : INTERRUPTIONS)
            .withPodFailurePolicy(task.systemUpdate() == null ? null : unlessItFailed())
            .withActiveDeadlineSeconds(
                (long) Objects.requireNonNullElse(task.activeDeadlineSeconds(), DEADLINE))
            .endSpec()
            .endJobTemplate()
            .endSpec()
            .build();
    JobTemplateSpec jobs = cronJob.getSpec().getJobTemplate();
    // A builder would copy it, once at each of its ends.
    jobs.getSpec().setTemplate(template(schedule, assignment, configMap, pods));
    jobs.getMetadata().getAnnotations().put(Applier.CONTENT, Applier.content(jobs));
    return cronJob;
  }

  /** Of the reports of a task that are kept. */
  static Map<String, String> recordLabels(MaintenanceSchedule schedule, MaintenanceTask task) {
    var labels = new HashMap<>(labels(schedule, task));
    labels.put(RECORD, "report");
    return labels;
  }

  /**
   * A report that is kept.
   *
   * @param name one of {@link HealthDocument#names}
   */
  static ConfigMap record(
      MaintenanceSchedule schedule, MaintenanceTask task, String name, HealthDocument document) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(schedule.getMetadata().getNamespace())
        .withName(name)
        .withLabels(TaskPods.MANAGED)
        .addToLabels(recordLabels(schedule, task))
        .withAnnotations(Map.of("drydock.dev/pod", document.pod()))
        .withOwnerReferences(Owners.reference(schedule))
        .endMetadata()
        .withImmutable(true)
        .withData(Map.of("report.txt", document.toText(), REPORT, document.toJson()))
        .build();
  }

  /** A Job as the CronJob makes it, and as {@code kubectl create job --from} does. */
  static Job job(
      CronJob cronJob, JobTemplateSpec template, String name, Map<String, String> annotations) {
    return new JobBuilder()
        .withNewMetadata()
        .withNamespace(cronJob.getMetadata().getNamespace())
        .withName(name)
        .withLabels(template.getMetadata().getLabels())
        .withAnnotations(template.getMetadata().getAnnotations())
        .addToAnnotations(annotations)
        .withOwnerReferences(Owners.reference(cronJob))
        .endMetadata()
        .withSpec(template.getSpec())
        .build();
  }

  private static PodTemplateSpec template(
      MaintenanceSchedule schedule, Assignment assignment, ConfigMap configMap, TaskPods pods) {
    Container container = assignment.task().container();
    PodTemplateSpec template =
        container == null
            ? pods.template(
                assignment.command(),
                labels(schedule, assignment.task()),
                configMap.getMetadata().getName(),
                assignment.identities(),
                assignment.credentials())
            : own(schedule, assignment.task(), container);
    template.getSpec().setSchedulingGates(List.of(new PodSchedulingGate(PodGate.NAME)));
    return template;
  }

  /** What was interrupted is taken up again, and puts right what it finds; a failure is not. */
  private static PodFailurePolicy unlessItFailed() {
    return new PodFailurePolicyBuilder()
        .addNewRule()
        .withAction("FailJob")
        .withNewOnExitCodes()
        .withContainerName("task")
        .withOperator("In")
        .withValues(OWN_FAILURES)
        .endOnExitCodes()
        .endRule()
        .build();
  }

  /** The Secrets of databases and servers that a task logs in to. */
  private static Set<String> credentials(MaintenanceTask task) {
    var names = new LinkedHashSet<String>();
    if (task.vacuum() != null) {
      names.add(task.vacuum().postgresql().secretName());
    }
    Audit audit = task.audit();
    if (audit != null && audit.postgresql() != null) {
      names.add(audit.postgresql().secretName());
    }
    if (audit != null && audit.redis() != null && audit.redis().passwordSecret() != null) {
      names.add(audit.redis().passwordSecret().name());
    }
    return names;
  }

  /**
   * A pod of the user's own: Pod Security's restricted, and no token unless an account is named.
   */
  private static PodTemplateSpec own(
      MaintenanceSchedule schedule, MaintenanceTask task, Container container) {
    return new PodTemplateSpecBuilder()
        .withNewMetadata()
        .withLabels(TaskPods.MANAGED)
        .addToLabels(labels(schedule, task))
        .endMetadata()
        .withNewSpec()
        .withRestartPolicy("Never")
        .withServiceAccountName(container.serviceAccountName())
        .withAutomountServiceAccountToken(container.serviceAccountName() != null)
        .withEnableServiceLinks(false)
        .withImagePullSecrets(
            container.imagePullSecrets().stream()
                .map(secret -> new LocalObjectReference(secret.name()))
                .toList())
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .addNewContainer()
        .withName("task")
        .withImage(container.image())
        .withCommand(container.command())
        .withArgs(container.args())
        .withEnv(container.env().stream().map(MaintenanceManifests::variable).toList())
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .withNewResources()
        .withRequests(container.resources() == null ? null : container.resources().requests())
        .withLimits(container.resources() == null ? null : container.resources().limits())
        .endResources()
        .endContainer()
        .endSpec()
        .build();
  }

  private static EnvVar variable(EnvironmentVariable variable) {
    var builder = new EnvVarBuilder().withName(variable.name());
    Optional<EnvironmentVariable.ValueFrom> from = Optional.ofNullable(variable.valueFrom());
    var secret = from.map(EnvironmentVariable.ValueFrom::secretKeyRef);
    var configMap = from.map(EnvironmentVariable.ValueFrom::configMapKeyRef);
    if (secret.isPresent()) {
      return builder
          .withNewValueFrom()
          .withNewSecretKeyRef(secret.get().key(), secret.get().name(), false)
          .endValueFrom()
          .build();
    }
    if (configMap.isPresent()) {
      return builder
          .withNewValueFrom()
          .withNewConfigMapKeyRef(configMap.get().key(), configMap.get().name(), false)
          .endValueFrom()
          .build();
    }
    return builder.withValue(variable.value()).build();
  }

  private static Map<String, String> labels(MaintenanceSchedule schedule, MaintenanceTask task) {
    return Map.of(SCHEDULE, schedule.getMetadata().getName(), TASK, task.name());
  }

  private static Map<String, String> allLabels(MaintenanceSchedule schedule, MaintenanceTask task) {
    var labels = new HashMap<>(TaskPods.MANAGED);
    labels.putAll(labels(schedule, task));
    return labels;
  }

  static boolean isTrue(@Nullable Boolean value) {
    return Boolean.TRUE.equals(value);
  }
}
