package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MaintenanceStories extends MaintenanceStory {
  private static final LabHost HOST = LabHost.ETHBIG;

  @AfterEach
  void mend() {
    HOST.on("rm -f /tmp/drydock-story-*");
  }

  @Test
  void aCommandRunsNowAndOnce() {
    workOn();
    schedule("garden", "", "echo one >> /tmp/drydock-story-garden", "0 3 1 1 *", "");
    annotate("garden", "drydock.dev/run", "work@first");
    awaitRun("garden", run -> run.outcome() == Outcome.Succeeded);
    assertThat(HOST.on("cat /tmp/drydock-story-garden").strip()).isEqualTo("one");
    assertThat(run("garden").hosts())
        .singleElement()
        .satisfies(host -> assertThat(host.name()).isEqualTo("ethbig"));
    assertThat(schedule("garden").getStatus().lastHandledRun()).isEqualTo("work@first");
    assertThat(schedule("garden").getStatus().summary())
        .satisfies(summary -> assertThat(summary.outcome()).isEqualTo("Succeeded"));
  }

  /** As {@code kubectl create job --from=cronjob/garden-work} does. */
  @Test
  void aJobThatAPersonMakesRunsToo() {
    workOn();
    schedule("garden", "", "true", "0 3 1 1 *", "");
    fromCronJob("garden-work", "mine", "cronjob.kubernetes.io/instantiate", "manual");
    awaitRun("garden", run -> run.outcome() == Outcome.Succeeded);
    assertThat(run("garden").job()).isEqualTo("mine");
  }

  @Test
  void twoThatMeetOnOneHostTakeTurnsAndTheConflictIsShown() {
    workOn();
    String line =
        "echo %s-begins >> /tmp/drydock-story-turns; sleep 8;"
            + " echo %s-ends >> /tmp/drydock-story-turns";
    schedule("one", "", line.formatted("one", "one"), "0 3 1 * *", "");
    schedule("two", "", line.formatted("two", "two"), "30 3 1 * *", "");
    await(
        "the conflict",
        PATIENCE,
        () -> schedule("two"),
        two ->
            two.getStatus() != null
                && two.getStatus().conditions().stream()
                    .anyMatch(
                        c ->
                            c.type().equals("Conflicting")
                                && c.status().equals("True")
                                && c.message().contains("one/work")
                                && c.message().contains("two/work")));
    annotate("one", "drydock.dev/run", "work");
    annotate("two", "drydock.dev/run", "work");
    awaitRun("one", run -> run.outcome() == Outcome.Succeeded);
    awaitRun("two", run -> run.outcome() == Outcome.Succeeded);
    List<String> turns = HOST.on("cat /tmp/drydock-story-turns").lines().toList();
    assertThat(turns).hasSize(4);
    assertThat(turns.get(0).replace("begins", "ends")).isEqualTo(turns.get(1));
    assertThat(turns.get(2).replace("begins", "ends")).isEqualTo(turns.get(3));
  }

  @Test
  void inAFreezeNothingStarts() {
    workOn();
    schedule(
        "frozen",
        "freezes: [{from: \"2026-01-01T00:00:00Z\", to: \"2099-01-01T00:00:00Z\", reason: audit}]",
        "touch /tmp/drydock-story-frozen",
        "* * * * *",
        "");
    awaitRun("frozen", run -> run.outcome() == Outcome.Frozen);
    assertThat(run("frozen").message()).contains("audit");
    assertThat(HOST.on("ls /tmp | grep -c drydock-story-frozen || true").strip()).isEqualTo("0");
    soon("its Job to go").until(() -> jobs().isEmpty());
  }

  @Test
  void whatMustBeApprovedSaysHowAndThenRuns() {
    workOn();
    schedule("asked", "", "true", "* * * * *", "approval: Required");
    awaitRun("asked", run -> run.outcome() == Outcome.Blocked);
    String approval =
        String.valueOf(run("asked").message()).replaceAll(".* drydock.dev/approve=(\\S+) .*", "$1");
    annotate("asked", "drydock.dev/approve", approval);
    awaitRun("asked", run -> run.outcome() == Outcome.Succeeded);
  }

  @Test
  void aDayThatTheTaskIsNotDueOnIsSkipped() {
    workOn();
    schedule("sundays", "", "touch /tmp/drydock-story-sunday", "0 2 ? * SUN#1", "");
    soon("the CronJob")
        .until(
            () ->
                client.batch().v1().cronjobs().inNamespace(namespace).list().getItems().size()
                    == 1);
    fromCronJob(
        "sundays-work",
        "sundays-work-29700000",
        "batch.kubernetes.io/cronjob-scheduled-timestamp",
        "2026-11-03T02:00:00Z");
    awaitRun("sundays", run -> run.outcome() == Outcome.Skipped);
    assertThat(run("sundays").message()).contains("not due");
    soon("its Job to go").until(() -> jobs().isEmpty());
    assertThat(HOST.on("ls /tmp | grep -c drydock-story-sunday || true").strip()).isEqualTo("0");
  }

  @Test
  void onTheMonthsNthWeekdayItIsDue() {
    workOn();
    ZonedDateTime due = nextMinuteButOne();
    schedule(
        "nth",
        "",
        "touch /tmp/drydock-story-nth",
        "%d %d ? * %s#%d"
            .formatted(
                due.getMinute(),
                due.getHour(),
                due.getDayOfWeek().name().substring(0, 3),
                (due.getDayOfMonth() - 1) / 7 + 1),
        "");
    awaitTask("nth", PATIENCE, task -> due.toInstant().toString().equals(task.nextRun()));
    awaitTask(
        "nth",
        RUN.multipliedBy(2),
        task -> task.lastRun() != null && task.lastRun().outcome() == Outcome.Succeeded);
    assertThat(run("nth").scheduled()).isEqualTo(due.toInstant().toString());
    assertThat(HOST.on("ls /tmp")).contains("drydock-story-nth");
  }

  @Test
  void hostsAreWorkedOnTogetherAndOneMayFail() {
    workOn();
    declare(LabHost.ETH2_CLAW, "Check, Command");
    awaitHost("eth2-claw", isTrue());
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: MaintenanceSchedule
        metadata: {name: both}
        spec:
          tasks:
          - name: work
            schedule: "0 3 1 1 *"
            hosts: {names: [ethbig, eth2-claw]}
            strategy: {maxParallel: 2, maxFailures: 1}
            command: {run: "date +%s >/tmp/drydock-story-begun; sleep 8; date +%s >/tmp/drydock-story-ended; test $(hostname) != ethbig"}
        """);
    annotate("both", "drydock.dev/run", "work");
    awaitRun("both", run -> run.outcome() != null);
    assertThat(run("both").outcome()).isEqualTo(Outcome.Failed);
    assertThat(run("both").hosts())
        .extracting(host -> host.name() + " " + host.outcome())
        .containsExactlyInAnyOrder("ethbig Failed", "eth2-claw Succeeded");
    for (LabHost one : List.of(HOST, LabHost.ETH2_CLAW)) {
      LabHost other = one == HOST ? LabHost.ETH2_CLAW : HOST;
      assertThat(Long.parseLong(one.on("cat /tmp/drydock-story-begun")))
          .isLessThan(Long.parseLong(other.on("cat /tmp/drydock-story-ended")));
    }
    LabHost.ETH2_CLAW.on("rm -f /tmp/drydock-story-*");
  }

  @Test
  void whatComesAfterAnotherWaitsForItAndIsBlockedIfThatFailed() {
    workOn();
    ZonedDateTime due = nextMinuteButOne();
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: MaintenanceSchedule
        metadata: {name: ordered}
        spec:
          hosts: {names: [ethbig]}
          tasks:
          - {name: first, schedule: "%1$s", command: {run: "sleep 5; echo first >>/tmp/drydock-story-order"}}
          - {name: second, schedule: "%1$s", after: [first], command: {run: "echo second >>/tmp/drydock-story-order; false"}}
          - {name: third, schedule: "%1$s", after: [second], command: {run: "echo third >>/tmp/drydock-story-order"}}
        """
            .formatted("%d %d * * *".formatted(due.getMinute(), due.getHour())));
    await(
        "the three tasks' ends",
        RUN.multipliedBy(2),
        () -> schedule("ordered"),
        ordered -> outcomes("ordered").size() == 3);
    assertThat(outcomes("ordered"))
        .containsExactly("first Succeeded", "second Failed", "third Blocked");
    assertThat(HOST.on("cat /tmp/drydock-story-order").lines()).containsExactly("first", "second");
  }

  private List<String> outcomes(String name) {
    return Optional.ofNullable(schedule(name).getStatus()).stream()
        .flatMap(status -> status.tasks().stream())
        .filter(task -> task.lastRun() != null && task.lastRun().outcome() != null)
        .map(task -> task.name() + " " + task.lastRun().outcome())
        .toList();
  }

  @Test
  void whatIsSuspendedDoesNotStartUntilItIsNot() {
    workOn();
    schedule("paused", "suspend: true", "touch /tmp/drydock-story-paused", "* * * * *", "");
    soon("a due time to pass").atMost(RUN).pollDelay(Duration.ofSeconds(70)).until(() -> true);
    assertThat(HOST.on("ls /tmp")).doesNotContain("drydock-story-paused");
    assertThat(jobs()).isEmpty();
    schedule("paused", "suspend: false", "touch /tmp/drydock-story-paused", "* * * * *", "");
    awaitRun("paused", run -> run.outcome() == Outcome.Succeeded);
    assertThat(HOST.on("ls /tmp")).contains("drydock-story-paused");
  }

  private static ZonedDateTime nextMinuteButOne() {
    return ZonedDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MINUTES).plusMinutes(2);
  }

  @Test
  void aChecklistIsDoneByAnAnnotation() {
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: MaintenanceSchedule
        metadata: {name: people}
        spec:
          tasks:
          - name: review
            schedule: "* * * * *"
            checklist: {items: [Read the reports], due: 1h}
        """);
    awaitTask("people", RUN, task -> task.checklist() != null);
    String opened = task("people").map(TaskState::checklist).orElseThrow().opened();
    annotate("people", "drydock.dev/done", "review");
    awaitTask(
        "people",
        PATIENCE,
        task ->
            task.lastSuccess() != null
                && !Instant.parse(task.lastSuccess()).isBefore(Instant.parse(opened)));
    assertThat(schedule("people").getStatus().lastHandledDone()).isEqualTo("review");
  }

  private void workOn() {
    declare(HOST);
    client
        .resource(host("ethbig"))
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"spec\":{\"permits\":[\"Check\",\"Command\"]}}");
    awaitHost("ethbig", isTrue());
  }

  private void schedule(String name, String spec, String command, String cron, String task) {
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: MaintenanceSchedule
        metadata: {name: %s}
        spec:
          hosts: {names: [ethbig]}
          %s
          tasks:
          - name: work
            schedule: "%s"
            command: {run: "%s"}
            %s
        """
            .formatted(name, spec, cron, command, task));
  }

  private void fromCronJob(String cronJob, String name, String annotation, String value) {
    CronJob made =
        Story.await(
            "CronJob " + cronJob,
            PATIENCE,
            () -> client.batch().v1().cronjobs().inNamespace(namespace).withName(cronJob).get(),
            found -> found != null);
    var template = made.getSpec().getJobTemplate();
    client
        .resource(
            new JobBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .withLabels(template.getMetadata().getLabels())
                .withAnnotations(template.getMetadata().getAnnotations())
                .addToAnnotations(annotation, value)
                .endMetadata()
                .withSpec(template.getSpec())
                .build())
        .create();
  }

  private List<Job> jobs() {
    return client.batch().v1().jobs().inNamespace(namespace).list().getItems();
  }
}
