package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.HostOutcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the pods of maintenance tasks do on hosts that are in use meanwhile. */
class MaintenanceTaskStories extends MaintenanceStory {
  private static final LabHost EDGE = LabHost.ETH2_CLAW;
  private static final LabHost OFFCHAIN = LabHost.OFFCHAIN;
  private static final String KEEPALIVE = "/proc/sys/net/ipv4/tcp_keepalive_time";
  private static final Pattern REMOVED =
      Pattern.compile("([0-9]+) tables in 2 databases, ([0-9,]+) dead rows removed, .*");

  /** Of this story alone: tables, PM2 processes and files are called after it. */
  private String mark = "";

  @BeforeEach
  void name() {
    mark = "story_" + Long.toString(System.nanoTime() & 0xffffffL, 36);
  }

  @AfterEach
  void mendServices() {
    OFFCHAIN.on(
        "touch /tmp/%1$s.stop; for p in %1$s %1$s-cluster; do pm2 delete $p >/dev/null 2>&1; done; sleep 1; rm -f /tmp/story_*"
            .formatted(mark));
    OffchainDatabase.sql(
        """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'story-%%';
        DROP TABLE IF EXISTS %1$s_events, %1$s_held;
        """
            .formatted(mark));
    postgres("DROP DATABASE IF EXISTS %s WITH (FORCE)".formatted(mark));
  }

  /** As the server's superuser. */
  private static void postgres(String statement) {
    OFFCHAIN.on("cd / && sudo -u postgres psql -X -q -c '%s'".formatted(statement));
  }

  @AfterEach
  void mendFiles() {
    for (LabHost host : LabHost.values()) {
      host.on("rm -f /tmp/drydock-story-*");
    }
  }

  @Test
  void aVacuumTakesDeadRowsAwayAndHoldsNobodyUp() {
    declare(OFFCHAIN);
    awaitHost(OFFCHAIN.text(), isTrue());
    secret("db", "Opaque", OffchainDatabase.SECRET);
    for (String table : List.of("events", "held")) {
      OffchainDatabase.sql(
          """
          CREATE TABLE %1$s (what text) WITH (autovacuum_enabled = false);
          INSERT INTO %1$s SELECT 'event ' || i FROM generate_series(1, 5000) i;
          DELETE FROM %1$s;
          """
              .formatted(mark + "_" + table));
    }
    soon("dead rows").until(() -> dead("events") == 5000 && dead("held") == 5000);
    postgres("CREATE DATABASE %s OWNER offchain".formatted(mark));
    OFFCHAIN.on(
        background(
            OffchainDatabase.psql("story-holder")
                + " -c BEGIN -c 'LOCK TABLE %s_held' -c 'SELECT pg_sleep(300)'".formatted(mark)));
    soon("the lock")
        .until(
            () ->
                OffchainDatabase.sql(
                        "SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock'"
                            + " AND relation = '%s_held'::regclass;".formatted(mark))
                    .equals("1"));
    keepOn(
        OffchainDatabase.psql("story-client")
            + " -c \"INSERT INTO %s_events VALUES ('more')\"".formatted(mark));

    schedule(
        "tidy",
        """
        hosts: {names: [offchain]}
        vacuum: {postgresql: {secretName: db, viaHost: true}, databases: [offchain, %s], lockTimeout: 2s}
        """
            .formatted(mark));
    annotate("tidy", "drydock.dev/run", "work");
    awaitRun("tidy", run -> run.outcome() != null);
    assertSucceeded("tidy");
    String message = String.valueOf(run("tidy").message());
    Matcher removed = REMOVED.matcher(message.replaceFirst("^offchain: ", ""));
    assertThat(removed.matches()).as(message).isTrue();
    assertThat(Integer.parseInt(removed.group(2).replace(",", ""))).isGreaterThanOrEqualTo(5000);
    assertThat(message)
        .containsPattern(
            "public\\.%s_held of offchain left out: its lock was not to be had within 2s: process [0-9]+ of offchain \\(story-holder\\), active, for .* holds it"
                .formatted(mark));
    assertThat(log("tidy")).contains("public." + mark + "_events", "\"" + mark + "\"");
    assertThat(dead("held")).isEqualTo(5000);
    soon("no dead rows").until(() -> dead("events") == 0);

    Map<String, Long> answers = answers();
    assertThat(answers).containsOnlyKeys("ok");
    assertThat(
            Long.parseLong(OffchainDatabase.sql("SELECT count(*) FROM %s_events;".formatted(mark))))
        .as("rows that the client wrote")
        .isGreaterThanOrEqualTo(answers.getOrDefault("ok", 0L));
  }

  @Test
  void anAuditMendsWhatItMayAndNamesTheRest() {
    String was = OFFCHAIN.on("cat " + KEEPALIVE);
    assertThat(was).isNotEqualTo("611");
    declare(OFFCHAIN, "Check, Update");
    awaitHost(OFFCHAIN.text(), isTrue());
    secret("db", "Opaque", OffchainDatabase.SECRET);
    OFFCHAIN.on(
        "echo 'setInterval(() => {}, 1000)' >/tmp/%1$s.js; pm2 start /tmp/%1$s.js --name %1$s >/dev/null"
            .formatted(mark));
    schedule(
        "tuning",
        """
        hosts: {names: [offchain]}
        audit:
          sysctl: [{key: net.ipv4.tcp_keepalive_time, expect: "611", fix: true}, {key: kernel.ostype, expect: Linux}]
          pm2: {requireMaxMemoryRestart: true}
          urls: ["%s/_mail"]
          postgresql: {secretName: db, viaHost: true, connectionsPercentAbove: 80}
          redis: {url: "redis://localhost:6379", viaHost: true, clientsPercentAbove: 80}
        """
            .formatted(Receivers.URL));
    try {
      annotate("tuning", "drydock.dev/run", "work@1");
      awaitRun("tuning", run -> run.outcome() != null);
      assertThat(run("tuning").outcome()).as(log("tuning")).isEqualTo(Outcome.Failed);
      assertThat(run("tuning").message())
          .contains("max_memory_restart", mark)
          .doesNotContain("milo-", "urls", "redis", "connections");
      assertThat(OFFCHAIN.on("cat " + KEEPALIVE)).isEqualTo("611");
      assertThat(OFFCHAIN.on("cat /etc/sysctl.d/*drydock*"))
          .contains("net.ipv4.tcp_keepalive_time = 611");

      OFFCHAIN.on("pm2 delete " + mark + " >/dev/null");
      String first = run("tuning").job();
      annotate("tuning", "drydock.dev/run", "work@2");
      awaitRun("tuning", run -> run.outcome() != null && !Objects.equals(run.job(), first));
      assertSucceeded("tuning");
    } finally {
      OFFCHAIN.on(
          "sudo sh -c 'rm -f /etc/sysctl.d/*drydock*; echo %s >%s'".formatted(was, KEEPALIVE));
    }
  }

  @Test
  void aContainerOfOnesOwnRuns() {
    schedule("own", "container: {image: \"%s\", command: [psql, --version]}".formatted(image()));
    annotate("own", "drydock.dev/run", "work@1");
    awaitRun("own", run -> run.outcome() != null);
    assertSucceeded("own");
    assertThat(log("own")).contains("psql (PostgreSQL)");

    schedule("own", "container: {image: \"%s\", command: [psql, --none]}".formatted(image()));
    String first = run("own").job();
    annotate("own", "drydock.dev/run", "work@2");
    awaitRun("own", run -> run.outcome() != null && !Objects.equals(run.job(), first));
    assertThat(run("own").outcome()).isEqualTo(Outcome.Failed);
  }

  @Test
  void servicesAreRestartedWhileOneOfThemAnswersEveryRequest() {
    declare(OFFCHAIN, "Check, Restart");
    awaitHost(OFFCHAIN.text(), isTrue());
    OFFCHAIN.on(
        """
        cat >/tmp/%1$s.js <<'E'
        setInterval(() => {}, 1000)
        E
        pm2 start /tmp/%1$s.js --name %1$s >/dev/null
        pm2 start /tmp/%1$s.js --name %1$s-cluster -i 2 >/dev/null"""
            .formatted(mark));
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata: {name: watch}
        spec:
          hosts: {names: [offchain]}
          interval: 5s
          checks:
          - name: crashes
            severity: Critical
            pm2: {restartsAbove: 0, within: 1h, processes: [%1$s, %1$s-cluster]}
          - name: processes
            severity: Critical
            pm2: {allOnline: true, processes: [milo-aggregator, milo-worker]}
        """
            .formatted(mark));
    awaitPolicy("watch", PATIENCE, host -> host.state() == State.Healthy);
    List<String> before = processes();
    assertThat(before).hasSize(6).doesNotHaveDuplicates();
    keepOn("curl -sf -m 5 -o /dev/null http://localhost:8080/health");

    schedule(
        "restarts",
        """
        hosts: {names: [offchain]}
        serviceRestart:
          pm2: all
          settle: 5s
          verify:
            pm2: {allOnline: true}
            http:
            - {url: "http://localhost:8080/health", json: {path: "$.ok", equals: "true"}}
            - {url: "http://localhost:8089/health", optional: true}
            logs: {pm2: all, pattern: error, newLinesAbove: 0}
        """);
    annotate("restarts", "drydock.dev/run", "work");
    Set<String> alerts = new TreeSet<>();
    awaitRun(
        "restarts",
        run -> {
          alerts.addAll(crashes());
          return run.outcome() != null;
        });
    assertSucceeded("restarts");
    assertThat(run("restarts").message())
        .contains("milo-aggregator (reloaded)", "milo-worker", mark + "-cluster (reloaded)");
    assertThat(answers()).containsOnlyKeys("ok");
    assertThat(processes()).hasSize(6).doesNotContainAnyElementsOf(before);

    // Looks after the work have all of it in PM2's counts, and its lock excuses nothing any more.
    soon("looks after it").pollDelay(PATIENCE.dividedBy(5)).until(() -> true);
    awaitPolicy("watch", PATIENCE, host -> host.state() == State.Healthy);
    alerts.addAll(crashes());
    assertThat(alerts).isEmpty();
    assertThat(events("AlertFiring")).isEmpty();
  }

  private List<String> crashes() {
    return state("watch").stream()
        .flatMap(host -> host.alerts().stream())
        .map(AlertState::toString)
        .toList();
  }

  @Test
  void aHealthReportIsWrittenByItsPodAndToldOnce() {
    declare(OFFCHAIN);
    String path = webhook("web");
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata: {name: watch}
        spec:
          hosts: {names: [offchain]}
          interval: 1h
          checks:
          - {name: disk, severity: Critical, disk: {path: /, usedPercentAbove: 99}}
          - {name: processes, severity: Critical, pm2: {allOnline: true}}
        """);
    schedule("weekly", "healthReport: {policies: [watch], checks: [disk], channels: [web]}\n");
    annotate("weekly", "drydock.dev/run", "work");
    awaitRun("weekly", run -> run.outcome() != null);
    assertSucceeded("weekly");
    assertThat(run("weekly").message()).isEqualTo("no check is wrong: 1 check on 1 host");
    soon("the report at its channel").until(() -> reports(path) == 1);
    assertThat(
            client
                .configMaps()
                .inNamespace(namespace)
                .withLabel("drydock.dev/record", "report")
                .list()
                .getItems())
        .singleElement()
        .satisfies(
            report ->
                assertThat(report.getData().get("report.txt"))
                    .contains("offchain", "disk: fine: ")
                    .doesNotContain("processes"));
    soon("more of it").pollDelay(PATIENCE.dividedBy(5)).until(() -> true);
    assertThat(reports(path)).as("told once").isEqualTo(1);
  }

  /** The channel's own test came there, too. */
  private static long reports(String path) {
    return Receivers.acceptedAt(path).stream()
        .filter(one -> one.body().contains("health report of"))
        .count();
  }

  @Test
  void aWindowThatClosesMidwayIsWentOnWithInTheNextOne() {
    for (LabHost host : List.of(EDGE, LabHost.ETHBIG)) {
      declare(host, "Check, Command");
      awaitHost(host.text(), isTrue());
    }
    EDGE.on("touch /tmp/drydock-story-slow");
    schedule(
        "round",
        """
        hosts: {names: [eth2-claw, ethbig]}
        strategy: {maxParallel: 1}
        window: {duration: 1m, cutoff: 40s}
        command: {run: "echo done >> /tmp/drydock-story-round; [ ! -e /tmp/drydock-story-slow ] || sleep 22"}
        """);
    annotate("round", "drydock.dev/run", "work@1");
    awaitRun("round", run -> run.outcome() != null);
    Run first = run("round");
    assertThat(first.outcome()).as(first.message()).isEqualTo(Outcome.CutOff);
    assertThat(first.message())
        .contains("nothing starts after", "done: eth2-claw", "not begun: ethbig")
        .endsWith("the next window goes on there");
    assertThat(first.hosts()).extracting(HostOutcome::name).containsExactly("eth2-claw");
    assertThat(task("round").map(TaskState::done).orElseThrow()).containsExactly("eth2-claw");
    assertThat(LabHost.ETHBIG.on("ls /tmp")).doesNotContain("drydock-story-round");

    annotate("round", "drydock.dev/run", "work@2");
    awaitRun("round", run -> !Objects.equals(first.job(), run.job()) && run.outcome() != null);
    assertSucceeded("round");
    assertThat(run("round").hosts()).extracting(HostOutcome::name).containsExactly("ethbig");
    assertThat(EDGE.on("cat /tmp/drydock-story-round")).isEqualTo("done");
    assertThat(LabHost.ETHBIG.on("cat /tmp/drydock-story-round")).isEqualTo("done");
    assertThat(task("round").map(TaskState::done).orElseThrow()).isEmpty();
  }

  /** In a pod of Drydock's own image, as a person without Java does it. */
  @Test
  void theRunbooksCrontabBecomesASchedule() {
    client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName("crontab")
                .withNamespace(namespace)
                .endMetadata()
                .addToData("crontab", Lab.source("operator/src/test/resources/crontabs/runbook"))
                .build())
        .create();
    apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: import}
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
          containers:
          - name: import
            image: %s
            args: [import-crontab, --name, runbook, --hosts, offchain, --user, ops, /in/crontab]
            securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
            volumeMounts: [{name: in, mountPath: /in, readOnly: true}]
          volumes: [{name: in, configMap: {name: crontab}}]
        """
            .formatted(image()));
    Pod pod = await("the import", PATIENCE, () -> pod("import"), p -> ended(p) != null);
    // stdout and stderr are one log, where the JVM has its say, too.
    Map<Boolean, List<String>> lines =
        client
            .pods()
            .inNamespace(namespace)
            .withName("import")
            .getLog()
            .lines()
            .collect(Collectors.partitioningBy(line -> line.matches("(\\[|line [0-9]|note: ).*")));
    assertThat(Objects.requireNonNull(ended(pod)).getExitCode()).as("%s", lines).isZero();
    assertThat(lines.get(true))
        .filteredOn(line -> !line.startsWith("["))
        .satisfiesExactly(
            days -> assertThat(days).contains("line 18", "SUN#1"),
            waits -> assertThat(waits).startsWith("note: cron starts all that is due"));

    // Looks alone are permitted there, so that none of it is done if it is due just now.
    declare(OFFCHAIN);
    apply(String.join("\n", Objects.requireNonNull(lines.get(false))));
    await(
        "MaintenanceSchedule runbook",
        PATIENCE,
        () -> schedule("runbook"),
        runbook ->
            runbook.getStatus() != null
                && !runbook.getStatus().nextRuns().isEmpty()
                && runbook.getStatus().conditions().stream()
                    .anyMatch(c -> c.type().equals("Ready") && c.status().equals("True")));
    assertThat(schedule("runbook").getSpec().tasks())
        .extracting(task -> task.schedule() + " " + task.name())
        .containsExactly(
            "0 0 * * 1 health-check",
            "0 2 * * 3 apt-get-update",
            "0 3 * * 3 psql",
            "30 1 * * * db-health",
            "0 1 * * 5 pm2-restart",
            "0 22 * * 5 garden-docs",
            "0 2 1-7 * 0 security-patches");
    assertThat(client.batch().v1().cronjobs().inNamespace(namespace).list().getItems()).hasSize(7);
  }

  private static @Nullable ContainerStateTerminated ended(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .map(ContainerStatus::getState)
        .map(state -> state.getTerminated())
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private Pod pod(String name) {
    return client.pods().inNamespace(namespace).withName(name).get();
  }

  /** That of the operator, which is in the cluster already. */
  private String image() {
    return client
        .apps()
        .deployments()
        .inNamespace(Lab.SYSTEM)
        .withName("drydock")
        .get()
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getImage();
  }

  /** The process ids of all that PM2 runs of the lab's and of this story. */
  private List<String> processes() {
    return OFFCHAIN
        .on(
            "for p in milo-aggregator milo-worker %1$s %1$s-cluster; do pm2 pid $p; done"
                .formatted(mark))
        .lines()
        .filter(line -> line.matches("[1-9][0-9]*"))
        .toList();
  }

  private long dead(String table) {
    return Long.parseLong(
        OffchainDatabase.sql(
            "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = '%s_%s';"
                .formatted(mark, table)));
  }

  private static String background(String command) {
    return "{ " + command + "; } >/dev/null 2>&1 </dev/null &";
  }

  /** Does something on the host again and again, and counts how it went. */
  private void keepOn(String command) {
    OFFCHAIN.on(
        background(
            "while [ ! -e /tmp/%1$s.stop ]; do if %2$s; then echo ok; else echo failed; fi >>/tmp/%1$s.answers; sleep 0.05; done"
                .formatted(mark, command)));
    soon("it to go on")
        .until(() -> !OFFCHAIN.on("cat /tmp/" + mark + ".answers 2>/dev/null || true").isEmpty());
  }

  /** How often it went which way; it goes on no more. */
  private Map<String, Long> answers() {
    OFFCHAIN.on("touch /tmp/" + mark + ".stop; sleep 1");
    return OFFCHAIN
        .on("cat /tmp/" + mark + ".answers")
        .lines()
        .collect(Collectors.groupingBy(line -> line, Collectors.counting()));
  }
}
