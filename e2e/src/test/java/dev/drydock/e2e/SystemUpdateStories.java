package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real packages by a real apt, on hosts that really reboot. */
class SystemUpdateStories extends MaintenanceStory {
  private static final LabHost EDGE = LabHost.ETH2_CLAW;
  private static final LabHost OFFCHAIN = LabHost.OFFCHAIN;
  private static final Duration LONG = Duration.ofMinutes(5);

  /** As long as this is there, the package is being installed. */
  private static final String HOLD = "/run/drydock-lab.hold";

  /** Longer than the host's lock waits for a word. */
  private static final Duration AWAY = Duration.ofSeconds(25);

  /** Longer than the cluster waits for a node's word. */
  private static final Duration NOT_READY = Duration.ofSeconds(75);

  private static final String LATE = "/etc/systemd/system/ssh.service.d";
  private static final String REBOOTING =
      """
      hosts: {names: [offchain]}
      systemUpdate:
        reboot: {policy: IfRequired, timeout: 2m}
        verify: {systemd: {failedUnits: 0}, pm2: {allOnline: true}}
      """;

  @AfterEach
  void mendPackages() {
    if (Lab.isOwnCluster()) {
      Lab.command("node", "on");
    }
    EDGE.plug();
    soon("a host that is back")
        .atMost(RUN)
        .ignoreExceptions()
        .until(() -> EDGE.on("sudo rm -rf " + LATE + " " + HOLD + " && echo back").equals("back"));
    for (LabHost host : List.of(EDGE, OFFCHAIN)) {
      bringArchivesBack(host);
    }
  }

  @Test
  void anUpdateThatNeedsARebootIsBroughtToItsEndAndAlarmsNobody() {
    List<String> running = online();
    assertThat(running).contains("milo-aggregator", "milo-worker");
    offerAnUpdate(OFFCHAIN);
    declare(OFFCHAIN, "Check, Update, Reboot");
    awaitHost(OFFCHAIN.text(), isTrue());
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata: {name: watch}
        spec:
          hosts: {names: [offchain]}
          interval: 5s
          checks:
          - {name: services, severity: Critical, systemd: {units: [cron, postgresql]}}
          - {name: processes, severity: Critical, pm2: {allOnline: true}}
          - {name: load, severity: Info, load: {above: "1000"}}
        """);
    awaitPolicy("watch", PATIENCE, host -> host.state() == State.Healthy);
    String booted = bootId(OFFCHAIN);

    schedule("updates", REBOOTING);
    annotate("updates", "drydock.dev/run", "work");
    Set<String> alerts = new TreeSet<>();
    Set<String> workers = new TreeSet<>();
    awaitRun(
        "updates",
        run -> {
          state("watch")
              .ifPresent(
                  host -> {
                    host.alerts().stream().map(AlertState::toString).forEach(alerts::add);
                    if (host.work() != null) {
                      workers.add(host.work());
                    }
                  });
          return run.outcome() != null;
        });
    assertSucceeded("updates");
    assertThat(run("updates").message())
        .contains("1 package upgraded (drydock-lab 1 → 2)")
        .contains("which was needed by drydock-lab")
        .endsWith("all is well");
    assertThat(version(OFFCHAIN)).isEqualTo("install ok installed 2");
    assertThat(bootId(OFFCHAIN)).isNotEqualTo(booted);
    assertThat(online()).as("what PM2 runs again").isEqualTo(running);
    assertThat(workers).contains("maintenance " + namespace + "/updates/work");
    awaitPolicy("watch", PATIENCE, host -> host.state() == State.Healthy && host.work() == null);
    assertThat(alerts).as("alerts while it was rebooted").isEmpty();
    assertThat(state("watch").map(HostState::alerts).orElseThrow()).isEmpty();
    assertThat(events("AlertFiring")).isEmpty();
  }

  /** The pod goes when the host does, and the one after it finds a host that is away. */
  @Test
  void aRebootWhosePodIsKilledIsSeenToItsEndByTheNextPod() {
    aRebootIsSeenToItsEndAfter(
        () ->
            client
                .pods()
                .inNamespace(namespace)
                .withName(pods().getFirst().getMetadata().getName())
                .withGracePeriod(0)
                .delete());
  }

  /** The operator goes with the node. */
  @Test
  void aRebootWhoseNodeDiesIsSeenToItsEndByTheNextPod() {
    aRebootIsSeenToItsEndAfter(() -> theNodeDies(NOT_READY));
  }

  private void aRebootIsSeenToItsEndAfter(Runnable interruption) {
    List<String> running = online();
    offerAnUpdate(OFFCHAIN);
    declare(OFFCHAIN, "Check, Update, Reboot");
    awaitHost(OFFCHAIN.text(), isTrue());
    String booted = bootId(OFFCHAIN);
    schedule("updates", REBOOTING);
    OFFCHAIN.on("rm -rf ~/.drydock-runs");
    annotate("updates", "drydock.dev/run", "work");
    awaitReboot(OFFCHAIN);
    interruption.run();

    Set<String> boots = new TreeSet<>();
    awaitTask(
        "updates",
        LONG,
        task -> {
          try {
            boots.add(bootId(OFFCHAIN));
          } catch (IllegalStateException away) {
            // It is being rebooted.
          }
          return task.lastRun() != null && task.lastRun().outcome() != null;
        });
    assertSucceeded("updates");
    assertThat(run("updates").message())
        .contains("an earlier pod of this run was ended amid its work");
    boots.remove(booted);
    assertThat(boots).as("what it was rebooted into").containsExactly(bootId(OFFCHAIN));
    assertThat(version(OFFCHAIN)).isEqualTo("install ok installed 2");
    assertThat(online()).as("what PM2 runs again").isEqualTo(running);
    assertThat(OFFCHAIN.on("cat ~/.drydock-runs/* | grep -c '^ended.Succeeded$'")).isEqualTo("1");
  }

  private static void theNodeDies(Duration away) {
    assumeThat(Lab.isOwnCluster()).as("a cluster whose node the lab can end").isTrue();
    Lab.command("node", "off");
    soon("the node's return").pollDelay(away).atMost(away.plus(PATIENCE)).until(() -> true);
    Lab.command("node", "on");
  }

  /** The pod has no time to say anything; the host's lock ends what may be ended. */
  @Test
  void anUpdateWhosePodIsKilledIsTakenUpAgainAndCompleted() {
    Run run = anUpdateWhosePodGoes(0);
    assertThat(run.outcome()).as("%s", run).isEqualTo(Outcome.Succeeded);
  }

  @Test
  void itIsTakenUpHoweverOftenItsPodIsKilled() {
    EDGE.on("sudo touch " + HOLD);
    int before = beginAnInstallation();
    for (int killed = 0; killed < 2; killed++) {
      Pod pod = awaitPodAtWork();
      client.resource(pod).withGracePeriod(0).delete();
      soon("its end").until(() -> client.resource(pod).get() == null);
    }
    EDGE.on("sudo rm " + HOLD);
    assertThat(completed(before).outcome()).isEqualTo(Outcome.Succeeded);
  }

  @Test
  void anUpdateWhosePodIsDeletedIsTakenUpAgainAndCompleted() {
    Run run = anUpdateWhosePodGoes(30);
    assertThat(run.outcome()).as("%s", run).isEqualTo(Outcome.Succeeded);
  }

  /** The cluster takes its pod away, and the operator does not give it another one by itself. */
  @Test
  void anUpdateThatAPersonSuspendsRestsUntilTheyResumeIt() {
    int before = beginAnInstallation();
    suspendJob(true);
    awaitRun("updates", run -> run.message() != null);
    assertThat(run("updates").message())
        .startsWith("its Job was suspended amid its work; to have it go on before its ")
        .contains(": kubectl patch -n " + namespace + " job/" + run("updates").job());
    soon("the end of its pod").until(() -> pods().isEmpty());
    soon("some turns of the operator").pollDelay(AWAY).until(() -> true);
    assertThat(pods()).as("it rests").isEmpty();
    assertThat(run("updates").outcome()).isNull();
    suspendJob(false);
    assertThat(completed(before).outcome()).isEqualTo(Outcome.Succeeded);
  }

  private void suspendJob(boolean suspended) {
    client
        .batch()
        .v1()
        .jobs()
        .inNamespace(namespace)
        .withName(run("updates").job())
        .edit(job -> new JobBuilder(job).editSpec().withSuspend(suspended).endSpec().build());
  }

  /** It is back before the cluster holds it to be gone. */
  @Test
  void anUpdateWhoseNodeDiesIsTakenUpAgainAndCompleted() {
    int before = beginAnInstallation();
    theNodeDies(AWAY);
    assertThat(completed(before).outcome()).isEqualTo(Outcome.Succeeded);
  }

  /** Deletes the pod while dpkg configures a package, and waits for what comes of the run. */
  private Run anUpdateWhosePodGoes(long grace) {
    int before = beginAnInstallation();
    String killed = pods().getFirst().getMetadata().getName();
    client.pods().inNamespace(namespace).withName(killed).withGracePeriod(grace).delete();
    return completed(before);
  }

  private Pod awaitPodAtWork() {
    soon("a pod at work").until(() -> atWork().isPresent());
    return atWork().orElseThrow();
  }

  private Optional<Pod> atWork() {
    return pods().stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .filter(pod -> "Running".equals(pod.getStatus().getPhase()))
        .findFirst();
  }

  private Run completed(int before) {
    awaitTask("updates", LONG, task -> task.lastRun() != null && task.lastRun().outcome() != null);
    assertThat(EDGE.on("sudo dpkg --audit")).isEmpty();
    assertThat(version(EDGE)).isEqualTo("install ok installed 2");
    assertThat(run("updates").message())
        .contains("an earlier pod of this run was ended amid its work");
    assertThat(configured() - before).as("times that it was configured").isEqualTo(1);
    return run("updates");
  }

  private static int configured() {
    return Integer.parseInt(
        EDGE.on("sudo grep -c ' configure drydock-lab:all 2 ' /var/log/dpkg.log || true"));
  }

  private static String bootId(LabHost host) {
    return host.on("cat /proc/sys/kernel/random/boot_id");
  }

  /** The names of what PM2 runs, one a process. */
  private static List<String> online() {
    return OFFCHAIN
        .on(
            "pm2 jlist | node -e 'for (const p of JSON.parse(require(\"fs\").readFileSync(0,"
                + " \"utf8\").match(/\\[\\{[^]*\\]/)[0])) if (p.pm2_env.status === \"online\") console.log(p.name)' | sort")
        .lines()
        .toList();
  }

  @Test
  void anUpdateWhoseConnectionIsCutIsTakenUpAgainAndCompleted() {
    int before = beginAnInstallation();
    EDGE.unplug();
    soon("the end of the cut").pollDelay(AWAY).until(() -> true);
    EDGE.plug();
    awaitTask("updates", LONG, task -> task.lastRun() != null && task.lastRun().outcome() != null);
    assertSucceeded("updates");
    assertThat(EDGE.on("sudo dpkg --audit")).isEmpty();
    assertThat(version(EDGE)).isEqualTo("install ok installed 2");
    assertThat(configured() - before).as("times that it was configured").isEqualTo(1);
  }

  @Test
  void whereOnlySecurityUpdatesAreWantedTheOthersStay() {
    putArchivesAway(EDGE);
    Lab.command("publish", EDGE.text(), "1");
    Lab.command("publish", EDGE.text(), "1.1", "stable-security");
    declare(EDGE, "Check, Update");
    awaitHost(EDGE.text(), isTrue());
    schedule(
        "patches",
        """
        hosts: {names: [eth2-claw]}
        systemUpdate: {securityOnly: true, reboot: {policy: Never}}
        """);
    annotate("patches", "drydock.dev/run", "work@1");
    awaitRun("patches", run -> run.outcome() != null);
    assertSucceeded("patches");
    assertThat(version(EDGE)).isEqualTo("install ok installed 1.1");

    Lab.command("publish", EDGE.text(), "2");
    String first = run("patches").job();
    annotate("patches", "drydock.dev/run", "work@2");
    awaitRun("patches", run -> run.outcome() != null && !Objects.equals(run.job(), first));
    assertSucceeded("patches");
    assertThat(run("patches").message()).contains("no security updates");
    assertThat(version(EDGE)).isEqualTo("install ok installed 1.1");
  }

  /** It is back only when nobody waits for it any more. */
  @Test
  void aHostThatDoesNotComeBackInTimeIsPaged() {
    declare(EDGE, "Check, Update, Reboot");
    awaitHost(EDGE.text(), isTrue());
    putArchivesAway(EDGE);
    String path = webhook("web");
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: MaintenanceSchedule
        metadata: {name: updates}
        spec:
          notify: {channels: [web]}
          tasks:
          - name: work
            schedule: "%s"
            hosts: {names: [eth2-claw]}
            systemUpdate: {reboot: {policy: Always, timeout: 45s}}
        """
            .formatted(NEVER));
    EDGE.on(
        "sudo mkdir -p %1$s && printf '[Service]\\nTimeoutStartSec=300\\nExecStartPre=/bin/sleep 90\\n' | sudo tee %1$s/late.conf >/dev/null"
            .formatted(LATE));
    annotate("updates", "drydock.dev/run", "work");
    awaitTask("updates", LONG, task -> task.lastRun() != null && task.lastRun().outcome() != null);
    assertThat(run("updates").outcome()).isEqualTo(Outcome.Failed);
    assertThat(run("updates").message()).contains("did not come back after the reboot within 45s");
    soon("the page").until(() -> Receivers.alertsAt(path, "firing").size() == 1);
    assertThat(Receivers.alertsAt(path, "firing").getFirst().path("severity").asText())
        .isEqualTo("Critical");
  }

  /** Returns how often the package was configured before. */
  private int beginAnInstallation() {
    offerAnUpdate(EDGE);
    declare(EDGE, "Check, Update");
    awaitHost(EDGE.text(), isTrue());
    schedule(
        "updates",
        """
        hosts: {names: [eth2-claw]}
        systemUpdate: {reboot: {policy: Never}}
        """);
    int before = configured();
    annotate("updates", "drydock.dev/run", "work");
    soon("the installation")
        .until(
            () ->
                EDGE.on("pgrep -f [d]rydock-lab.postinst >/dev/null && echo busy || true")
                    .equals("busy"));
    return before;
  }

  /** Waits until Drydock has noted on the host that it reboots it. */
  private static void awaitReboot(LabHost host) {
    soon("the reboot")
        .atMost(RUN)
        .ignoreExceptions()
        .until(() -> host.on("cat ~/.drydock-runs/* | grep -c '^boot' || true").equals("1"));
  }
}
