package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.ChecklistState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Letter;
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
import dev.drydock.maintenance.TaskObjects.Made;
import dev.drydock.port.Outbox;
import io.fabric8.kubernetes.api.model.ConfigMap;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
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

  private final Outbox outbox;
  private final EventRecorder events;
  private final DepartedPods departed = new DepartedPods();
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
        informers.ownedAmongOthers(CronJob.class, MaintenanceManifests.SCHEDULE),
        informers.owned(ConfigMap.class, MANAGED, MaintenanceManifests.SCHEDULE),
        informers.owned(Job.class, MANAGED, MaintenanceManifests.SCHEDULE),
        informers.owned(Pod.class, MANAGED, MaintenanceManifests.SCHEDULE, departed::add));
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
    View view = View.observe(schedule, calendar, context, departed);
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

    var obstacles = new HashMap<>(refused);
    problems.forEach((task, problem) -> obstacles.put(task, problem.message()));
    TaskTurns.Planned planned =
        new TaskTurns(
                objects,
                archive,
                problem -> refused(schedule, problem),
                view,
                requests,
                obstacles,
                now)
            .planned();
    var mailroom =
        new Mailroom(
            outbox,
            schedule,
            view.channels()::contains,
            (task, letter) -> archive.detail(view, task, letter));
    List<TaskState> tasks = post(view, planned.states(), mailroom, now);
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
                            view.isSuspended()
                                ? new ScheduleReport.Suspended()
                                : new ScheduleReport.AtWork()),
                calendar,
                tasks,
                met.found(),
                view.missingChannels(),
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
      hindered |= act(view, planned.turns(), now);
      objects.removeOldCronJobs(view, planned.kept(now));
    } finally {
      metrics.update(schedule, next.tasks());
      if (written) {
        tell(schedule, next, requests, calendar.date(now));
      }
    }
    return UpdateControl.<MaintenanceSchedule>noUpdate()
        .rescheduleAfter(
            pause(view, next, planned.turns(), mailroom, hindered || met.stale(), written, now));
  }

  @Override
  public ErrorStatusUpdateControl<MaintenanceSchedule> updateErrorStatus(
      MaintenanceSchedule schedule, Context<MaintenanceSchedule> context, Exception e) {
    return StatusWriter.onError(schedule, e);
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

  private void refused(MaintenanceSchedule schedule, String problem) {
    events.warning(schedule, "RequestRefused", "Maintain", problem);
  }

  private static Optional<ScheduleReport.Stalled> goesInCircles(View view) {
    return view.circles().values().stream()
        .findFirst()
        .map(circle -> new ScheduleReport.Stalled("AfterInCircle", Predecessors.message(circle)));
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
    Map<String, TaskState> before = View.states(schedule);
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
    View.states(schedule).values().forEach(state -> mailroom.farewell(state, now));
    running.update(schedule, List.of());
    metrics.gone(schedule);
    statuses.forget(schedule);
    objects.forget(schedule);
    archive.forget(schedule);
  }

  private static String namespace(MaintenanceSchedule schedule) {
    return schedule.getMetadata().getNamespace();
  }
}
