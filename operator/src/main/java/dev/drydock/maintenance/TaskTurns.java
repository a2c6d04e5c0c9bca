package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.maintenance.TaskJob.Phase;
import dev.drydock.report.ReportResult;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The turns of all tasks of a schedule, and the states that follow from them. */
final class TaskTurns {
  /** Status has room for these, beside as many tasks as a schedule can have. */
  private static final int MOST_GONE = 50;

  private final TaskObjects objects;
  private final ReportArchive archive;
  private final Consumer<String> refused;
  private final View view;
  private final Requests requests;
  private final Map<String, String> obstacles;
  private final Instant now;

  /**
   * What follows from them.
   *
   * @param planned the states of the tasks that the schedule has
   * @param gone those of what was taken out, until what it began has ended and been told
   * @param turns by task
   */
  record Planned(List<TaskState> planned, List<TaskState> gone, Map<String, TaskTurn> turns) {
    List<TaskState> states() {
      return Stream.concat(planned.stream(), gone.stream()).toList();
    }

    /** Tasks whose CronJobs stay though they are wanted no more: something runs, or has a log. */
    Set<String> kept(Instant now) {
      return Stream.concat(
              gone.stream(), planned.stream().filter(state -> TaskLedger.isLogKept(state, now)))
          .map(TaskState::name)
          .collect(Collectors.toSet());
    }
  }

  /**
   * @param refused hears what of a request can't be done
   * @param obstacles by task, why no Job of it can be made, or let start
   */
  TaskTurns(
      TaskObjects objects,
      ReportArchive archive,
      Consumer<String> refused,
      View view,
      Requests requests,
      Map<String, String> obstacles,
      Instant now) {
    this.objects = objects;
    this.archive = archive;
    this.refused = refused;
    this.view = view;
    this.requests = requests;
    this.obstacles = obstacles;
    this.now = now;
  }

  Planned planned() {
    var turns = new LinkedHashMap<String, TaskTurn>();
    List<TaskState> gone = planGone(turns);
    Set<String> ending = gone.stream().map(TaskState::name).collect(Collectors.toSet());
    return new Planned(plan(ending, turns), gone, turns);
  }

  private Optional<String> obstacle(MaintenanceTask task) {
    return Optional.ofNullable(obstacles.get(task.name()));
  }

  /** What is approved already, and has to be said again with the next approval. */
  private String standing() {
    return requests
        .approvals()
        .map(approvals -> approvals.standing(view.calendar().date(now)))
        .orElse("");
  }

  /**
   * Each task's next state.
   *
   * @param ending tasks of which something else comes to its end first
   */
  private List<TaskState> plan(Set<String> ending, Map<String, TaskTurn> turns) {
    Map<String, TaskLedger> ledgers = new LinkedHashMap<>();
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
        TaskTurn turn = turn(task, ledger);
        turns.put(task.name(), turn);
        ledger.slot(turn.slot());
        report(task, turn.lastRun(), ledger);
        ledger.lastRun(turn.lastRun());
      } else {
        ledger.cronJob(null);
      }
      announce(task, ledger);
      ledger.nextRun(calendar.next(task.name(), now));
    }
    PeoplesTasks.plan(
            view.schedule(), view.calendar(), view.isSuspended(), requests.done(), ledgers, now)
        .forEach(refused);
    return ledgers.values().stream().map(TaskLedger::state).toList();
  }

  private TaskTurn turn(MaintenanceTask task, TaskLedger ledger) {
    Instant slot = ledger.slot(task.schedule() + " " + Calendar.zone(view.schedule().getSpec()));
    return TaskTurn.of(
        new TaskTurn.Start(
            task,
            view.calendar(),
            ledger.lastRun(),
            slot,
            view.suspended(task),
            view.jobs().stream().filter(job -> job.task().equals(task.name())).toList(),
            job ->
                TaskEnd.of(
                    job,
                    task.container() != null,
                    mayHaveBegun(ledger.lastRun(), job),
                    word -> end(task, job, word),
                    view.namespace(),
                    pods(ledger.lastRun(), job),
                    now),
            job -> objects.isThere(view, job),
            job -> begin(ledger.lastRun(), job),
            job -> awaited(ledger.lastRun(), job),
            job -> RunPlan.decide(request(task, ledger, job)),
            job -> objects.isCurrent(view, job),
            obstacle(task),
            now));
  }

  /** A pod of before the one that was let begin last has nothing more to say. */
  private Collection<Pod> pods(@Nullable Run lastRun, TaskJob job) {
    @Nullable String begun = PodGate.begun(lastRun, job.name());
    if (begun == null) {
      return view.pods();
    }
    List<Pod> seen =
        view.pods().stream().filter(pod -> begun.equals(pod.getMetadata().getName())).toList();
    return seen.isEmpty() ? view.departed().apply(begun).stream().toList() : seen;
  }

  private Optional<PodGate.Begin> begin(@Nullable Run lastRun, TaskJob job) {
    return TaskObjects.raw(view, job).flatMap(raw -> PodGate.next(lastRun, raw, view.pods()));
  }

  private boolean isBarred(@Nullable Run lastRun, TaskJob job) {
    return TaskObjects.raw(view, job)
        .filter(raw -> PodGate.isBarred(lastRun, raw, view.pods()))
        .isPresent();
  }

  private Optional<TaskEnd.Awaited> awaited(@Nullable Run lastRun, TaskJob job) {
    return isBarred(lastRun, job)
        ? Optional.of(new TaskEnd.Awaited(PodGate.BARRED, Optional.empty()))
        : TaskObjects.raw(view, job)
            .flatMap(raw -> TaskEnd.awaited(raw, PodGate.isResumed(lastRun, raw), view.pods()));
  }

  /** Pods that were made without a gate have begun without a word in status. */
  private boolean mayHaveBegun(@Nullable Run lastRun, TaskJob job) {
    return TaskObjects.raw(view, job).filter(PodGate::isOf).isEmpty()
        || PodGate.begun(lastRun, job.name()) != null;
  }

  private Optional<TaskEnd> end(MaintenanceTask task, TaskJob job, String word) {
    ReportPlan report = view.reports().get(task.name());
    WorkHosts hosts = view.workHosts().getOrDefault(task.name(), WorkHosts.NONE);
    return report == null
        ? TaskEnd.ofWork(word).map(end -> hosts.withLeftOut(end, task, job))
        : ReportResult.decode(word).map(result -> ReportEnd.of(result, report.leftAlone()));
  }

  private RunPlan.Request request(MaintenanceTask task, TaskLedger ledger, TaskJob job) {
    WorkHosts hosts = view.workHosts().getOrDefault(task.name(), WorkHosts.NONE);
    List<String> circle = view.circles().get(task.name());
    return new RunPlan.Request(
        "-n " + view.namespace() + " ms/" + view.name(),
        "-n " + view.namespace() + " job/" + job.name(),
        task,
        view.calendar(),
        view.schedule().getSpec().freezes(),
        view.suspended(task),
        job.slot(),
        job.created(),
        job.begun(),
        ledger.approvedFor().stream().map(LocalDate::parse).toList(),
        standing(),
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
        objects.isCurrent(view, job),
        obstacle(task),
        MaintenanceManifests.isTrue(task.ignoreAlerts()) || !hosts.needed()
            ? List.of()
            : view.alerts().apply(hosts.names()),
        job.hosts().isEmpty() ? Optional.empty() : view.rival().apply(job),
        now);
  }

  /** Keeps the report of a run that has ended just now, and has channels told. */
  private void report(MaintenanceTask task, @Nullable Run run, TaskLedger ledger) {
    MaintenanceTask.HealthReport report = task.healthReport();
    if (report != null && run != null && ledger.isNewEnd(run)) {
      archive
          .keep(view, task, run)
          .ifPresent(
              document -> ledger.news(document.headline(), document.at(), report.channels()));
    }
  }

  private void announce(MaintenanceTask task, TaskLedger ledger) {
    if (task.announce() == null || view.suspended(task).isPresent()) {
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
                      + view.namespace()
                      + " ms/"
                      + view.name()
                      + " drydock.dev/approve="
                      + standing()
                      + task.name()
                      + "@"
                      + date
                  : ""),
          channels);
      announced.addAll(one.keys());
    }
    ledger.announced(Announcements.remembered(task, view.calendar(), announced, now));
  }

  /**
   * What is left of tasks that were taken out of the schedule: what runs comes to its end, and that
   * is written down and told. A task that became a checklist is one only after that.
   */
  private List<TaskState> planGone(Map<String, TaskTurn> turns) {
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
              new TaskTurn.Remains(
                  ledger.lastRun(),
                  jobs,
                  job -> endOfGone(ledger.lastRun(), job),
                  job -> objects.isThere(view, job),
                  job -> begin(ledger.lastRun(), job),
                  job -> isBarred(ledger.lastRun(), job),
                  now));
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
  private Optional<TaskEnd> endOfGone(@Nullable Run lastRun, TaskJob job) {
    boolean isOwn = TaskObjects.raw(view, job).filter(TaskObjects::readsAssignment).isEmpty();
    return TaskEnd.of(
        job,
        isOwn,
        mayHaveBegun(lastRun, job),
        word ->
            TaskEnd.ofWork(word)
                .or(() -> ReportResult.decode(word).map(result -> ReportEnd.of(result, Map.of()))),
        view.namespace(),
        pods(lastRun, job),
        now);
  }
}
