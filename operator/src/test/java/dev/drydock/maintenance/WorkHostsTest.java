package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.HostOutcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.maintenance.TaskJob.Phase;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What becomes of the hosts of a task that its pod can't be sent to. */
class WorkHostsTest {
  private static final Instant BEGUN = Instant.parse("2026-11-25T02:00:00Z");
  private static final String BEFORE = "2026-01-01T00:00:00Z";
  private static final String LOST =
      "the jump hosts of the Host lost lead nowhere: see its condition Ready";
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private static final MaintenanceScheduleSpec SPEC =
      Schedules.of(
          """
          hosts: {selector: {matchLabels: {all: "yes"}}}
          tasks:
          - {name: update, schedule: "0 2 * * *", systemUpdate: {}}
          - name: vacuum
            schedule: "0 3 * * *"
            vacuum: {postgresql: {secretName: db, viaHost: true}}
          """);
  private static final MaintenanceTask UPDATE = SPEC.tasks().getFirst();
  private static final MaintenanceTask VACUUM = SPEC.tasks().getLast();

  private static final Map<String, Host> HOSTS =
      Map.of(
          "big", host("big", BEFORE, ""),
          "lost", host("lost", BEFORE, ", jumpHost: nowhere"),
          "off", host("off", BEFORE, ", suspend: true"),
          "back", host("back", BEFORE, ""),
          "new", host("new", "2026-11-25T02:05:00Z", ""));

  private static final TaskEnd WELL =
      new TaskEnd(
          Outcome.Succeeded,
          "big: all is well",
          List.of(new HostOutcome("big", Outcome.Succeeded, "all is well")));

  private static Host host(String name, String created, String spec) {
    return YAML.unmarshal(
        """
        metadata: {name: %s, namespace: ops, labels: {all: "yes"}, creationTimestamp: "%s"}
        spec:
          { address: a, user: u, identity: {secretName: key}, hostKeys: [ssh-ed25519 k],
            permits: [Check, Update, Reboot] %s }
        """
            .formatted(name, created, spec),
        Host.class);
  }

  @Test
  void moreHostsThanStatusHasRoomForAreRefused() {
    var many = new HashMap<String, Host>();
    IntStream.rangeClosed(1, 501)
        .mapToObj(i -> "host-" + i)
        .forEach(name -> many.put(name, host(name, BEFORE, "")));
    assertThat(WorkHosts.of(SPEC, UPDATE, many).refusal())
        .contains(
            "a task works on 500 hosts at the most, and 501 are selected: divide them among several"
                + " tasks");
    many.remove("host-1");
    assertThat(WorkHosts.of(SPEC, UPDATE, many).refusal()).isEmpty();
  }

  private static TaskJob sentTo(String... hosts) {
    return new TaskJob(
        "main-update-1",
        "main",
        "update",
        Optional.of(BEGUN),
        BEGUN,
        Phase.Ended,
        Optional.of(BEGUN),
        true,
        Optional.of(BEGUN.plusSeconds(600)),
        "",
        Set.of(hosts),
        List.of(),
        new TaskJob.Origin("1", "now", Optional.empty()),
        Optional.empty());
  }

  private static TaskEnd end(MaintenanceTask task, Set<String> hosts, TaskEnd end) {
    var selected = new HashMap<>(HOSTS);
    selected.keySet().retainAll(hosts);
    return WorkHosts.of(SPEC, task, selected).withLeftOut(end, task, sentTo("big"));
  }

  @Test
  void aHostThatNobodyCanReachMakesTheRunBad() {
    TaskEnd end = end(UPDATE, Set.of("big", "lost"), WELL);
    assertThat(end.outcome()).isEqualTo(Outcome.Blocked);
    assertThat(end.message()).isEqualTo(LOST + "; big: all is well");
    assertThat(end.hosts())
        .containsExactly(
            new HostOutcome("big", Outcome.Succeeded, "all is well"),
            new HostOutcome("lost", Outcome.Blocked, LOST));
    var failed = new TaskEnd(Outcome.Failed, "big: failed", WELL.hosts(), true);
    assertThat(end(UPDATE, Set.of("big", "lost"), failed))
        .isEqualTo(new TaskEnd(Outcome.Failed, LOST + "; big: failed", end.hosts(), true));
  }

  @Test
  void aHostThatIsSuspendedOrBackIsNamed() {
    TaskEnd end = end(UPDATE, Set.of("big", "off", "back", "new"), WELL);
    assertThat(end.outcome()).isEqualTo(Outcome.Succeeded);
    assertThat(end.hosts()).isEqualTo(WELL.hosts());
    assertThat(end.message())
        .isEqualTo(
            "big: all is well; left out, since suspended: off; left out, since suspended, out of"
                + " reach or not selected when it began: back");
  }

  @Test
  void saysNothingOfWhatWasNotWanted() {
    assertThat(end(UPDATE, Set.of("big"), WELL)).isEqualTo(WELL);
    assertThat(end(VACUUM, HOSTS.keySet(), WELL)).as("one host will do").isEqualTo(WELL);
    var late = new TaskEnd(Outcome.CutOff, "too late", List.of());
    assertThat(end(UPDATE, HOSTS.keySet(), late)).as("no host was begun").isEqualTo(late);
  }

  @Test
  void nothingStartsWhereNobodyCanBeReached() {
    var lost = Map.of("lost", host("lost", BEFORE, ", jumpHost: nowhere"));
    assertThat(WorkHosts.of(SPEC, UPDATE, lost).refusal()).hasValue(LOST);
    assertThat(WorkHosts.of(SPEC, UPDATE, HOSTS).refusal()).isEmpty();
    assertThat(WorkHosts.of(SPEC, UPDATE, HOSTS).assigned())
        .extracting(WorkHosts.Found::name)
        .containsExactly("back", "big", "new");
  }
}
