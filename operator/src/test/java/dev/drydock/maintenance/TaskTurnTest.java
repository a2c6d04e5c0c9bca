package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.common.Severity;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec.Notify;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.HostOutcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Letter;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Subject;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.maintenance.TaskJob.Origin;
import dev.drydock.maintenance.TaskJob.Phase;
import dev.drydock.maintenance.TaskTurn.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a turn does about the Jobs of a task, and what is kept of it. */
class TaskTurnTest {
  private static final Instant DUE = Instant.parse("2026-11-25T02:00:00Z");
  private static final MaintenanceScheduleSpec SPEC =
      Schedules.of(
          """
          hosts: {names: [ethbig]}
          tasks:
          - {name: garden, schedule: "0 2 * * *", window: {duration: 1h}, command: {run: "true"}}
          """);

  private static TaskJob job(String name, @Nullable Instant slot, Phase phase, Instant ended) {
    return job(name, slot, phase, ended, new Origin("uid-" + name, "now", Optional.empty()));
  }

  private static TaskJob job(
      String name, @Nullable Instant slot, Phase phase, Instant ended, Origin origin) {
    return new TaskJob(
        name,
        "main",
        "garden",
        Optional.ofNullable(slot),
        DUE,
        phase,
        phase == Phase.Waiting ? Optional.empty() : Optional.of(DUE.plusSeconds(5)),
        phase != Phase.Waiting,
        phase == Phase.Ended ? Optional.of(ended) : Optional.empty(),
        "",
        Set.of("ethbig"),
        List.of("host"),
        origin,
        Optional.empty());
  }

  /** One that was made before the task was changed. */
  private static TaskJob old(String name, @Nullable Instant slot) {
    return job(name, slot, Phase.Waiting, DUE, new Origin("uid-" + name, "old", Optional.empty()));
  }

  private static TaskTurn turn(
      @Nullable Run lastRun,
      Instant slot,
      boolean suspended,
      Instant now,
      RunPlan.Decision gate,
      TaskJob... jobs) {
    return turn(lastRun, slot, suspended, Optional.empty(), now, gate, jobs);
  }

  private static TaskTurn turn(
      @Nullable Run lastRun,
      Instant slot,
      boolean suspended,
      Optional<String> obstacle,
      Instant now,
      RunPlan.Decision gate,
      TaskJob... jobs) {
    return TaskTurn.of(
        new TaskTurn.Start(
            SPEC.tasks().getFirst(),
            Calendar.of(SPEC),
            lastRun,
            slot,
            suspended ? Optional.of("the task") : Optional.empty(),
            List.of(jobs),
            _ -> Optional.of(new TaskEnd(Outcome.Succeeded, "done", List.of())),
            _ -> false,
            _ -> Optional.empty(),
            _ -> Optional.empty(),
            _ -> gate,
            job -> job.origin().content().equals("now"),
            obstacle,
            now));
  }

  private static final RunPlan.Decision START = new RunPlan.Start();

  @Test
  void aJobThatWaitsIsLetStartAndItsSlotIsDealtWith() {
    TaskJob job = job("main-garden-1", DUE, Phase.Waiting, DUE);
    TaskTurn turn = turn(null, DUE.minusSeconds(60), false, DUE, START, job);
    assertThat(turn.step()).contains(new Step.Admit(job));
    assertThat(turn.slot()).isEqualTo(DUE);
    assertThat(turn.lastRun()).isNull();
  }

  @Test
  void whatDoesNotStartIsWrittenDownBeforeItIsTakenAway() {
    TaskJob job = job("main-garden-1", DUE, Phase.Waiting, DUE);
    var end = new RunPlan.End(Outcome.Frozen, "year end");
    TaskTurn first = turn(null, DUE.minusSeconds(60), false, DUE, end, job);
    assertThat(first.step()).contains(new Step.Remove(job));
    assertThat(first.lastRun())
        .isEqualTo(
            new Run(
                DUE.toString(),
                "main-garden-1",
                null,
                DUE.toString(),
                Outcome.Frozen,
                "year end",
                List.of()));
    // Killed in between: it is not judged a second time.
    TaskTurn second = turn(first.lastRun(), DUE, false, DUE.plusSeconds(9), START, job);
    assertThat(second.step()).contains(new Step.Remove(job));
    assertThat(second.lastRun()).isEqualTo(first.lastRun());
  }

  @Test
  void aJobThatWasMadeBeforeAnEditIsMadeAgainBeforeItStarts() {
    TaskJob old = old("main-garden-1", DUE);
    Run waited = new Run(DUE.toString(), old.name(), null, null, null, "an alert", List.of());
    TaskTurn edited = turn(waited, DUE, false, DUE.plusSeconds(600), START, old);
    assertThat(edited.step()).contains(new Step.Remove(old));
    assertThat(edited.slot()).as("whoever is killed now makes it later").isBefore(DUE);
    assertThat(edited.lastRun()).isNotNull();
    assertThat(edited.lastRun().outcome()).isNull();
    assertThat(edited.lastRun().message()).startsWith("the task was changed");
    // Killed before it was taken away: once more.
    Instant then = DUE.plusSeconds(610);
    TaskTurn again = turn(edited.lastRun(), edited.slot(), false, then, START, old);
    assertThat(again.step()).contains(new Step.Remove(old));
    assertThat(again.lastRun()).isEqualTo(edited.lastRun());
    // Killed after that: it is as if it had been due just now, whoever else waits.
    TaskJob byHand = job("main-garden-now-1", null, Phase.Waiting, DUE);
    TaskTurn gone = turn(again.lastRun(), again.slot(), false, then, START, byHand);
    assertThat(gone.step()).contains(new Step.Create(DUE));
    assertThat(gone.lastRun()).isEqualTo(edited.lastRun());
    TaskJob made = job("main-garden-1", DUE, Phase.Waiting, DUE);
    TaskTurn started = turn(gone.lastRun(), gone.slot(), false, then, START, made, byHand);
    assertThat(started.step()).contains(new Step.Admit(made));
    assertThat(started.slot()).isEqualTo(DUE);
    // A person takes it away meanwhile, or the schedule is another one now.
    TaskTurn deleted = turn(started.lastRun(), started.slot(), false, then, START);
    assertThat(deleted.lastRun()).isNotNull();
    assertThat(deleted.lastRun().outcome()).isEqualTo(Outcome.Skipped);
  }

  @Test
  void aJobThatWaitsWhileItsTaskIsChangedIsMadeAgainAndOneThatEndsIsNot() {
    TaskJob old = old("main-garden-1", DUE);
    assertThat(turn(null, DUE, false, DUE, new RunPlan.Wait("an alert"), old).slot()).isBefore(DUE);
    TaskTurn frozen = turn(null, DUE, false, DUE, new RunPlan.End(Outcome.Frozen, "year end"), old);
    assertThat(frozen.slot()).as("it had its outcome").isEqualTo(DUE.plusSeconds(1));
    assertThat(frozen.lastRun()).isNotNull();
    assertThat(frozen.lastRun().outcome()).isEqualTo(Outcome.Frozen);
  }

  @Test
  void whatAPersonAskedForBeforeAnEditIsThereTwiceRatherThanNever() {
    TaskJob old = old("mine", null);
    TaskTurn edited = turn(null, DUE, false, DUE, START, old);
    assertThat(edited.step()).contains(new Step.MakeAgain(old));
    TaskJob made =
        job("a", null, Phase.Waiting, DUE, new Origin("2", "now", Optional.of("uid-mine")));
    TaskTurn both = turn(edited.lastRun(), DUE, false, DUE.plusSeconds(1), START, made, old);
    assertThat(both.step()).contains(new Step.Remove(old));
    assertThat(both.lastRun()).isNotNull();
    assertThat(both.lastRun().job()).isEqualTo("a");
    assertThat(both.lastRun().message())
        .isEqualTo("the task was changed after the Job mine was made: a takes its place");
    TaskTurn one = turn(both.lastRun(), DUE, false, DUE.plusSeconds(2), START, made);
    assertThat(one.step()).contains(new Step.Admit(made));
    // Another one of that name is another request.
    TaskJob ended =
        job("a", null, Phase.Ended, DUE, new Origin("2", "now", Optional.of("uid-before")));
    Run last = new Run(null, "a", DUE.toString(), DUE.toString(), Outcome.Succeeded, "", List.of());
    assertThat(turn(last, DUE, false, DUE.plusSeconds(3), START, ended, old).step())
        .contains(new Step.MakeAgain(old));
  }

  @Test
  void aDueTimeWhoseJobIsRefusedSaysSoUntilItIsTooLate() {
    Instant before = DUE.minusSeconds(60);
    Optional<String> quota = Optional.of("the API server makes no Job of garden: exceeded quota");
    TaskTurn waits = turn(null, before, false, quota, DUE.plusSeconds(60), START);
    assertThat(waits.step()).contains(new Step.Create(DUE));
    assertThat(waits.wake()).contains(DUE.plusSeconds(70));
    assertThat(waits.slot()).isEqualTo(before);
    assertThat(waits.lastRun()).isNotNull();
    assertThat(waits.lastRun().outcome()).isNull();
    assertThat(waits.lastRun().message())
        .isEqualTo(
            "waits until 2026-11-25T03:00:00Z: the API server makes no Job of garden: exceeded"
                + " quota");
    TaskTurn late = turn(waits.lastRun(), before, false, quota, DUE.plusSeconds(3600), START);
    assertThat(late.lastRun()).isNotNull();
    assertThat(late.lastRun().outcome()).isEqualTo(Outcome.Blocked);
    assertThat(late.lastRun().message()).startsWith("it waited until").endsWith("exceeded quota");
    // The schedule is another one by then: nobody waits for it any more.
    TaskTurn edited =
        turn(waits.lastRun(), DUE.plusSeconds(90), false, quota, DUE.plusSeconds(90), START);
    assertThat(edited.lastRun()).isNotNull();
    assertThat(edited.lastRun().outcome()).isEqualTo(Outcome.Skipped);
  }

  @Test
  void aJobOfBeforeAnEditStaysWhileNoOtherOneCanBeMade() {
    var wait = new RunPlan.Wait("the API server refuses what starts it");
    Optional<String> refused = Optional.of("the API server refuses what starts it");
    TaskTurn due = turn(null, DUE, false, refused, DUE, wait, old("main-garden-1", DUE));
    assertThat(due.step()).isEmpty();
    assertThat(due.slot()).isEqualTo(DUE);
    TaskJob byHand = old("mine", null);
    TaskTurn asked = turn(null, DUE, false, refused, DUE, wait, byHand);
    assertThat(asked.step()).contains(new Step.MakeAgain(byHand));
    assertThat(asked.lastRun()).isNotNull();
    assertThat(asked.lastRun().message()).isEqualTo(wait.message());
  }

  /** One that was let start, and that a person has suspended. */
  private static TaskJob held(TaskJob job) {
    return new TaskJob(
        job.name(),
        job.schedule(),
        job.task(),
        job.slot(),
        job.created(),
        Phase.Waiting,
        Optional.empty(),
        true,
        Optional.empty(),
        "",
        job.hosts(),
        job.touches(),
        job.origin(),
        Optional.empty());
  }

  @Test
  void aJobThatIsSuspendedAmidItsWorkKeepsItsPlace() {
    var wait = new RunPlan.Wait("its Job was suspended amid its work");
    Instant first = DUE.plusSeconds(5);
    for (TaskJob job : List.of(held(old("main-garden-1", DUE)), held(old("mine", null)))) {
      Run began =
          new Run(DUE.toString(), job.name(), first.toString(), null, null, null, List.of())
              .withPod("a");
      // Its schedule is another one by then, and it is due once more.
      for (Instant now : List.of(DUE.plusSeconds(9), DUE.plus(Duration.ofDays(2)))) {
        for (Instant slot : List.of(DUE, DUE.plusSeconds(600))) {
          TaskJob next = job("main-garden-2", slot.plusSeconds(60), Phase.Waiting, DUE);
          TaskTurn rests = turn(began, slot, false, now, wait, job, next);
          assertThat(rests.step()).isEmpty();
          assertThat(rests.lastRun()).isNotNull();
          assertThat(rests.lastRun().job()).isEqualTo(job.name());
          assertThat(rests.lastRun().pod()).as("it is not begun twice").isEqualTo("a");
          assertThat(rests.lastRun().started()).isEqualTo(first.toString());
          assertThat(TaskLedger.isHalted(rests.lastRun())).as("people are told").isTrue();
        }
      }
    }
  }

  @Test
  void aJobThatIsUnsuspendedWhileAnotherOneIsAtWorkHasItsTurnAfterThat() {
    TaskJob mine = job("a-mine", null, Phase.Running, DUE);
    TaskJob atWork = job("main-garden-1", DUE, Phase.Running, DUE);
    Run began = begins(null, true, Optional.empty(), atWork).lastRun();
    assertThat(began).isNotNull();
    TaskTurn both = turn(began, DUE, false, DUE.plusSeconds(60), START, mine, atWork);
    assertThat(both.lastRun()).isEqualTo(began);

    // It has ended first.
    Instant over = DUE.plusSeconds(90);
    TaskJob mineEnded = job("a-mine", null, Phase.Ended, over);
    TaskTurn waits = turn(began, DUE, false, over, START, mineEnded, atWork);
    assertThat(waits.lastRun()).isEqualTo(began);
    TaskJob ended = job("main-garden-1", DUE, Phase.Ended, over.plusSeconds(9));
    Instant now = over.plusSeconds(10);
    assertThat(recorded(began, now, mineEnded, ended)).containsExactly("a-mine", "main-garden-1");
    // Or the other one has, and it goes on.
    TaskTurn one = turn(began, DUE, false, now, START, mine, ended);
    assertThat(one.lastRun()).isNotNull();
    assertThat(one.lastRun().outcome()).isEqualTo(Outcome.Succeeded);
    TaskTurn two = turn(one.lastRun(), one.slot(), false, now, START, mine, ended);
    assertThat(two.lastRun()).isNotNull();
    assertThat(two.lastRun().job()).isEqualTo("a-mine");
    assertThat(turn(two.lastRun(), two.slot(), false, now, START, mine, ended).lastRun())
        .isEqualTo(two.lastRun());
    TaskJob last = job("a-mine", null, Phase.Ended, now.plusSeconds(60));
    assertThat(recorded(two.lastRun(), now.plusSeconds(61), last, ended)).containsExactly("a-mine");
    // Or a person has deleted the other one.
    TaskTurn deleted = turn(began, DUE, false, now, START, mine);
    assertThat(deleted.lastRun()).isNotNull();
    assertThat(deleted.lastRun().job()).isEqualTo("main-garden-1");
    assertThat(deleted.lastRun().outcome()).isEqualTo(Outcome.Failed);
    assertThat(turn(deleted.lastRun(), deleted.slot(), false, now, START, mine).lastRun())
        .isNotNull()
        .extracting(Run::job)
        .isEqualTo("a-mine");
  }

  /** The Jobs whose ends are written down, until nothing changes any more. */
  private static List<String> recorded(Run before, Instant now, TaskJob... jobs) {
    var recorded = new ArrayList<String>();
    Run lastRun = before;
    for (int i = 0; i < 5; i++) {
      Run next = turn(lastRun, DUE, false, now, START, jobs).lastRun();
      if (next == null || next.equals(lastRun)) {
        return recorded;
      }
      assertThat(next.outcome()).isEqualTo(Outcome.Succeeded);
      recorded.add(String.valueOf(next.job()));
      lastRun = next;
    }
    throw new AssertionError("it never ends: " + recorded);
  }

  @Test
  void aJobThatIsDeletedAmidItsWorkIsNotForgottenForOneThatEndedSince() {
    Run began =
        new Run(DUE.toString(), "main-garden-1", DUE.toString(), null, null, null, List.of())
            .withPod("a");
    TaskJob other = job("a-mine", null, Phase.Ended, DUE.plusSeconds(60));
    Instant now = DUE.plusSeconds(90);
    TaskTurn deleted = turn(began, DUE, false, now, START, other);
    assertThat(deleted.lastRun()).isNotNull();
    assertThat(deleted.lastRun().job()).isEqualTo("main-garden-1");
    assertThat(deleted.lastRun().outcome()).isEqualTo(Outcome.Failed);
    assertThat(recorded(deleted.lastRun(), now, other)).containsExactly("a-mine");
    // Nor where its task is taken out meanwhile, whether the other one has ended or not.
    for (Phase phase : List.of(Phase.Ended, Phase.Running)) {
      TaskTurn gone = gone(began, job("a-mine", null, phase, DUE.plusSeconds(60)));
      assertThat(gone.lastRun()).isNotNull();
      assertThat(gone.lastRun().job()).isEqualTo("main-garden-1");
      assertThat(gone.wake()).as("there is more to say").isPresent();
      assertThat(gone(gone.lastRun(), job("a-mine", null, phase, DUE.plusSeconds(60))).lastRun())
          .isNotNull()
          .extracting(Run::job)
          .isEqualTo("a-mine");
    }
  }

  @Test
  void aSuspendedJobThatDoesNotSayThatItHasBegunIsKnownToHave() {
    TaskJob silent = job("main-garden-1", DUE, Phase.Waiting, DUE);
    Run began =
        new Run(DUE.toString(), silent.name(), DUE.toString(), null, null, null, List.of())
            .withPod("a");
    var seen = new ArrayList<Boolean>();
    TaskTurn.of(
        new TaskTurn.Start(
            SPEC.tasks().getFirst(),
            Calendar.of(SPEC),
            began,
            DUE,
            Optional.empty(),
            List.of(silent),
            _ -> Optional.empty(),
            _ -> true,
            _ -> Optional.empty(),
            _ -> Optional.empty(),
            job -> {
              seen.add(job.begun());
              return new RunPlan.Wait("its Job was suspended amid its work");
            },
            _ -> false,
            Optional.empty(),
            DUE.plusSeconds(60)));
    assertThat(seen).containsExactly(true);
  }

  @Test
  void aRunStartedWhenAPodOfItCouldFirstBegin() {
    TaskJob job = job("main-garden-1", DUE, Phase.Running, DUE);
    Run waited = new Run(DUE.toString(), job.name(), DUE.toString(), null, null, null, List.of());
    assertThat(begins(waited, true, Optional.empty(), job).lastRun())
        .as("none had begun before it was suspended")
        .isNotNull()
        .extracting(Run::started)
        .isEqualTo(DUE.plusSeconds(5).toString());
    assertThat(begins(waited.withPod("a"), true, Optional.empty(), job).lastRun())
        .isNotNull()
        .extracting(Run::started)
        .isEqualTo(DUE.toString());
  }

  @Test
  void whatWasPassedOverBeforeItTakesNoOutcomeFromADueTime() {
    Instant tomorrow = DUE.plus(Duration.ofDays(1));
    Instant now = tomorrow.plusSeconds(60);
    var running =
        new Run(tomorrow.toString(), "main-garden-2", now.toString(), null, null, null, List.of());
    TaskTurn deleted = turn(running, DUE.minusSeconds(60), false, now, START);
    assertThat(deleted.lastRun()).isNotNull();
    assertThat(deleted.lastRun().outcome()).isEqualTo(Outcome.Failed);
    TaskTurn missed = turn(deleted.lastRun(), deleted.slot(), false, now, START);
    assertThat(missed.lastRun()).isNotNull();
    assertThat(missed.lastRun().scheduled()).isEqualTo(DUE.toString());
    TaskTurn quiet = turn(missed.lastRun(), missed.slot(), false, now.plusSeconds(9), START);
    assertThat(quiet.step()).as("it has run").isEmpty();
  }

  @Test
  void aDueTimeThatHadItsOutcomeNeverStartsAgainWhateverRanSince() {
    Instant ended = DUE.plusSeconds(60);
    Run ran =
        turn(null, DUE, false, ended, START, job("main-garden-1", DUE, Phase.Ended, ended))
            .lastRun();
    TaskTurn written = turn(ran, DUE, false, ended, START);
    TaskJob byHand = job("mine", null, Phase.Ended, ended.plusSeconds(60));
    Instant now = ended.plusSeconds(61);
    TaskTurn since = turn(ran, written.slot(), false, now, START, byHand);
    assertThat(since.lastRun()).isNotNull();
    assertThat(since.lastRun().job()).isEqualTo("mine");
    // Its Job was removed, and the CronJob controller, who was away, makes it.
    TaskJob again = job("main-garden-1", DUE, Phase.Waiting, now);
    TaskTurn twice = turn(since.lastRun(), since.slot(), false, now, START, byHand, again);
    assertThat(twice.step()).contains(new Step.Remove(again));
    assertThat(twice.lastRun()).isNotNull();
    assertThat(twice.lastRun().outcome()).isEqualTo(Outcome.Skipped);
  }

  @Test
  void whatWasDueBeforeADayThatIsNotTheTasksIsNotForgotten() {
    TaskJob notDue = job("main-garden-2", DUE.plusSeconds(600), Phase.Waiting, DUE);
    Instant before = DUE.minusSeconds(60);
    Instant now = DUE.plusSeconds(601);
    TaskTurn skipped = turn(null, before, false, now, new RunPlan.NotDue("not due"), notDue);
    assertThat(skipped.step()).contains(new Step.Remove(notDue));
    assertThat(skipped.slot()).isEqualTo(before);
    assertThat(turn(skipped.lastRun(), skipped.slot(), false, now, START).step())
        .contains(new Step.Create(DUE));
  }

  private static TaskTurn pending(TaskJob job, Instant now) {
    return pending(job, new TaskEnd.Awaited("ErrImagePull: no such image", Optional.empty()), now);
  }

  private static TaskTurn pending(TaskJob job, TaskEnd.Awaited awaited, Instant now) {
    return pending(SPEC.tasks().getFirst(), job, awaited, now);
  }

  private static TaskTurn pending(
      MaintenanceTask task, TaskJob job, TaskEnd.Awaited awaited, Instant now) {
    return TaskTurn.of(
        new TaskTurn.Start(
            task,
            Calendar.of(SPEC),
            null,
            DUE,
            Optional.empty(),
            List.of(job),
            _ -> Optional.empty(),
            _ -> false,
            _ -> Optional.empty(),
            _ -> Optional.of(awaited),
            _ -> START,
            _ -> true,
            Optional.empty(),
            now));
  }

  @Test
  void aJobOfWhichNoPodBeginsIsGivenUpAfterTheLastStart() {
    TaskJob job = job("main-garden-1", DUE, Phase.Running, DUE);
    Instant started = job.started().orElseThrow();
    TaskTurn soon = pending(job, started.plusSeconds(599));
    assertThat(soon.lastRun()).isNotNull();
    assertThat(soon.lastRun().message()).as("an image may take that long").isNull();
    assertThat(soon.wake()).contains(started.plusSeconds(600));
    Instant lastStart = DUE.plus(Duration.ofHours(1));
    TaskTurn waits = pending(job, lastStart);
    assertThat(waits.step()).as("a pod whose clock is behind may still begin").isEmpty();
    assertThat(waits.lastRun()).isNotNull();
    assertThat(waits.lastRun().message())
        .as("people hear of it while it waits")
        .isEqualTo(
            "no pod of it has begun since 2026-11-25T02:00:05Z, and it is given up at"
                + " 2026-11-25T03:01:00Z: ErrImagePull: no such image");
    assertThat(waits.wake()).contains(lastStart.plusSeconds(60));
    TaskTurn over = pending(job, lastStart.plusSeconds(60));
    assertThat(over.step()).contains(new Step.GiveUp(job, "ErrImagePull: no such image"));
    // Let start at the last moment, it has the time that an image takes.
    Instant late = lastStart.minusSeconds(1);
    TaskJob last =
        new TaskJob(
            job.name(),
            job.schedule(),
            job.task(),
            job.slot(),
            job.created(),
            job.phase(),
            Optional.of(late),
            true,
            job.ended(),
            job.failure(),
            job.hosts(),
            job.touches(),
            job.origin(),
            Optional.empty());
    assertThat(pending(last, lastStart.plusSeconds(60)).wake()).contains(late.plusSeconds(600));
  }

  @Test
  void whatCanNeverBeginKeepsItsHostsNoLonger() {
    TaskJob job = job("main-garden-1", DUE, Phase.Running, DUE);
    var barred = new TaskEnd.Awaited(PodGate.BARRED, Optional.empty());
    Instant soon = job.started().orElseThrow().plusSeconds(600);
    assertThat(pending(job, barred, soon.minusSeconds(1)).step()).isEmpty();
    assertThat(pending(job, barred, soon).step())
        .as("though its window is open")
        .contains(new Step.GiveUp(job, PodGate.BARRED));
  }

  /** How long it may wait for others says nothing of how long its image may take. */
  @Test
  void aTaskThatComesAfterOthersIsGivenUpAsSoonAsAnyOther() {
    MaintenanceTask after =
        Schedules.of(
                """
                hosts: {names: [ethbig]}
                tasks:
                - {name: before, schedule: "0 2 * * *", command: {run: "true"}}
                - {name: garden, schedule: "0 2 * * *", after: [before], command: {run: "true"}}
                """)
            .tasks()
            .getLast();
    TaskJob job = job("main-garden-1", DUE, Phase.Running, DUE);
    var awaited = new TaskEnd.Awaited("ErrImagePull", Optional.empty());
    Instant soon = job.started().orElseThrow().plusSeconds(600);
    assertThat(pending(after, job, awaited, soon).step())
        .contains(new Step.GiveUp(job, "ErrImagePull"));
  }

  @Test
  void aPodThatDoesNotGoOnWithTheWorkOfTheOneBeforeIsSaidAndWaitedFor() {
    TaskJob job = job("main-garden-1", DUE, Phase.Running, DUE);
    Instant since = DUE.plus(Duration.ofHours(2));
    var awaited = new TaskEnd.Awaited("the next one has not begun", Optional.of(since));
    TaskTurn soon = pending(job, awaited, since.plusSeconds(599));
    assertThat(soon.step()).isEmpty();
    assertThat(soon.wake()).contains(since.plusSeconds(600));
    TaskTurn late = pending(job, awaited, since.plusSeconds(600));
    assertThat(late.step()).as("it alone goes on with what was begun").isEmpty();
    assertThat(late.lastRun()).isNotNull();
    assertThat(late.lastRun().outcome()).isNull();
    assertThat(late.lastRun().message())
        .isEqualTo("its pod was ended amid its work, and the next one has not begun");

    var ledger = new TaskLedger("garden", null, new Notify(List.of("ops"), List.of()), DUE);
    ledger.lastRun(soon.lastRun());
    assertThat(ledger.state().letters()).isEmpty();
    ledger.lastRun(late.lastRun());
    ledger.lastRun(late.lastRun());
    assertThat(ledger.state().letters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.severity()).isEqualTo(Severity.Warning);
              assertThat(letter.text()).startsWith("it does not go on: its pod was ended");
            });
    assertThat(RunNews.of(soon.lastRun(), late.lastRun()).orElseThrow().isBad()).isTrue();
    assertThat(RunNews.of(late.lastRun(), soon.lastRun())).isEmpty();
  }

  @Test
  void anEndIsWrittenDownOnce() {
    Instant ended = DUE.plusSeconds(60);
    TaskJob job = job("main-garden-1", DUE, Phase.Ended, ended);
    TaskTurn first = turn(null, DUE.minusSeconds(60), false, ended, START, job);
    assertThat(first.lastRun()).isNotNull();
    assertThat(first.lastRun().outcome()).isEqualTo(Outcome.Succeeded);
    TaskTurn second = turn(first.lastRun(), DUE, false, ended.plusSeconds(1), START, job);
    assertThat(second.lastRun()).isEqualTo(first.lastRun());
    // Nor once another one waits.
    TaskJob next = job("main-garden-now-1", null, Phase.Waiting, DUE);
    TaskTurn third =
        turn(
            first.lastRun(),
            DUE,
            false,
            ended.plusSeconds(2),
            new RunPlan.Wait("for a reason"),
            job,
            next);
    assertThat(third.lastRun()).isNotNull();
    assertThat(third.lastRun().message()).isEqualTo("for a reason");
    TaskTurn fourth = turn(third.lastRun(), DUE, false, ended.plusSeconds(3), START, job, next);
    assertThat(fourth.step()).contains(new Step.Admit(next));
    assertThat(fourth.lastRun()).isEqualTo(third.lastRun());
  }

  @Test
  void aSlotWithoutAJobGetsOneAndIsMissedWhenItIsTooLate() {
    Instant before = DUE.minusSeconds(60);
    TaskTurn soon = turn(null, before, false, DUE.plusSeconds(1), START);
    assertThat(soon.step()).as("the CronJob controller comes first").isEmpty();
    assertThat(soon.wake()).contains(DUE.plusSeconds(2));
    assertThat(turn(null, before, false, DUE.plusSeconds(2), START).step())
        .contains(new Step.Create(DUE));
    TaskTurn late = turn(null, before, false, DUE.plusSeconds(3600), START);
    assertThat(late.step()).isEmpty();
    assertThat(late.lastRun()).isNotNull();
    assertThat(late.lastRun().outcome()).isEqualTo(Outcome.Missed);
    assertThat(late.slot()).isEqualTo(DUE.plusSeconds(1));
    // A year away: the newest one is reported, and all before it at once.
    Instant now = Instant.parse("2027-11-25T12:00:00Z");
    TaskTurn passed = turn(null, before, false, now, START);
    assertThat(passed.lastRun()).isNotNull();
    assertThat(passed.lastRun().scheduled()).isEqualTo("2027-11-24T02:00:00Z");
    assertThat(passed.lastRun().outcome()).as("nobody came to it").isEqualTo(Outcome.Missed);
    assertThat(passed.lastRun().message()).contains("since " + DUE, "nor the operator");
    TaskTurn back = turn(passed.lastRun(), passed.slot(), false, now, START);
    assertThat(back.lastRun()).isNotNull();
    assertThat(back.lastRun().scheduled()).isEqualTo("2027-11-25T02:00:00Z");
    assertThat(
            turn(back.lastRun(), back.slot(), false, Instant.parse("2027-11-25T13:00:00Z"), START)
                .lastRun())
        .isEqualTo(back.lastRun());
  }

  @Test
  void whatIsDueAgainBeforeItStartedIsWrittenDownBeforeTheNewestStarts() {
    Instant tomorrow = DUE.plus(Duration.ofDays(1));
    Instant newest = DUE.plus(Duration.ofDays(2));
    Instant now = newest.plusSeconds(20);
    TaskJob before = job("main-garden-1", DUE, Phase.Running, DUE);
    TaskJob waits = job("main-garden-3", newest, Phase.Waiting, newest);
    TaskTurn atWork = turn(null, DUE, false, now, START, before, waits);
    assertThat(atWork.lastRun()).isNotNull();
    assertThat(atWork.lastRun().job()).isEqualTo("main-garden-1");
    assertThat(atWork.slot()).as("what was not written down stays open").isEqualTo(DUE);

    TaskJob ended = job("main-garden-1", DUE, Phase.Ended, newest.plusSeconds(10));
    TaskTurn over = turn(atWork.lastRun(), atWork.slot(), false, now, START, ended, waits);
    assertThat(over.lastRun()).isNotNull();
    assertThat(over.lastRun().outcome()).isEqualTo(Outcome.Succeeded);
    assertThat(over.slot()).isEqualTo(DUE.plusSeconds(1));

    TaskTurn passed = turn(over.lastRun(), over.slot(), false, now, START, ended, waits);
    assertThat(passed.step()).isEmpty();
    assertThat(passed.lastRun()).isNotNull();
    assertThat(passed.lastRun().scheduled()).isEqualTo(tomorrow.toString());
    assertThat(passed.lastRun().outcome()).isEqualTo(Outcome.Skipped);
    assertThat(passed.lastRun().message()).contains("a run of it was at work");
    assertThat(passed.slot()).isEqualTo(tomorrow.plusSeconds(1));

    TaskTurn start = turn(passed.lastRun(), passed.slot(), false, now, START, ended, waits);
    assertThat(start.step()).contains(new Step.Admit(waits));
    assertThat(start.slot()).isEqualTo(newest);
  }

  @Test
  void whatWasDueWhileSuspendedIsNobodys() {
    TaskTurn passed = turn(null, DUE.minusSeconds(60), true, DUE.plusSeconds(1), START);
    assertThat(passed.step()).isEmpty();
    assertThat(passed.lastRun())
        .isEqualTo(
            new Run(
                DUE.toString(),
                null,
                null,
                DUE.plusSeconds(1).toString(),
                Outcome.Skipped,
                "the task is suspended: set suspend to false to have it run",
                List.of()));
    TaskTurn quiet = turn(passed.lastRun(), passed.slot(), true, DUE.plusSeconds(300), START);
    assertThat(quiet.lastRun()).as("said once").isEqualTo(passed.lastRun());
    assertThat(quiet.slot()).isEqualTo(passed.slot());

    // Its startingDeadlineSeconds are the window: it makes up for it as soon as it may again.
    TaskJob late = job("main-garden-1", DUE, Phase.Waiting, DUE);
    TaskTurn resumed =
        turn(quiet.lastRun(), quiet.slot(), false, DUE.plusSeconds(900), START, late);
    assertThat(resumed.step()).contains(new Step.Remove(late));
    assertThat(resumed.lastRun()).as("said already").isEqualTo(passed.lastRun());

    Run byHand = run("main-garden-now-1", Outcome.Blocked, "the task is suspended");
    TaskTurn forgotten = turn(byHand, quiet.slot(), false, DUE.plusSeconds(900), START, late);
    assertThat(forgotten.step()).contains(new Step.Remove(late));
    assertThat(forgotten.lastRun()).isNotNull();
    assertThat(forgotten.lastRun().outcome()).isEqualTo(Outcome.Skipped);
  }

  @Test
  void whatWasDueBeforeAnEditIsNobodys() {
    Instant edit = DUE.plusSeconds(600);
    TaskJob late = job("main-garden-1", DUE, Phase.Waiting, DUE);
    TaskTurn turn = turn(null, edit, false, edit.plusSeconds(1), START, late);
    assertThat(turn.step()).contains(new Step.Remove(late));
    assertThat(turn.lastRun()).isNotNull();
    assertThat(turn.lastRun().outcome()).isEqualTo(Outcome.Skipped);
    assertThat(turn.lastRun().message())
        .contains("is not made up for", "the schedule was changed or suspended")
        .contains(edit.toString(), "drydock.dev/run");
    assertThat(turn.slot()).isEqualTo(edit);

    // On a day that the schedule does not mean, it is not worth a word.
    TaskJob never = job("main-garden-0", DUE.minusSeconds(60), Phase.Waiting, DUE);
    TaskTurn quiet =
        turn(
            run("main-garden-now-1", Outcome.Succeeded, "done"),
            edit,
            false,
            edit.plusSeconds(1),
            new RunPlan.NotDue("not due"),
            never);
    assertThat(quiet.step()).contains(new Step.Remove(never));
    assertThat(quiet.note()).contains("not due");
    // But what people were told to wait is.
    Run waits =
        new Run(
            DUE.minusSeconds(60).toString(), never.name(), null, null, null, "waits", List.of());
    TaskTurn told =
        turn(waits, edit, false, edit.plusSeconds(1), new RunPlan.NotDue("not due"), never);
    assertThat(told.step()).contains(new Step.Remove(never));
    assertThat(told.lastRun()).isNotNull();
    assertThat(told.lastRun().outcome()).isEqualTo(Outcome.Skipped);
  }

  @Test
  void aJobWhoseSlotWasSeenStillStarts() {
    TaskJob job = job("main-garden-1", DUE, Phase.Waiting, DUE);
    assertThat(turn(null, DUE, false, DUE.plusSeconds(9), START, job).step())
        .contains(new Step.Admit(job));
    TaskJob byHand = job("main-garden-now-1", null, Phase.Waiting, DUE);
    assertThat(turn(null, DUE.plusSeconds(600), false, DUE.plusSeconds(601), START, byHand).step())
        .contains(new Step.Admit(byHand));
  }

  @Test
  void aJobThatComesAfterItsDueTimeWasMissedIsNotMissedAgain() {
    Instant now = DUE.plusSeconds(3600);
    TaskTurn missed = turn(null, DUE.minusSeconds(60), false, now, START);
    TaskJob late = job("main-garden-1", DUE, Phase.Waiting, now);
    TaskTurn turn =
        turn(
            missed.lastRun(),
            missed.slot(),
            false,
            now.plusSeconds(1),
            new RunPlan.End(Outcome.Missed, "again"),
            late);
    assertThat(turn.step()).contains(new Step.Remove(late));
    assertThat(turn.lastRun()).isEqualTo(missed.lastRun());
    // A longer window, and the CronJob controller makes up for it, though a person did already.
    Run byHand = run("main-garden-now-1", Outcome.Succeeded, "done");
    assertThat(turn(byHand, missed.slot(), false, now.plusSeconds(1), START, late).step())
        .contains(new Step.Remove(late));
  }

  @Test
  void aJobThatVanishesWasNotASuccess() {
    var running = new Run(DUE.toString(), "gone", DUE.toString(), null, null, null, List.of());
    TaskTurn turn = turn(running, DUE, false, DUE.plusSeconds(60), START);
    assertThat(turn.lastRun()).isNotNull();
    assertThat(turn.lastRun().outcome()).isEqualTo(Outcome.Failed);
  }

  @Test
  void whatRunsOfATaskThatIsGoneComesToItsEnd() {
    Run before = run("main-garden-0", Outcome.Succeeded, "done");
    TaskJob running = job("main-garden-1", DUE, Phase.Running, DUE);
    TaskTurn atWork = gone(before, running);
    assertThat(atWork.lastRun()).isNotNull();
    assertThat(atWork.lastRun().job()).isEqualTo("main-garden-1");
    assertThat(atWork.step()).isEmpty();
    TaskTurn ended =
        gone(atWork.lastRun(), job("main-garden-1", DUE, Phase.Ended, DUE.plusSeconds(60)));
    assertThat(ended.lastRun()).isNotNull();
    assertThat(ended.lastRun().outcome()).isEqualTo(Outcome.Failed);
    TaskTurn vanished = gone(atWork.lastRun());
    assertThat(vanished.lastRun()).isNotNull();
    assertThat(vanished.lastRun().outcome()).isEqualTo(Outcome.Failed);

    TaskJob waiting = job("main-garden-2", DUE, Phase.Waiting, DUE);
    Run waits = new Run(DUE.toString(), waiting.name(), null, null, null, "an alert", List.of());
    TaskTurn never = gone(waits, waiting);
    assertThat(never.wake()).as("its end is told").isPresent();
    assertThat(never.step()).contains(new Step.Remove(waiting));
    assertThat(never.lastRun()).isNotNull();
    assertThat(never.lastRun().outcome()).isEqualTo(Outcome.Skipped);
  }

  private static TaskTurn gone(@Nullable Run lastRun, TaskJob... jobs) {
    return gone(lastRun, Optional.empty(), jobs);
  }

  private static TaskTurn gone(
      @Nullable Run lastRun, Optional<PodGate.Begin> begin, TaskJob... jobs) {
    return TaskTurn.ofGone(
        new TaskTurn.Remains(
            lastRun,
            List.of(jobs),
            _ -> Optional.of(new TaskEnd(Outcome.Failed, "no", List.of())),
            _ -> false,
            _ -> begin,
            _ -> false,
            DUE.plusSeconds(60)));
  }

  private static TaskTurn begins(
      @Nullable Run lastRun, boolean isThere, Optional<PodGate.Begin> begin, TaskJob... jobs) {
    return TaskTurn.of(
        new TaskTurn.Start(
            SPEC.tasks().getFirst(),
            Calendar.of(SPEC),
            lastRun,
            DUE,
            Optional.empty(),
            List.of(jobs),
            _ -> Optional.of(new TaskEnd(Outcome.Succeeded, "done", List.of())),
            _ -> isThere,
            _ -> begin,
            _ -> Optional.empty(),
            _ -> START,
            _ -> true,
            Optional.empty(),
            DUE.plusSeconds(60)));
  }

  @Test
  void aPodIsLetBeginAfterStatusHasItsName() {
    var first = new PodGate.Begin("main-garden-1-a", "uid", List.of(), false);
    TaskJob job = job("main-garden-1", DUE, Phase.Running, DUE);
    TaskTurn turn = begins(null, true, Optional.of(first), job);
    assertThat(turn.lastRun()).isNotNull();
    assertThat(turn.lastRun().pod()).isEqualTo("main-garden-1-a");
    assertThat(turn.step()).contains(new Step.LetBegin(job, first));
    TaskTurn atWork = begins(turn.lastRun(), true, Optional.empty(), job);
    assertThat(atWork.lastRun()).isEqualTo(turn.lastRun());
    assertThat(atWork.step()).isEmpty();
    TaskJob over = job("main-garden-1", DUE, Phase.Ended, DUE.plusSeconds(60));
    TaskTurn ended = begins(atWork.lastRun(), true, Optional.empty(), over);
    assertThat(ended.lastRun()).isNotNull();
    assertThat(ended.lastRun().outcome()).isEqualTo(Outcome.Succeeded);
    assertThat(ended.lastRun().pod()).isEqualTo("main-garden-1-a");
  }

  @Test
  void aJobThatInformersHaveLostSightOfHasNotVanished() {
    var running = new Run(DUE.toString(), "there", DUE.toString(), null, null, null, List.of());
    TaskTurn turn = begins(running, true, Optional.empty());
    assertThat(turn.lastRun()).isEqualTo(running);
    assertThat(turn.wake()).contains(DUE.plusSeconds(61));
  }

  @Test
  void ofATaskThatIsGoneAPodOnlyGoesOnWithWhatWasBegun() {
    TaskJob job = job("main-garden-1", DUE, Phase.Running, DUE);
    var first = new PodGate.Begin("main-garden-1-a", "uid", List.of(), false);
    assertThat(gone(null, Optional.of(first), job).step())
        .contains(new Step.GiveUp(job, "its task was taken out of the schedule before"));
    TaskTurn barred =
        TaskTurn.ofGone(
            new TaskTurn.Remains(
                null,
                List.of(job),
                _ -> Optional.empty(),
                _ -> true,
                _ -> Optional.empty(),
                _ -> true,
                DUE.plusSeconds(60)));
    assertThat(barred.step()).contains(new Step.GiveUp(job, PodGate.BARRED));
    var second = new PodGate.Begin("main-garden-1-b", "uid", List.of(), true);
    TaskTurn turn = gone(null, Optional.of(second), job);
    assertThat(turn.step()).contains(new Step.LetBegin(job, second));
    assertThat(turn.lastRun()).isNotNull();
    assertThat(turn.lastRun().pod()).isEqualTo("main-garden-1-b");
  }

  @Test
  void aTaskThatIsGoneIsKeptUntilItsEndIsToldAndItsFailureForADay() {
    var notify = new Notify(List.of("ops"), List.of());
    var there = new TaskLedger("garden", null, notify, DUE);
    Instant slot = there.slot("0 2 * * * Etc/UTC");
    there.cronJob("main-garden");
    there.lastRun(run("1", Outcome.Failed, "no"));
    TaskState failed = there.state();
    assertThat(TaskLedger.isToBeKept(failed, withoutLetters(failed), DUE))
        .as("it went wrong before it was taken out")
        .isFalse();
    assertThat(TaskLedger.isToBeKept(failed, failed, DUE)).as("not told yet").isTrue();

    var gone = new TaskLedger("garden", failed, notify, DUE);
    gone.gone();
    gone.lastRun(run("2", Outcome.Failed, "it did not come back"));
    TaskState told = withoutLetters(gone.state());
    assertThat(TaskLedger.isToBeKept(told, told, DUE.plus(Duration.ofHours(23)))).isTrue();
    assertThat(TaskLedger.isToBeKept(told, told, DUE.plus(Duration.ofDays(1)))).isFalse();
    assertThat(new TaskLedger("garden", told, notify, DUE.plusSeconds(9)).slot("0 2 * * * Etc/UTC"))
        .as("should it come back, it is a new one")
        .isAfter(slot);
  }

  private static TaskState withoutLetters(TaskState state) {
    return new TaskState(
        state.name(),
        state.cronJob(),
        state.nextRun(),
        state.lastSuccess(),
        state.lastRun(),
        state.approvedFor(),
        state.announced(),
        state.checklist(),
        state.schedule(),
        state.slot(),
        state.done(),
        state.trouble(),
        List.of());
  }

  @Test
  void aFailureIsTroubleUntilARunSucceeds() {
    var notify = new Notify(List.of("ops", "phone"), List.of());
    var ledger = new TaskLedger("garden", null, notify, DUE);
    ledger.lastRun(run("1", Outcome.Failed, "ethbig: it ended with 3"));
    ledger.lastRun(run("1", Outcome.Failed, "ethbig: it ended with 3"));
    assertThat(ledger.state().letters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.about()).isEqualTo(Subject.Trouble);
              assertThat(letter.severity()).isEqualTo(Severity.Warning);
              assertThat(letter.channels()).containsExactly("ops", "phone");
            });
    ledger.lastRun(run("2", Outcome.Succeeded, "done"));
    assertThat(ledger.state().trouble()).isNull();
    assertThat(ledger.state().letters())
        .extracting(Letter::about)
        .containsExactly(Subject.Trouble, Subject.TroubleOver);
    assertThat(ledger.state().lastSuccess()).isEqualTo(DUE.toString());
  }

  @Test
  void howeverManyChannelsHeardOfATroubleStatusHasRoomForThoseOfItsEnd() {
    List<String> first = IntStream.range(0, 20).mapToObj(number -> "old-" + number).toList();
    var ledger = new TaskLedger("garden", null, new Notify(first, List.of()), DUE);
    ledger.lastRun(run("1", Outcome.Failed, "no"));
    List<String> renamed = IntStream.range(0, 20).mapToObj(number -> "new-" + number).toList();
    var later = new TaskLedger("garden", ledger.state(), new Notify(renamed, List.of()), DUE);
    later.lastRun(run("2", Outcome.Failed, "no"));
    later.lastRun(run("3", Outcome.Succeeded, "done"));
    assertThat(later.state().letters().getLast().about()).isEqualTo(Subject.TroubleOver);
    assertThat(later.state().letters().getLast().channels()).isEqualTo(renamed);
  }

  @Test
  void aHostThatDidNotComeBackIsCriticalWhateverElseFailedBeforeIt() {
    var ledger = new TaskLedger("updates", null, new Notify(List.of("ops"), List.of()), DUE);
    ledger.lastRun(
        new Run(
            null,
            "1",
            null,
            DUE.toString(),
            Outcome.Failed,
            "failed: a, b (apt-get ended with status 100)",
            List.of(
                new HostOutcome("a", Outcome.Failed, "apt-get ended with"),
                new HostOutcome("b", Outcome.Failed, "did not come back a", true))));
    assertThat(ledger.state().letters())
        .extracting(Letter::severity)
        .containsExactly(Severity.Critical);
  }

  @Test
  void aHostThatDidNotComeBackIsToldWhateverIsAskedFor() {
    var ledger =
        new TaskLedger("updates", null, new Notify(List.of("ops"), List.of(Outcome.Missed)), DUE);
    ledger.lastRun(run("1", Outcome.Failed, "no"));
    assertThat(ledger.state().letters()).isEmpty();
    ledger.lastRun(
        new Run(
            null,
            "2",
            null,
            DUE.toString(),
            Outcome.Failed,
            "a did not come back",
            List.of(new HostOutcome("a", Outcome.Failed, "did not come back", true))));
    assertThat(ledger.state().letters())
        .extracting(Letter::severity)
        .containsExactly(Severity.Critical);
  }

  @Test
  void onlyWhatIsAskedForIsTold() {
    var ledger =
        new TaskLedger("garden", null, new Notify(List.of("ops"), List.of(Outcome.Succeeded)), DUE);
    ledger.lastRun(run("1", Outcome.Failed, "no"));
    ledger.lastRun(run("2", Outcome.Skipped, "no"));
    assertThat(ledger.state().letters()).isEmpty();
    assertThat(ledger.state().trouble()).isNull();
    ledger.lastRun(run("3", Outcome.Succeeded, "done"));
    assertThat(ledger.state().letters()).extracting(Letter::about).containsExactly(Subject.News);
  }

  @Test
  void hostsThatAreDoneAreLeftOutUntilARunHasBegunAllOthers() {
    var ledger = new TaskLedger("garden", null, null, DUE);
    ledger.lastRun(ended("1", Outcome.CutOff, true, "a", "b"));
    assertThat(ledger.state().done()).containsExactly("a", "b");
    ledger.lastRun(run("2", Outcome.Missed, "it never started"));
    assertThat(ledger.state().done()).containsExactly("a", "b");
    ledger.lastRun(ended("3", Outcome.Frozen, true));
    assertThat(ledger.state().done()).containsExactly("a", "b");
    ledger.lastRun(ended("4", Outcome.Failed, true, "c"));
    assertThat(ledger.state().done())
        .as("one host failed, and then the window closed")
        .containsExactly("a", "b", "c");
    ledger.lastRun(ended("5", Outcome.Failed, false, "e"));
    assertThat(ledger.state().done()).as("d fails every week: that keeps a from nothing").isEmpty();
    ledger.lastRun(ended("6", Outcome.CutOff, true, "a"));
    ledger.lastRun(ended("7", Outcome.Succeeded, false, "b", "c", "d", "e"));
    assertThat(ledger.state().done()).isEmpty();
  }

  @Test
  void moreHostsThanStatusHasRoomForKeepNobodyFromAnything() {
    var ledger = new TaskLedger("garden", null, null, DUE);
    for (int run = 0; run < 3; run++) {
      int first = run * 400;
      ledger.lastRun(
          ended(
              "run-" + run,
              Outcome.CutOff,
              true,
              IntStream.range(first, first + 400)
                  .mapToObj(i -> "host-" + i)
                  .toArray(String[]::new)));
    }
    assertThat(ledger.state().done()).hasSize(500);
  }

  @Test
  void aRunSaysThatItDidNotBeginAllHosts() {
    TaskJob job = job("main-garden-1", DUE, Phase.Ended, DUE.plusSeconds(60));
    TaskTurn turn =
        TaskTurn.of(
            new TaskTurn.Start(
                SPEC.tasks().getFirst(),
                Calendar.of(SPEC),
                null,
                DUE,
                Optional.empty(),
                List.of(job),
                _ -> Optional.of(new TaskEnd(Outcome.CutOff, "no time left", List.of(), true)),
                _ -> false,
                _ -> Optional.empty(),
                _ -> Optional.empty(),
                _ -> START,
                _ -> true,
                Optional.empty(),
                DUE.plusSeconds(61)));
    assertThat(turn.lastRun()).isNotNull();
    assertThat(turn.lastRun().unfinished()).isTrue();
  }

  private static Run ended(String job, Outcome outcome, boolean unfinished, String... done) {
    return new Run(
        null,
        job,
        DUE.toString(),
        DUE.toString(),
        outcome,
        "",
        Stream.of(done).map(host -> new HostOutcome(host, Outcome.Succeeded, null)).toList(),
        unfinished ? true : null,
        null);
  }

  @Test
  void anotherScheduleBeginsNow() {
    var ledger = new TaskLedger("garden", null, null, DUE);
    assertThat(ledger.slot("0 2 * * * Etc/UTC")).isEqualTo(DUE);
    var later = new TaskLedger("garden", ledger.state(), null, DUE.plusSeconds(600));
    assertThat(later.slot("0 2 * * * Etc/UTC")).isEqualTo(DUE);
    assertThat(later.slot("5 2 * * * Etc/UTC")).isEqualTo(DUE.plusSeconds(600));
  }

  private static Run run(String job, Outcome outcome, String message) {
    return new Run(null, job, null, DUE.toString(), outcome, message, List.of());
  }
}
