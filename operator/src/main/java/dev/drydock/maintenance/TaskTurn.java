package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.HostOutcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.Window;
import dev.drydock.maintenance.TaskJob.Phase;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one turn does about the Jobs of one task, and what is to be written down of it: one step at
 * the most, so that each outcome is seen and told. Pure.
 *
 * @param lastRun for status
 * @param slot what was due before it was dealt with, or is nobody's
 * @param step what is to be done, after {@code lastRun} is written
 * @param note what people may want to know although no run comes of it
 * @param wake when there may be more to do; nothing if an event will tell
 */
record TaskTurn(
    @Nullable Run lastRun,
    Instant slot,
    Optional<Step> step,
    Optional<String> note,
    Optional<Instant> wake) {
  /**
   * How long the CronJob controller gets for a slot before the operator makes its Job. It takes
   * less than that for a few, and a minute for a thousand.
   */
  static final Duration CONTROLLER = Duration.ofSeconds(2);

  /** How long a pod may take to begin at the least: its image may have to come first. */
  private static final Duration BEGINNING = Duration.ofMinutes(10);

  /** A pod that begins later than the last start does nothing, if its clock is that much behind. */
  private static final Duration SKEW = Duration.ofMinutes(1);

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

  private static final String TAKEN_OUT =
      "its task was taken out of the schedule, or made a checklist, and its Job deleted";

  /** Something that changes the cluster. */
  sealed interface Step {
    /** A Job is let start. */
    record Admit(TaskJob job) implements Step {}

    /**
     * A Job that a person asked for is made again, since the task was changed while it waited: this
     * one is taken away once the other one is there.
     */
    record MakeAgain(TaskJob job) implements Step {}

    /** A Job that will not start, was not due, or is made again, is taken away. */
    record Remove(TaskJob job) implements Step {}

    /** A pod of a Job that was let start begins its work. */
    record LetBegin(TaskJob job, PodGate.Begin pod) implements Step {}

    /** A Job that was let start is ended, since no pod of it has begun: it waits for something. */
    record GiveUp(TaskJob job, String awaited) implements Step {}

    /** The Job of a slot is made, since the CronJob controller did not. */
    record Create(Instant slot) implements Step {}
  }

  /**
   * What a turn starts from.
   *
   * @param lastRun as status has it
   * @param slot what was due before it was dealt with, or is nobody's
   * @param suspended what keeps the task from starting at all: the schedule, or the task; or
   *     nothing
   * @param jobs of the task, as they are now
   * @param end how a Job that has ended went; nothing while nobody knows yet
   * @param isThere whether the API server has the Job of that name: informers may be behind
   * @param begin the pod of a Job that was let start which may begin now
   * @param awaited what keeps a Job that was let start from its work; nothing if it is at work
   * @param gates whether a Job that waits may start
   * @param isCurrent whether a Job does what the task says now: it may have been made before an
   *     edit
   * @param obstacle why no Job of it could be made, as far as is known; or nothing
   */
  record Start(
      MaintenanceTask task,
      Calendar calendar,
      @Nullable Run lastRun,
      Instant slot,
      Optional<String> suspended,
      List<TaskJob> jobs,
      Function<TaskJob, Optional<TaskEnd>> end,
      Predicate<String> isThere,
      Function<TaskJob, Optional<PodGate.Begin>> begin,
      Function<TaskJob, Optional<TaskEnd.Awaited>> awaited,
      Function<TaskJob, RunPlan.Decision> gates,
      Predicate<TaskJob> isCurrent,
      Optional<String> obstacle,
      Instant now) {
    Start {
      Optional<Run> atWork = Optional.ofNullable(lastRun).filter(TaskTurn::isUnderway);
      jobs =
          jobs.stream()
              .map(job -> isOf(atWork.orElse(null), job) ? job.thatHasBegun() : job)
              .sorted(TaskJob.ORDER)
              .toList();
    }
  }

  static TaskTurn of(Start start) {
    TaskTurn turn = turn(start);
    Optional<Run> lastRun =
        Optional.ofNullable(turn.lastRun()).map(run -> continued(start.lastRun(), run));
    return new TaskTurn(
        lastRun.orElse(null),
        after(start, after(start, turn.slot(), lastRun.orElse(null)), start.lastRun()),
        turn.step(),
        turn.note(),
        turn.wake());
  }

  /**
   * When a Job first started, and which pod of it has begun, is never forgotten. One that was let
   * start while another was at work has its turn after that one.
   */
  private static Run continued(@Nullable Run before, Run now) {
    if (before == null || now.job() == null) {
      return now;
    }
    boolean isSame = now.job().equals(before.job());
    Optional<String> started =
        isSame && before.pod() != null && before.started() != null
            ? Optional.of(before.started())
            : Optional.ofNullable(now.started())
                .map(own -> later(own, isSame ? before.started() : before.finished()));
    return new Run(
        now.scheduled(),
        now.job(),
        started.orElse(null),
        now.finished(),
        now.outcome(),
        now.message(),
        now.hosts(),
        now.unfinished(),
        isSame && now.pod() == null ? before.pod() : now.pod());
  }

  private static String later(String one, @Nullable String other) {
    return other == null || Instant.parse(one).isAfter(Instant.parse(other)) ? one : other;
  }

  /**
   * A due time that has its outcome is dealt with: whoever makes a Job of it once more makes it for
   * nobody, though other runs have come after it. Nothing that was due before it is passed over by
   * that.
   */
  private static Instant after(Start start, Instant slot, @Nullable Run run) {
    return Optional.ofNullable(run)
        .filter(one -> one.finished() != null)
        .map(Run::scheduled)
        .map(Instant::parse)
        .filter(due -> !due.isBefore(slot))
        .filter(
            due ->
                start.calendar().latest(start.task().name(), slot, due.minusSeconds(1)).isEmpty())
        .map(due -> due.plusSeconds(1))
        .orElse(slot);
  }

  /** Whether a run has started, and its end is not written down yet. */
  private static boolean isUnderway(Run run) {
    return run.started() != null && run.finished() == null;
  }

  private static TaskTurn turn(Start start) {
    Instant slot = seen(start);
    Optional<Instant> passed = passed(start, slot);
    if (passed.isPresent()) {
      return atWork(start, start.slot())
          .or(() -> over(start, start.slot()))
          .orElseGet(() -> passedOver(start, passed.get()));
    }
    return atWork(start, slot)
        .or(() -> over(start, slot))
        .or(() -> toBeMadeAgain(start, slot))
        .or(() -> waiting(start, slot))
        .orElseGet(() -> due(start, slot));
  }

  /**
   * What the turn of a task starts from that was taken out of its schedule.
   *
   * @param lastRun as status has it
   * @param isBarred whether no pod of a Job that was let start may begin any more
   */
  record Remains(
      @Nullable Run lastRun,
      List<TaskJob> jobs,
      Function<TaskJob, Optional<TaskEnd>> end,
      Predicate<String> isThere,
      Function<TaskJob, Optional<PodGate.Begin>> begin,
      Predicate<TaskJob> isBarred,
      Instant now) {}

  /** Of a task that was taken out: what runs comes to its end, and nothing else starts. */
  static TaskTurn ofGone(Remains left) {
    TaskTurn turn = turnOfGone(left);
    return new TaskTurn(
        turn.lastRun() == null ? null : continued(left.lastRun(), turn.lastRun()),
        turn.slot(),
        turn.step(),
        turn.note(),
        turn.wake());
  }

  private static TaskTurn turnOfGone(Remains left) {
    Run lastRun = left.lastRun();
    List<TaskJob> jobs = left.jobs();
    Instant now = left.now();
    if (lastRun != null
        && lastRun.finished() == null
        && jobs.stream().noneMatch(job -> isOf(lastRun, job))) {
      if (lastRun.job() != null && left.isThere().test(lastRun.job())) {
        return gone(lastRun, Optional.empty(), Optional.of(now.plusSeconds(1)), now);
      }
      if (isUnderway(lastRun)) {
        return gone(
            deleted(lastRun, jobs, now, TAKEN_OUT), Optional.empty(), Optional.of(now), now);
      }
    }
    Optional<TaskJob> running = first(lastRun, jobs, job -> job.phase() == Phase.Running);
    if (running.isPresent()) {
      return runningOfGone(left, running.get());
    }
    Optional<TaskJob> ended = unrecorded(lastRun, jobs);
    if (ended.isPresent()) {
      Optional<TaskEnd> end = left.end().apply(ended.get());
      return gone(
          end.map(one -> run(ended.get(), one, now)).orElse(lastRun),
          Optional.empty(),
          Optional.of(end.isPresent() ? now : now.plusSeconds(1)),
          now);
    }
    Optional<Step> step =
        jobs.stream().filter(job -> job.phase() == Phase.Waiting).findFirst().map(Step.Remove::new);
    return lastRun == null || lastRun.finished() != null
        ? gone(lastRun, step, Optional.empty(), now)
        : gone(deleted(lastRun, jobs, now, TAKEN_OUT), step, Optional.of(now), now);
  }

  /** What a pod has begun another one may go on with; nothing begins any more. */
  private static TaskTurn runningOfGone(Remains left, TaskJob job) {
    if (job.started().isEmpty()) {
      return gone(left.lastRun(), Optional.empty(), Optional.empty(), left.now());
    }
    Run lastRun = running(job);
    if (job.givenUp().isPresent()) {
      return gone(lastRun, Optional.empty(), Optional.empty(), left.now());
    }
    if (left.isBarred().test(job)) {
      Step step = new Step.GiveUp(job, PodGate.BARRED);
      return gone(lastRun, Optional.of(step), Optional.empty(), left.now());
    }
    Optional<PodGate.Begin> begin = left.begin().apply(job);
    return gone(
        begin.filter(PodGate.Begin::follows).map(pod -> lastRun.withPod(pod.pod())).orElse(lastRun),
        begin.map(
            pod ->
                pod.follows()
                    ? new Step.LetBegin(job, pod)
                    : new Step.GiveUp(job, "its task was taken out of the schedule before")),
        Optional.empty(),
        left.now());
  }

  private static TaskTurn gone(
      @Nullable Run lastRun, Optional<Step> step, Optional<Instant> wake, Instant now) {
    return new TaskTurn(lastRun, now, step, Optional.empty(), wake);
  }

  private static Run running(TaskJob job) {
    return run(job, null, null, null, List.of());
  }

  /** A due time has been dealt with once there is a Job of it. */
  private static Instant seen(Start start) {
    return start.jobs().stream()
        .flatMap(job -> job.slot().stream())
        .filter(slot -> slot.isAfter(start.slot()))
        .filter(start.calendar().cron(start.task().name())::isDue)
        .reduce(start.slot(), (one, other) -> one.isAfter(other) ? one : other);
  }

  /** The newest due time before {@code slot} that was not dealt with. */
  private static Optional<Instant> passed(Start start, Instant slot) {
    return start.suspended().isPresent()
        ? Optional.empty()
        : start.calendar().latest(start.task().name(), start.slot(), slot.minusSeconds(1));
  }

  /**
   * A later due time has taken the place of these: one run at a time, and only the newest waits.
   * That is written down before anything is of the later one.
   */
  private static TaskTurn passedOver(Start start, Instant passed) {
    Instant since = start.calendar().next(start.task().name(), start.slot()).orElse(passed);
    boolean wasAtWork = wasAtWork(start.lastRun(), since, passed);
    return withoutJob(
        start,
        passed,
        wasAtWork ? Outcome.Skipped : Outcome.Missed,
        "what was due since "
            + since
            + " did not start before it was due again: "
            + (wasAtWork
                ? "a run of it was at work"
                : "an earlier one waited, or neither the cluster nor the operator came to it in"
                    + " time")
            + "; the newest takes its place",
        Optional.of(start.now()));
  }

  /** Whether the last run began before all these due times, and ended after them. */
  private static boolean wasAtWork(@Nullable Run lastRun, Instant since, Instant until) {
    return lastRun != null
        && lastRun.started() != null
        && lastRun.finished() != null
        && !Instant.parse(lastRun.started()).isAfter(since)
        && !Instant.parse(lastRun.finished()).isBefore(until);
  }

  /**
   * Until a Job that has begun is over, and that is written down, nothing else is done, though a
   * person suspends it, or unsuspends another one.
   */
  private static Optional<TaskTurn> atWork(Start start, Instant slot) {
    Optional<TaskJob> job = first(start.lastRun(), start.jobs(), TaskTurn::isAtWork);
    Run lastRun = start.lastRun();
    if (lastRun != null
        && isUnderway(lastRun)
        && job.filter(one -> !isOf(lastRun, one)).isPresent()) {
      Optional<TaskTurn> over = over(start, slot);
      if (over.isPresent()) {
        return over;
      }
    }
    return job.map(
        one ->
            one.phase() == Phase.Running ? running(start, slot, one) : waiting(start, slot, one));
  }

  private static boolean isAtWork(TaskJob job) {
    return job.phase() == Phase.Running || (job.phase() == Phase.Waiting && job.begun());
  }

  /** Whoever unsuspends a Job that waits does not have the one before it forgotten. */
  private static Optional<TaskJob> first(
      @Nullable Run lastRun, List<TaskJob> jobs, Predicate<TaskJob> wanted) {
    List<TaskJob> found = jobs.stream().filter(wanted).toList();
    return found.stream()
        .filter(job -> isOf(lastRun, job))
        .findFirst()
        .or(() -> found.stream().findFirst());
  }

  private static TaskTurn running(Start start, Instant slot, TaskJob job) {
    if (job.started().isEmpty()) {
      // Just let start: the Job controller's word of it is on its way.
      return quiet(start, slot, Optional.empty());
    }
    Run lastRun = running(job);
    Optional<PodGate.Begin> begin =
        job.givenUp().isPresent() ? Optional.empty() : start.begin().apply(job);
    if (begin.isPresent()) {
      return step(
          lastRun.withPod(begin.get().pod()), slot, new Step.LetBegin(job, begin.get()), start);
    }
    Instant pod = job.started().get().plus(CONTROLLER);
    if (!isOf(start.lastRun(), job) && start.now().isBefore(pod)) {
      return quiet(start, slot, Optional.of(pod));
    }
    Optional<TaskEnd.Awaited> awaited =
        job.givenUp().isPresent() ? Optional.empty() : start.awaited().apply(job);
    if (awaited.isEmpty()) {
      return new TaskTurn(lastRun, slot, Optional.empty(), Optional.empty(), Optional.empty());
    }
    if (awaited.get().again().isPresent()) {
      return interrupted(start, slot, job, awaited.get().what(), awaited.get().again().get());
    }
    return notBegun(start, slot, job, awaited.get().what(), job.started().get());
  }

  /** A pod is waited for, but not for long without a word. */
  private static TaskTurn notBegun(
      Start start, Instant slot, TaskJob job, String awaited, Instant started) {
    Instant soon = started.plus(BEGINNING);
    Instant patience = awaited.equals(PodGate.BARRED) ? soon : patience(start, job, soon);
    if (!start.now().isBefore(patience)) {
      return step(running(job), slot, new Step.GiveUp(job, awaited), start);
    }
    boolean isSaid = !start.now().isBefore(soon);
    return new TaskTurn(
        isSaid
            ? run(
                job,
                null,
                null,
                "no pod of it has begun since "
                    + started
                    + ", and it is given up at "
                    + patience
                    + ": "
                    + awaited,
                List.of())
            : running(job),
        slot,
        Optional.empty(),
        Optional.empty(),
        Optional.of(isSaid ? patience : soon));
  }

  /**
   * The next pod is waited for as long as its Job may run, since nobody else goes on with what was
   * begun on a host: but people have to know.
   */
  private static TaskTurn interrupted(
      Start start, Instant slot, TaskJob job, String awaited, Instant since) {
    Instant patience = since.plus(BEGINNING);
    boolean isSaid = !start.now().isBefore(patience);
    return new TaskTurn(
        isSaid
            ? run(job, null, null, "its pod was ended amid its work, and " + awaited, List.of())
            : running(job),
        slot,
        Optional.empty(),
        Optional.empty(),
        isSaid ? Optional.empty() : Optional.of(patience));
  }

  /**
   * Until when a pod is waited for: as long as people say that the task may start late. What begins
   * after the last start does nothing any more.
   */
  private static Instant patience(Start start, TaskJob job, Instant least) {
    if (start.task().window() == null && start.task().startingDeadlineSeconds() == null) {
      return least;
    }
    Instant lastStart =
        Window.of(start.task(), job.slot().orElse(job.created())).lastStart().plus(SKEW);
    return lastStart.isAfter(least) ? lastStart : least;
  }

  /** What is over and not written down yet: of what was at work first, if its Job is gone. */
  private static Optional<TaskTurn> over(Start start, Instant slot) {
    return start.lastRun() != null && isUnderway(start.lastRun())
        ? vanished(start, slot).or(() -> ended(start, slot))
        : ended(start, slot).or(() -> vanished(start, slot));
  }

  private static Optional<TaskTurn> ended(Start start, Instant slot) {
    return unrecorded(start.lastRun(), start.jobs())
        .map(
            job ->
                start
                    .end()
                    .apply(job)
                    .map(end -> ended(start, slot, job, end))
                    .orElseGet(() -> quiet(start, slot, Optional.of(start.now().plusSeconds(1)))));
  }

  private static TaskTurn ended(Start start, Instant slot, TaskJob job, TaskEnd end) {
    return new TaskTurn(
        run(job, end, start.now()),
        slot,
        Optional.empty(),
        Optional.empty(),
        Optional.of(start.now()));
  }

  private static Run run(TaskJob job, TaskEnd end, Instant now) {
    return new Run(
        job.slot().map(Instant::toString).orElse(null),
        job.name(),
        job.started().map(Instant::toString).orElse(null),
        text(job.ended().orElse(now)),
        end.outcome(),
        end.message(),
        end.hosts(),
        end.unfinished() ? true : null,
        null);
  }

  /** The first Job to end of which nothing was written down yet. */
  private static Optional<TaskJob> unrecorded(@Nullable Run lastRun, List<TaskJob> jobs) {
    return jobs.stream()
        .filter(job -> job.phase() == Phase.Ended)
        .filter(job -> !isRecorded(lastRun, job))
        .min(Comparator.comparing(job -> job.ended().orElse(job.created())));
  }

  /**
   * Of Jobs that ended before the last run did, or before it started, everything has been said.
   * Nothing is let start, or shown to wait, before that is so.
   */
  private static boolean isRecorded(@Nullable Run lastRun, TaskJob job) {
    if (lastRun == null) {
      return false;
    }
    if (isOf(lastRun, job)) {
      return lastRun.finished() != null;
    }
    String until = lastRun.finished() == null ? lastRun.started() : lastRun.finished();
    return until == null || !job.ended().orElse(job.created()).isAfter(Instant.parse(until));
  }

  private static Optional<TaskTurn> vanished(Start start, Instant slot) {
    Run lastRun = start.lastRun();
    if (lastRun == null
        || lastRun.finished() != null
        || start.jobs().stream().anyMatch(job -> isOf(lastRun, job))
        || (lastRun.job() == null && !isForgotten(start, lastRun))) {
      return Optional.empty();
    }
    if (lastRun.job() != null && start.isThere().test(lastRun.job())) {
      return Optional.of(quiet(start, slot, Optional.of(start.now().plusSeconds(1))));
    }
    return Optional.of(
        new TaskTurn(
            deleted(lastRun, start.jobs(), start.now(), "its Job was deleted"),
            slot,
            Optional.empty(),
            Optional.empty(),
            Optional.of(start.now())));
  }

  /**
   * How a run ends whose Job is gone: before any end that is not written down yet.
   *
   * @param what what has happened to it
   */
  private static Run deleted(Run lastRun, List<TaskJob> jobs, Instant now, String what) {
    boolean hadStarted = lastRun.started() != null;
    Instant finished =
        unrecorded(lastRun, jobs)
            .flatMap(TaskJob::ended)
            .map(ended -> ended.minusSeconds(1))
            .filter(now::isAfter)
            .orElse(now);
    return new Run(
        lastRun.scheduled(),
        lastRun.job(),
        lastRun.started(),
        text(finished),
        hadStarted ? Outcome.Failed : Outcome.Skipped,
        what
            + (hadStarted
                ? " before it ended: nobody knows how far it came"
                : " before it started"),
        List.of());
  }

  /** A due time that waited to have its Job made, and that nobody would make one of any more. */
  private static boolean isForgotten(Start start, Run lastRun) {
    return due(lastRun)
        .filter(due -> !due.isAfter(start.slot()))
        .filter(due -> start.jobs().stream().noneMatch(job -> isOf(due, job)))
        .isPresent();
  }

  /** A due time whose Job was taken away, since it did what the task said before an edit. */
  private static Optional<TaskTurn> toBeMadeAgain(Start start, Instant slot) {
    return Optional.ofNullable(start.lastRun())
        .filter(run -> run.finished() == null && run.job() == null)
        .flatMap(TaskTurn::due)
        .filter(due -> due.isAfter(start.slot()))
        .filter(due -> start.jobs().stream().noneMatch(job -> isOf(due, job)))
        .map(_ -> due(start, slot));
  }

  private static Optional<Instant> due(Run run) {
    return run.started() == null
        ? Optional.ofNullable(run.scheduled()).map(Instant::parse)
        : Optional.empty();
  }

  private static boolean isOf(Instant due, TaskJob job) {
    return job.slot().filter(due::equals).isPresent();
  }

  private static Optional<TaskTurn> waiting(Start start, Instant slot) {
    List<TaskJob> waiting =
        start.jobs().stream().filter(job -> job.phase() == Phase.Waiting).toList();
    return waiting.stream()
        .filter(job -> !job.begun())
        .flatMap(job -> madeAgain(start, slot, job).stream())
        .findFirst()
        .or(() -> waiting.stream().findFirst().map(job -> waiting(start, slot, job)));
  }

  /** Another Job has taken the place of this one. */
  private static Optional<TaskTurn> madeAgain(Start start, Instant slot, TaskJob old) {
    return start.jobs().stream()
        .filter(job -> job.origin().insteadOf().filter(old.origin().uid()::equals).isPresent())
        .findFirst()
        .map(
            job ->
                step(
                    job.phase() == Phase.Waiting
                        ? run(
                            job,
                            null,
                            null,
                            "the task was changed after the Job "
                                + old.name()
                                + " was made: "
                                + job.name()
                                + " takes its place",
                            List.of())
                        : start.lastRun(),
                    slot,
                    new Step.Remove(old),
                    start));
  }

  /**
   * A Job that was made before the task was changed does not start. A due time is put back to what
   * has yet to be dealt with before its Job is taken away: whatever happens then, it gets one.
   */
  private static TaskTurn makeAgain(Start start, Instant slot, TaskJob job) {
    return job.slot()
        .map(
            due ->
                step(
                    waits(due, "the task was changed after its Job was made: it is made again"),
                    due.minusSeconds(1),
                    new Step.Remove(job),
                    start))
        .orElseGet(() -> step(start.lastRun(), slot, new Step.MakeAgain(job), start));
  }

  private static TaskTurn waiting(Start start, Instant slot, TaskJob job) {
    Run lastRun = start.lastRun();
    if (isDealtWith(lastRun, job)) {
      return step(lastRun, slot, new Step.Remove(job), start);
    }
    if (isNobodys(start, job)) {
      return step(
          run(
              job,
              start.now(),
              Outcome.Skipped,
              "what was due before "
                  + start.slot()
                  + " is not made up for: it had its outcome, or the schedule was changed or"
                  + " suspended, or a later due time has taken its place; if it is wanted, start it"
                  + " with the annotation "
                  + MaintenanceManifests.RUN,
              List.of()),
          slot,
          new Step.Remove(job),
          start);
    }
    // One that has begun stays as it is: another one would do all of it again.
    boolean isCurrent = job.begun() || start.isCurrent().test(job);
    return switch (start.gates().apply(job)) {
      case RunPlan.Start _ when !isCurrent -> makeAgain(start, slot, job);
      case RunPlan.Wait _ when !isCurrent && start.obstacle().isEmpty() ->
          makeAgain(start, slot, job);
      case RunPlan.Start _ -> step(lastRun, slot, new Step.Admit(job), start);
      case RunPlan.Wait(String message) ->
          new TaskTurn(
              run(job, null, null, message, List.of()),
              slot,
              isCurrent || job.slot().isPresent()
                  ? Optional.empty()
                  : Optional.of(new Step.MakeAgain(job)),
              Optional.empty(),
              Optional.of(start.now().plus(LOOK_AGAIN)));
      case RunPlan.End(Outcome outcome, String message) ->
          step(
              run(job, start.now(), outcome, message, List.of()),
              slot,
              new Step.Remove(job),
              start);
      case RunPlan.NotDue(String message) ->
          new TaskTurn(
              lastRun == null || (lastRun.outcome() == Outcome.Skipped && lastRun.started() == null)
                  ? run(job, start.now(), Outcome.Skipped, message, List.of())
                  : lastRun,
              slot,
              Optional.of(new Step.Remove(job)),
              Optional.of(message),
              Optional.empty());
    };
  }

  /** What came of it is written down: of this Job, or of its due time when there was none yet. */
  private static boolean isDealtWith(@Nullable Run lastRun, TaskJob job) {
    return lastRun != null
        && lastRun.finished() != null
        && (isOf(lastRun, job)
            || (lastRun.job() == null
                && job.slot().isPresent()
                && job.slot().get().toString().equals(lastRun.scheduled())));
  }

  /**
   * The CronJob controller makes up for what was due while it was suspended, and, after an edit,
   * for what would have been due before it. On a day that is not the task's, that is not worth a
   * word.
   */
  private static boolean isNobodys(Start start, TaskJob job) {
    return job.slot()
        .filter(_ -> !job.begun())
        .filter(slot -> slot.isBefore(start.slot()))
        .filter(
            slot ->
                isOf(start.lastRun(), job)
                    || start.calendar().cron(start.task().name()).isDue(slot))
        .isPresent();
  }

  private static TaskTurn step(@Nullable Run lastRun, Instant slot, Step step, Start start) {
    return new TaskTurn(
        lastRun,
        slot,
        Optional.of(step),
        Optional.empty(),
        Optional.of(start.now().plus(LOOK_AGAIN)));
  }

  /** A due time without a Job: the CronJob controller was away, or its clock knows no such time. */
  private static TaskTurn due(Start start, Instant slot) {
    Optional<Instant> latest = start.calendar().latest(start.task().name(), slot, start.now());
    if (latest.isEmpty()) {
      return quiet(start, slot, Optional.empty());
    }
    Instant due = latest.get();
    if (start.suspended().isPresent()) {
      return withoutJob(
          start,
          due,
          Outcome.Skipped,
          RunPlan.suspended(start.suspended().get()),
          Optional.empty());
    }
    Optional<Instant> passed = passed(start, due);
    if (passed.isPresent()) {
      return passedOver(start, passed.get());
    }
    if (start.now().isBefore(due.plus(CONTROLLER))) {
      return quiet(start, slot, Optional.of(due.plus(CONTROLLER)));
    }
    Window window = Window.of(start.task(), due);
    if (window.mayStart(start.now())) {
      Run lastRun =
          start
              .obstacle()
              .map(what -> waits(due, "waits until " + window.lastStart() + ": " + what))
              .orElse(start.lastRun());
      return step(lastRun, slot, new Step.Create(due), start);
    }
    return start
        .obstacle()
        .map(
            what ->
                withoutJob(
                    start,
                    due,
                    Outcome.Blocked,
                    "it waited until " + window.lastStart() + ": " + what,
                    Optional.of(start.now())))
        .orElseGet(
            () ->
                withoutJob(
                    start,
                    due,
                    window.at(start.now()) == Window.Phase.CutOff ? Outcome.CutOff : Outcome.Missed,
                    RunPlan.tooLate(window),
                    Optional.of(start.now())));
  }

  /** A due time that has no Job yet. */
  private static Run waits(Instant due, String message) {
    return new Run(due.toString(), null, null, null, null, message, List.of());
  }

  /** A due time that has ended before there was a Job of it: one that comes yet is nobody's. */
  private static TaskTurn withoutJob(
      Start start, Instant due, Outcome outcome, String message, Optional<Instant> wake) {
    return new TaskTurn(
        new Run(due.toString(), null, null, text(start.now()), outcome, message, List.of()),
        due.plusSeconds(1),
        Optional.empty(),
        Optional.empty(),
        wake);
  }

  private static TaskTurn quiet(Start start, Instant slot, Optional<Instant> wake) {
    return new TaskTurn(start.lastRun(), slot, Optional.empty(), Optional.empty(), wake);
  }

  private static Run run(
      TaskJob job,
      @Nullable Instant finished,
      @Nullable Outcome outcome,
      @Nullable String message,
      List<HostOutcome> hosts) {
    return new Run(
        job.slot().map(Instant::toString).orElse(null),
        job.name(),
        job.started().map(Instant::toString).orElse(null),
        finished == null ? null : text(finished),
        outcome,
        message,
        hosts);
  }

  private static boolean isOf(@Nullable Run run, TaskJob job) {
    return run != null && job.name().equals(run.job());
  }

  private static String text(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
