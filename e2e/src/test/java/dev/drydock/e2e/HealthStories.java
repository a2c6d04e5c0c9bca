package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.e2e.Receivers.Received;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a policy tells of a host, whether the operator looks itself or a CronJob's pods do. */
abstract class HealthStories extends Story {
  static final LabHost HOST = LabHost.ETHBIG;

  /** How the policy looks, as lines of its spec. */
  abstract String pace();

  /** How long after something went wrong the policy must say so. */
  abstract Duration slowest();

  /** Sees to it that the policy looks soon. */
  abstract void look(String policy);

  @AfterEach
  void mend() {
    HOST.plug();
    HOST.on(
        "sudo systemctl start openclaw-gateway; sudo umount /mnt/small 2>/dev/null;"
            + " pkill -f [d]rydock-story-load; true");
  }

  @Test
  void aStoppedServiceIsPagedOnceAndResolvedOnce() {
    declare(HOST);
    String page = pager();
    watch("gateway", "{name: gateway, severity: Critical, systemd: {units: [openclaw-gateway]}}");
    expect("gateway", host -> host.state() == State.Healthy);

    HOST.on("sudo systemctl stop openclaw-gateway");
    awaitPolicy("gateway", slowest(), host -> host.state() == State.Failing);
    soon("the page").until(() -> events(page, "trigger").size() == 1);
    assertThat(events(page, "trigger").getFirst().json().at("/payload/summary").asText())
        .isEqualTo("Critical: ethbig: gateway: systemd: openclaw-gateway is inactive");
    assertThat(
            events(page, "trigger").getFirst().json().at("/payload/custom_details/detail").asText())
        .contains("load ", "memory ", "swap ");
    assertThat(policy("gateway").getStatus().summary())
        .hasToString("Summary[hosts=1, healthy=0, alerts=1, worst=ethbig/gateway]");

    HOST.on("sudo systemctl start openclaw-gateway");
    expect("gateway", host -> host.state() == State.Healthy && host.alerts().isEmpty());
    soon("its end").until(() -> events(page, "resolve").size() == 1);
    assertThat(events(page, "trigger")).hasSize(1);
    assertThat(events(page, "resolve").getFirst().json().path("dedup_key").asText())
        .isEqualTo(events(page, "trigger").getFirst().json().path("dedup_key").asText());
  }

  @Test
  void aFullDiskIsToldAndClears() {
    declare(HOST);
    String path = webhook("web");
    HOST.on("sudo mkdir -p /mnt/small && sudo mount -t tmpfs -o size=20m tmpfs /mnt/small");
    watch(
        "disk", "{name: disk, severity: Warning, disk: {path: /mnt/small, usedPercentAbove: 85}}");
    expect("disk", host -> host.state() == State.Healthy);

    HOST.on("sudo dd if=/dev/zero of=/mnt/small/fill bs=1M count=19 status=none");
    expect("disk", host -> host.state() == State.Degraded);
    AlertState alert = alert("disk", "disk").orElseThrow();
    assertThat(alert.message())
        .isEqualTo("disk /mnt/small is used to 95 % of 20Mi, 1Mi left; the limit is 85 %");
    soon("the message").until(() -> Receivers.alertsAt(path, "firing").size() == 1);

    HOST.on("sudo rm /mnt/small/fill");
    expect("disk", host -> host.state() == State.Healthy);
    soon("its end").until(() -> Receivers.alertsAt(path, "resolved").size() == 1);
    assertThat(Receivers.alertsAt(path, "firing")).hasSize(1);
  }

  @Test
  void aLoadIsToldWhenItHasLastedLongEnough() {
    declare(HOST);
    String path = webhook("web");
    double limit = Double.parseDouble(HOST.on("cut -d' ' -f1 /proc/loadavg")) + 1.5;
    watch(
        "load",
        "{name: load, severity: Warning, for: 15s, load: {average: 1m, above: \"%.2f\"}}"
            .formatted(limit));
    expect("load", host -> host.state() == State.Healthy);

    // An earlier story may have left a load that falls only slowly.
    long enough = Math.round(limit) + 7;
    HOST.on(
        "for i in $(seq "
            + enough
            + "); do setsid timeout 240 sh -c ': drydock-story-load; while :; do :; done'"
            + " >/dev/null 2>&1 </dev/null & done");
    expect("load", host -> phase("load") == Phase.Pending);
    assertThat(Receivers.alertsAt(path, "firing")).isEmpty();
    expect("load", host -> phase("load") == Phase.Firing);
    assertThat(
            Duration.between(
                Instant.parse(alert("load", "load").orElseThrow().since()), Instant.now()))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(15));
    soon("the message").until(() -> Receivers.alertsAt(path, "firing").size() == 1);
  }

  @Test
  void anUnpluggedHostIsUnknownAndNothingIsResolved() {
    declare(HOST);
    String path = webhook("web");
    watch("gateway", "{name: gateway, severity: Critical, systemd: {units: [openclaw-gateway]}}");
    HOST.on("sudo systemctl stop openclaw-gateway");
    expect("gateway", host -> host.state() == State.Failing);
    soon("the page").until(() -> Receivers.alertsAt(path, "firing").size() == 1);

    HOST.unplug();
    expect("gateway", host -> host.state() == State.Unknown);
    expect("gateway", host -> phase("gateway", "unreachable") == Phase.Firing);
    soon("word of it").until(() -> Receivers.alertsAt(path, "firing").size() == 2);
    assertThat(phase("gateway", "gateway")).isEqualTo(Phase.Firing);
    assertThat(Receivers.alertsAt(path, "resolved")).isEmpty();

    HOST.plug();
    expect("gateway", host -> host.state() == State.Failing);
    soon("its end").until(() -> Receivers.alertsAt(path, "resolved").size() == 1);
    HOST.on("sudo systemctl start openclaw-gateway");
    expect("gateway", host -> host.state() == State.Healthy);
    soon("all ends").until(() -> Receivers.alertsAt(path, "resolved").size() == 2);
  }

  @Test
  void aTimerGoesOnWhenTheOperatorIsKilled() {
    declare(HOST);
    String path = webhook("web");
    watch(
        "gateway",
        "{name: gateway, severity: Critical, for: 40s, systemd: {units: [openclaw-gateway]}}");
    expect("gateway", host -> host.state() == State.Healthy);
    HOST.on("sudo systemctl stop openclaw-gateway");
    expect("gateway", host -> phase("gateway") == Phase.Pending);
    String since = alert("gateway", "gateway").orElseThrow().since();

    client
        .pods()
        .inNamespace(Lab.SYSTEM)
        .withLabel("app.kubernetes.io/name", "drydock")
        .withGracePeriod(0)
        .delete();
    expect("gateway", host -> phase("gateway") == Phase.Firing);
    assertThat(alert("gateway", "gateway").orElseThrow().since()).isEqualTo(since);
    assertThat(Duration.between(Instant.parse(since), Instant.now()))
        .isBetween(Duration.ofSeconds(40), Duration.ofSeconds(70).plus(slowest()));
    soon("the page").until(() -> Receivers.alertsAt(path, "firing").size() == 1);
  }

  @Test
  void aLimitThatCanNeverBeMetIsSaidAndNotAlerted() {
    declare(HOST);
    watch("memory", "{name: memory, severity: Warning, memory: {availableBelow: 500Gi}}");
    expect(
        "memory",
        host ->
            host.state() == State.Healthy
                && host.impossible().stream()
                    .anyMatch(note -> note.message().startsWith("500Gi can never be available")));
    assertThat(alert("memory", "memory")).isEmpty();
  }

  private Phase phase(String name) {
    return phase(name, name);
  }

  private Phase phase(String policy, String check) {
    return alert(policy, check).map(AlertState::phase).orElse(Phase.Resolved);
  }

  /** A channel that pages; returns where it does. */
  private String pager() {
    String path = "/" + namespace + "/pager";
    secret("pagerduty", "Opaque", java.util.Map.of("routing-key", "0".repeat(32)));
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: NotificationChannel
        metadata: {name: web}
        spec:
          groupWait: 0s
          verify: Never
          pagerDuty: {routingKeySecret: {name: pagerduty, key: routing-key}, url: "%s%s"}
        """
            .formatted(Receivers.URL, path));
    return path;
  }

  void watch(String name, String check) {
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata: {name: %s}
        spec:
          hosts: {names: [ethbig]}
          %s
          unknownAfter: 10s
          notify: {channels: [web]}
          checks: [%s]
        """
            .formatted(name, pace(), check));
  }

  /** Waits until the policy's one host is as wanted. */
  void expect(String policy, Predicate<HostState> host) {
    look(policy);
    awaitPolicy(policy, Duration.ofSeconds(100).plus(slowest()), host);
  }

  private static List<Received> events(String path, String action) {
    return Receivers.acceptedAt(path).stream()
        .filter(one -> one.json().path("event_action").asText().equals(action))
        .toList();
  }
}
