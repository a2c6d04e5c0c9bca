package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Severity;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.ChecklistState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Letter;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import dev.drydock.kube.EventRecorder;
import dev.drydock.kube.Informers;
import dev.drydock.kube.PlannedWork;
import dev.drydock.kube.RequestLimit;
import dev.drydock.kube.StatusWriter;
import dev.drydock.kube.TaskPods;
import dev.drydock.kube.Wakeups;
import dev.drydock.maintenance.TaskJob.Phase;
import dev.drydock.maintenance.TaskObjects.Made;
import dev.drydock.port.Outbox;
import dev.drydock.report.ReportResult;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Has CronJobs make the Jobs of tasks, lets each start when nothing speaks against it, and writes
 * down and tells how it went.
 */
@ControllerConfiguration(name = "maintenanceschedule")
public final class MaintenanceScheduleReconciler implements Reconciler<MaintenanceSchedule> {
  private static final String MANAGED =
      "app.kubernetes.io/managed-by=drydock," + MaintenanceManifests.SCHEDULE;

  private static final Duration AT_ONCE = Duration.ofMillis(10);
  private static final Duration DELIVERING = Duration.ofSeconds(5);
  private static final Duration REMINDING = Duration.ofMinutes(1);
  private static final Duration IDLE = Duration.ofMinutes(5);

  /** Each turn holds what it has read; a start with thousands of schedules would fill the heap. */
  private static final int TURNS = 64;

  /** Status has room for these, beside as many tasks as a schedule can have. */
  private static final int MOST_GONE = 50;

  private final Outbox outbox;
  private final EventRecorder events;
  private final MaintenanceMetrics metrics;
  private final Clock clock;
  private final StatusWriter<MaintenanceSchedule, MaintenanceScheduleStatus> statuses;
  private final TaskObjects objects;
  private final ReportArchive archive;
  private final RunningWork running;
  private final ConflictWatch conflicts;
  private final Wakeups<MaintenanceSchedule> wakeups = new Wakeups<>("news");
  private final Semaphore turns = new Semaphore(TURNS, true);
  private volatile @Nullable IndexedResourceCache<MaintenanceSchedule> schedules;

  public MaintenanceScheduleReconciler(
      KubernetesClient client,
      RequestLimit limit,
      Outbox outbox,
      TaskPods taskPods,
      EventRecorder events,
      MaintenanceMetrics metrics,
      PlannedWork works,
      Clock clock,
      StatusWriter<MaintenanceSchedule, MaintenanceScheduleStatus> statuses) {
    this.outbox = outbox;
    this.events = events;
    this.metrics = metrics;
    this.clock = clock;
    this.statuses = statuses;
    objects = new TaskObjects(client, limit, taskPods);
    archive = new ReportArchive(client, limit, events);
    running = new RunningWork(works);
    conflicts = new ConflictWatch(clock, wakeups::wake);
    outbox.whenDelivered(
        alert -> {
          String schedule = alert.labels().get(Mailroom.LABEL);
          if (schedule != null) {
            wakeups.wake(alert.labels().getOrDefault("namespace", ""), schedule);
          }
        });
  }

  @Override
  public List<EventSource<?, MaintenanceSchedule>> prepareEventSources(
      EventSourceContext<MaintenanceSchedule> context) {
    schedules = context.getPrimaryCache();
    var informers = new Informers<>(MaintenanceSchedule.class, context);
    return List.of(
        wakeups,
        informers.declared(Host.class, (_, _) -> true),
        informers.declared(HostHealthPolicy.class, MaintenanceScheduleReconciler::reportsOn),
        informers.present(NotificationChannel.class, (_, _) -> false),
        informers.owned(CronJob.class, MANAGED, MaintenanceManifests.SCHEDULE),
        informers.owned(ConfigMap.class, MANAGED, MaintenanceManifests.SCHEDULE),
        informers.owned(Job.class, MANAGED, MaintenanceManifests.SCHEDULE),
        informers.owned(Pod.class, MANAGED, MaintenanceManifests.SCHEDULE));
  }

  private static boolean reportsOn(HostHealthPolicy policy, MaintenanceSchedule schedule) {
    return schedule.getSpec().tasks().stream()
        .map(MaintenanceTask::healthReport)
        .anyMatch(
            report -> report != null && report.policies().contains(policy.getMetadata().getName()));
  }

  @Override
  public UpdateControl<MaintenanceSchedule> reconcile(
      MaintenanceSchedule cached, Context<MaintenanceSchedule> context) {
    turns.acquireUninterruptibly();
    try {
      return turn(cached, context);
    } finally {
      turns.release();
    }
  }

  private UpdateControl<MaintenanceSchedule> turn(
      MaintenanceSchedule cached, Context<MaintenanceSchedule> context) {
    if (context.isPrimaryResourceDeleted()) {
      forget(cached);
      return UpdateControl.noUpdate();
    }
    MaintenanceSchedule schedule = statuses.freshest(cached);
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Calendar calendar;
    try {
      calendar = Calendar.of(schedule.getSpec());
    } catch (IllegalArgumentException e) {
      statuses.write(
          schedule, unreadable(schedule, "InvalidSchedule", String.valueOf(e.getMessage()), now));
      return UpdateControl.noUpdate();
    }
    View view = observe(schedule, calendar, context);
    running.update(schedule, view.jobs());
    Map<String, ScheduleReport.Stalled> problems = objects.install(view, now);
    Requests requests = Requests.of(schedule, calendar, now);
    Made asked =
        requests
            .run()
            .map(task -> objects.run(view, task, requests.runValue()))
            .orElseGet(Made.There::new);
    boolean isRunHandled = asked instanceof Made.There;
    Map<String, String> refused = objects.refused(schedule);
    Optional<ScheduleReport.Stalled> stalled =
        problems.values().stream()
            .findFirst()
            .or(() -> isRefused(asked))
            .or(
                () ->
                    refused.values().stream()
                        .findFirst()
                        .map(MaintenanceScheduleReconciler::jobRefused));

    Map<String, TaskTurn> turns = new LinkedHashMap<>();
    var obstacles = new HashMap<>(refused);
    problems.forEach((task, problem) -> obstacles.put(task, problem.message()));
    List<TaskState> gone = planGone(view, turns, now);
    Set<String> ending = gone.stream().map(TaskState::name).collect(Collectors.toSet());
    List<TaskState> planned = plan(view, requests, ending, obstacles, turns, now);
    var mailroom =
        new Mailroom(
            outbox,
            schedule,
            view.channels()::contains,
            (task, letter) -> archive.detail(view, task, letter));
    List<TaskState> tasks =
        post(view, Stream.of(planned, gone).flatMap(List::stream).toList(), mailroom, now);
    ConflictWatch.Answer met =
        conflicts.of(schedule, () -> schedules(namespace(schedule)), view.hosts().values());
    MaintenanceScheduleStatus next =
        ScheduleReport.status(
            schedule,
            new ScheduleReport.Turn(
                stalled
                    .or(() -> goesInCircles(view))
                    .<ScheduleReport.Work>map(problem -> problem)
                    .orElseGet(
                        () ->
                            isSuspended(view)
                                ? new ScheduleReport.Suspended()
                                : new ScheduleReport.AtWork()),
                calendar,
                tasks,
                met.found(),
                missingChannels(view),
                requests.problems(),
                isRunHandled
                    ? requests.runValue()
                    : schedule.getStatus() == null ? null : schedule.getStatus().lastHandledRun(),
                requests.approvalValue(),
                requests.doneValue()),
            now);
    boolean written = statuses.write(schedule, next);
    boolean hindered = !isRunHandled && stalled.isEmpty();
    try {
      hindered |= act(view, turns, now);
      objects.removeOldCronJobs(
          view,
          Stream.concat(
                  ending.stream(),
                  planned.stream()
                      .filter(state -> TaskLedger.isLogKept(state, now))
                      .map(TaskState::name))
              .collect(Collectors.toSet()));
    } finally {
      metrics.update(schedule, next.tasks());
      if (written) {
        tell(schedule, next, requests, calendar.date(now));
      }
    }
    return UpdateControl.<MaintenanceSchedule>noUpdate()
        .rescheduleAfter(pause(view, next, turns, mailroom, hindered || met.stale(), written, now));
  }

  @Override
  public ErrorStatusUpdateControl<MaintenanceSchedule> updateErrorStatus(
      MaintenanceSchedule schedule, Context<MaintenanceSchedule> context, Exception e) {
    return StatusWriter.onError(schedule, e);
  }

  /** What a turn starts from. */
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
      Map<String, ConfigMap> configMaps,
      List<ConfigMap> records,
      List<TaskJob> jobs,
      List<Job> rawJobs,
      List<Pod> pods,
      Function<Set<String>, List<String>> alerts,
      Function<TaskJob, Optional<String>> rival) {}

  private View observe(
      MaintenanceSchedule schedule, Calendar calendar, Context<MaintenanceSchedule> context) {
    String namespace = namespace(schedule);
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
        named(configMaps.getOrDefault(false, List.of()).stream()),
        configMaps.getOrDefault(true, List.of()),
        jobs.stream().map(TaskJob::of).toList(),
        jobs,
        List.copyOf(context.getSecondaryResources(Pod.class)),
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

  private static Map<String, TaskState> states(MaintenanceSchedule schedule) {
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

  private List<MaintenanceSchedule> schedules(String namespace) {
    IndexedResourceCache<MaintenanceSchedule> cache = schedules;
    return cache == null ? List.of() : cache.list(namespace, _ -> true).toList();
  }

  private static Optional<ScheduleReport.Stalled> isRefused(Made asked) {
    return switch (asked) {
      case Made.There _, Made.NotYet _ -> Optional.empty();
      case Made.Refused(String problem) ->
          Optional.of(
              jobRefused(
                  problem
                      + "; that is tried again until you take the annotation "
                      + MaintenanceManifests.RUN
                      + " away"));
    };
  }

  private static ScheduleReport.Stalled jobRefused(String problem) {
    return new ScheduleReport.Stalled("JobRefused", problem);
  }

  /**
   * Each task's next state; what has to be done about its Jobs goes to {@code turns}.
   *
   * @param ending tasks of which something else comes to its end first
   */
  private List<TaskState> plan(
      View view,
      Requests requests,
      Set<String> ending,
      Map<String, String> obstacles,
      Map<String, TaskTurn> turns,
      Instant now) {
    Map<String, TaskLedger> ledgers = new LinkedHashMap<>();
    String standing =
        requests
            .approvals()
            .map(approvals -> approvals.standing(view.calendar().date(now)))
            .orElse("");
    for (MaintenanceTask task : view.tasks().values()) {
      if (ending.contains(task.name())) {
        continue;
      }
      var ledger =
          new TaskLedger(
              task.name(),
              view.states().get(task.name()),
              view.schedule().getSpec().notification(),
              now);
      ledgers.put(task.name(), ledger);
      Calendar calendar = view.calendar();
      LocalDate today = calendar.date(now);
      ledger.approve(
          requests.approvals().stream()
              .flatMap(approvals -> approvals.granted().stream())
              .filter(approval -> approval.task().equals(task.name()))
              .map(approval -> approval.date().toString()),
          today.minusDays(1).toString());
      if (MaintenanceManifests.isJob(task)) {
        ledger.cronJob(MaintenanceManifests.cronJobName(view.schedule(), task));
        Optional<String> obstacle = Optional.ofNullable(obstacles.get(task.name()));
        TaskTurn turn = turn(view, task, ledger, standing, obstacle, now);
        turns.put(task.name(), turn);
        ledger.slot(turn.slot());
        report(view, task, turn.lastRun(), ledger);
        ledger.lastRun(turn.lastRun());
      } else {
        ledger.cronJob(null);
      }
      announce(view, task, ledger, standing, now);
      ledger.nextRun(calendar.next(task.name(), now));
    }
    PeoplesTasks.plan(
            view.schedule(), view.calendar(), isSuspended(view), requests.done(), ledgers, now)
        .forEach(problem -> refused(view.schedule(), problem));
    return ledgers.values().stream().map(TaskLedger::state).toList();
  }

  /**
   * What is left of tasks that were taken out of the schedule: what runs comes to its end, and that
   * is written down and told. A task that became a checklist is one only after that.
   */
  private List<TaskState> planGone(View view, Map<String, TaskTurn> turns, Instant now) {
    var gone =
        Stream.concat(
                view.states().values().stream()
                    .filter(state -> state.cronJob() != null)
                    .map(TaskState::name),
                view.jobs().stream().filter(job -> job.phase() == Phase.Running).map(TaskJob::task))
            .filter(task -> !isStarted(view.tasks().get(task)))
            .collect(Collectors.toCollection(TreeSet::new));
    var kept = new ArrayList<TaskState>();
    for (String task : gone) {
      TaskState before = view.states().get(task);
      List<TaskJob> jobs = view.jobs().stream().filter(job -> job.task().equals(task)).toList();
      var ledger = new TaskLedger(task, before, view.schedule().getSpec().notification(), now);
      ledger.gone();
      ledger.cronJob(MaintenanceManifests.cronJobName(view.schedule(), task));
      TaskTurn turn =
          TaskTurn.ofGone(
              ledger.lastRun(),
              jobs,
              job -> endOfGone(view, ledger.lastRun(), job, now),
              job -> objects.isThere(view, job),
              job -> begin(view, ledger.lastRun(), job),
              now);
      ledger.lastRun(turn.lastRun());
      boolean isUnderway =
          turn.wake().isPresent() || jobs.stream().anyMatch(job -> job.phase() == Phase.Running);
      boolean isToBeKept =
          before != null
              && (view.tasks().containsKey(task)
                  ? !Objects.equals(before.lastRun(), turn.lastRun())
                  : TaskLedger.isToBeKept(before, ledger.state(), now));
      if (kept.size() < MOST_GONE && (isUnderway || isToBeKept)) {
        turns.put(task, turn);
        kept.add(ledger.state());
      }
    }
    return kept;
  }

  private static boolean isStarted(@Nullable MaintenanceTask task) {
    return task != null && MaintenanceManifests.isJob(task);
  }

  /** Only its Job still says what kind of work a task that is gone was. */
  private static Optional<TaskEnd> endOfGone(
      View view, @Nullable Run lastRun, TaskJob job, Instant now) {
    boolean isOwn = TaskObjects.raw(view, job).filter(TaskObjects::readsAssignment).isEmpty();
    return TaskEnd.of(
        job,
        isOwn,
        mayHaveBegun(view, lastRun, job),
        word ->
            TaskEnd.ofWork(word)
                .or(() -> ReportResult.decode(word).map(result -> ReportEnd.of(result, Map.of()))),
        namespace(view.schedule()),
        view.pods(),
        now);
  }

  /** Keeps the report of a run that has ended just now, and has channels told. */
  private void report(View view, MaintenanceTask task, @Nullable Run run, TaskLedger ledger) {
    MaintenanceTask.HealthReport report = task.healthReport();
    if (report != null && run != null && ledger.isNewEnd(run)) {
      archive
          .keep(view, task, run)
          .ifPresent(
              document -> ledger.news(document.headline(), document.at(), report.channels()));
    }
  }

  private void refused(MaintenanceSchedule schedule, String problem) {
    events.warning(schedule, "RequestRefused", "Maintain", problem);
  }

  private TaskTurn turn(
      View view,
      MaintenanceTask task,
      TaskLedger ledger,
      String standing,
      Optional<String> obstacle,
      Instant now) {
    Instant slot = ledger.slot(task.schedule() + " " + Calendar.zone(view.schedule().getSpec()));
    return TaskTurn.of(
        new TaskTurn.Start(
            task,
            view.calendar(),
            ledger.lastRun(),
            slot,
            suspended(view, task),
            view.jobs().stream().filter(job -> job.task().equals(task.name())).toList(),
            job ->
                TaskEnd.of(
                    job,
                    task.container() != null,
                    mayHaveBegun(view, ledger.lastRun(), job),
                    word -> end(view, task, job, word),
                    namespace(view.schedule()),
                    view.pods(),
                    now),
            job -> objects.isThere(view, job),
            job -> begin(view, ledger.lastRun(), job),
            job -> awaited(view, ledger.lastRun(), job),
            job ->
                RunPlan.decide(
                    request(
                        view,
                        task,
                        ledger,
                        job,
                        standing,
                        obstacle.filter(_ -> !job.begun() && !objects.isCurrent(view, job)),
                        now)),
            job -> objects.isCurrent(view, job),
            obstacle,
            now));
  }

  private static Optional<PodGate.Begin> begin(View view, @Nullable Run lastRun, TaskJob job) {
    return TaskObjects.raw(view, job).flatMap(raw -> PodGate.next(lastRun, raw, view.pods()));
  }

  private static Optional<TaskEnd.Awaited> awaited(View view, @Nullable Run lastRun, TaskJob job) {
    return TaskObjects.raw(view, job)
        .flatMap(
            raw ->
                PodGate.isBarred(lastRun, raw, view.pods())
                    ? Optional.of(new TaskEnd.Awaited(PodGate.BARRED, Optional.empty()))
                    : TaskEnd.awaited(raw, view.pods()));
  }

  /** Pods that were made without a gate have begun without a word in status. */
  private static boolean mayHaveBegun(View view, @Nullable Run lastRun, TaskJob job) {
    return TaskObjects.raw(view, job).filter(PodGate::isOf).isEmpty()
        || PodGate.begun(lastRun, job.name()) != null;
  }

  private static Optional<TaskEnd> end(View view, MaintenanceTask task, TaskJob job, String word) {
    ReportPlan report = view.reports().get(task.name());
    WorkHosts hosts = view.workHosts().getOrDefault(task.name(), WorkHosts.NONE);
    return report == null
        ? TaskEnd.ofWork(word).map(end -> hosts.withLeftOut(end, task, job))
        : ReportResult.decode(word).map(result -> ReportEnd.of(result, report.leftAlone()));
  }

  private static RunPlan.Request request(
      View view,
      MaintenanceTask task,
      TaskLedger ledger,
      TaskJob job,
      String standing,
      Optional<String> obstacle,
      Instant now) {
    WorkHosts hosts = view.workHosts().getOrDefault(task.name(), WorkHosts.NONE);
    List<String> circle = view.circles().get(task.name());
    return new RunPlan.Request(
        "-n " + namespace(view.schedule()) + " ms/" + name(view.schedule()),
        task,
        view.calendar(),
        view.schedule().getSpec().freezes(),
        suspended(view, task),
        job.slot(),
        job.created(),
        job.begun(),
        ledger.approvedFor().stream().map(LocalDate::parse).toList(),
        standing,
        job.slot()
            .filter(_ -> circle == null)
            .map(
                due ->
                    Predecessors.of(
                        task, due, view.calendar(), view.tasks(), view.states(), view.jobs()))
            .orElse(List.of()),
        hosts,
        Optional.ofNullable(circle)
            .map(Predecessors::message)
            .or(
                () ->
                    Optional.ofNullable(view.reports().get(task.name()))
                        .flatMap(ReportPlan::refusal)),
        obstacle,
        MaintenanceManifests.isTrue(task.ignoreAlerts()) || !hosts.needed()
            ? List.of()
            : view.alerts().apply(hosts.names()),
        job.hosts().isEmpty() ? Optional.empty() : view.rival().apply(job),
        now);
  }

  private static Optional<ScheduleReport.Stalled> goesInCircles(View view) {
    return view.circles().values().stream()
        .findFirst()
        .map(circle -> new ScheduleReport.Stalled("AfterInCircle", Predecessors.message(circle)));
  }

  private static Optional<String> suspended(View view, MaintenanceTask task) {
    return isSuspended(view)
        ? Optional.of("the schedule")
        : MaintenanceManifests.isTrue(task.suspend()) ? Optional.of("the task") : Optional.empty();
  }

  private static boolean isSuspended(View view) {
    return MaintenanceManifests.isTrue(view.schedule().getSpec().suspend());
  }

  private static void announce(
      View view, MaintenanceTask task, TaskLedger ledger, String standing, Instant now) {
    if (task.announce() == null || suspended(view, task).isPresent()) {
      return;
    }
    var notify = view.schedule().getSpec().notification();
    List<String> channels =
        !task.announce().channels().isEmpty()
            ? task.announce().channels()
            : notify == null ? List.of() : notify.channels();
    var announced = new ArrayList<>(ledger.announced());
    for (Announcements.Announcement one :
        Announcements.due(task, view.calendar(), announced, now)) {
      String date = view.calendar().date(one.due()).toString();
      boolean asks =
          task.approval() == MaintenanceTask.Approval.Required
              && !ledger.approvedFor().contains(date);
      ledger.news(
          one.message(view.calendar(), now)
              + (asks
                  ? "; it starts only if somebody approves it: kubectl annotate --overwrite -n "
                      + namespace(view.schedule())
                      + " ms/"
                      + name(view.schedule())
                      + " drydock.dev/approve="
                      + standing
                      + task.name()
                      + "@"
                      + date
                  : ""),
          channels);
      announced.addAll(one.keys());
    }
    ledger.announced(Announcements.remembered(task, view.calendar(), announced, now));
  }

  /** Tells what is in status already: what is told first and then lost would be told again. */
  private static List<TaskState> post(
      View view, List<TaskState> planned, Mailroom mailroom, Instant now) {
    Set<String> names = planned.stream().map(TaskState::name).collect(Collectors.toSet());
    view.states().values().stream()
        .filter(gone -> !names.contains(gone.name()))
        .forEach(gone -> mailroom.farewell(gone, now));
    return planned.stream()
        .map(
            state -> {
              TaskState before = view.states().get(state.name());
              List<Letter> written = before == null ? List.of() : before.letters();
              return mailroom.post(state, written);
            })
        .toList();
  }

  private static List<String> missingChannels(View view) {
    var notify = view.schedule().getSpec().notification();
    return Stream.of(
            Stream.ofNullable(notify).flatMap(one -> one.channels().stream()),
            view.tasks().values().stream()
                .filter(task -> task.announce() != null)
                .flatMap(task -> task.announce().channels().stream()),
            view.tasks().values().stream()
                .filter(task -> task.healthReport() != null)
                .flatMap(task -> task.healthReport().channels().stream()))
        .flatMap(channels -> channels)
        .distinct()
        .filter(channel -> !view.channels().contains(channel))
        .toList();
  }

  /**
   * Takes each task's step, now that it is written down what comes of it. What one task can't do
   * keeps no other one from its step.
   *
   * @return whether one has to be tried again soon
   */
  private boolean act(View view, Map<String, TaskTurn> turns, Instant now) {
    boolean hindered = false;
    var refused = new HashMap<String, String>();
    var failures = new ArrayList<KubernetesClientException>();
    for (Map.Entry<String, TaskTurn> turn : turns.entrySet()) {
      if (turn.getValue().step().isPresent()) {
        try {
          switch (take(view, turn.getKey(), turn.getValue(), turn.getValue().step().get(), now)) {
            case Made.There _ -> {
              // Its informer tells what comes of it.
            }
            case Made.NotYet _ -> hindered = true;
            case Made.Refused(String problem) -> refused.put(turn.getKey(), problem);
          }
        } catch (KubernetesClientException e) {
          failures.add(e);
        }
      }
    }
    objects.refused(view.schedule(), refused);
    if (!failures.isEmpty()) {
      throw failures.getFirst();
    }
    return hindered;
  }

  private Made take(View view, String task, TaskTurn turn, TaskTurn.Step step, Instant now) {
    return switch (step) {
      case TaskTurn.Step.Admit(TaskJob job) -> admit(view, job, now);
      case TaskTurn.Step.Remove(TaskJob job) -> {
        boolean isRemoved = objects.delete(view, job);
        turn.note()
            .filter(_ -> isRemoved)
            .ifPresent(
                note ->
                    events.normal(
                        view.schedule(), "TaskSkipped", "Maintain", job.task() + ": " + note));
        yield isRemoved ? new Made.There() : new Made.NotYet();
      }
      case TaskTurn.Step.LetBegin(TaskJob job, PodGate.Begin pod) ->
          objects.letBegin(view, job, pod);
      case TaskTurn.Step.GiveUp(TaskJob job, String awaited) -> objects.giveUp(view, job, awaited);
      case TaskTurn.Step.MakeAgain(TaskJob job) -> objects.makeAgain(view, job);
      case TaskTurn.Step.Create(Instant slot) -> objects.create(view, task, slot);
    };
  }

  private Made admit(View view, TaskJob job, Instant now) {
    if (running.begin(view.schedule(), job).isPresent()) {
      return new Made.NotYet();
    }
    Made made = objects.letStart(view, job, now);
    if (!(made instanceof Made.There)) {
      running.end(view.schedule(), job);
    }
    return made;
  }

  private void tell(
      MaintenanceSchedule schedule,
      MaintenanceScheduleStatus next,
      Requests requests,
      LocalDate today) {
    if (requests.isNew()) {
      requests.problems().forEach(problem -> refused(schedule, problem));
    }
    Map<String, TaskState> before = states(schedule);
    for (TaskState state : next.tasks()) {
      TaskState was = before.get(state.name());
      if (was != null) {
        tellWithdrawn(schedule, was, state, today);
      }
      RunNews.of(was == null ? null : was.lastRun(), state.lastRun())
          .ifPresent(
              news -> {
                String note = state.name() + ": " + news.note();
                if (news.isBad()) {
                  events.warning(schedule, news.reason(), "Maintain", note);
                } else {
                  events.normal(schedule, news.reason(), "Maintain", note);
                }
              });
    }
  }

  /** An approval that is taken back is said, since the run that it was of will not start. */
  private void tellWithdrawn(
      MaintenanceSchedule schedule, TaskState was, TaskState state, LocalDate today) {
    was.approvedFor().stream()
        .filter(date -> !state.approvedFor().contains(date))
        .filter(date -> !LocalDate.parse(date).isBefore(today))
        .forEach(
            date ->
                events.normal(
                    schedule,
                    "ApprovalWithdrawn",
                    "Maintain",
                    state.name() + " is not approved any more for " + date));
  }

  private static Duration pause(
      View view,
      MaintenanceScheduleStatus next,
      Map<String, TaskTurn> turns,
      Mailroom mailroom,
      boolean again,
      boolean written,
      Instant now) {
    boolean letters = next.tasks().stream().anyMatch(task -> !task.letters().isEmpty());
    if (written && letters) {
      return AT_ONCE;
    }
    Stream<Duration> pauses =
        Stream.of(
                // By then most of their Jobs are there, and nothing is written but once.
                Stream.concat(
                        next.nextRuns().stream().map(MaintenanceScheduleStatus.NextRun::time),
                        next.tasks().stream().flatMap(task -> Stream.ofNullable(task.nextRun())))
                    .map(due -> Instant.parse(due).plus(TaskTurn.CONTROLLER)),
                next.tasks().stream()
                    .flatMap(task -> Stream.ofNullable(task.checklist()))
                    .filter(list -> list.done() == null)
                    .map(ChecklistState::due)
                    .map(Instant::parse)
                    .filter(due -> !due.isBefore(now)),
                view.tasks().values().stream()
                    .flatMap(task -> Announcements.next(task, view.calendar(), now).stream()),
                turns.values().stream().flatMap(turn -> turn.wake().stream()))
            .flatMap(times -> times)
            .map(time -> Duration.between(now, time).plusSeconds(1));
    Duration pause =
        pauses.min(Duration::compareTo).filter(one -> one.compareTo(IDLE) < 0).orElse(IDLE);
    if (next.tasks().stream().anyMatch(task -> task.trouble() != null)) {
      pause = shorter(pause, REMINDING);
    }
    return again || mailroom.isUnderway() ? shorter(pause, DELIVERING) : pause;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static MaintenanceScheduleStatus unreadable(
      MaintenanceSchedule schedule, String reason, String message, Instant now) {
    var previous = schedule.getStatus();
    return ScheduleReport.status(
        schedule,
        new ScheduleReport.Turn(
            new ScheduleReport.Stalled(reason, message),
            null,
            previous == null ? List.of() : previous.tasks(),
            null,
            List.of(),
            List.of(),
            previous == null ? null : previous.lastHandledRun(),
            previous == null ? null : previous.lastHandledApproval(),
            previous == null ? null : previous.lastHandledDone()),
        now);
  }

  /** What was told of a schedule that is deleted ends, as well as that can be said. */
  private void forget(MaintenanceSchedule schedule) {
    var mailroom = new Mailroom(outbox, schedule, _ -> false, (_, _) -> "");
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    states(schedule).values().forEach(state -> mailroom.farewell(state, now));
    running.update(schedule, List.of());
    metrics.gone(schedule);
    statuses.forget(schedule);
    objects.forget(schedule);
    archive.forget(schedule);
  }

  private static String namespace(MaintenanceSchedule schedule) {
    return schedule.getMetadata().getNamespace();
  }

  private static String name(MaintenanceSchedule schedule) {
    return schedule.getMetadata().getName();
  }
}
