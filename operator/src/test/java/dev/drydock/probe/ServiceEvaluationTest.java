package dev.drydock.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.port.Network.Answered;
import dev.drydock.port.Network.Kind;
import dev.drydock.port.Network.Page;
import dev.drydock.port.Network.Unanswered;
import dev.drydock.probe.Finding.Bad;
import dev.drydock.probe.Finding.Fine;
import dev.drydock.probe.Finding.Planned;
import dev.drydock.probe.Finding.Unknown;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What hosts of Debian 12 print, with PM2 6.0.14, curl 7.88, Redis 7, Prometheus and chrony. */
class ServiceEvaluationTest {
  /** One that was given up, two that were restarted by hand, one that was stopped. */
  private static final String PM2 =
      """
      [{"name":"crash","pm_id":0,"pm2_env":{"status":"errored","restart_time":18,"pm_uptime":1795466661152}},{"name":"stay","pm_id":1,"pm2_env":{"status":"online","restart_time":1,"pm_uptime":1795466656434}},{"name":"stay","pm_id":2,"pm2_env":{"status":"online","restart_time":1,"pm_uptime":1795466656800}},{"name":"rest","pm_id":3,"pm2_env":{"status":"stopped","restart_time":0,"pm_uptime":1795466654775}}]
      log	crash	/home/ops/.pm2/logs/crash-out.log
      """;

  private static final String STARTS =
      """
      covered 1
      2 1
      1 1
      0 18
      """;

  private static final String CLOCK = "1795466691.217918830\n";

  private static final String HEAD =
      """
      HTTP/1.1 200 OK\r
      content-type: application/json\r
      Date: Mon, 23 Nov 2026 20:12:54 GMT\r
      \r
      """;

  private static final String CERTIFICATE =
      """
           -----BEGIN CERTIFICATE-----
           MIIBdDCCARmgAwIBAgIUYZVIo0MXzzWd6zcg8+yW5iuS448wCgYIKoZIzj0EAwIw
           DzENMAsGA1UEAwwEdGVzdDAeFw0yNjExMjMyMDQ2MTJaFw0yNzExMjMyMDQ2MTJa
           MA8xDTALBgNVBAMMBHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATf4S6W
           3+x7+d2EH0ZPSCGAni3Hruu0XDa99uYHhADSTgicoD4u87PIGE7cZ6s7oMvfxrGi
           TLv3z8gnkruuN2nEo1MwUTAdBgNVHQ4EFgQU1jfZLzrP6unVbh9WYmwaU4q6f/sw
           HwYDVR0jBBgwFoAU1jfZLzrP6unVbh9WYmwaU4q6f/swDwYDVR0TAQH/BAUwAwEB
           /zAKBggqhkjOPQQDAgNJADBGAiEAlypzZGWyejLqFv/OMyvRLL8mKwdArep+yKq1
           XTAk7vUCIQDB6rcQl8fqJZiHqoy9j4bjDG+pxaaYIeVU3n8U7gUceQ==
           -----END CERTIFICATE-----
      """;

  private static final Instant NOW = Instant.ofEpochSecond(1_795_466_700);

  private final List<Look.Section> sections = new ArrayList<>();
  private Look.Outside outside = Look.Outside.NOTHING;

  private void section(String name, int status, String text) {
    sections.add(new Look.Section(name, status, text));
  }

  private Finding evaluate(Demand demand) {
    return Evaluation.of(
        demand,
        new Look(
            sections, List.of(), outside, Optional.of(new Look.Timing(NOW.minusMillis(100), NOW))));
  }

  private void pm2(String list, String starts) {
    section("clock", 0, CLOCK);
    section("pm2", 0, list);
    section("starts:300", starts.isEmpty() ? 3 : 0, starts);
  }

  private static Demand.Pm2 online(String... names) {
    return new Demand.Pm2(true, null, null, List.of(names));
  }

  private static Demand.Pm2 restarts(int above, String... names) {
    return new Demand.Pm2(false, above, 300L, List.of(names));
  }

  @Test
  void namesProcessesThatAreNotOnline() {
    pm2(PM2, STARTS);
    assertThat(evaluate(online()))
        .isEqualTo(
            new Bad("crash is errored, rest is stopped", "PM2: crash is errored, rest is stopped"));
    assertThat(evaluate(online("stay"))).isEqualTo(new Fine("2 online"));
    assertThat(evaluate(online("stay", "gone")))
        .isEqualTo(new Bad("gone does not exist", "PM2: gone does not exist"));
  }

  @Test
  void countsRestartsByTheDaemonsLog() {
    pm2(PM2, STARTS);
    assertThat(evaluate(restarts(5)))
        .isEqualTo(
            new Bad(
                "crash restarted 18 times",
                "PM2: crash restarted 18 times within 5m; the limit is 5"));
    assertThat(evaluate(restarts(0, "stay")))
        .isEqualTo(
            new Bad(
                "stay (1) restarted 1 time, stay (2) restarted 1 time",
                "PM2: stay (1) restarted 1 time, stay (2) restarted 1 time within 5m; the limit is"
                    + " 0"));
    assertThat(evaluate(restarts(0, "rest"))).isInstanceOf(Fine.class);
    assertThat(evaluate(restarts(1, "stay"))).isInstanceOf(Fine.class);
  }

  @ParameterizedTest
  @CsvSource({
    // A start by hand is no restart; what began before the window did not restart in it.
    "online,  0, 0,    5, true,  0,  0",
    "online, 30, -400, 5, true,  0,  0",
    "online, 30, 0,    5, true,  5,  5",
    "online,  2, 0,    5, true,  2,  2",
    "online, 30, 0,    5, false, 5, 30",
    "online, 30, 0,    0, false, 1, 30",
    "errored, 30, 0,   0, false, 16, 30",
    "errored, 30, -400, 0, false, 0, 0"
  })
  void boundsRestarts(
      String status, int ever, int started, int logged, boolean covered, int least, int most) {
    var process =
        new Pm2Processes.Pm2Process("a", 1, status, ever, NOW.plusSeconds(started), 16, 0);
    assertThat(
            Pm2Processes.restarts(
                process,
                NOW.minusSeconds(300),
                new Pm2Processes.Starts(covered, Map.of(1L, logged), Set.of())))
        .isEqualTo(new Pm2Processes.Restarts(least, most));
  }

  @Test
  void doesNotCountWhatDrydockRestarted() throws Unreadable {
    var starts = Pm2Processes.starts("covered 0\nown 1 2\n");
    var process = new Pm2Processes.Pm2Process("a", 1, "online", 2, NOW, 16, 0);
    assertThat(Pm2Processes.restarts(process, NOW.minusSeconds(300), starts).least()).isZero();
    var other = new Pm2Processes.Pm2Process("b", 2, "online", 2, NOW, 16, 0);
    assertThat(Pm2Processes.restarts(other, NOW.minusSeconds(300), starts).least()).isOne();
  }

  @Test
  void aPm2ThatIsBusyWithPlannedWorkIsNoUnknown() {
    section("pm2", 4, "");
    assertThat(evaluate(online())).isEqualTo(new Unknown("pm2 jlist printed no list in time"));
    section("work", 0, "held 1\nbegin\t1\t1764000000\tmaintenance ops/x/restart\tunit a.service\n");
    assertThat(evaluate(online())).isInstanceOf(Unknown.class);
    sections.removeIf(section -> section.name().equals("work"));
    section("work", 0, "held 1\nbegin\t1\t1764000000\tmaintenance ops/x/restart\tpm2 stay\n");
    assertThat(evaluate(online("rest")))
        .isEqualTo(
            new Planned(
                "maintenance ops/x/restart is at work there: pm2 jlist printed no list in time"));
  }

  @Test
  void whatPlannedWorkTouchesIsNeitherFineNorAnIncident() {
    pm2(PM2.replace("\"status\":\"online\"", "\"status\":\"stopping\""), "");
    section("work", 0, "held 1\nbegin\t1\t1764000000\tmaintenance ops/x/restart\tpm2 stay\n");
    var planned =
        new Planned(
            "maintenance ops/x/restart is at work there: PM2: stay (1) is stopping, stay (2) is"
                + " stopping");
    assertThat(evaluate(online("stay"))).isEqualTo(planned);
    assertThat(evaluate(new Demand.Pm2(true, 9, 300L, List.of("stay")))).isEqualTo(planned);
    assertThat(evaluate(new Demand.Pm2(true, 9, 300L, List.of("stay", "crash"))))
        .as("what it does not touch")
        .isEqualTo(new Bad("crash is errored", "PM2: crash is errored"));
    assertThat(evaluate(online("gone"))).isInstanceOf(Bad.class);
    sections.removeIf(section -> section.name().equals("pm2"));
    section("pm2", 0, PM2);
    assertThat(evaluate(online("stay"))).as("it is well").isEqualTo(new Fine("2 online"));
    sections.removeIf(section -> section.name().equals("pm2"));
    section("pm2", 0, PM2.replace("\"status\":\"online\"", "\"status\":\"stopping\""));
    sections.removeIf(section -> section.name().equals("work"));
    section("work", 0, "held 0\nbegin\t1\t1764000000\tmaintenance ops/x/restart\tpm2 stay\n");
    assertThat(evaluate(online("stay")))
        .as("nobody holds the lock any more")
        .isInstanceOf(Bad.class);
  }

  @Test
  void saysWhatIsNotKnownOfRestarts() {
    pm2(PM2.replace("\"restart_time\":1,", "\"restart_time\":9,"), "");
    assertThat(evaluate(restarts(5, "stay"))).isInstanceOf(Unknown.class);
    assertThat(evaluate(restarts(9, "stay"))).isInstanceOf(Fine.class);
    assertThat(evaluate(restarts(5, "crash"))).isInstanceOf(Bad.class);
  }

  @Test
  void findsPm2sListBehindItsBanners() {
    pm2("[PM2] Spawning PM2 daemon with pm2_home=/home/ops/.pm2\n>>>> In-memory PM2\n" + PM2, "");
    assertThat(evaluate(online("stay"))).isEqualTo(new Fine("2 online"));
  }

  @Test
  void tellsApartThatPm2IsNotThereAndThatItDoesNotRun() {
    section("pm2", 127, "");
    assertThat(evaluate(online())).isInstanceOf(Unknown.class);
    sections.clear();
    section("pm2", 3, "");
    assertThat(evaluate(online())).isInstanceOf(Bad.class);
    sections.clear();
    section("pm2", 0, "[]\n");
    assertThat(evaluate(online())).isEqualTo(new Bad("no process", "PM2 has no process at all"));
    sections.clear();
    section("pm2", Look.NO_TIME, "");
    assertThat(evaluate(online()).message()).contains("no time was left");
  }

  private void page(String name, String text, int exit) {
    section(name, 0, text + "\nexit " + exit + "\n");
  }

  private Finding http(String text, int exit, boolean optional) {
    sections.clear();
    var demand =
        new Demand.Http("http://localhost:8080/health", true, 200, "$.ok", "true", 5000, optional);
    page(HostLook.page(demand.url(), true, 5000, HostLook.PAGE), text, exit);
    return evaluate(demand);
  }

  @Test
  void readsAnswersOfEndpoints() {
    assertThat(http(HEAD + "{\"ok\":true}", 0, false)).isEqualTo(new Fine("$.ok is true"));
    assertThat(
            http("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + HEAD + "{\"ok\":true}", 0, false))
        .isInstanceOf(Fine.class);
    assertThat(http(HEAD + "{\"ok\":false}", 0, false))
        .isEqualTo(
            new Bad(
                "$.ok is false",
                "http://localhost:8080/health answered with $.ok false instead of true"));
    assertThat(http(HEAD + "{}", 0, false)).isInstanceOf(Bad.class);
    assertThat(http(HEAD + "<html>", 0, false)).isInstanceOf(Bad.class);
    assertThat(http("HTTP/1.1 503 Service Unavailable\r\n\r\n", 0, false))
        .isEqualTo(
            new Bad(
                "status 503",
                "http://localhost:8080/health answered with status 503 instead of 200"));
    assertThat(http("", 7, false).message()).endsWith("does not answer: connection refused");
    assertThat(http("", 7, true)).isInstanceOf(Fine.class);
    assertThat(http("", 28, true)).isInstanceOf(Bad.class);
    assertThat(http("", 127, false)).isInstanceOf(Unknown.class);
    assertThat(http("SSH-2.0-OpenSSH_9.2p1", 0, false)).isInstanceOf(Bad.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'$', 5",
    "'$.a.b', x",
    "'$.items[1].state', up",
    "'$.n', null",
    "'$.items[0]', '{\"state\":\"down\"}'"
  })
  void findsWhatStandsAtAPath(String path, String value) throws Unreadable {
    String json =
        path.equals("$")
            ? "5"
            : "{\"a\":{\"b\":\"x\"},\"items\":[{\"state\":\"down\"},{\"state\":\"up\"}],\"n\":null}";
    var node = Pages.at(Pages.json(new Page(200, json, false)), path);
    assertThat(node.isValueNode() ? node.asText() : node.toString()).isEqualTo(value);
  }

  @Test
  void namesUrlsThatDoNotAnswerWithoutTheirKeys() {
    var demand =
        new Demand.Urls(
            List.of(
                "https://rpc.example.com/v3/0123456789abcdef0123456789abcdef?x=y",
                "https://b.example.com/",
                "https://c.example.com/"),
            false,
            5000);
    outside =
        new Look.Outside(
            Map.of(
                HostLook.glance(demand.urls().get(0), demand),
                new Unanswered<>(Kind.FAILED, "no answer in time"),
                HostLook.glance(demand.urls().get(1), demand),
                new Answered<>(new Page(204, "", false)),
                HostLook.glance(demand.urls().get(2), demand),
                new Answered<>(new Page(301, "", false))),
            Map.of(),
            Map.of());
    assertThat(evaluate(demand))
        .isEqualTo(
            new Bad(
                "2 of 3 wrong",
                "2 of 3 URLs do not answer with 2xx: https://rpc.example.com/v3/…: no answer in"
                    + " time; https://c.example.com/: status 301"));
  }

  private Finding prometheus(String body, @Nullable Double above, @Nullable Double below) {
    sections.clear();
    var demand =
        new Demand.Prometheus("http://localhost:9090/", true, "a{b=\"c\"} + 1", above, below);
    assertThat(Urls.query(demand))
        .isEqualTo("http://localhost:9090/api/v1/query?query=a%7Bb%3D%22c%22%7D%20%2B%201");
    page(
        HostLook.page(Urls.query(demand), true, HostLook.PROMETHEUS_MILLIS, HostLook.PAGE),
        HEAD + body,
        0);
    return evaluate(demand);
  }

  @Test
  void takesTheLargestValueOfAQuery() {
    String vector =
        "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"job\":\"node\"},\"value\":[1795464775.366,\"2\"]},{\"metric\":{},\"value\":[1795464775.366,\"NaN\"]},{\"metric\":{},\"value\":[1795464775.366,\"0.5\"]}]}}";
    assertThat(prometheus(vector, 1.0, null))
        .isEqualTo(new Bad("2", "the query's value is 2; the limit is 1"));
    assertThat(prometheus(vector, 2.0, null)).isEqualTo(new Fine("2"));
    assertThat(prometheus(vector, null, 2.5)).isInstanceOf(Bad.class);
    assertThat(
            prometheus(
                "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"+Inf\"]}}",
                1.0,
                null))
        .isEqualTo(new Bad("+Inf", "the query's value is +Inf; the limit is 1"));
    assertThat(
            prometheus(
                "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error\"}",
                1.0,
                null))
        .isEqualTo(new Unknown("Prometheus refused the query: parse error"));
    assertThat(
            prometheus(
                "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}",
                1.0,
                null))
        .isInstanceOf(Unknown.class);
  }

  private Finding beacon(String syncing, String previous, String current, int missed) {
    sections.clear();
    var demand = new Demand.BeaconNode("http://localhost:5052", true, 2, List.of(1L, 2L), missed);
    String name = HostLook.beacon(demand);
    page(name, HEAD + syncing, 0);
    page(name + ".previous", HEAD + previous, 0);
    page(name + ".current", HEAD + current, 0);
    return evaluate(demand);
  }

  @Test
  void seesNodesThatAreBehindAndValidatorsThatAreSilent() {
    String synced =
        "{\"data\":{\"head_slot\":\"9000010\",\"sync_distance\":\"0\",\"is_syncing\":false,\"is_optimistic\":false,\"el_offline\":false}}";
    String live =
        "{\"data\":[{\"index\":\"1\",\"is_live\":true},{\"index\":\"2\",\"is_live\":true}]}";
    String one = live.replace("\"2\",\"is_live\":true", "\"2\",\"is_live\":false");
    assertThat(beacon(synced, live, live, 1)).isInstanceOf(Fine.class);
    // Silent in one epoch alone: its slot has not come yet, or it is back.
    assertThat(beacon(synced, live, one, 1)).isInstanceOf(Fine.class);
    assertThat(beacon(synced, one, live, 1)).isInstanceOf(Fine.class);
    assertThat(beacon(synced, one, one, 1))
        .isEqualTo(
            new Bad(
                "1 of 2 silent",
                "no attestation for 42 slots of 1 of 2 validators: 2; the limit is 1"));
    // Of an alert that fires already, nothing is known to be fine again.
    assertThat(beacon(synced, one, one, 50).message())
        .startsWith("1 of 2 validators have been silent for 42 slots or more");
    assertThat(beacon(synced, one, one, 50)).isInstanceOf(Unknown.class);
    assertThat(beacon(synced, live, one, 50)).isInstanceOf(Fine.class);
    assertThat(beacon(synced, one, one, 80)).isInstanceOf(Unknown.class);
    assertThat(beacon(synced, "<html>", live, 1)).isInstanceOf(Unknown.class);
    assertThat(beacon(synced.replace("\"0\"", "\"3\""), live, live, 1))
        .isEqualTo(new Bad("3 slots behind", "the beacon node is 3 slots behind; the limit is 2"));
    assertThat(beacon("{}", live, live, 1)).isInstanceOf(Unknown.class);
  }

  @Test
  void saysHowManyLinesMatch() {
    var demand = new Demand.Logs("all", null, null, "ERROR", 604_800, 0);
    section(HostLook.logs(demand), 0, "count 12\ncut 0\nundated 0\n");
    assertThat(evaluate(demand))
        .isEqualTo(
            new Bad(
                "12 lines",
                "12 lines of the PM2 logs of all match ERROR within 7d; the limit is 0"));
    sections.clear();
    section(HostLook.logs(demand), 0, "count 1\ncut 1\nundated 1\n");
    assertThat(evaluate(demand))
        .isEqualTo(
            new Bad(
                "at least 1 line",
                "at least 1 line of the PM2 logs of all matches ERROR (lines without a time count,"
                    + " however old), in the newest part of a long log; the limit is 0"));
    sections.clear();
    section(HostLook.logs(demand), 0, "count 0\ncut 1\nundated 0\n");
    assertThat(evaluate(demand))
        .as("what it did not read may have some")
        .isEqualTo(
            new Unknown(
                "only the newest part of the PM2 logs of all is read, and lines of the last 7d may"
                    + " stand before it: set a shorter since, or have times written into it"));
    assertThat(
            evaluate(
                new Demand.Logs("all", null, null, "ERROR", 604_800, 0, Demand.Logs.Extent.NEWEST)))
        .isEqualTo(new Fine("at least 0 lines"));
    sections.clear();
    section(HostLook.logs(demand), 65, "");
    assertThat(evaluate(demand).message()).contains("regular expression");
  }

  private Finding redis(String said, int exit, @Nullable Integer limit) {
    return redis(said, exit, limit, null);
  }

  private Finding redis(String said, int exit, @Nullable Integer limit, @Nullable String secret) {
    sections.clear();
    var demand = new Demand.Redis("localhost", 6379, false, true, limit, secret);
    page(HostLook.redis(demand), said, exit);
    return evaluate(demand);
  }

  @Test
  void readsRedisByItsClientAndByItsProtocol() {
    String info = "# Clients\nconnected_clients:81\ncluster_connections:0\nmaxclients:100\n";
    assertThat(redis(info, 0, 80))
        .isEqualTo(
            new Bad(
                "81 of 100 clients",
                "Redis at localhost:6379 has 81 of 100 clients; the limit is 80 %"));
    assertThat(redis(info, 0, 81)).isEqualTo(new Fine("81 of 100 clients"));
    assertThat(
            redis(
                "$30\r\n"
                    + "# Clients\r\n"
                    + "connected_clients:9\r\n\r\n"
                    + "*2\r\n"
                    + "$10\r\n"
                    + "maxclients\r\n"
                    + "$2\r\n"
                    + "10\r\n"
                    + "+OK\r\n",
                0,
                80))
        .isInstanceOf(Bad.class);
    assertThat(redis("NOAUTH Authentication required.\n", 0, null)).isInstanceOf(Fine.class);
    assertThat(redis("-NOAUTH Authentication required.\r\n", 0, 80))
        .isEqualTo(
            new Bad(
                "login refused",
                "Redis at localhost:6379 asks for a password: name it in passwordSecret"));
    assertThat(
            redis(
                "Could not connect to Redis at localhost:6379: Connection refused\nCould not",
                1,
                1))
        .isEqualTo(
            new Bad(
                "no answer",
                "Redis at localhost:6379 does not answer: Could not connect to Redis at"
                    + " localhost:6379: Connection refused"));
    assertThat(redis("", 127, null)).isInstanceOf(Unknown.class);
  }

  @Test
  void tellsARedisPasswordThatIsWrong() {
    var refused =
        new Bad(
            "login refused",
            "Redis at localhost:6379 refuses the user or password of the Secret s: correct it");
    assertThat(
            redis(
                "AUTH failed: WRONGPASS invalid username-password pair or user is disabled.\n"
                    + "NOAUTH Authentication required.\n",
                0,
                null,
                "s"))
        .isEqualTo(refused);
    assertThat(redis("-ERR invalid password\r\n-NOAUTH Authentication required.\r\n", 0, 80, "s"))
        .isEqualTo(refused);
    assertThat(redis("+OK\r\n-NOPERM this user has no permissions\r\n", 0, 80, "s"))
        .isInstanceOf(Unknown.class);
    assertThat(redis("+OK\r\n-NOPERM this user has no permissions\r\n", 0, null, "s"))
        .isEqualTo(new Fine("answers"));
  }

  @Test
  void repeatsNoRedisPassword() {
    assertThat(redis("-ERR unknown command 'hunter2', with args\r\n", 0, 80, "s").message())
        .isEqualTo(
            "Redis at localhost:6379 does not answer: what answers does not speak as Redis does");
    assertThat(redis("Could not connect to Redis: Connection refused\n", 1, 80, "s").message())
        .endsWith("Connection refused");
  }

  @Test
  void judgesCommandsByTheirEnd() {
    var demand = new Demand.Command(List.of("check", "it"), 0, "ok", 10_000);
    section(HostLook.command(demand), 0, "0 0 3\nall ok\n");
    assertThat(evaluate(demand)).isEqualTo(new Fine("status 0"));
    sections.clear();
    section(HostLook.command(demand), 0, "0 1 3\nnothing\n");
    assertThat(evaluate(demand))
        .isEqualTo(new Bad("other output", "check it printed nothing that matches ok: nothing"));
    sections.clear();
    section(HostLook.command(demand), 0, "2 1 3\nbroken\n");
    assertThat(evaluate(demand))
        .isEqualTo(new Bad("status 2", "check it ended with status 2 instead of 0: broken"));
  }

  @Test
  void comparesKernelParametersAsSysctlPrintsThem() {
    var demand = new Demand.Sysctl("net.ipv4.tcp_rmem", "4096 131072 6291456");
    section(HostLook.sysctl(demand.key()), 0, "4096\t131072\t6291456\n");
    assertThat(evaluate(demand)).isEqualTo(new Fine("4096 131072 6291456"));
    assertThat(evaluate(new Demand.Sysctl(demand.key(), "1")))
        .isEqualTo(
            new Bad(
                "4096 131072 6291456", "net.ipv4.tcp_rmem is 4096 131072 6291456 instead of 1"));
  }

  private Finding file(
      String stat,
      int status,
      @Nullable Long older,
      @Nullable Long larger,
      @Nullable Long smaller) {
    sections.clear();
    section("clock", 0, CLOCK);
    section(HostLook.file("/srv/dump"), status, stat);
    return evaluate(new Demand.FileState("/srv/dump", older, larger, smaller));
  }

  @Test
  void judgesFilesByAgeAndSize() {
    String stat = "1073741824 1795463091 regular file\n";
    assertThat(file(stat, 0, 3601L, null, null)).isEqualTo(new Fine("1Gi, changed 1h ago"));
    assertThat(file(stat, 0, 3599L, null, null))
        .isEqualTo(new Bad("1h old", "/srv/dump was last changed 1h ago; the limit is 59m59s"));
    assertThat(file(stat, 0, null, 1L << 29, null))
        .isEqualTo(new Bad("1Gi", "/srv/dump has 1Gi; the limit is 512Mi"));
    assertThat(file(stat, 0, null, null, 1L << 31))
        .isEqualTo(new Bad("1Gi", "/srv/dump has 1Gi; it must have 2Gi"));
    assertThat(
            file("stat: cannot statx '/srv/dump': No such file or directory\n", 1, 1L, null, null))
        .isEqualTo(new Bad("missing", "/srv/dump does not exist"));
    assertThat(file("stat: cannot statx '/srv/dump': Permission denied\n", 1, 1L, null, null))
        .isInstanceOf(Unknown.class);
    assertThat(file("4096 1795463091 directory\n", 0, null, 1L, null)).isInstanceOf(Unknown.class);
  }

  @Test
  void readsWhenCertificatesEnd() {
    var demand = new Demand.Certificate(null, "/etc/ssl/a.pem", 21 * 86_400);
    section(HostLook.certificate("/etc/ssl/a.pem"), 0, CERTIFICATE);
    assertThat(evaluate(demand)).isEqualTo(new Fine("365d left"));
    assertThat(evaluate(new Demand.Certificate(null, "/etc/ssl/a.pem", 366 * 86_400)))
        .isEqualTo(
            new Bad(
                "365d left",
                "the certificate of /etc/ssl/a.pem expires in 365d; the limit is 366d"));
    sections.clear();
    section(HostLook.certificate("/etc/ssl/a.pem"), 0, "");
    assertThat(evaluate(demand)).isInstanceOf(Unknown.class);
    var server = new Demand.Certificate("a.example.com:443", null, 86_400);
    outside =
        new Look.Outside(
            Map.of(),
            Map.of("a.example.com:443", new Answered<>(NOW.minusSeconds(3600))),
            Map.of());
    assertThat(evaluate(server))
        .isEqualTo(
            new Bad("expired 1h ago", "the certificate of a.example.com:443 has expired 1h ago"));
  }

  @Test
  void believesWhatKeepsTheClock() {
    section(
        "chrony",
        0,
        "A29FC87B,162.159.200.123,4,1795466000.123,-0.612345,0.00001,0.00002,-12.3,0.0,0.01,0.02,0.003,64.2,Normal\n");
    assertThat(evaluate(new Demand.TimeOffset(500)))
        .isEqualTo(new Bad("-0.612 s", "the clock is off by -0.612 s; the limit is 0.5 s"));
    assertThat(evaluate(new Demand.TimeOffset(700))).isEqualTo(new Fine("-0.612 s"));
    sections.clear();
    section("chrony", 127, "");
    section(
        "timesync",
        0,
        "       Server: 162.159.200.123 (time.cloudflare.com)\n"
            + "      Version: 4\n"
            + "       Offset: +1s 203.401ms\n"
            + "        Delay: 12ms\n");
    assertThat(evaluate(new Demand.TimeOffset(500)))
        .isEqualTo(new Bad("+1.203 s", "the clock is off by +1.203 s; the limit is 0.5 s"));
  }

  @ParameterizedTest
  @CsvSource({
    // The host was asked at …699.900, and had answered at …700.
    "1795466699.950000000, 1795466699.960000000, 500, Fine",
    "1795466701.950000000, 1795466701.960000000, 500, Bad",
    "1795466697.950000000, 1795466697.960000000, 500, Bad",
    "1795466699.950000000, 1795466699.960000000, 1, Unknown",
    "1795466699.N, 1795466699.N, 500, Unknown",
    "1795466699.N, 1795466699.N, 2000, Fine",
    "1795466690.N, 1795466690.N, 2000, Bad",
    "nonsense, 1795466690.N, 2000, Unknown",
    "1795466690.950000000, 1795466699.960000000, 500, Unknown"
  })
  void comparesClocksOtherwise(String first, String last, long limit, String finding) {
    section("chrony", 0, "7F7F0101,,0,0.0,0.0,0,0,0,0,0,1,1,0.0,Not synchronised\n");
    section("timesync", 1, "");
    section("clock", 0, first + "\n");
    section("clock.end", 0, last + "\n");
    assertThat(evaluate(new Demand.TimeOffset(limit)).getClass().getSimpleName())
        .isEqualTo(finding);
  }

  @Test
  void saysWhatIsRefused() {
    assertThat(evaluate(new Demand.Refused("no"))).isEqualTo(new Unknown("no"));
  }
}
