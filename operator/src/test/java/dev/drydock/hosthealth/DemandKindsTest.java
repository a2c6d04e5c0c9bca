package dev.drydock.hosthealth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec;
import dev.drydock.kube.Demands;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Demand.Logs.Extent;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every kind of check, from what a policy writes to what is demanded. */
class DemandKindsTest {

  private static Demand demand(String check, String timing, String permits) {
    var host =
        Serialization.unmarshal(
            """
            metadata: {name: a, namespace: n}
            spec: {address: a, user: u, identity: {secretName: s}, hostKeys: [k], permits: [%s]}
            """
                .formatted(permits),
            Host.class);
    var spec =
        Serialization.unmarshal(
            """
            hosts: {names: [a]}
            %s
            checks: [{name: c, severity: Info, %s}]
            """
                .formatted(timing, check),
            HostHealthPolicySpec.class);
    return Demands.of(spec, host).getOrDefault("c", new Demand.Refused("left out"));
  }

  private static Demand demand(String check) {
    return demand(check, "interval: 1m", "Check");
  }

  @Test
  void readsWhatServicesMustDo() {
    assertThat(demand("pm2: {restartsAbove: 5, within: 5m, processes: [x]}"))
        .isEqualTo(new Demand.Pm2(false, 5, 300L, List.of("x")));
    assertThat(demand("pm2: {allOnline: true}"))
        .isEqualTo(new Demand.Pm2(true, null, null, List.of()));
    assertThat(
            demand("http: {url: 'http://a/b', viaHost: true, json: {path: $.ok, equals: 'true'}}"))
        .isEqualTo(new Demand.Http("http://a/b", true, 200, "$.ok", "true", 5000, false));
    assertThat(demand("http: {url: 'http://a/b', status: 204, timeout: 500ms, optional: true}"))
        .isEqualTo(new Demand.Http("http://a/b", false, 204, null, null, 500, true));
    assertThat(demand("urls: {urls: ['http://a'], viaHost: true}"))
        .isEqualTo(new Demand.Urls(List.of("http://a"), true, 5000));
    assertThat(demand("prometheus: {url: 'http://a', query: up, below: '1'}"))
        .isEqualTo(new Demand.Prometheus("http://a", false, "up", null, 1.0));
    assertThat(demand("beaconNode: {url: 'http://a', validators: [5], viaHost: true}"))
        .isEqualTo(new Demand.BeaconNode("http://a", true, null, List.of(5L), 1));
  }

  @Test
  void readsWhatTheHostMustBeLike() {
    assertThat(demand("sysctl: {key: vm.swappiness, expect: '10'}"))
        .isEqualTo(new Demand.Sysctl("vm.swappiness", "10"));
    assertThat(demand("file: {path: /a, olderThan: 26h, smallerThan: 1Ki}"))
        .isEqualTo(new Demand.FileState("/a", 93_600L, null, 1024L));
    assertThat(demand("certificate: {address: 'a.b:443', expiresWithin: 21d}"))
        .isEqualTo(new Demand.Certificate("a.b:443", null, 1_814_400));
    assertThat(demand("timeOffset: {above: 500ms}")).isEqualTo(new Demand.TimeOffset(500));
  }

  @ParameterizedTest
  @CsvSource({
    "interval: 1m, 60",
    "'schedule: \"0 * * * *\"', 3600",
    "'schedule: \"0 0 * * 1\"', 604800",
    // From Friday to Monday.
    "'schedule: \"0 8 * * 1-5\"', 259200"
  })
  void countsLogLinesSinceTheLastLookByDefault(String timing, long seconds) {
    assertThat(demand("logs: {pm2: all, pattern: ERROR}", timing, "Check"))
        .isEqualTo(new Demand.Logs("all", null, null, "ERROR", seconds, 0, Extent.LAST_LOOK));
    assertThat(demand("logs: {journal: ssh, pattern: E, since: 7d, above: 3}", timing, "Check"))
        .isEqualTo(new Demand.Logs(null, "ssh", null, "E", 604_800, 3));
  }

  @ParameterizedTest
  @CsvSource({
    "LAST_LOOK, 60, 60, 65",
    "LAST_LOOK, 60, 10, 65",
    "LAST_LOOK, 60, -300, 65",
    "LAST_LOOK, 60, 7200, 7205",
    "LAST_LOOK, 60, 900000, 86465",
    "LAST_LOOK, 604800, 604830, 604835",
    "LAST_LOOK, 604800, 900000, 691205",
    "ALL, 60, 7200, 60",
    "NEWEST, 60, 7200, 60"
  })
  void readsLogsFromTheLastLookOn(Extent extent, long given, long ago, long seconds) {
    var logs = new Demand.Logs("all", null, null, "ERROR", given, 0, extent);
    assertThat(logs.after(Duration.ofSeconds(ago)).sinceSeconds()).isEqualTo(seconds);
  }

  @Test
  void runsNoCommandThatTheHostDoesNotPermit() {
    String check = "command: {command: [check, it], outputMatches: ok, timeout: 3s}";
    assertThat(demand(check))
        .isEqualTo(
            new Demand.Refused("the Host does not permit Command: add it to its spec.permits"));
    assertThat(demand(check, "interval: 1m", "Check, Command"))
        .isEqualTo(new Demand.Command(List.of("check", "it"), 0, "ok", 3000));
  }

  @ParameterizedTest
  @CsvSource({
    "redis://localhost, localhost, 6379, false",
    "redis://localhost:6380/2, localhost, 6380, false",
    "rediss://[::1]:6380, ::1, 6380, true",
    "redis://[::1], ::1, 6379, false"
  })
  void readsRedisAddresses(String url, String host, int port, boolean tls) {
    assertThat(demand("redis: {url: '%s', viaHost: true}".formatted(url)))
        .isEqualTo(new Demand.Redis(host, port, tls, true, null, null));
  }

  @Test
  void readsWhereItTakesPasswordsFrom() {
    assertThat(demand("redis: {url: 'redis://a', passwordSecret: {name: s}}"))
        .isEqualTo(new Demand.Redis("a", 6379, false, false, null, "s"));
    assertThat(demand("redis: {url: 'redis://a:70000'}")).isInstanceOf(Demand.Refused.class);
    assertThat(demand("postgresql: {secretName: s, connectionsPercentAbove: 80}"))
        .isEqualTo(new Demand.Postgresql("s", false, 80, null, null, null, null));
    assertThat(
            demand(
                "postgresql: {secretName: s, viaHost: true, tablesWithoutPrimaryKey: 0,"
                    + " deadRowsPercentAbove: 20, bloatPercentAbove: 50, growthPercentPerDayAbove: 25,"
                    + " replicationLagAbove: 1m}"))
        .isEqualTo(new Demand.Postgresql("s", true, null, 0, 20, 50, 60_000L));
  }
}
