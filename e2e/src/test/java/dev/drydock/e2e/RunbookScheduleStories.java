package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Both schedules of the runbooks as they stand, as {@code ./lab up} has declared them. */
class RunbookScheduleStories extends MaintenanceStory {
  private static final LabHost OFFCHAIN = LabHost.OFFCHAIN;
  private static final LabHost ETHBIG = LabHost.ETHBIG;
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final String GARDEN = "/opt/openclaw/bin/garden-docs";

  @BeforeEach
  @Override
  void openNamespace(TestInfo test) {
    namespace = "ops";
  }

  @AfterEach
  @Override
  void closeNamespace() {
    // It belongs to the lab; what was changed there goes back.
    ETHBIG.on("sudo rm -rf /opt/openclaw/bin /tmp/garden");
    label("null");
    bringArchivesBack(OFFCHAIN);
    bringArchivesBack(ETHBIG);
  }

  @Test
  void theOffchainMachineIsLookedAfter() {
    offerAnUpdate(OFFCHAIN);
    Run updates = runNow("offchain", "system-updates");
    assertThat(updates.outcome()).as("%s", updates).isEqualTo(Outcome.Succeeded);
    assertThat(version(OFFCHAIN)).isEqualTo("install ok installed 2");
    Run vacuum = runNow("offchain", "vacuum");
    assertThat(vacuum.outcome()).as("%s", vacuum).isEqualTo(Outcome.Succeeded);
    Run restart = runNow("offchain", "restart-services");
    assertThat(restart.outcome()).as("%s", restart).isEqualTo(Outcome.Succeeded);
    // The lab's database has a table without a primary key, so that there is something to be found.
    Run database = runNow("offchain", "database-health");
    assertThat(database.outcome()).isEqualTo(Outcome.Failed);
    assertThat(database.message()).contains("no primary key: public.events");
    Run week = runNow("offchain", "weekly-health-check");
    assertThat(week.outcome()).isEqualTo(Outcome.Failed);
    assertThat(week.message()).contains("no primary key: public.events");
    // There is no such address, and the kernel of the lab's hosts is this machine's.
    Run audit = runNow("offchain", "tuning-audit");
    assertThat(audit.outcome()).isEqualTo(Outcome.Failed);
    assertThat(audit.message()).contains("rpc.example.com/health");
    if (!OFFCHAIN.on("cat /proc/sys/vm/swappiness").equals("10")) {
      assertThat(audit.message()).contains("vm.swappiness is", "could not be set");
    }
  }

  @Test
  void theMainMachineIsLookedAfter() {
    ETHBIG.on(
        "sudo mkdir -p /opt/openclaw/bin && printf '#!/bin/sh\nid -un >/tmp/garden\necho \"$@\" >>/tmp/garden\n' | sudo tee %1$s >/dev/null && sudo chmod +x %1$s"
            .formatted(GARDEN));
    Run garden = runNow("main-machine", "doc-gardening");
    assertThat(garden.outcome()).as("%s", garden).isEqualTo(Outcome.Succeeded);
    assertThat(ETHBIG.on("cat /tmp/garden")).isEqualTo("openclaw\n--commit");

    Run nobody = runNow("main-machine", "security-patches");
    assertThat(nobody.outcome()).isEqualTo(Outcome.Skipped);
    assertThat(nobody.message()).contains("no Host in this namespace has the labels");
    putArchivesAway(ETHBIG);
    label("\"monthly\"");
    Run patches = runNow("main-machine", "security-patches");
    assertThat(patches.outcome()).as("%s", patches).isEqualTo(Outcome.Succeeded);
    assertThat(patches.hosts()).singleElement().matches(host -> host.name().equals("ethbig"));

    Run upgrade = runNow("main-machine", "major-upgrade");
    assertThat(upgrade.outcome()).isEqualTo(Outcome.Blocked);
    assertThat(upgrade.message())
        .contains("nobody has approved it", "drydock.dev/approve=major-upgrade@");
  }

  /** Puts the main machine among those that are patched monthly, or takes it away from them. */
  private void label(String value) {
    client
        .resources(Host.class)
        .inNamespace(namespace)
        .withName(ETHBIG.text())
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\":{\"labels\":{\"drydock.dev/patch\":%s}}}".formatted(value));
  }

  private Run runNow(String schedule, String task) {
    String before = lastRun(schedule, task).map(Run::job).orElse(null);
    annotate(schedule, "drydock.dev/run", task + "@" + System.nanoTime());
    await(
        schedule + "/" + task,
        LONG,
        () -> schedule(schedule),
        _ ->
            lastRun(schedule, task)
                .filter(run -> run.outcome() != null && !Objects.equals(run.job(), before))
                .isPresent());
    return lastRun(schedule, task).orElseThrow();
  }

  private Optional<Run> lastRun(String schedule, String task) {
    return Optional.ofNullable(schedule(schedule).getStatus()).stream()
        .flatMap(status -> status.tasks().stream())
        .filter(state -> state.name().equals(task))
        .findFirst()
        .map(TaskState::lastRun);
  }
}
