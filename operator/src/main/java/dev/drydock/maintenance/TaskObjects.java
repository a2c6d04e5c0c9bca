package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kube.Applier;
import dev.drydock.kube.Owners;
import dev.drydock.kube.RequestLimit;
import dev.drydock.kube.TaskPods;
import dev.drydock.maintenance.MaintenanceScheduleReconciler.View;
import dev.drydock.maintenance.TaskJob.Phase;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.JobTemplateSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Brings a schedule's CronJobs, ConfigMaps and Jobs about. Everything may be done twice. */
final class TaskObjects {
  /** A pod that a Job is about to start may still name an assignment that was just replaced. */
  private static final Duration KEPT = Duration.ofMinutes(15);

  private final KubernetesClient client;
  private final RequestLimit limit;
  private final Applier applier;
  private final TaskPods pods;

  private final Map<String, Installation> installations = new ConcurrentHashMap<>();

  TaskObjects(KubernetesClient client, RequestLimit limit, TaskPods pods) {
    this.client = client;
    this.limit = limit;
    this.pods = pods;
    applier = new Applier(client);
  }

  /** First what pods read, then the CronJobs, then what nobody needs any more. */
  Optional<ScheduleReport.Stalled> install(View view, Instant now) {
    String uid = view.schedule().getMetadata().getUid();
    int inputs = inputs(view);
    Optional<ScheduleReport.Stalled> problem = Optional.empty();
    Installation installation = installations.get(uid);
    if (installation == null || !installation.stands(inputs, made(view), now)) {
      installation = new Installation(inputs, now);
      for (MaintenanceTask task : view.tasks().values()) {
        if (MaintenanceManifests.isJob(task)) {
          Optional<ScheduleReport.Stalled> found = install(view, task, installation);
          problem = problem.or(() -> found);
        }
      }
      if (problem.isEmpty()) {
        installations.put(uid, installation);
      }
    }
    removeOldCronJobs(view);
    removeOldConfigMaps(view, installation, now);
    return problem;
  }

  private static Stream<HasMetadata> made(View view) {
    return Stream.concat(view.cronJobs().values().stream(), view.configMaps().values().stream());
  }

  void forget(MaintenanceSchedule gone) {
    installations.remove(gone.getMetadata().getUid());
  }

  private Optional<ScheduleReport.Stalled> install(
      View view, MaintenanceTask task, Installation installation) {
    TaskState state = view.states().get(task.name());
    ReportPlan report = view.reports().get(task.name());
    MaintenanceManifests.Assignment assignment =
        report != null
            ? MaintenanceManifests.assignment(task, report.assignment())
            : MaintenanceManifests.assignment(
                view.schedule(),
                task,
                view.workHosts().getOrDefault(task.name(), WorkHosts.NONE),
                state == null ? List.of() : state.done());
    ConfigMap configMap = MaintenanceManifests.configMap(view.schedule(), assignment);
    CronJob cronJob =
        MaintenanceManifests.cronJob(view.schedule(), assignment, configMap, view.calendar(), pods);
    try {
      if (task.container() == null) {
        installation.add(configMap);
        if (!view.configMaps().containsKey(configMap.getMetadata().getName())) {
          create(() -> client.resource(configMap).create());
        }
      }
      CronJob existing = view.cronJobs().get(cronJob.getMetadata().getName());
      return switch (limit.within(
          () ->
              applier.apply(
                  cronJob, existing == null ? client.resource(cronJob).get() : existing))) {
        case Applier.Outcome.Applied(HasMetadata made) -> {
          installation.add(made);
          yield Optional.empty();
        }
        case Applier.Outcome.Foreign() ->
            Optional.of(
                new ScheduleReport.Stalled(
                    "NameTaken",
                    "there is a CronJob "
                        + cronJob.getMetadata().getName()
                        + " that does not belong to this schedule: rename or delete it"));
      };
    } catch (KubernetesClientException e) {
      if (!Applier.isRefusal(e)) {
        throw e;
      }
      return Optional.of(
          new ScheduleReport.Stalled(
              "CronJobRefused",
              "the API server refuses what starts " + task.name() + ": " + e.getMessage()));
    }
  }

  /** What runs comes to its end, even if its task is no more. */
  private void removeOldCronJobs(View view) {
    MaintenanceSchedule schedule = view.schedule();
    Set<String> wanted =
        view.tasks().values().stream()
            .filter(MaintenanceManifests::isJob)
            .map(task -> MaintenanceManifests.cronJobName(schedule, task))
            .collect(Collectors.toSet());
    view.cronJobs().values().stream()
        .filter(old -> !wanted.contains(old.getMetadata().getName()))
        .filter(old -> Owners.owns(schedule, old) && !isRunning(view, old))
        .forEach(old -> client.resource(old).delete());
  }

  private void removeOldConfigMaps(View view, Installation installation, Instant now) {
    MaintenanceSchedule schedule = view.schedule();
    List<ConfigMap> old =
        view.configMaps().values().stream()
            .filter(map -> !installation.has(map))
            .filter(map -> Owners.owns(schedule, map))
            .filter(
                map ->
                    Instant.parse(map.getMetadata().getCreationTimestamp())
                        .plus(KEPT)
                        .isBefore(now))
            .toList();
    if (old.isEmpty()) {
      return;
    }
    var read = new HashSet<String>();
    view.rawJobs().stream()
        .filter(job -> TaskJob.of(job).phase() != Phase.Ended)
        .flatMap(job -> configMaps(job.getSpec().getTemplate().getSpec()))
        .forEach(read::add);
    view.pods().stream()
        .filter(pod -> !hasEnded(pod))
        .flatMap(pod -> configMaps(pod.getSpec()))
        .forEach(read::add);
    old.stream()
        .filter(map -> !read.contains(map.getMetadata().getName()))
        .forEach(map -> client.resource(map).delete());
  }

  private static boolean isRunning(View view, CronJob cronJob) {
    return view.rawJobs().stream()
        .filter(job -> Owners.owns(cronJob, job))
        .anyMatch(job -> TaskJob.of(job).phase() == Phase.Running);
  }

  private static Stream<String> configMaps(PodSpec spec) {
    return spec.getVolumes().stream()
        .filter(volume -> volume.getConfigMap() != null)
        .map(volume -> volume.getConfigMap().getName());
  }

  private static boolean hasEnded(Pod pod) {
    String phase = pod.getStatus() == null ? "" : String.valueOf(pod.getStatus().getPhase());
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  /**
   * Makes the Job that an annotation asks for, or finds it made.
   *
   * @return false if its CronJob is not known yet
   */
  boolean run(View view, MaintenanceTask task, @Nullable String value) {
    var status = view.schedule().getStatus();
    String request = String.valueOf(value);
    return create(
        view,
        task,
        MaintenanceManifests.jobName(
            view.schedule(), task, request, status == null ? null : status.lastHandledRun()),
        Map.of(TaskJob.BY_HAND, "manual", MaintenanceManifests.RUN, request));
  }

  /** Makes the Job of a slot, as the CronJob controller would have done. */
  boolean create(View view, String name, Instant slot) {
    MaintenanceTask task = view.tasks().get(name);
    return task == null
        || create(
            view,
            task,
            MaintenanceManifests.jobName(view.schedule(), task, slot),
            Map.of(TaskJob.SCHEDULED, slot.toString()));
  }

  private boolean create(
      View view, MaintenanceTask task, String name, Map<String, String> annotations) {
    CronJob cronJob = view.cronJobs().get(MaintenanceManifests.cronJobName(view.schedule(), task));
    if (cronJob == null || !Owners.owns(view.schedule(), cronJob)) {
      return false;
    }
    Optional<JobTemplateSpec> template = limit.within(() -> applier.template(cronJob));
    template.ifPresent(
        made ->
            create(
                () ->
                    client
                        .resource(MaintenanceManifests.job(cronJob, made, name, annotations))
                        .create()));
    return template.isPresent();
  }

  private void create(Supplier<? extends HasMetadata> creation) {
    try {
      var _ = limit.within(creation);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
    }
  }

  void letStart(String namespace, TaskJob job) {
    try {
      var _ =
          limit.within(
              () ->
                  client
                      .batch()
                      .v1()
                      .jobs()
                      .inNamespace(namespace)
                      .withName(job.name())
                      .patch(
                          PatchContext.of(PatchType.JSON_MERGE),
                          MaintenanceManifests.letStart(job)));
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw e;
      }
    }
  }

  void delete(String namespace, TaskJob job) {
    var _ =
        limit.within(
            () ->
                client
                    .batch()
                    .v1()
                    .jobs()
                    .inNamespace(namespace)
                    .withName(job.name())
                    .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                    .delete());
  }

  /** Changes with everything that the objects are derived from. */
  private static int inputs(View view) {
    int key = view.schedule().getMetadata().getGeneration().hashCode();
    for (WorkHosts hosts : view.workHosts().values()) {
      for (WorkHosts.Found found : hosts.found()) {
        key = 31 * key + found.name().hashCode();
        key = 31 * key + found.reach().hashCode();
        key = 31 * key + String.valueOf(found.host().getMetadata().getGeneration()).hashCode();
      }
    }
    for (ReportPlan report : view.reports().values()) {
      key = 31 * key + report.assignment().hashCode();
    }
    for (TaskState state : view.states().values()) {
      key = 31 * key + state.done().hashCode();
    }
    return key;
  }
}
