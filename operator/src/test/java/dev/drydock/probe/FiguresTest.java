package dev.drydock.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.port.Network;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiguresTest {
  private static final String HEAD =
      """
      @meminfo 0
       MemTotal: 4096 kB
       MemAvailable: 1024 kB
       SwapTotal: 2048 kB
       SwapFree: 512 kB
      @loadavg 0
       4.12 3.90 3.55 3/812 1748291
      @cpus 0
       2
      """;

  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

  private final StringBuilder printed = new StringBuilder(HEAD);
  private final Map<String, Demand> demands = new LinkedHashMap<>();

  private void ask(String check, Demand demand, String section, int status, String text) {
    demands.put(check, demand);
    printed.append('@').append(section).append(' ').append(status).append('\n');
    text.lines().forEach(line -> printed.append(' ').append(line).append('\n'));
  }

  private List<Figure> figures(Look.Outside outside) {
    Look look =
        HostLook.read(demands.values(), printed.toString(), outside, new Look.Timing(NOON, NOON));
    var findings = new HashMap<String, Finding>();
    demands.forEach((check, demand) -> findings.put(check, Evaluation.of(demand, look)));
    return Figures.of(demands, findings, look);
  }

  private Map<String, Double> read() {
    return read(Look.Outside.NOTHING);
  }

  private Map<String, Double> read(Look.Outside outside) {
    var read = new HashMap<String, Double>();
    for (Figure figure : figures(outside)) {
      var labels = new TreeMap<>(figure.labels());
      if (!figure.check().isEmpty()) {
        labels.put("check", figure.check());
      }
      read.put(figure.metric().series() + labels, figure.value());
    }
    return read;
  }

  @Test
  void everyLookTellsOfMemorySwapAndLoadInBytes() {
    assertThat(read())
        .containsEntry("node_memory_MemTotal_bytes{}", 4096.0 * 1024)
        .containsEntry("node_memory_MemAvailable_bytes{}", 1024.0 * 1024)
        .containsEntry("node_memory_SwapTotal_bytes{}", 2048.0 * 1024)
        .containsEntry("node_memory_SwapFree_bytes{}", 512.0 * 1024)
        .containsEntry("node_load1{}", 4.12)
        .containsEntry("node_load5{}", 3.9)
        .containsEntry("node_load15{}", 3.55)
        .containsEntry("drydock_host_cpus{}", 2.0);
  }

  @Test
  void aDiskHasItsPathAndIsThereOnceHoweverManyAsk() {
    Demand.Disk disk = new Demand.Disk("/srv", 85, null, null);
    String df =
        "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/a 1000 600 300 67% /srv";
    ask("disk", disk, HostLook.disk("/srv"), 0, df);
    demands.put("disk-critical", new Demand.Disk("/srv", 90, null, null));
    printed.append('@').append(HostLook.disk("/srv")).append(".inodes 0\n");
    printed.append(" Filesystem Inodes IUsed IFree IUse% Mounted on\n /dev/a 100 40 60 40% /srv\n");
    assertThat(read())
        .containsEntry("node_filesystem_size_bytes{mountpoint=/srv}", 1000.0 * 1024)
        .containsEntry("node_filesystem_avail_bytes{mountpoint=/srv}", 300.0 * 1024)
        .containsEntry("drydock_host_filesystem_used_percent{mountpoint=/srv}", 67.0)
        .containsEntry("node_filesystem_files{mountpoint=/srv}", 100.0)
        .containsEntry("node_filesystem_files_free{mountpoint=/srv}", 60.0);
    assertThat(figures(Look.Outside.NOTHING))
        .filteredOn(figure -> figure.metric() == Metric.FILESYSTEM_SIZE)
        .hasSize(1);
  }

  @Test
  void unitsAndProcessesAreUpOrNot() {
    ask(
        "units",
        new Demand.Units(List.of("a", "b"), 0),
        "units",
        0,
        "Id=a.service\nLoadState=loaded\nActiveState=active\nSubState=running\n \n"
            + "Id=b.service\nLoadState=loaded\nActiveState=failed\nSubState=failed");
    ask("units", new Demand.Units(List.of("a", "b"), 0), "failed", 0, "b.service loaded failed");
    ask(
        "pm2",
        new Demand.Pm2(true, null, null, List.of()),
        "pm2",
        0,
        "[{\"name\":\"api\",\"pm_id\":3,\"monit\":{\"memory\":52428800,\"cpu\":1},"
            + "\"pm2_env\":{\"status\":\"online\",\"restart_time\":7}},"
            + "{\"name\":\"job\",\"pm_id\":4,\"pm2_env\":{\"status\":\"errored\"}}]");
    assertThat(read())
        .containsEntry("node_systemd_unit_state{name=a.service, state=active}", 1.0)
        .containsEntry("node_systemd_unit_state{name=b.service, state=active}", 0.0)
        .containsEntry("drydock_host_failed_units{}", 1.0)
        .containsEntry("drydock_host_pm2_process_up{id=3, process=api}", 1.0)
        .containsEntry("drydock_host_pm2_process_up{id=4, process=job}", 0.0)
        .containsEntry("drydock_host_pm2_restarts_total{id=3, process=api}", 7.0)
        .containsEntry("drydock_host_pm2_memory_bytes{id=3, process=api}", 52428800.0)
        .doesNotContainKey("drydock_host_pm2_memory_bytes{id=4, process=job}");
  }

  @Test
  void whatAnAlertCarriesShowsTheProcessesThatAreDownFirst() {
    ask(
        "pm2",
        new Demand.Pm2(true, null, null, List.of()),
        "pm2",
        0,
        "[{\"name\":\"api\",\"pm_id\":3,\"monit\":{\"memory\":52428800},"
            + "\"pm2_env\":{\"status\":\"online\",\"restart_time\":1}},"
            + "{\"name\":\"job\",\"pm_id\":4,\"pm2_env\":{\"status\":\"errored\",\"restart_time\":16}}]");
    assertThat(Evaluation.vitals(HostLook.read(demands.values(), printed.toString())).lines())
        .containsExactly(
            "load 4.12 3.90 3.55 on 2 CPUs; memory 1Mi of 4Mi available; swap 75 % used (1536 KB)",
            "PM2 job: errored, 16 restarts", "PM2 api: online, 1 restart, 50Mi");
  }

  @Test
  void theTableOfProcessesIsShort() {
    var processes = new ArrayList<Pm2Processes.Pm2Process>();
    for (int i = 0; i < 30; i++) {
      processes.add(new Pm2Processes.Pm2Process("p" + i, i, "online", i, NOON, 16, 1 << 20));
    }
    String table = Pm2Processes.table(processes);
    assertThat(table.lines()).hasSize(10).last().isEqualTo("PM2: and 21 more");
    assertThat(table).startsWith("PM2 p29: online, 29 restarts, 1Mi\n");
  }

  @Test
  void servicesHaveTheirCheck() {
    var logs = new Demand.Logs(null, "nginx", null, "ERROR", 60, 0);
    ask("errors", logs, HostLook.logs(logs), 0, "count 12\ncut 0\nundated 0");
    var redis = new Demand.Redis("localhost", 6379, false, true, 80, null);
    ask("redis", redis, HostLook.redis(redis), 0, "connected_clients:6\nmaxclients\n10\n\nexit 0");
    var command = new Demand.Command(List.of("true"), 0, null, 1000);
    ask("command", command, HostLook.command(command), 0, "2 0 3\nno");
    ask(
        "file",
        new Demand.FileState("/srv/dump", 60L, null, null),
        HostLook.file("/srv/dump"),
        0,
        "77 1795466600 regular file");
    var http = new Demand.Http("http://a/", false, 200, null, null, 1000, false);
    demands.put("http", http);
    var gone = new Demand.Http("http://b/", false, 200, null, null, 1000, false);
    demands.put("gone", gone);
    demands.put("tls", new Demand.Certificate("a:443", null, 60));
    var query = new Demand.Prometheus("http://a", false, "up", 0.5, null);
    demands.put("query", query);
    var outside =
        new Look.Outside(
            Map.of(
                HostLook.page("http://a/", false, 1000, HostLook.PAGE),
                new Network.Answered<>(new Network.Page(503, "", false)),
                HostLook.page("http://b/", false, 1000, HostLook.PAGE),
                new Network.Unanswered<>(Network.Kind.REFUSED, "connection refused"),
                HostLook.page(Urls.query(query), false, HostLook.PROMETHEUS_MILLIS, HostLook.PAGE),
                new Network.Answered<>(
                    new Network.Page(
                        200,
                        "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"4\"]}}",
                        false))),
            Map.of("a:443", new Network.Answered<>(NOON)),
            Map.of());
    assertThat(read(outside))
        .containsEntry("drydock_host_log_lines{check=errors}", 12.0)
        .containsEntry("drydock_host_redis_connected_clients{check=redis}", 6.0)
        .containsEntry("drydock_host_redis_maxclients{check=redis}", 10.0)
        .containsEntry("drydock_host_command_exit_status{check=command}", 2.0)
        .containsEntry("drydock_host_file_size_bytes{check=file}", 77.0)
        .containsEntry("drydock_host_file_modified_timestamp_seconds{check=file}", 1795466600.0)
        .containsEntry("drydock_probe_http_status_code{check=http}", 503.0)
        .containsEntry("drydock_probe_success{check=http}", 0.0)
        .containsEntry("drydock_probe_success{check=gone}", 0.0)
        .containsEntry("drydock_host_query_value{check=query}", 4.0)
        .containsEntry(
            "drydock_host_certificate_expiry_timestamp_seconds{check=tls}",
            (double) NOON.getEpochSecond());
  }

  @Test
  void kernelParametersAreNumbersOrTexts() {
    ask(
        "swappiness",
        new Demand.Sysctl("vm.swappiness", "10"),
        HostLook.sysctl("vm.swappiness"),
        0,
        "60");
    ask(
        "ports",
        new Demand.Sysctl("net.ipv4.ip_local_port_range", "1024 65535"),
        HostLook.sysctl("net.ipv4.ip_local_port_range"),
        0,
        "32768\t60999");
    ask(
        "congestion",
        new Demand.Sysctl("net.ipv4.tcp_congestion_control", "bbr"),
        HostLook.sysctl("net.ipv4.tcp_congestion_control"),
        0,
        "cubic");
    ask("none", new Demand.Sysctl("vm.none", "1"), HostLook.sysctl("vm.none"), 1, "");
    assertThat(read())
        .containsEntry("drydock_host_sysctl_value{index=0, name=vm.swappiness}", 60.0)
        .containsEntry(
            "drydock_host_sysctl_value{index=0, name=net.ipv4.ip_local_port_range}", 32768.0)
        .containsEntry(
            "drydock_host_sysctl_value{index=1, name=net.ipv4.ip_local_port_range}", 60999.0)
        .containsEntry(
            "drydock_host_sysctl_text{name=net.ipv4.tcp_congestion_control, value=cubic}", 1.0)
        .doesNotContainKey("drydock_host_sysctl_value{index=0, name=vm.none}");
  }

  @Test
  void theClockIsOffByWhatKeepsItSays() {
    ask(
        "time",
        new Demand.TimeOffset(500),
        "chrony",
        0,
        "A29FC87B,162.159.200.123,4,1795466000.123,-0.612345,0.00001,0.00002,-12.3,0.0,0.01,0.02,0.003,64.2,Normal");
    assertThat(read()).containsEntry("node_timex_offset_seconds{}", -0.612345);
  }

  @Test
  void orElseByHowMuchItDiffersFromDrydocksOwn() {
    ask("time", new Demand.TimeOffset(500), "chrony", 127, "");
    printed.append("@timesync 1\n@clock 0\n 1795435202.500000000\n");
    printed.append("@clock.end 0\n 1795435202.500000000\n");
    assertThat(NOON.getEpochSecond()).isEqualTo(1_795_435_200L);
    assertThat(read()).containsEntry("node_timex_offset_seconds{}", 2.5);
  }

  @Test
  void validatorsAreSilentThatWereSeenInNeitherEpoch() {
    var node = new Demand.BeaconNode("http://a", false, 2, List.of(1L, 2L, 3L), 1);
    demands.put("node", node);
    String name = HostLook.beacon(node);
    String live =
        "{\"data\":[{\"index\":\"1\",\"is_live\":true},{\"index\":\"%s\",\"is_live\":true}]}";
    assertThat(read(beacon(name, "0", live.formatted(2), live.formatted(1))))
        .containsEntry("drydock_host_beacon_silent_validators{check=node}", 1.0)
        .containsEntry("drydock_host_beacon_sync_distance{check=node}", 0.0);
    assertThat(read(beacon(name, "90", live.formatted(2), live.formatted(1))))
        .as("a node that is behind knows nothing of them")
        .doesNotContainKey("drydock_host_beacon_silent_validators{check=node}")
        .containsEntry("drydock_host_beacon_sync_distance{check=node}", 90.0);
  }

  private static Look.Outside beacon(
      String name, String distance, String previous, String current) {
    String syncing =
        "{\"data\":{\"head_slot\":\"9000010\",\"sync_distance\":\"%s\"}}".formatted(distance);
    return new Look.Outside(
        Map.of(
            name,
            new Network.Answered<>(new Network.Page(200, syncing, false)),
            name + ".previous",
            new Network.Answered<>(new Network.Page(200, previous, false)),
            name + ".current",
            new Network.Answered<>(new Network.Page(200, current, false))),
        Map.of(),
        Map.of());
  }

  @Test
  void whatCanNotBeReadIsLeftOut() {
    printed.setLength(0);
    printed.append("@meminfo 1\n nonsense\n@loadavg 0\n x\n");
    ask("disk", new Demand.Disk("/", 85, null, null), HostLook.disk("/"), 1, "df: no");
    ask("pm2", new Demand.Pm2(true, null, null, List.of()), "pm2", 127, "");
    ask("query", new Demand.Prometheus("http://a", true, "up", 1.0, null), "other", 0, "");
    assertThat(read()).isEmpty();
  }

  @Test
  void aFigureIsTheSameAfterItWasWrittenAndRead() {
    for (Figure figure :
        List.of(
            Figure.ofHost(Metric.LOAD1, 0.25),
            Figure.ofHost(Metric.MEMORY_TOTAL, 66_571_993_088.0),
            Figure.ofCheck(Metric.LOG_LINES, "errors", 3),
            new Figure(Metric.PM2_UP, "", Map.of("process", "a=b c", "id", "0"), 1),
            new Figure(Metric.UNIT_STATE, "", Map.of("name", "x\ty"), 0))) {
      assertThat(Figure.fromText(figure.toText())).isEqualTo(Optional.of(figure));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "LOAD1", "LOAD1\tx", "NOTHING\t1", "LOAD1\t1\tc\tnoequals", "\t\t"})
  void whatIsNoFigureIsNone(String text) {
    assertThat(Figure.fromText(text)).isEmpty();
  }
}
