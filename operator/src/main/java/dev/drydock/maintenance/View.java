package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Severity;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import dev.drydock.kube.Informers;
import dev.drydock.maintenance.TaskJob.Phase;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a turn starts from.
 *
 * @param circles tasks that come after each other, by each of them
 * @param states what status has of each task
 * @param workHosts by task
 * @param reports by task, of those that report
 * @param known a CronJob of the namespace by name, whoever has made it
 * @param records reports that were written before
 * @param jobs as {@code rawJobs} are read
 * @param departed a pod that had ended and is gone, by name
 * @param alerts critical ones that fire on hosts of these names
 * @param rival who else is at work on a host of a Job
 */
record View(
    MaintenanceSchedule schedule,
    Calendar calendar,
    Map<String, MaintenanceTask> tasks,
    Map<String, List<String>> circles,
    Map<String, TaskState> states,
    Map<String, Host> hosts,
    Map<String, HostHealthPolicy> policies,
    Map<String, WorkHosts> workHosts,
    Map<String, ReportPlan> reports,
    Set<String> channels,
    Map<String, CronJob> cronJobs,
    Function<String, Optional<CronJob>> known,
    Map<String, ConfigMap> configMaps,
    List<ConfigMap> records,
    List<TaskJob> jobs,
    List<Job> rawJobs,
    List<Pod> pods,
    Function<String, Optional<Pod>> departed,
    Function<Set<String>, List<String>> alerts,
    Function<TaskJob, Optional<String>> rival) {

  static View observe(
      MaintenanceSchedule schedule,
      Calendar calendar,
      Context<MaintenanceSchedule> context,
      DepartedPods departed) {
    String namespace = schedule.getMetadata().getNamespace();
    MaintenanceScheduleSpec spec = schedule.getSpec();
    Map<String, Host> hosts = named(Informers.in(namespace, Host.class, context));
    Map<String, HostHealthPolicy> policies =
        named(Informers.in(namespace, HostHealthPolicy.class, context));
    Map<Boolean, List<ConfigMap>> configMaps =
        context
            .getSecondaryResourcesAsStream(ConfigMap.class)
            .collect(Collectors.partitioningBy(ReportArchive::isRecord));
    Map<String, CronJob> cronJobs = named(context.getSecondaryResourcesAsStream(CronJob.class));
    List<Job> jobs =
        context
            .getSecondaryResourcesAsStream(Job.class)
            .filter(job -> job.getMetadata().getDeletionTimestamp() == null)
            .toList();
    var tasks = new LinkedHashMap<String, MaintenanceTask>();
    var workHosts = new LinkedHashMap<String, WorkHosts>();
    var reports = new LinkedHashMap<String, ReportPlan>();
    spec.tasks()
        .forEach(
            task -> {
              tasks.put(task.name(), task);
              workHosts.put(task.name(), WorkHosts.of(spec, task, hosts));
              if (task.healthReport() != null) {
                reports.put(task.name(), ReportPlan.of(spec, task.healthReport(), policies, hosts));
              }
            });
    return new View(
        schedule,
        calendar,
        tasks,
        Predecessors.circles(tasks),
        states(schedule),
        hosts,
        policies,
        workHosts,
        reports,
        Informers.in(namespace, NotificationChannel.class, context)
            .map(channel -> channel.getMetadata().getName())
            .collect(Collectors.toSet()),
        cronJobs,
        name -> Informers.known(namespace, name, CronJob.class, context),
        named(configMaps.getOrDefault(false, List.of()).stream()),
        configMaps.getOrDefault(true, List.of()),
        jobs.stream().map(TaskJob::of).toList(),
        jobs,
        List.copyOf(context.getSecondaryResources(Pod.class)),
        name -> departed.find(namespace, name),
        names -> alerts(policies.values().stream(), names),
        job -> rival(Informers.in(namespace, Job.class, context), namespace, job));
  }

  private static <R extends HasMetadata> Map<String, R> named(Stream<R> resources) {
    return resources.collect(
        Collectors.toMap(
            resource -> resource.getMetadata().getName(),
            resource -> resource,
            (one, _) -> one,
            TreeMap::new));
  }

  static Map<String, TaskState> states(MaintenanceSchedule schedule) {
    var states = new LinkedHashMap<String, TaskState>();
    if (schedule.getStatus() != null) {
      schedule.getStatus().tasks().forEach(state -> states.put(state.name(), state));
    }
    return states;
  }

  private static List<String> alerts(Stream<HostHealthPolicy> policies, Set<String> hosts) {
    return policies
        .flatMap(policy -> Stream.ofNullable(policy.getStatus()))
        .flatMap(status -> status.hosts().stream())
        .filter(host -> hosts.contains(host.name()))
        .flatMap(
            host ->
                host.alerts().stream()
                    .filter(alert -> alert.severity() == Severity.Critical)
                    .filter(
                        alert ->
                            alert.phase() == HostHealthPolicyStatus.Phase.Firing
                                || alert.phase() == HostHealthPolicyStatus.Phase.Clearing)
                    .map(alert -> host.name() + ": " + alert.check()))
        .sorted()
        .distinct()
        .toList();
  }

  /** Another Job on one of the hosts, of whatever schedule. */
  private static Optional<String> rival(Stream<Job> jobs, String namespace, TaskJob job) {
    return jobs.filter(other -> !other.getMetadata().getName().equals(job.name()))
        .map(TaskJob::of)
        .filter(other -> other.phase() == Phase.Running)
        .filter(other -> other.hosts().stream().anyMatch(job.hosts()::contains))
        .map(other -> RunningWork.name(namespace, other))
        .min(String::compareTo);
  }

  /** What keeps a task from starting at all: the schedule, or the task; or nothing. */
  Optional<String> suspended(MaintenanceTask task) {
    return isSuspended()
        ? Optional.of("the schedule")
        : MaintenanceManifests.isTrue(task.suspend()) ? Optional.of("the task") : Optional.empty();
  }

  boolean isSuspended() {
    return MaintenanceManifests.isTrue(schedule.getSpec().suspend());
  }

  /** Channels that the schedule names and that are not there. */
  List<String> missingChannels() {
    var notify = schedule.getSpec().notification();
    return Stream.of(
            Stream.ofNullable(notify).flatMap(one -> one.channels().stream()),
            tasks.values().stream()
                .filter(task -> task.announce() != null)
                .flatMap(task -> task.announce().channels().stream()),
            tasks.values().stream()
                .filter(task -> task.healthReport() != null)
                .flatMap(task -> task.healthReport().channels().stream()))
        .flatMap(named -> named)
        .distinct()
        .filter(channel -> !channels.contains(channel))
        .toList();
  }

  String namespace() {
    return schedule.getMetadata().getNamespace();
  }

  String name() {
    return schedule.getMetadata().getName();
  }
}
