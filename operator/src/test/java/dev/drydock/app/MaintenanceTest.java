package dev.drydock.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drydock.adapter.ssh.Sshd;
import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import dev.drydock.app.Cluster.Receiver;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Looker;
import dev.drydock.report.ReportResult;
import dev.drydock.testing.ApiServer;
import dev.drydock.work.WorkResult;
import dev.drydock.work.WorkResult.HostResult;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Maintenance against a real API server; the test plays the Job controllers. */
class MaintenanceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path EXAMPLES = Path.of("../examples/3-maintenance-schedules.yaml");

  @SuppressWarnings("NullAway.Init")
  private static ApiServer api;

  @BeforeAll
  static void start() {
    api = ApiServer.start();
    api.applyCrds();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void theExamplesBecomeCronJobsWhoseJobsWait() throws Exception {
    var cluster = new Cluster(api);
    try (var _ = cluster.start()) {
      cluster
          .client()
          .load(Files.newInputStream(EXAMPLES))
          .items()
          .forEach(
              item -> cluster.client().resource(item).inNamespace(cluster.namespace()).create());
      await().atMost(PATIENCE).until(() -> cronJobs(cluster).size() == 9);
      assertThat(cronJobs(cluster))
          .allSatisfy(
              cronJob -> {
                assertThat(cronJob.getMetadata().getName()).hasSizeLessThanOrEqualTo(52);
                assertThat(cronJob.getSpec().getJobTemplate().getSpec().getSuspend()).isTrue();
                assertThat(cronJob.getSpec().getTimeZone()).isEqualTo("Etc/UTC");
                assertThat(cronJob.getSpec().getConcurrencyPolicy()).isEqualTo("Forbid");
              });
      CronJob audit = cronJob(cluster, "offchain-tuning-audit");
      assertThat(audit.getSpec().getSchedule()).isEqualTo("0 4 1-7 1,4,7,10 *");
      assertThat(audit.getSpec().getJobTemplate().getSpec().getTemplate().getSpec().getVolumes())
          .anySatisfy(
              volume -> {
                assertThat(volume.getSecret()).isNotNull();
                assertThat(volume.getSecret().getSecretName()).isEqualTo("offchain-db");
              });
      awaitSchedule(cluster, "offchain", status -> status.nextRuns().size() == 10);
      MaintenanceScheduleStatus status = status(cluster, "offchain");
      assertThat(status.summary()).isNotNull();
      assertThat(status.summary().tasks()).isEqualTo(7);
      assertThat(status.conditions())
          .anyMatch(c -> c.type().equals("Ready") && c.status().equals("True"))
          .anyMatch(c -> c.type().equals("Notifying") && c.reason().equals("ChannelNotFound"));
      assertThat(status.tasks()).allSatisfy(task -> assertThat(task.nextRun()).isNotNull());

      // When nothing is due and nobody changes anything, nothing is written.
      var writes = new AtomicInteger();
      await()
          .during(Duration.ofSeconds(8))
          .atMost(Duration.ofSeconds(50))
          .until(
              () -> {
                int now = cluster.writes().size();
                return now == writes.getAndSet(now);
              });
    }
  }

  @Test
  void aRunIsLetStartOnceAndItsEndIsWrittenDownAndTold() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var receiver = new Receiver();
        OperatorProcess process = cluster.start()) {
      ready(cluster, sshd);
      cluster.channel("ops", receiver.url(), "Never");
      schedule(cluster, "nightly", "notify: {channels: [ops]}", "window: {duration: 1h}");
      Instant due = nextHour();
      Job made = controller(cluster, "nightly-garden", due);
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, made));
      assertThat(toldSlot(cluster, made)).isEqualTo(due.toString());
      start(cluster, made);
      awaitRun(cluster, "nightly", run -> run.started() != null && run.finished() == null);

      end(
          cluster,
          made,
          new WorkResult(
              Instant.now(),
              Outcome.Failed,
              "the command ended with 3",
              List.of(new HostResult("ethbig", Outcome.Failed, "ended with 3"))),
          "Failed");
      awaitRun(cluster, "nightly", run -> run.outcome() == Outcome.Failed);
      Run run = run(cluster, "nightly");
      assertThat(run.scheduled()).isEqualTo(due.toString());
      assertThat(run.message()).isEqualTo("the command ended with 3");
      assertThat(run.hosts())
          .singleElement()
          .satisfies(h -> assertThat(h.message()).isEqualTo("ended with 3"));
      await().atMost(PATIENCE).until(() -> receiver.bodies().size() == 1);
      assertThat(receiver.bodies().getFirst())
          .contains("\"status\":\"firing\"", "nightly: garden: Failed: the command ended with 3");
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                TaskState task = task(cluster, "nightly");
                assertThat(task.letters()).isEmpty();
                assertThat(task.trouble()).isNotNull();
                assertThat(task.trouble().told()).containsExactly("ops");
              });
      assertThat(Cluster.metrics(process))
          .contains(
              "drydock_task_outcome{namespace=\"" + cluster.namespace() + "\",outcome=\"Failed\"",
              "drydock_task_next_run_timestamp_seconds{",
              "drydock_task_lateness_seconds{",
              "drydock_task_duration_seconds{");

      annotate(cluster, "nightly", "drydock.dev/run", "garden@again");
      Job again = byHand(cluster, "nightly");
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, again));
      assertThat(toldSlot(cluster, again)).isEqualTo("none");
      start(cluster, again);
      end(
          cluster,
          again,
          new WorkResult(Instant.now(), Outcome.Succeeded, "done", List.of()),
          "Complete");
      awaitRun(cluster, "nightly", now -> now.outcome() == Outcome.Succeeded);
      await().atMost(PATIENCE).until(() -> receiver.bodies().size() == 2);
      assertThat(receiver.bodies().get(1)).contains("\"status\":\"resolved\"");
      assertThat(status(cluster, "nightly").lastHandledRun()).isEqualTo("garden@again");
      assertThat(task(cluster, "nightly").lastSuccess()).isNotNull();
      assertThat(jobs(cluster)).hasSize(2);
    }
  }

  @Test
  void aReportIsMadeKeptAndToldOnce() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var receiver = new Receiver()) {
      Job second;
      try (var _ = cluster.start()) {
        ready(cluster, sshd);
        cluster.channel("ops", receiver.url(), "Never");
        cluster.create(
            """
            apiVersion: drydock.dev/v1alpha1
            kind: MaintenanceSchedule
            metadata: {name: weekly}
            spec:
              tasks:
              - name: garden
                schedule: "0 0 * * 1"
                healthReport: {policies: [fleet], checks: [disk, swap], channels: [ops]}
            """);
        annotate(cluster, "weekly", "drydock.dev/run", "garden@1");
        awaitRun(cluster, "weekly", run -> run.outcome() == Outcome.Blocked);
        assertThat(run(cluster, "weekly").message())
            .startsWith("there is no HostHealthPolicy fleet in this namespace");

        // A policy that comes, and changes, wakes the schedule.
        cluster.create(
            """
            apiVersion: drydock.dev/v1alpha1
            kind: HostHealthPolicy
            metadata: {name: fleet}
            spec:
              hosts: {names: [ethbig]}
              interval: 1h
              checks:
              - {name: disk, severity: Critical, disk: {path: /, usedPercentAbove: 85}}
              - {name: swap, severity: Warning, swap: {usedPercentAbove: 20}}
            """);
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(assignment(cluster))
                        .contains("\"usedPercentAbove\":85", "\"ethbig\""));
        Cluster.patch(
            cluster.policy("fleet"),
            """
            {"spec":{"checks":[
              {"name":"disk","severity":"Critical","disk":{"path":"/","usedPercentAbove":77}},
              {"name":"swap","severity":"Warning","swap":{"usedPercentAbove":20}}]}}
            """);
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(assignment(cluster))
                        .contains("\"usedPercentAbove\":77")
                        .doesNotContain("\"usedPercentAbove\":85"));

        annotate(cluster, "weekly", "drydock.dev/run", "garden@2");
        Job first = byHand(cluster, "weekly");
        await().atMost(PATIENCE).until(() -> isLetStart(cluster, first));
        var pod = first.getSpec().getTemplate().getSpec();
        assertThat(pod.getContainers().getFirst().getArgs()).containsExactly("task", "report");
        assertThat(pod.getVolumes())
            .anyMatch(
                volume ->
                    volume.getSecret() != null && volume.getSecret().getSecretName().equals("key"));
        start(cluster, first);
        end(cluster, first, report("2026-11-23T00:00:07Z", new Finding.Fine("61 %")), "Complete");
        awaitRun(cluster, "weekly", run -> run.outcome() == Outcome.Succeeded);
        assertThat(run(cluster, "weekly").message())
            .isEqualTo("no check is wrong: 2 checks on 1 host");
        await().atMost(PATIENCE).until(() -> receiver.bodies().size() == 1);
        annotate(cluster, "weekly", "drydock.dev/run", "garden@3");
        await().atMost(PATIENCE).until(() -> jobs(cluster).size() == 2);
        second =
            jobs(cluster).stream()
                .filter(job -> !job.getMetadata().getName().equals(first.getMetadata().getName()))
                .findFirst()
                .orElseThrow();
        await().atMost(PATIENCE).until(() -> isLetStart(cluster, second));
        start(cluster, second);
        awaitRun(cluster, "weekly", run -> run.started() != null && run.finished() == null);
      }
      var bad = new Finding.Bad("91 %", "disk / is used to 91 %");
      end(cluster, second, report("2026-11-30T00:00:07Z", bad), "Complete");
      older(cluster, 12);
      MaintenanceSchedule running = Objects.requireNonNull(resource(cluster, "weekly").get());
      try (var _ = cluster.start()) {
        awaitRun(cluster, "weekly", run -> run.outcome() == Outcome.Failed);
        await().atMost(PATIENCE).until(() -> receiver.bodies().size() == 2);
        await().atMost(PATIENCE).until(() -> task(cluster, "weekly").letters().isEmpty());
      }
      assertThat(run(cluster, "weekly").message())
          .isEqualTo("1 of 2 checks is wrong: ethbig: disk: disk / is used to 91 %");
      assertThat(run(cluster, "weekly").hosts())
          .singleElement()
          .satisfies(host -> assertThat(host.outcome()).isEqualTo(Outcome.Failed));
      List<ConfigMap> records = records(cluster);
      assertThat(records)
          .extracting(record -> record.getMetadata().getName())
          .hasSize(12)
          .startsWith("older-03")
          .endsWith("weekly-garden-report-20261123-0000", "weekly-garden-report-20261130-0000");
      assertThat(records.getLast().getMetadata().getLabels())
          .containsEntry("drydock.dev/schedule", "weekly")
          .containsEntry("drydock.dev/task", "garden");
      assertThat(records.getLast().getMetadata().getOwnerReferences())
          .singleElement()
          .satisfies(owner -> assertThat(owner.getKind()).isEqualTo("MaintenanceSchedule"));
      assertThat(records.getLast().getData().get("report.txt"))
          .contains(
              "Compared with the report of 2026-11-23 00:00 UTC.",
              "disk: CRITICAL: disk / is used to 91 % (was Fine: 61 %)");
      assertThat(receiver.bodies().get(1))
          .contains("weekly: garden: health report of 2026-11-30", "was Fine: 61 %");

      // As if the operator had been killed between the report and the status that says so.
      MaintenanceSchedule schedule = Objects.requireNonNull(resource(cluster, "weekly").get());
      schedule.setStatus(running.getStatus());
      cluster.client().resource(schedule).updateStatus();
      try (var _ = cluster.start()) {
        awaitRun(cluster, "weekly", run -> run.outcome() == Outcome.Failed);
        await().atMost(PATIENCE).until(() -> receiver.bodies().size() == 3);
        assertThat(receiver.bodies().get(2)).contains("was Fine: 61 %");
        assertThat(records(cluster)).isEqualTo(records);
      }
    }
  }

  private static String report(String at, Finding disk) {
    return ReportResult.of(
            Instant.parse(at),
            List.of(
                ReportResult.HostResult.of(
                    "fleet",
                    "ethbig",
                    new Looker.Seen(
                        Map.of("disk", disk, "swap", new Finding.Fine("3 %")), "", ""))))
        .encode();
  }

  private static List<ConfigMap> records(Cluster cluster) {
    return cluster
        .client()
        .configMaps()
        .inNamespace(cluster.namespace())
        .withLabel("drydock.dev/record", "report")
        .list()
        .getItems()
        .stream()
        .sorted(Comparator.comparing(map -> map.getMetadata().getName()))
        .toList();
  }

  /** Reports of the days of a January, like the one that is kept. */
  private static void older(Cluster cluster, int days) {
    ConfigMap kept = records(cluster).getFirst();
    String json = kept.getData().getOrDefault("report.json", "");
    for (int day = 1; day <= days; day++) {
      String at = "2026-01-%02d".formatted(day);
      cluster
          .client()
          .resource(
              new ConfigMapBuilder()
                  .withNewMetadata()
                  .withName("older-" + at.substring(8))
                  .withNamespace(cluster.namespace())
                  .withLabels(kept.getMetadata().getLabels())
                  .withOwnerReferences(kept.getMetadata().getOwnerReferences())
                  .endMetadata()
                  .withData(Map.of("report.json", json.replace("2026-11-23", at)))
                  .build())
          .create();
    }
  }

  /** What the next pod of the one CronJob would be told. */
  private static String assignment(Cluster cluster) {
    return assignment(
        cluster, cronJob(cluster, "weekly-garden").getSpec().getJobTemplate().getSpec());
  }

  /** What the pods of a Job are told. */
  private static String assignment(Cluster cluster, JobSpec job) {
    String name = job.getTemplate().getSpec().getVolumes().getFirst().getConfigMap().getName();
    return Objects.requireNonNull(
            cluster.client().configMaps().inNamespace(cluster.namespace()).withName(name).get())
        .getData()
        .getOrDefault("assignment.json", "");
  }

  @Test
  void anOperatorThatIsKilledMakesNoSecondJobAndForgetsNoRun() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start()) {
      Job first;
      try (var _ = cluster.start()) {
        ready(cluster, sshd);
        schedule(cluster, "now", "", "");
        annotate(cluster, "now", "drydock.dev/run", "garden");
        first = byHand(cluster, "now");
        await().atMost(PATIENCE).until(() -> isLetStart(cluster, first));
        start(cluster, first);
      }
      // As if it had been killed before it wrote that down.
      MaintenanceSchedule schedule = Objects.requireNonNull(resource(cluster, "now").get());
      schedule.setStatus(
          new MaintenanceScheduleStatus(
              null, List.of(), null, List.of(), List.of(), null, null, null, null));
      cluster.client().resource(schedule).updateStatus();
      end(
          cluster,
          first,
          new WorkResult(Instant.now(), Outcome.Succeeded, "done", List.of()),
          "Complete");
      // That says no before the API server sees that it is there.
      fullQuota(cluster);
      try (var _ = cluster.start()) {
        awaitRun(cluster, "now", run -> run.outcome() == Outcome.Succeeded);
        awaitSchedule(cluster, "now", status -> "garden".equals(status.lastHandledRun()));
        assertThat(jobs(cluster)).hasSize(1);
        assertThat(run(cluster, "now").job()).isEqualTo(first.getMetadata().getName());
      }
    }
  }

  @Test
  void everyRequestRunsThoughTheSameWordsWereSaidBefore() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      schedule(cluster, "now", "", "");
      for (int asked = 1; asked <= 4; asked++) {
        String request = asked % 2 == 0 ? "garden@b" : "garden@a";
        annotate(cluster, "now", "drydock.dev/run", request);
        int jobs = asked;
        await().atMost(PATIENCE).until(() -> jobs(cluster).size() == jobs);
        Job job =
            await()
                .atMost(PATIENCE)
                .until(
                    () ->
                        jobs(cluster).stream()
                            .filter(one -> !Boolean.TRUE.equals(one.getSpec().getSuspend()))
                            .filter(one -> one.getStatus().getStartTime() == null)
                            .toList(),
                    found -> found.size() == 1)
                .getFirst();
        assertThat(job.getMetadata().getAnnotations()).containsEntry("drydock.dev/run", request);
        start(cluster, job);
        end(
            cluster,
            job,
            new WorkResult(Instant.now(), Outcome.Succeeded, "done", List.of()),
            "Complete");
        awaitRun(
            cluster,
            "now",
            run ->
                run.outcome() == Outcome.Succeeded
                    && job.getMetadata().getName().equals(run.job()));
      }
      assertThat(status(cluster, "now").handledRuns()).isEqualTo(4);
    }
  }

  @Test
  void whatIsEditedAndAskedForInOneGoRunsAsItWasEdited() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      schedule(cluster, "edited", "", "");
      awaitSchedule(cluster, "edited", status -> !status.nextRuns().isEmpty());
      await().atMost(PATIENCE).until(() -> cronJobs(cluster).size() == 1);
      Cluster.patch(
          resource(cluster, "edited"),
          """
          {"metadata":{"annotations":{"drydock.dev/run":"garden"}},
           "spec":{"tasks":[
             {"name":"garden","schedule":"0 * * * *","command":{"run":"echo edited"}}]}}
          """);
      Job job = byHand(cluster, "edited");
      assertThat(assignment(cluster, job.getSpec())).contains("echo edited");
      awaitSchedule(cluster, "edited", status -> "garden".equals(status.lastHandledRun()));
      assertThat(jobs(cluster)).hasSize(1);
    }
  }

  @Test
  void whatWasDueBeforeTheScheduleWasThereIsNobodys() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      schedule(cluster, "late", "", "window: {duration: 3h}");
      awaitSchedule(cluster, "late", status -> !status.tasks().isEmpty());
      controller(cluster, "late-garden", nextHour().minus(Duration.ofHours(2)));
      awaitRun(cluster, "late", run -> run.outcome() == Outcome.Skipped);
      assertThat(run(cluster, "late").message())
          .contains("is not made up for: it had its outcome, or the schedule was changed");
      await().atMost(PATIENCE).until(() -> jobs(cluster).isEmpty());
    }
  }

  @Test
  void aContainerHasNoLongerThanItsWindow() throws Exception {
    var cluster = new Cluster(api);
    try (var _ = cluster.start()) {
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: MaintenanceSchedule
          metadata: {name: own}
          spec:
            tasks:
            - name: garden
              schedule: "0 * * * *"
              window: {duration: 1h}
              container: {image: busybox}
          """);
      annotate(cluster, "own", "drydock.dev/run", "garden");
      Job job = byHand(cluster, "own");
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, job));
      assertThat(jobs(cluster))
          .singleElement()
          .satisfies(now -> assertThat(now.getSpec().getActiveDeadlineSeconds()).isEqualTo(3600));
    }
  }

  @Test
  void anApprovalOfADayToComeApprovesNothingToday() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      LocalDate today = LocalDate.now(ZoneOffset.UTC);
      LocalDate due = today.plusDays(10);
      schedule(
          cluster,
          "asked",
          "",
          "approval: Required",
          "0 2 %d %d *".formatted(due.getDayOfMonth(), due.getMonthValue()));
      annotate(cluster, "asked", "drydock.dev/approve", "garden@" + due);
      annotate(cluster, "asked", "drydock.dev/run", "garden@" + due);
      awaitRun(cluster, "asked", run -> run.outcome() == Outcome.Blocked);
      String message = String.valueOf(run(cluster, "asked").message());
      assertThat(message)
          .contains("drydock.dev/approve=garden@" + due + ",garden@" + today)
          .endsWith("drydock.dev/run=garden@" + today);
      await().atMost(PATIENCE).until(() -> jobs(cluster).isEmpty());

      annotate(cluster, "asked", "drydock.dev/approve", "garden@" + due + ",garden@" + today);
      annotate(cluster, "asked", "drydock.dev/run", "garden@" + today);
      Job job = byHand(cluster, "asked");
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, job));
      assertThat(task(cluster, "asked").approvedFor())
          .containsExactly(today.toString(), due.toString());
    }
  }

  @Test
  void inAFreezeNothingStartsAndWithoutApprovalNeither() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      schedule(
          cluster,
          "frozen",
          "freezes: [{from: \"2026-01-01T00:00:00Z\", to: \"2099-01-01T00:00:00Z\", reason: audit}]",
          "");
      schedule(cluster, "asked", "", "approval: Required");
      annotate(cluster, "frozen", "drydock.dev/run", "garden");
      annotate(cluster, "asked", "drydock.dev/run", "garden");
      awaitRun(cluster, "frozen", run -> run.outcome() == Outcome.Frozen);
      assertThat(run(cluster, "frozen").message()).contains("2099-01-01T00:00:00Z: audit");
      awaitRun(cluster, "asked", run -> run.outcome() == Outcome.Blocked);
      String message = String.valueOf(run(cluster, "asked").message());
      assertThat(message)
          .contains("kubectl annotate --overwrite -n " + cluster.namespace() + " ms/asked ");
      await().atMost(PATIENCE).until(() -> jobs(cluster).isEmpty());

      // What the message says is what helps.
      String approval = message.replaceAll(".* drydock.dev/approve=(\\S+) .*", "$1");
      annotate(cluster, "asked", "drydock.dev/approve", approval);
      annotate(cluster, "asked", "drydock.dev/run", approval);
      Job job = byHand(cluster, "asked");
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, job));
      assertThat(status(cluster, "asked").lastHandledApproval()).isEqualTo(approval);
    }
  }

  @Test
  void anApprovalThatIsTakenBackApprovesNothing() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      schedule(cluster, "asked", "", "approval: Required");
      String today = LocalDate.now(ZoneOffset.UTC).toString();
      String tomorrow = LocalDate.now(ZoneOffset.UTC).plusDays(1).toString();
      annotate(cluster, "asked", "drydock.dev/approve", "garden@" + today + ",garden@" + tomorrow);
      awaitSchedule(
          cluster,
          "asked",
          status -> status.tasks().getFirst().approvedFor().equals(List.of(today, tomorrow)));
      annotate(cluster, "asked", "drydock.dev/approve", "garden@" + tomorrow);
      awaitSchedule(
          cluster,
          "asked",
          status -> status.tasks().getFirst().approvedFor().equals(List.of(tomorrow)));

      annotate(cluster, "asked", "drydock.dev/approve", null);
      awaitSchedule(cluster, "asked", status -> status.tasks().getFirst().approvedFor().isEmpty());
      annotate(cluster, "asked", "drydock.dev/run", "garden");
      awaitRun(cluster, "asked", run -> run.outcome() == Outcome.Blocked);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  cluster
                      .client()
                      .events()
                      .v1()
                      .events()
                      .inNamespace(cluster.namespace())
                      .list()
                      .getItems()
                      .stream()
                      .anyMatch(event -> "ApprovalWithdrawn".equals(event.getReason())));
    }
  }

  /** Two are refused by the API server already. */
  @Test
  void nothingOfACircleStartsAndTheRestDoes() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: MaintenanceSchedule
          metadata: {name: round}
          spec:
            hosts: {names: [ethbig]}
            tasks:
            - {name: a, schedule: "0 * * * *", after: [b], command: {run: "true"}}
            - {name: b, schedule: "0 * * * *", after: [c], command: {run: "true"}}
            - {name: c, schedule: "0 * * * *", after: [a], command: {run: "true"}}
            - {name: garden, schedule: "0 * * * *", window: {duration: 1h}, command: {run: "true"}}
          """);
      awaitSchedule(
          cluster,
          "round",
          status ->
              status.conditions().stream()
                  .anyMatch(
                      c ->
                          c.type().equals("Ready")
                              && c.status().equals("False")
                              && c.reason().equals("AfterInCircle")
                              && c.message().contains("a comes after b comes after c")));
      Instant due = nextHour();
      controller(cluster, "round-b", due);
      awaitSchedule(
          cluster,
          "round",
          status ->
              status.tasks().stream()
                  .anyMatch(
                      task ->
                          task.name().equals("b")
                              && task.lastRun() != null
                              && task.lastRun().outcome() == Outcome.Blocked
                              && String.valueOf(task.lastRun().message())
                                  .startsWith("b comes after c comes after a comes after b")));
      Job garden = controller(cluster, "round-garden", due);
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, garden));
    }
  }

  @Test
  void nothingStartsOnAHostThatIsSickOrAwayUnlessItIsToldTo() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: HostHealthPolicy
          metadata: {name: watch}
          spec:
            hosts: {names: [ethbig]}
            interval: 5s
            checks:
            - {name: processes, severity: Critical, load: {above: "0"}}
          """);
      schedule(cluster, "careful", "", "");
      schedule(cluster, "bold", "", "ignoreAlerts: true");
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                var status = cluster.policy("watch").get().getStatus();
                return status != null
                    && status.hosts().stream().anyMatch(host -> !host.alerts().isEmpty());
              });
      annotate(cluster, "careful", "drydock.dev/run", "garden");
      Job careful = byHand(cluster, "careful");
      awaitRun(
          cluster,
          "careful",
          run -> String.valueOf(run.message()).contains("firing: ethbig: processes"));
      annotate(cluster, "bold", "drydock.dev/run", "garden");
      Job bold = byHand(cluster, "bold");
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, bold));
      assertThat(isLetStart(cluster, careful)).isFalse();
      start(cluster, bold);
      end(
          cluster,
          bold,
          new WorkResult(Instant.now(), Outcome.Succeeded, "done", List.of()),
          "Complete");

      Cluster.patch(cluster.host("ethbig"), "{\"spec\":{\"port\":1}}");
      Cluster.patch(
          cluster.policy("watch"),
          """
          {"spec":{"checks":[{"name":"processes","severity":"Critical","load":{"above":"1000"}}]}}
          """);
      awaitRun(
          cluster,
          "careful",
          run -> String.valueOf(run.message()).contains("is not Ready: 127.0.0.1 port 1"));
      assertThat(jobs(cluster, "careful")).noneMatch(job -> isLetStart(cluster, job));
      Cluster.patch(cluster.host("ethbig"), "{\"spec\":{\"port\":%d}}".formatted(sshd.port()));
      await()
          .atMost(PATIENCE.multipliedBy(2))
          .until(() -> jobs(cluster, "careful").stream().anyMatch(job -> isLetStart(cluster, job)));
    }
  }

  @Test
  void aRunToComeIsAnnouncedOnce() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var receiver = new Receiver()) {
      try (var _ = cluster.start()) {
        ready(cluster, sshd);
        cluster.channel("ops", receiver.url(), "Never");
        LocalDate due = LocalDate.now(ZoneOffset.UTC).plusDays(10);
        schedule(
            cluster,
            "soon",
            "",
            "announce: {before: [20d, 1d], channels: [ops]}\n    approval: Required",
            "0 2 %d %d *".formatted(due.getDayOfMonth(), due.getMonthValue()));
        await().atMost(PATIENCE).until(() -> receiver.bodies().size() == 1);
        await().atMost(PATIENCE).until(() -> task(cluster, "soon").letters().isEmpty());
      }
      assertThat(receiver.bodies().getFirst())
          .contains("garden is due on", "kubectl annotate", "drydock.dev/approve=garden@");
      try (var _ = cluster.start()) {
        annotate(cluster, "soon", "drydock.dev/run", "garden");
        awaitRun(cluster, "soon", run -> run.outcome() == Outcome.Blocked);
        await().atMost(PATIENCE).until(() -> task(cluster, "soon").letters().isEmpty());
        await().during(Duration.ofSeconds(2)).until(() -> receiver.bodies().size() == 1);
      }
    }
  }

  /** As when its node is drained at that moment. */
  @Test
  void theWordOfAPodThatIsDeletedIsNotLost() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      schedule(cluster, "drained", "", "");
      annotate(cluster, "drained", "drydock.dev/run", "garden");
      Job job = byHand(cluster, "drained");
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, job));
      start(cluster, job);
      Pod pod = pod(cluster, job, "drained-pod");
      awaitRun(cluster, "drained", run -> "drained-pod".equals(run.pod()));
      Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
      var word = new WorkResult(now, Outcome.Succeeded, "all is well", List.of());
      cluster.end("drained-pod", now.toString(), word.encode());
      cluster.client().resource(pod).withGracePeriod(0).delete();
      await().atMost(PATIENCE).until(() -> cluster.client().resource(pod).get() == null);
      over(cluster, job, "Complete");
      awaitRun(cluster, "drained", run -> run.outcome() != null);
      assertThat(run(cluster, "drained").outcome()).isEqualTo(Outcome.Succeeded);
      assertThat(run(cluster, "drained").message()).startsWith("all is well");
    }
  }

  @Test
  void theSecondOfTwoOnOneHostWaitsForTheFirst() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      schedule(cluster, "one", "", "");
      schedule(cluster, "two", "", "");
      annotate(cluster, "one", "drydock.dev/run", "garden");
      Job one = byHand(cluster, "one");
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, one));
      start(cluster, one);
      annotate(cluster, "two", "drydock.dev/run", "garden");
      Job two = byHand(cluster, "two");
      awaitRun(
          cluster, "two", run -> String.valueOf(run.message()).contains("one/garden is at work"));
      assertThat(isLetStart(cluster, two)).isFalse();
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  status(cluster, "two").conditions().stream()
                      .anyMatch(
                          c ->
                              c.type().equals("Conflicting")
                                  && c.status().equals("True")
                                  && c.message().contains("one/garden")
                                  && c.message().contains("two/garden")));
      end(
          cluster,
          one,
          new WorkResult(Instant.now(), Outcome.Succeeded, "done", List.of()),
          "Complete");
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, two));
    }
  }

  @Test
  void whatWaitsWhileItsTaskIsEditedStartsAsItWasEdited() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      schedule(cluster, "one", "", "");
      schedule(cluster, "asked", "", "");
      schedule(cluster, "hourly", "", "");
      annotate(cluster, "one", "drydock.dev/run", "garden");
      Job one = byHand(cluster, "one");
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, one));
      start(cluster, one);
      annotate(cluster, "asked", "drydock.dev/run", "garden@tonight");
      Job asked = byHand(cluster, "asked");
      Instant due = nextHour();
      controller(cluster, "hourly-garden", due);
      for (String schedule : List.of("asked", "hourly")) {
        awaitRun(
            cluster,
            schedule,
            run -> String.valueOf(run.message()).contains("one/garden is at work"));
        Cluster.patch(
            resource(cluster, schedule),
            """
            {"spec":{"tasks":[
              {"name":"garden","schedule":"0 * * * *","command":{"run":"echo edited"}}]}}
            """);
      }
      await().atMost(PATIENCE).until(() -> jobs(cluster, "hourly").isEmpty());
      assertThat(Instant.parse(String.valueOf(task(cluster, "hourly").slot())))
          .as("it gets a Job when it is due")
          .isBefore(due);
      await()
          .atMost(PATIENCE)
          .until(
              () -> jobs(cluster, "asked").stream().map(job -> job.getMetadata().getUid()).toList(),
              uids -> uids.size() == 1 && !uids.contains(asked.getMetadata().getUid()));
      Job instead = byHand(cluster, "asked");
      assertThat(assignment(cluster, instead.getSpec())).contains("echo edited");
      assertThat(instead.getMetadata().getAnnotations())
          .containsEntry("drydock.dev/run", "garden@tonight")
          .containsEntry("drydock.dev/asked", asked.getMetadata().getCreationTimestamp());
      end(
          cluster,
          one,
          new WorkResult(Instant.now(), Outcome.Succeeded, "done", List.of()),
          "Complete");
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, instead));
    }
  }

  @Test
  void aRunThatAPersonSuspendsRestsThoughItsTaskWasEdited() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      schedule(cluster, "held", "", "");
      annotate(cluster, "held", "drydock.dev/run", "garden");
      Job job = byHand(cluster, "held");
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, job));
      start(cluster, job);
      awaitRun(cluster, "held", run -> run.started() != null);
      String before = content(cluster, "held-garden");
      Cluster.patch(
          resource(cluster, "held"),
          """
          {"spec":{"tasks":[
            {"name":"garden","schedule":"0 * * * *","command":{"run":"echo edited"}}]}}
          """);
      await().atMost(PATIENCE).until(() -> !content(cluster, "held-garden").equals(before));
      var held = cluster.client().resource(job);
      held.patch(
          io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
              io.fabric8.kubernetes.client.dsl.base.PatchType.JSON_MERGE),
          "{\"spec\":{\"suspend\":true}}");
      awaitRun(cluster, "held", run -> run.message() != null);
      assertThat(run(cluster, "held").message()).startsWith("its Job was suspended amid its work");
      assertThat(run(cluster, "held").outcome()).isNull();
      assertThat(jobs(cluster))
          .singleElement()
          .satisfies(
              now -> {
                assertThat(now.getMetadata().getUid()).isEqualTo(job.getMetadata().getUid());
                assertThat(now.getSpec().getSuspend()).isTrue();
              });
    }
  }

  @Test
  void aCronJobOfSomebodyElsesIsLeftAloneThoughItIsDueAtTheSameTimes() throws Exception {
    var cluster = new Cluster(api);
    try (var _ = cluster.start()) {
      cluster.cronJob("mine-garden", "0 * * * *");
      schedule(cluster, "mine", "", "");
      awaitStalled(cluster, "mine", "NameTaken", "mine-garden");
      CronJob theirs =
          api.client()
              .batch()
              .v1()
              .cronjobs()
              .inNamespace(cluster.namespace())
              .withName("mine-garden")
              .get();
      assertThat(theirs.getMetadata().getOwnerReferences()).isEmpty();
      assertThat(
              theirs.getSpec().getJobTemplate().getSpec().getTemplate().getSpec().getContainers())
          .hasSize(1);
    }
  }

  @Test
  void aJobThatIsRefusedIsSaidAndKeepsNothingElseFromStarting() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      cluster.create(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: MaintenanceSchedule
          metadata: {name: full}
          spec:
            hosts: {names: [ethbig]}
            tasks:
            - {name: garden, schedule: "0 * * * *", command: {run: "true"}}
            - {name: other, schedule: "0 * * * *", command: {run: "true"}}
          """);
      Job other = controller(cluster, "full-other", nextHour());
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, other));
      start(cluster, other);
      fullQuota(cluster);
      annotate(cluster, "full", "drydock.dev/run", "garden");
      awaitStalled(cluster, "full", "JobRefused", "exceeded quota", "drydock.dev/run");
      end(
          cluster,
          other,
          new WorkResult(Instant.now(), Outcome.Succeeded, "done", List.of()),
          "Complete");
      awaitSchedule(
          cluster,
          "full",
          status ->
              status.tasks().get(1).lastRun() != null
                  && status.tasks().get(1).lastRun().outcome() == Outcome.Succeeded);
      assertThat(status(cluster, "full").lastHandledRun()).isNull();
    }
  }

  @Test
  void aJobThatMayNotStartIsSaidAndKeepsNoHost() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      schedule(cluster, "held", "", "");
      schedule(cluster, "free", "", "");
      noStart(cluster, "held-");
      annotate(cluster, "held", "drydock.dev/run", "garden");
      Job held = byHand(cluster, "held");
      awaitStalled(cluster, "held", "JobRefused", "garden start", "not today");
      annotate(cluster, "free", "drydock.dev/run", "garden");
      Job free = byHand(cluster, "free");
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, free));
      assertThat(isLetStart(cluster, held)).isFalse();
    }
  }

  /** Has the API server let no Job start whose name begins so. */
  private static void noStart(Cluster cluster, String prefix) {
    cluster.deny(
        "no-start",
        "{apiGroups: [batch], apiVersions: [v1], operations: [UPDATE], resources: [jobs]}",
        "object.spec.suspend || !object.metadata.name.startsWith('%s')".formatted(prefix),
        "not today");
    cluster.create(
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: %strial}
        spec:
          suspend: true
          template: {spec: {restartPolicy: Never, containers: [{name: trial, image: trial}]}}
        """
            .formatted(prefix));
    var trial =
        cluster
            .client()
            .batch()
            .v1()
            .jobs()
            .inNamespace(cluster.namespace())
            .withName(prefix + "trial");
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              try {
                Cluster.patch(trial, "{\"spec\":{\"suspend\":false}}");
                Cluster.patch(trial, "{\"spec\":{\"suspend\":true}}");
                return false;
              } catch (KubernetesClientException e) {
                return true;
              }
            });
    trial.delete();
  }

  @Test
  void aJobWhosePodNeverBeginsIsEndedAndSaysWhy() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start()) {
      Job job;
      try (var _ = cluster.start()) {
        ready(cluster, sshd);
        schedule(cluster, "stuck", "", "");
        annotate(cluster, "stuck", "drydock.dev/run", "garden");
        job = byHand(cluster, "stuck");
        await().atMost(PATIENCE).until(() -> isLetStart(cluster, job));
        start(cluster, job);
        Pod pod = pod(cluster, job, "stuck");
        cluster
            .client()
            .resource(
                new PodBuilder(pod)
                    .withNewStatus()
                    .withPhase("Pending")
                    .addNewContainerStatus()
                    .withName("task")
                    .withImage("drydock")
                    .withImageID("")
                    .withReady(false)
                    .withRestartCount(0)
                    .withNewState()
                    .withNewWaiting("no \"such\" image", "ImagePullBackOff")
                    .endState()
                    .endContainerStatus()
                    .endStatus()
                    .build())
            .updateStatus();
        awaitRun(cluster, "stuck", run -> run.started() != null && run.finished() == null);
      }
      try (var _ = cluster.startAhead(Duration.ofMinutes(11))) {
        await()
            .atMost(PATIENCE)
            .until(
                () -> jobs(cluster).getFirst().getSpec().getActiveDeadlineSeconds(),
                deadline -> deadline == 1);
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        status(
            cluster,
            job,
            """
            {"status":{"active":0,"failed":1,"conditions":[
              {"type":"FailureTarget","status":"True","reason":"DeadlineExceeded",
               "lastTransitionTime":"%s","lastProbeTime":"%s"}]}}
            """
                .formatted(now, now));
        awaitRun(cluster, "stuck", run -> run.outcome() == Outcome.Missed);
        assertThat(run(cluster, "stuck").message()).contains("ImagePullBackOff: no \"such\" image");
      }
    }
  }

  @Test
  void ofTwoPodsThatTheClusterMakesOfAJobOneBegins() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start()) {
      Job job;
      try (var _ = cluster.start()) {
        ready(cluster, sshd);
        schedule(cluster, "twice", "", "");
        annotate(cluster, "twice", "drydock.dev/run", "garden");
        job = byHand(cluster, "twice");
        await().atMost(PATIENCE).until(() -> isLetStart(cluster, job));
        start(cluster, job);
        awaitRun(cluster, "twice", run -> run.started() != null);
        assertThat(run(cluster, "twice").pod()).isNull();
        pod(cluster, job, "one");
        pod(cluster, job, "other");
        awaitRun(cluster, "twice", run -> run.pod() != null);
        await().atMost(PATIENCE).until(() -> begun(cluster), List.of("one")::equals);
      }
      assertThat(run(cluster, "twice").pod()).isEqualTo("one");
      try (var _ = cluster.start()) {
        // Time enough for the turn that an operator's start is.
        schedule(cluster, "after", "", "");
        await().atMost(PATIENCE).until(() -> resource(cluster, "after").get().getStatus() != null);
        assertThat(begun(cluster)).containsExactly("one");
        cluster.client().pods().inNamespace(cluster.namespace()).withName("one").delete();
        annotate(cluster, "twice", "example.com/looked", "at");
        await()
            .during(Duration.ofSeconds(2))
            .atMost(PATIENCE)
            .until(() -> begun(cluster), List.<String>of()::equals);
      }
    }
  }

  private static List<String> begun(Cluster cluster) {
    return cluster.client().pods().inNamespace(cluster.namespace()).list().getItems().stream()
        .filter(pod -> pod.getSpec().getSchedulingGates().isEmpty())
        .map(pod -> pod.getMetadata().getName())
        .toList();
  }

  @Test
  void theEndOfATaskThatIsRenamedAmidItsRunIsWrittenDownAndTold() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var receiver = new Receiver()) {
      try (var _ = cluster.start()) {
        ready(cluster, sshd);
        cluster.channel("ops", receiver.url(), "Never");
        schedule(cluster, "renamed", "notify: {channels: [ops]}", "");
        annotate(cluster, "renamed", "drydock.dev/run", "garden");
        Job job = byHand(cluster, "renamed");
        await().atMost(PATIENCE).until(() -> isLetStart(cluster, job));
        start(cluster, job);
        awaitRun(cluster, "renamed", run -> run.started() != null && run.finished() == null);
        Cluster.patch(
            resource(cluster, "renamed"),
            """
            {"spec":{"tasks":[
              {"name":"gardening","schedule":"0 * * * *","command":{"run":"true"}}]}}
            """);
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    cronJobs(cluster).size() == 2
                        && Boolean.TRUE.equals(
                            cronJob(cluster, "renamed-garden").getSpec().getSuspend()));
        end(
            cluster,
            job,
            new WorkResult(Instant.now(), Outcome.Failed, "it did not come back", List.of()),
            "Failed");
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    receiver.bodies().stream()
                        .anyMatch(body -> body.contains("garden: Failed: it did not come back")));
        awaitSchedule(
            cluster,
            "renamed",
            status ->
                status.tasks().size() == 2
                    && status.tasks().get(1).letters().isEmpty()
                    && status.tasks().get(1).trouble() != null
                    && status.summary() != null
                    && status.summary().tasks() == 1);
        assertThat(cronJobs(cluster)).as("its log can be read").hasSize(2);
      }
      try (var _ = cluster.startAhead(Duration.ofHours(25))) {
        awaitSchedule(cluster, "renamed", status -> status.tasks().size() == 1);
        await().atMost(PATIENCE).until(() -> cronJobs(cluster).size() == 1);
      }
    }
  }

  @Test
  void theEndOfATaskThatBecomesAChecklistAmidItsRunIsWrittenDownAndTold() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var receiver = new Receiver();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      cluster.channel("ops", receiver.url(), "Never");
      schedule(cluster, "people", "notify: {channels: [ops]}", "");
      annotate(cluster, "people", "drydock.dev/run", "garden");
      Job job = byHand(cluster, "people");
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, job));
      start(cluster, job);
      awaitRun(cluster, "people", run -> run.started() != null && run.finished() == null);
      Cluster.patch(
          resource(cluster, "people"),
          """
          {"spec":{"tasks":[
            {"name":"garden","schedule":"0 * * * *","checklist":{"items":["look at it"]}}]}}
          """);
      await()
          .atMost(PATIENCE)
          .until(
              () -> Boolean.TRUE.equals(cronJob(cluster, "people-garden").getSpec().getSuspend()));
      end(
          cluster,
          job,
          new WorkResult(Instant.now(), Outcome.Failed, "it did not come back", List.of()),
          "Failed");
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  receiver.bodies().stream()
                      .anyMatch(body -> body.contains("garden: Failed: it did not come back")));
      awaitSchedule(
          cluster,
          "people",
          status ->
              status.tasks().size() == 1
                  && status.tasks().getFirst().cronJob() == null
                  && status.tasks().getFirst().schedule() != null
                  && status.tasks().getFirst().trouble() != null);
      assertThat(cronJobs(cluster)).as("its log can be read").hasSize(1);
    }
  }

  @Test
  void whatIsNotDueIsTakenAwayAndPushesNoRealRunOut() throws Exception {
    var cluster = new Cluster(api);
    try (var sshd = Sshd.start();
        var _ = cluster.start()) {
      ready(cluster, sshd);
      schedule(cluster, "sundays", "", "", "0 2 ? * SUN#1");
      await().atMost(PATIENCE).until(() -> cronJobs(cluster).size() == 1);
      assertThat(cronJob(cluster, "sundays-garden").getSpec().getSchedule())
          .isEqualTo("0 2 1-7 * *");
      controller(cluster, "sundays-garden", Instant.parse("2026-11-03T02:00:00Z"));
      awaitRun(cluster, "sundays", run -> run.outcome() == Outcome.Skipped);
      assertThat(run(cluster, "sundays").message()).contains("not due");
      await().atMost(PATIENCE).until(() -> jobs(cluster).isEmpty());

      annotate(cluster, "sundays", "drydock.dev/run", "garden");
      Job real = byHand(cluster, "sundays");
      await().atMost(PATIENCE).until(() -> isLetStart(cluster, real));
      start(cluster, real);
      end(
          cluster,
          real,
          new WorkResult(Instant.now(), Outcome.Succeeded, "done", List.of()),
          "Complete");
      awaitRun(cluster, "sundays", run -> run.outcome() == Outcome.Succeeded);
      controller(cluster, "sundays-garden", Instant.parse("2026-11-04T02:00:00Z"));
      await().atMost(PATIENCE).until(() -> jobs(cluster).size() == 1);
      assertThat(run(cluster, "sundays").outcome()).isEqualTo(Outcome.Succeeded);
    }
  }

  @Test
  void aTaskThatIsNotThereStartsNothingAndIsSaidSo() {
    var cluster = new Cluster(api);
    try (var _ = cluster.start()) {
      schedule(cluster, "typo", "", "");
      annotate(cluster, "typo", "drydock.dev/run", "gardn");
      awaitSchedule(
          cluster,
          "typo",
          status ->
              status.conditions().stream()
                  .anyMatch(
                      c -> c.type().equals("Ready") && c.message().contains("no task 'gardn'")));
      assertThat(jobs(cluster)).isEmpty();
      assertThat(status(cluster, "typo").lastHandledRun()).isEqualTo("gardn");
    }
  }

  /** A due time of {@code 0 * * * *} that every schedule of a test was there before. */
  private static Instant nextHour() {
    return Instant.now().truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS);
  }

  /** There is room for one Job, and it is taken. */
  private static void fullQuota(Cluster cluster) {
    cluster.create(
        """
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: few}
        spec: {hard: {count/jobs.batch: "1"}}
        """);
    // No controller counts here.
    cluster
        .client()
        .resourceQuotas()
        .inNamespace(cluster.namespace())
        .withName("few")
        .subresource("status")
        .patch(
            io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                io.fabric8.kubernetes.client.dsl.base.PatchType.JSON_MERGE),
            """
            {"status":{"hard":{"count/jobs.batch":"1"},"used":{"count/jobs.batch":"1"}}}
            """);
  }

  private static void ready(Cluster cluster, Sshd sshd) throws Exception {
    cluster.key("key", sshd.text("user"));
    cluster.host("ethbig", sshd, "1m");
    Cluster.patch(cluster.host("ethbig"), "{\"spec\":{\"permits\":[\"Check\",\"Command\"]}}");
    cluster.awaitReady("ethbig");
  }

  private static void schedule(Cluster cluster, String name, String spec, String task) {
    schedule(cluster, name, spec, task, "0 * * * *");
  }

  private static void schedule(
      Cluster cluster, String name, String spec, String task, String cron) {
    cluster.create(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: MaintenanceSchedule
        metadata: {name: %s}
        spec:
          hosts: {names: [ethbig]}
          %s
          tasks:
          - name: garden
            schedule: "%s"
            command: {run: "true"}
            %s
        """
            .formatted(name, spec, cron, task));
  }

  /** Makes a Job as the CronJob controller does. */
  private static Job controller(Cluster cluster, String name, Instant due) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> cronJobs(cluster).stream().anyMatch(c -> c.getMetadata().getName().equals(name)));
    CronJob cronJob = cronJob(cluster, name);
    var template = cronJob.getSpec().getJobTemplate();
    return cluster
        .client()
        .resource(
            new JobBuilder()
                .withNewMetadata()
                .withName(name + "-" + due.getEpochSecond() / 60)
                .withNamespace(cluster.namespace())
                .withLabels(template.getMetadata().getLabels())
                .withAnnotations(template.getMetadata().getAnnotations())
                .addToAnnotations(
                    "batch.kubernetes.io/cronjob-scheduled-timestamp",
                    due.atOffset(ZoneOffset.UTC).toString())
                .endMetadata()
                .withSpec(template.getSpec())
                .build())
        .create();
  }

  /** The Job controller's word that it goes on, with a pod. */
  private static void start(Cluster cluster, Job job) {
    status(
        cluster,
        job,
        "{\"status\":{\"startTime\":\"%s\",\"active\":1}}"
            .formatted(Instant.now().truncatedTo(ChronoUnit.SECONDS)));
  }

  /** A pod as the Job controller makes it. */
  private static Pod pod(Cluster cluster, Job job, String name) {
    return cluster
        .client()
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(cluster.namespace())
                .withLabels(job.getSpec().getTemplate().getMetadata().getLabels())
                .addToLabels("batch.kubernetes.io/job-name", job.getMetadata().getName())
                .endMetadata()
                .withSpec(job.getSpec().getTemplate().getSpec())
                .build())
        .create();
  }

  private static void end(Cluster cluster, Job job, WorkResult result, String condition) {
    end(cluster, job, result.encode(), condition);
  }

  private static void end(Cluster cluster, Job job, String word, String condition) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    String pod = pod(cluster, job, job.getMetadata().getName()).getMetadata().getName();
    // The operator may let it begin meanwhile.
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(KubernetesClientException.class)
        .untilAsserted(() -> cluster.end(pod, now, word));
    over(cluster, job, condition);
  }

  private static void over(Cluster cluster, Job job, String condition) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    String before = condition.equals("Complete") ? "SuccessCriteriaMet" : "FailureTarget";
    status(
        cluster,
        job,
        """
        {"status":{"active":0,%s"conditions":[
          {"type":"%s","status":"True","lastTransitionTime":"%s","lastProbeTime":"%s"},
          {"type":"%s","status":"True","lastTransitionTime":"%s","lastProbeTime":"%s"}]}}
        """
            .formatted(
                condition.equals("Complete")
                    ? "\"succeeded\":1,\"completionTime\":\"" + now + "\","
                    : "",
                before,
                now,
                now,
                condition,
                now,
                now));
  }

  private static void status(Cluster cluster, Job job, String json) {
    cluster
        .client()
        .batch()
        .v1()
        .jobs()
        .inNamespace(cluster.namespace())
        .withName(job.getMetadata().getName())
        .subresource("status")
        .patch(
            io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                io.fabric8.kubernetes.client.dsl.base.PatchType.JSON_MERGE),
            json);
  }

  /** Sets an annotation, or with null takes it away. */
  private static void annotate(
      Cluster cluster, String schedule, String name, @Nullable String value) {
    Cluster.patch(
        resource(cluster, schedule),
        "{\"metadata\":{\"annotations\":{\"%s\":%s}}}"
            .formatted(name, value == null ? "null" : "\"" + value + "\""));
  }

  /** The one Job of a schedule that a person asked for. */
  private static Job byHand(Cluster cluster, String schedule) {
    return await()
        .atMost(PATIENCE)
        .until(
            () ->
                jobs(cluster).stream()
                    .filter(
                        job -> job.getMetadata().getName().startsWith(schedule + "-garden-now-"))
                    .toList(),
            found -> found.size() == 1)
        .getFirst();
  }

  /** What the pod's DRYDOCK_SLOT will be. */
  private static @Nullable String toldSlot(Cluster cluster, Job job) {
    var template =
        jobs(cluster).stream()
            .filter(now -> now.getMetadata().getName().equals(job.getMetadata().getName()))
            .findFirst()
            .orElseThrow()
            .getSpec()
            .getTemplate();
    String field =
        template.getSpec().getContainers().getFirst().getEnv().stream()
            .filter(variable -> variable.getName().equals("DRYDOCK_SLOT"))
            .findFirst()
            .orElseThrow()
            .getValueFrom()
            .getFieldRef()
            .getFieldPath();
    assertThat(field).isEqualTo("metadata.annotations['drydock.dev/slot']");
    return template.getMetadata().getAnnotations().get("drydock.dev/slot");
  }

  private static boolean isLetStart(Cluster cluster, Job job) {
    return jobs(cluster).stream()
        .filter(now -> now.getMetadata().getName().equals(job.getMetadata().getName()))
        .anyMatch(now -> !Boolean.TRUE.equals(now.getSpec().getSuspend()));
  }

  private static List<Job> jobs(Cluster cluster) {
    return cluster
        .client()
        .batch()
        .v1()
        .jobs()
        .inNamespace(cluster.namespace())
        .withLabels(Map.of("app.kubernetes.io/managed-by", "drydock"))
        .list()
        .getItems();
  }

  private static List<Job> jobs(Cluster cluster, String schedule) {
    return jobs(cluster).stream()
        .filter(job -> job.getMetadata().getName().startsWith(schedule + "-"))
        .toList();
  }

  private static List<CronJob> cronJobs(Cluster cluster) {
    return cluster
        .client()
        .batch()
        .v1()
        .cronjobs()
        .inNamespace(cluster.namespace())
        .list()
        .getItems();
  }

  private static CronJob cronJob(Cluster cluster, String name) {
    return Objects.requireNonNull(
        cluster
            .client()
            .batch()
            .v1()
            .cronjobs()
            .inNamespace(cluster.namespace())
            .withName(name)
            .get());
  }

  private static String content(Cluster cluster, String cronJob) {
    return String.valueOf(
        cronJob(cluster, cronJob)
            .getSpec()
            .getJobTemplate()
            .getMetadata()
            .getAnnotations()
            .get("drydock.dev/content"));
  }

  private static Resource<MaintenanceSchedule> resource(Cluster cluster, String name) {
    return cluster
        .client()
        .resources(MaintenanceSchedule.class)
        .inNamespace(cluster.namespace())
        .withName(name);
  }

  private static MaintenanceScheduleStatus status(Cluster cluster, String name) {
    return Objects.requireNonNull(
        Objects.requireNonNull(resource(cluster, name).get()).getStatus());
  }

  private static TaskState task(Cluster cluster, String schedule) {
    return status(cluster, schedule).tasks().getFirst();
  }

  private static Run run(Cluster cluster, String schedule) {
    return Objects.requireNonNull(task(cluster, schedule).lastRun());
  }

  private static void awaitSchedule(
      Cluster cluster, String name, Predicate<MaintenanceScheduleStatus> wanted) {
    await(name)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              MaintenanceSchedule now = resource(cluster, name).get();
              return now != null && now.getStatus() != null && wanted.test(now.getStatus());
            });
  }

  private static void awaitStalled(Cluster cluster, String name, String reason, String... message) {
    awaitSchedule(
        cluster,
        name,
        status ->
            status.conditions().stream()
                .filter(condition -> condition.type().equals("Stalled"))
                .filter(condition -> condition.reason().equals(reason))
                .anyMatch(condition -> Stream.of(message).allMatch(condition.message()::contains)));
  }

  private static void awaitRun(Cluster cluster, String schedule, Predicate<Run> wanted) {
    awaitSchedule(
        cluster,
        schedule,
        status ->
            !status.tasks().isEmpty()
                && status.tasks().getFirst().lastRun() != null
                && wanted.test(status.tasks().getFirst().lastRun()));
  }
}
