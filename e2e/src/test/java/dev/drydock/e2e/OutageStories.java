package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The API server is away while hosts are worked on. */
class OutageStories extends MaintenanceStory {
  private static final Logger LOG = LoggerFactory.getLogger(OutageStories.class);

  /** Longer than the operator's lease, than a client's retries, and than the work. */
  private static final Duration OUTAGE =
      Duration.parse(System.getProperty("e2e.outage", "PT2M30S"));

  /** From the API server's return: Kubernetes' own controllers take a minute of it. */
  private static final Duration BACK = Duration.ofMinutes(3);

  private static final LabHost BUSY = LabHost.ETHBIG;
  private static final LabHost DUE = LabHost.ETH2_CLAW;

  @BeforeEach
  void findWhatCanBeStopped() {
    assumeThat(Lab.isOwnCluster()).as("a cluster whose API server the lab can stop").isTrue();
  }

  @AfterEach
  void bringItBack() {
    if (!Lab.isOwnCluster()) {
      return;
    }
    Lab.command("api", "on");
    for (LabHost host : List.of(BUSY, DUE)) {
      host.on("rm -f /tmp/" + namespace + "-*");
    }
  }

  @Test
  void whatRanEndsOnceAndWhatFellDueRunsOnce() {
    for (LabHost host : List.of(BUSY, DUE)) {
      declare(host, "Check, Command");
      awaitHost(host.text(), isTrue());
    }
    schedule(
        "busy",
        BUSY,
        "0 3 29 2 *",
        "echo begun >> /tmp/"
            + namespace
            + "-busy; sleep 60; echo ended >> /tmp/"
            + namespace
            + "-busy");
    ZonedDateTime due =
        ZonedDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MINUTES).plusMinutes(2);
    schedule(
        "due",
        DUE,
        "%d %d %d %d *"
            .formatted(due.getMinute(), due.getHour(), due.getDayOfMonth(), due.getMonthValue()),
        "echo ran >> /tmp/" + namespace + "-due");
    awaitTask("due", PATIENCE, task -> due.toInstant().toString().equals(task.nextRun()));
    annotate("busy", "drydock.dev/run", "work");
    soon("the work")
        .until(
            () -> BUSY.on("cat /tmp/" + namespace + "-busy 2>/dev/null || true").equals("begun"));
    int restarts = restarts();

    Lab.command("api", "off");
    Instant off = Instant.now();
    assertThat(off).isBefore(due.toInstant());
    soon("the end of the outage")
        .atMost(OUTAGE.plus(PATIENCE))
        .until(() -> Duration.between(off, Instant.now()).compareTo(OUTAGE) >= 0);
    assertThat(BUSY.on("cat /tmp/" + namespace + "-busy").lines())
        .containsExactly("begun", "ended");
    assertThat(DUE.on("ls /tmp")).doesNotContain(namespace + "-due");
    Lab.command("api", "on");
    Instant on = Instant.now();

    awaitTask(
        "busy",
        BACK,
        task -> task.lastRun() != null && task.lastRun().outcome() == Outcome.Succeeded);
    LOG.info("the run that went on is in status after {}", Duration.between(on, Instant.now()));
    awaitTask(
        "due",
        BACK,
        task -> task.lastRun() != null && task.lastRun().outcome() == Outcome.Succeeded);
    LOG.info("the run that fell due has succeeded after {}", Duration.between(on, Instant.now()));
    assertThat(run("due").scheduled()).isEqualTo(due.toInstant().toString());
    assertThat(BUSY.on("cat /tmp/" + namespace + "-busy").lines())
        .containsExactly("begun", "ended");
    assertThat(DUE.on("cat /tmp/" + namespace + "-due")).isEqualTo("ran");
    assertThat(client.batch().v1().jobs().inNamespace(namespace).list().getItems()).hasSize(2);
    // Once, when its lease was lost; then it waits, and the kubelet has no reason to.
    assertThat(restarts() - restarts).isLessThanOrEqualTo(1);
  }

  private void schedule(String name, LabHost host, String cron, String command) {
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: MaintenanceSchedule
        metadata: {name: %s}
        spec:
          tasks:
          - name: work
            schedule: "%s"
            hosts: {names: [%s]}
            startingDeadlineSeconds: 3600
            command: {run: "%s"}
        """
            .formatted(name, cron, host.text(), command));
  }

  private int restarts() {
    return client
        .pods()
        .inNamespace(Lab.SYSTEM)
        .withLabel("app.kubernetes.io/name", "drydock")
        .list()
        .getItems()
        .stream()
        .filter(pod -> pod.getStatus().getContainerStatuses() != null)
        .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
        .mapToInt(container -> container.getRestartCount())
        .sum();
  }
}
