package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.Text;
import dev.drydock.kernel.Window;
import dev.drydock.kube.Applier;
import dev.drydock.kube.Owners;
import dev.drydock.kube.RequestLimit;
import dev.drydock.kube.TaskPods;
import dev.drydock.maintenance.TaskJob.Phase;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusDetails;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Brings a schedule's CronJobs, ConfigMaps and Jobs about. Everything may be done twice. */
final class TaskObjects {
  private static final int TEXT = 400;
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  private final KubernetesClient client;
  private final RequestLimit limit;
  private final Applier applier;
  private final TaskPods pods;

  private final Map<String, Installation> installations = new ConcurrentHashMap<>();

  /** By schedule's uid and task: why no Job could be made in the last turn. */
  private final Map<String, Map<String, String>> refused = new ConcurrentHashMap<>();

  /** What came of making a Job. */
  sealed interface Made {
    /** It is there. */
    record There() implements Made {}

    /**
     * It is tried again: its CronJob, as it is to be, is not known yet, or another Job of that name
     * has still to go.
     */
    record NotYet() implements Made {}

    /**
     * It is tried again, but a person may have to change something first.
     *
     * @param problem a sentence
     */
    record Refused(String problem) implements Made {}
  }

  TaskObjects(KubernetesClient client, RequestLimit limit, TaskPods pods) {
    this.client = client;
    this.limit = limit;
    this.pods = pods;
    applier = new Applier(client);
  }

  /**
   * First what pods read, then the CronJobs, then what no pod reads any more.
   *
   * @return by task, what can't be brought about until a person changes something
   */
  Map<String, ScheduleReport.Stalled> install(View view, Instant now) {
    String uid = view.schedule().getMetadata().getUid();
    int inputs = inputs(view);
    var problems = new LinkedHashMap<String, ScheduleReport.Stalled>();
    Installation installation = installations.get(uid);
    if (installation == null || !installation.stands(inputs, made(view), now)) {
      installation = new Installation(inputs, now);
      for (MaintenanceTask task : view.tasks().values()) {
        if (MaintenanceManifests.isJob(task)) {
          install(view, task, installation).ifPresent(found -> problems.put(task.name(), found));
        }
      }
      if (!problems.isEmpty()) {
        installation.incomplete();
      }
      installations.put(uid, installation);
    }
    removeOldConfigMaps(view, installation, now);
    return problems;
  }

  private static Stream<HasMetadata> made(View view) {
    return Stream.concat(view.cronJobs().values().stream(), view.configMaps().values().stream());
  }

  void forget(MaintenanceSchedule gone) {
    installations.remove(gone.getMetadata().getUid());
    refused.remove(gone.getMetadata().getUid());
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
    installation.expect(task.name(), MaintenanceManifests.content(cronJob));
    try {
      if (task.container() == null) {
        installation.add(configMap);
        if (!view.configMaps().containsKey(configMap.getMetadata().getName())) {
          var _ = create(() -> client.resource(configMap).create());
        }
      }
      @Nullable CronJob existing = view.known().apply(cronJob.getMetadata().getName()).orElse(null);
      return switch (limit.within(() -> applier.apply(cronJob, existing))) {
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
              "the API server refuses what starts " + task.name() + ": " + said(e)));
    }
  }

  /**
   * Removes the CronJobs of tasks that are no more, and with each its Jobs and their logs.
   *
   * @param kept tasks of which something runs, or is yet to be told: nothing of them is due
   */
  void removeOldCronJobs(View view, Set<String> kept) {
    MaintenanceSchedule schedule = view.schedule();
    Set<String> wanted =
        view.tasks().values().stream()
            .filter(MaintenanceManifests::isJob)
            .map(task -> MaintenanceManifests.cronJobName(schedule, task))
            .collect(Collectors.toSet());
    Set<String> asleep =
        kept.stream()
            .map(task -> MaintenanceManifests.cronJobName(schedule, task))
            .collect(Collectors.toSet());
    view.cronJobs().values().stream()
        .filter(old -> !wanted.contains(old.getMetadata().getName()))
        .filter(old -> Owners.owns(schedule, old))
        .forEach(
            old -> {
              if (!asleep.contains(old.getMetadata().getName()) && !isRunning(view, old)) {
                client.resource(old).delete();
              } else if (!MaintenanceManifests.isTrue(old.getSpec().getSuspend())) {
                client.resource(old).patch(MERGE, suspended(old));
              }
            });
  }

  private static CronJob suspended(CronJob cronJob) {
    return new CronJobBuilder()
        .withNewMetadata()
        .withName(cronJob.getMetadata().getName())
        .endMetadata()
        .withNewSpec()
        .withSuspend(true)
        .endSpec()
        .build();
  }

  private void removeOldConfigMaps(View view, Installation installation, Instant now) {
    MaintenanceSchedule schedule = view.schedule();
    List<ConfigMap> old =
        view.configMaps().values().stream()
            .filter(map -> installation.isOver(map, now))
            .filter(map -> Owners.owns(schedule, map))
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

  /** Whether the pods of a Job are Drydock's: a user's own container is told nothing. */
  static boolean readsAssignment(Job job) {
    return configMaps(job.getSpec().getTemplate().getSpec()).findFirst().isPresent();
  }

  private static Stream<String> configMaps(PodSpec spec) {
    return spec.getVolumes().stream()
        .filter(volume -> volume.getConfigMap() != null)
        .map(volume -> volume.getConfigMap().getName());
  }

  static boolean hasEnded(Pod pod) {
    return hasSucceeded(pod) || phase(pod).equals("Failed");
  }

  static boolean hasSucceeded(Pod pod) {
    return phase(pod).equals("Succeeded");
  }

  /** How far a pod is; empty: nobody has said so yet. */
  static String phase(Pod pod) {
    return pod.getStatus() == null ? "" : String.valueOf(pod.getStatus().getPhase());
  }

  /**
   * Makes the Job that an annotation asks for, or finds it made: it may have been before the
   * operator was killed. Its name is of this request alone, whatever was asked for before.
   */
  Made run(View view, MaintenanceTask task, @Nullable String value) {
    var status = view.schedule().getStatus();
    Long handled = status == null ? null : status.handledRuns();
    String request = String.valueOf(value);
    return make(
        view,
        task,
        MaintenanceManifests.jobName(view.schedule(), task, request, handled == null ? 0 : handled),
        Map.of(TaskJob.BY_HAND, "manual", MaintenanceManifests.RUN, request),
        this::isMade);
  }

  private boolean isMade(Job job) {
    Job there = limit.within(() -> client.resource(job).get());
    return there != null
        && there.getMetadata().getDeletionTimestamp() == null
        && job.getMetadata().getOwnerReferences().stream()
            .map(OwnerReference::getUid)
            .allMatch(owner -> isOwned(there, owner))
        && Objects.equals(
            there.getMetadata().getAnnotations().get(MaintenanceManifests.RUN),
            job.getMetadata().getAnnotations().get(MaintenanceManifests.RUN));
  }

  private static boolean isOwned(Job job, String owner) {
    return job.getMetadata().getOwnerReferences().stream()
        .anyMatch(reference -> reference.getUid().equals(owner));
  }

  /** Makes the Job of a slot, as the CronJob controller would have done, or finds it made. */
  Made create(View view, String name, Instant slot) {
    MaintenanceTask task = view.tasks().get(name);
    return task == null
        ? new Made.There()
        : make(
            view,
            task,
            MaintenanceManifests.jobName(view.schedule(), task, slot),
            Map.of(TaskJob.SCHEDULED, slot.toString()),
            _ -> true);
  }

  /**
   * Makes the Job that takes the place of one that a person asked for before its task was changed,
   * or finds it made. The old one is taken away once the new one is there: what was asked for is
   * never lost. Nothing is done if the old one has changed since it was looked at: it may have been
   * let start.
   */
  Made makeAgain(View view, TaskJob old) {
    MaintenanceTask task = view.tasks().get(old.task());
    if (task == null) {
      return new Made.There();
    }
    Optional<Job> raw = raw(view, old);
    if (raw.filter(this::isUnchanged).isEmpty()) {
      return new Made.NotYet();
    }
    var annotations =
        new HashMap<>(
            Map.of(
                TaskJob.BY_HAND,
                "manual",
                TaskJob.ASKED,
                old.created().toString(),
                TaskJob.INSTEAD_OF,
                old.origin().uid()));
    raw.map(job -> job.getMetadata().getAnnotations())
        .map(noted -> noted.get(MaintenanceManifests.RUN))
        .ifPresent(request -> annotations.put(MaintenanceManifests.RUN, request));
    return make(
        view,
        task,
        MaintenanceManifests.jobName(view.schedule(), task, old),
        annotations,
        _ -> true);
  }

  private boolean isUnchanged(Job job) {
    Job there = limit.within(() -> client.resource(job).get());
    return there != null
        && Objects.equals(
            there.getMetadata().getResourceVersion(), job.getMetadata().getResourceVersion());
  }

  /**
   * @param isItself whether a Job that has the name already is the one that is wanted
   */
  private Made make(
      View view,
      MaintenanceTask task,
      String name,
      Map<String, String> annotations,
      Predicate<Job> isItself) {
    try {
      Optional<Job> job = job(view, task, name, annotations);
      return job.isPresent() && isThere(job.get(), isItself) ? new Made.There() : new Made.NotYet();
    } catch (KubernetesClientException e) {
      return new Made.Refused("the API server makes no Job of " + task.name() + ": " + said(e));
    }
  }

  /** A quota refuses a Job that is there already before it is seen to be. */
  private boolean isThere(Job job, Predicate<Job> isItself) {
    try {
      return create(() -> client.resource(job).create()) || isItself.test(job);
    } catch (KubernetesClientException e) {
      if (isMade(job)) {
        return true;
      }
      throw e;
    }
  }

  private static String said(KubernetesClientException e) {
    String message = e.getStatus() == null ? null : e.getStatus().getMessage();
    return Text.line(String.valueOf(message == null ? e.getMessage() : message), TEXT);
  }

  /** Says for which tasks no Job could be made in this turn, and why: the next turn tells that. */
  void refused(MaintenanceSchedule schedule, Map<String, String> problems) {
    if (problems.isEmpty()) {
      refused.remove(schedule.getMetadata().getUid());
    } else {
      refused.put(schedule.getMetadata().getUid(), Map.copyOf(problems));
    }
  }

  /** By task, why no Job could be made in the last turn. */
  Map<String, String> refused(MaintenanceSchedule schedule) {
    return refused.getOrDefault(schedule.getMetadata().getUid(), Map.of());
  }

  /** Whether a Job does what its task says now. */
  boolean isCurrent(View view, TaskJob job) {
    Installation installation = installations.get(view.schedule().getMetadata().getUid());
    return installation != null && installation.isCurrent(job);
  }

  /** Nothing while informers show what makes a task's Jobs as it was before an edit. */
  private Optional<Job> job(
      View view, MaintenanceTask task, String name, Map<String, String> annotations) {
    MaintenanceSchedule schedule = view.schedule();
    Installation installation = installations.get(schedule.getMetadata().getUid());
    return Optional.ofNullable(
            view.cronJobs().get(MaintenanceManifests.cronJobName(schedule, task)))
        .filter(cronJob -> Owners.owns(schedule, cronJob))
        .filter(cronJob -> installation != null && installation.isMade(cronJob))
        .flatMap(
            cronJob ->
                limit
                    .within(() -> applier.template(cronJob))
                    .map(
                        template ->
                            MaintenanceManifests.job(cronJob, template, name, annotations)));
  }

  /** False: there is one of that name. */
  private boolean create(Supplier<? extends HasMetadata> creation) {
    try {
      var _ = limit.within(creation);
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      return false;
    }
  }

  /** Lets a Job start, if it is still the one that was meant. */
  Made letStart(View view, TaskJob job, Instant now) {
    Job patch = MaintenanceManifests.letStart(job, deadline(view, job, now));
    try {
      var _ =
          limit.within(
              () ->
                  client
                      .batch()
                      .v1()
                      .jobs()
                      .inNamespace(view.schedule().getMetadata().getNamespace())
                      .withName(job.name())
                      .patch(MERGE, patch));
      return new Made.There();
    } catch (KubernetesClientException e) {
      return notMade(e, "the API server lets no Job of " + job.task() + " start: ");
    }
  }

  /**
   * What comes of a change that was not made.
   *
   * @throws KubernetesClientException if that may go by itself
   */
  private static Made notMade(KubernetesClientException e, String refusal) {
    if (isGone(e)) {
      return new Made.NotYet();
    }
    if (Applier.isRefusal(e)) {
      return new Made.Refused(refusal + said(e));
    }
    throw e;
  }

  /** Lets a pod of a Job begin, or finds that it may already. */
  Made letBegin(View view, TaskJob job, PodGate.Begin begin) {
    // A Pod could not say that no gate is left.
    var patch = new GenericKubernetesResource();
    patch.setApiVersion("v1");
    patch.setKind("Pod");
    patch.setMetadata(
        new ObjectMetaBuilder()
            .withName(begin.pod())
            .withUid(begin.uid())
            .withAnnotations(Map.of(TaskPods.FOLLOWS, String.valueOf(begin.follows())))
            .build());
    patch.setAdditionalProperty("spec", Map.of("schedulingGates", begin.left()));
    try {
      var _ =
          limit.within(
              () ->
                  client
                      .genericKubernetesResources("v1", "Pod")
                      .inNamespace(view.schedule().getMetadata().getNamespace())
                      .withName(begin.pod())
                      .patch(MERGE, patch));
      return new Made.There();
    } catch (KubernetesClientException e) {
      return notMade(e, "the API server lets no pod of " + job.task() + " begin: ");
    }
  }

  /** Whether the API server has a Job that is not about to go, whatever informers know. */
  boolean isThere(View view, String name) {
    Job job =
        limit.within(
            () ->
                client
                    .batch()
                    .v1()
                    .jobs()
                    .inNamespace(view.schedule().getMetadata().getNamespace())
                    .withName(name)
                    .get());
    return job != null && job.getMetadata().getDeletionTimestamp() == null;
  }

  /** Of a container, which knows no window: what the window leaves, if that is less. */
  private static Optional<Long> deadline(View view, TaskJob job, Instant now) {
    MaintenanceTask task = view.tasks().get(job.task());
    if (task == null || task.container() == null) {
      return Optional.empty();
    }
    return raw(view, job)
        .map(raw -> raw.getSpec().getActiveDeadlineSeconds())
        .flatMap(
            active ->
                Window.of(task, job.slot().orElse(now))
                    .end(now)
                    .map(end -> Math.min(active, Duration.between(now, end).toSeconds())));
  }

  /**
   * Ends a Job of which no pod has begun, and leaves on it what that waited for: so its pod goes,
   * and cannot begin later on. Nothing is done if the Job has changed since it was looked at.
   */
  Made giveUp(View view, TaskJob job, String awaited) {
    Optional<Job> raw = raw(view, job);
    if (raw.isEmpty()) {
      return new Made.NotYet();
    }
    Job patch =
        new JobBuilder()
            .withNewMetadata()
            .withName(job.name())
            .withResourceVersion(raw.get().getMetadata().getResourceVersion())
            .withAnnotations(Map.of(TaskJob.GIVEN_UP, awaited))
            .endMetadata()
            .withNewSpec()
            .withActiveDeadlineSeconds(1L)
            .endSpec()
            .build();
    try {
      var _ = limit.within(() -> client.resource(raw.get()).patch(MERGE, patch));
      return new Made.There();
    } catch (KubernetesClientException e) {
      return notMade(e, "the API server lets no Job of " + job.task() + " be ended: ");
    }
  }

  /** What was to be changed is not there any more, or is not what it was. */
  private static boolean isGone(KubernetesClientException e) {
    return e.getCode() == HttpURLConnection.HTTP_CONFLICT
        || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
        || isAnother(e);
  }

  /** The API server takes another uid for an attempt to change it. */
  private static boolean isAnother(KubernetesClientException e) {
    return Optional.ofNullable(e.getStatus())
        .map(Status::getDetails)
        .map(StatusDetails::getCauses)
        .stream()
        .flatMap(List::stream)
        .anyMatch(cause -> "metadata.uid".equals(cause.getField()));
  }

  /** The Job itself. */
  static Optional<Job> raw(View view, TaskJob job) {
    return view.rawJobs().stream()
        .filter(raw -> job.origin().uid().equals(raw.getMetadata().getUid()))
        .findFirst();
  }

  /**
   * Takes a Job away, and its pods. Nothing is done if it has changed since it was looked at: it
   * may have been let start.
   *
   * @return whether it is gone; otherwise it has to be looked at again
   */
  boolean delete(View view, TaskJob job) {
    Optional<Job> raw = raw(view, job);
    if (raw.isEmpty()) {
      return false;
    }
    try {
      var _ = limit.within(() -> client.resource(raw.get()).lockResourceVersion().delete());
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      return false;
    }
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
