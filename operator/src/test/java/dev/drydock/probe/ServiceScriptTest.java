package dev.drydock.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.net.httpserver.HttpServer;
import dev.drydock.port.Credentials;
import dev.drydock.probe.Finding.Bad;
import dev.drydock.probe.Finding.Fine;
import dev.drydock.probe.Finding.Unknown;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script run for real, by every POSIX shell that this machine has, against real services. */
class ServiceScriptTest {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss", Locale.ROOT);

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  @SuppressWarnings("NullAway.Init")
  private HttpServer server;

  @SuppressWarnings("NullAway.Init")
  private RedisServer redis;

  private final Map<String, String> environment = new LinkedHashMap<>();

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answer("/health", "{\"ok\":true}");
    answer("/long", "x\n".repeat(500_000));
    answer(
        "/api/v1/query",
        "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"3\"]}}");
    answer("/eth/v1/node/syncing", "{\"data\":{\"head_slot\":\"330\",\"sync_distance\":\"1\"}}");
    answer("/eth/v1/validator/liveness/9", "{\"data\":[{\"index\":\"7\",\"is_live\":false}]}");
    answer("/eth/v1/validator/liveness/10", "{\"data\":[{\"index\":\"7\",\"is_live\":false}]}");
    server.start();
    redis = RedisServer.start("--maxclients", "10");
    environment.put("HOME", directory.toString());
  }

  private void answer(String path, String body) {
    server.createContext(
        path,
        exchange -> {
          // A liveness question is posted.
          byte[] posted = exchange.getRequestBody().readAllBytes();
          boolean asked =
              !path.contains("liveness")
                  || new String(posted, StandardCharsets.UTF_8).equals("[\"7\"]");
          exchange.sendResponseHeaders(asked ? 200 : 400, 0);
          try (exchange;
              var output = exchange.getResponseBody()) {
            output.write(body.getBytes(StandardCharsets.UTF_8));
          } catch (IOException e) {
            // The client has had enough.
          }
        });
  }

  @AfterEach
  void close() throws IOException {
    server.stop(0);
    redis.close();
  }

  private String url(String path) {
    return "http://localhost:" + server.getAddress().getPort() + path;
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void asksServices(String shell) throws Exception {
    int free;
    try (var socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    var nobody = "http://localhost:" + free + "/";
    var health = new Demand.Http(url("/health"), true, 200, "$.ok", "true", 5000, false);
    var odd =
        new Demand.Http(url("/health?a=$(id)'x';*&b=$HOME#c"), true, 200, null, null, 5000, false);
    var refused = new Demand.Http(nobody, true, 200, null, null, 5000, false);
    var long_ = new Demand.Http(url("/long"), true, 200, null, null, 5000, false);
    var missing = new Demand.Http(url("/missing"), true, 404, null, null, 5000, false);
    var urls = new Demand.Urls(List.of(url("/health"), url("/long"), nobody), true, 5000);
    var prometheus = new Demand.Prometheus(url(""), true, "a + b", 2.0, null);
    var beacon = new Demand.BeaconNode(url("/"), true, 2, List.of(7L), 1);
    var clients = new Demand.Redis("localhost", redis.port(), false, true, 5, null);
    var noRedis = new Demand.Redis("localhost", free, false, true, null, null);

    Look look =
        run(
            shell,
            List.of(
                health, odd, refused, long_, missing, urls, prometheus, beacon, clients, noRedis));

    assertThat(Evaluation.of(health, look)).isEqualTo(new Fine("$.ok is true"));
    assertThat(Evaluation.of(odd, look)).isEqualTo(new Fine("status 200"));
    assertThat(Evaluation.of(refused, look).message()).endsWith("connection refused");
    assertThat(Evaluation.of(long_, look)).isEqualTo(new Fine("status 200"));
    assertThat(Evaluation.of(missing, look)).isEqualTo(new Fine("status 404"));
    assertThat(Evaluation.of(urls, look))
        .isInstanceOfSatisfying(
            Bad.class, bad -> assertThat(bad.value()).isEqualTo("1 of 3 wrong"));
    assertThat(Evaluation.of(prometheus, look))
        .isEqualTo(new Bad("3", "the query's value is 3; the limit is 2"));
    assertThat(Evaluation.of(beacon, look))
        .isEqualTo(
            new Bad(
                "1 of 1 silent",
                "no attestation for 42 slots of 1 of 1 validators: 7; the limit is 1"));
    assertThat(Evaluation.of(clients, look))
        .isInstanceOfSatisfying(
            Bad.class, bad -> assertThat(bad.value()).endsWith("of 10 clients"));
    assertThat(Evaluation.of(noRedis, look)).isInstanceOf(Bad.class);
    assertThat(Evaluation.vitals(look)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void asksByWgetWhereThereIsNoCurl(String shell) throws Exception {
    assumeThat(Path.of("/usr/bin/wget")).exists();
    Path bin = Files.createDirectory(directory.resolve("bin"));
    for (String name :
        List.of("wget", "sed", "head", "date", "cat", "timeout", "grep", "getconf")) {
      Files.createSymbolicLink(bin.resolve(name), Path.of("/usr/bin", name));
    }
    environment.put("PATH", bin.toString());
    var health = new Demand.Http(url("/health"), true, 200, "$.ok", "true", 5000, false);
    var missing = new Demand.Http(url("/missing"), true, 404, null, null, 5000, false);
    var beacon = new Demand.BeaconNode(url("/"), true, 2, List.of(7L), 1);
    var clients = new Demand.Redis("localhost", redis.port(), false, true, 5, null);
    List<Demand> demands = List.of(health, missing, beacon, clients);

    Look look = run(shell, demands);

    assertThat(Evaluation.of(health, look)).isEqualTo(new Fine("$.ok is true"));
    assertThat(Evaluation.of(missing, look)).isEqualTo(new Fine("status 404"));
    assertThat(Evaluation.of(beacon, look)).isInstanceOf(Bad.class);
    assertThat(Evaluation.of(clients, look)).isInstanceOf(Unknown.class);
    Files.delete(bin.resolve("wget"));
    assertThat(Evaluation.of(health, run(shell, demands)).message())
        .endsWith("the host has neither curl nor GNU wget to ask with");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void asksTheHostItself(String shell) throws Exception {
    Path dump = Files.writeString(directory.resolve("it's a \"dump\" $(id)"), "x".repeat(2000));
    Files.setLastModifiedTime(dump, FileTime.from(Instant.now().minus(3, ChronoUnit.HOURS)));
    Path pem = directory.resolve("both.pem");
    assertThat(
            new ProcessBuilder(
                    "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=a -keyout"
                        .concat(" " + pem + ".key -out " + pem + ".crt")
                        .split(" ", -1))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor())
        .isZero();
    Files.writeString(
        pem, Files.readString(Path.of(pem + ".key")) + Files.readString(Path.of(pem + ".crt")));
    var file = new Demand.FileState(dump.toString(), 7200L, null, null);
    var large = new Demand.FileState(dump.toString(), null, 1999L, null);
    var gone = new Demand.FileState(directory + "/gone", null, null, null);
    var certificate = new Demand.Certificate(null, pem.toString(), 86_400);
    var soon = new Demand.Certificate(null, pem.toString(), 31 * 86_400);
    var noCertificate = new Demand.Certificate(null, directory + "/gone", 1);
    var words =
        new Demand.Command(List.of("printf", "%s", "$(id) 'x' *"), 0, "^.\\(id\\) 'x' \\*$", 5000);
    var other = new Demand.Command(List.of("sh", "-c", "echo no; exit 3"), 3, "yes", 5000);
    var status = new Demand.Command(List.of("sh", "-c", "echo why; exit 3"), 0, null, 5000);
    var slow = new Demand.Command(List.of("sleep", "9"), 0, null, 1000);
    var flood =
        new Demand.Command(List.of("sh", "-c", "yes | head -c 9000000; true"), 0, null, 5000);
    var none = new Demand.Command(List.of("no-such-program"), 0, null, 5000);
    var sysctl = new Demand.Sysctl("kernel.ostype", "Linux");
    var noSysctl = new Demand.Sysctl("kernel.no-such-thing", "1");
    var time = new Demand.TimeOffset(10_000);

    Look look =
        run(
            shell,
            List.of(
                file,
                large,
                gone,
                certificate,
                soon,
                noCertificate,
                words,
                other,
                status,
                slow,
                flood,
                none,
                sysctl,
                noSysctl,
                time));

    assertThat(Evaluation.of(file, look).message()).contains("was last changed 3h");
    assertThat(Evaluation.of(large, look)).isInstanceOf(Bad.class);
    assertThat(Evaluation.of(gone, look).message()).endsWith("does not exist");
    assertThat(Evaluation.of(certificate, look)).isInstanceOf(Fine.class);
    assertThat(Evaluation.of(soon, look)).isInstanceOf(Bad.class);
    assertThat(Evaluation.of(noCertificate, look)).isInstanceOf(Unknown.class);
    assertThat(look.sections()).noneMatch(section -> section.text().contains("PRIVATE KEY"));
    assertThat(Evaluation.of(words, look)).isEqualTo(new Fine("status 0"));
    assertThat(Evaluation.of(other, look)).isInstanceOf(Bad.class);
    assertThat(Evaluation.of(status, look).message()).endsWith("instead of 0: why");
    assertThat(Evaluation.of(slow, look))
        .isEqualTo(new Bad("not in time", "sleep 9 did not end within 1s"));
    assertThat(Evaluation.of(flood, look)).isInstanceOf(Fine.class);
    assertThat(Evaluation.of(none, look)).isInstanceOf(Bad.class);
    assertThat(Evaluation.of(sysctl, look)).isEqualTo(new Fine("Linux"));
    assertThat(Evaluation.of(noSysctl, look)).isInstanceOf(Unknown.class);
    assertThat(Evaluation.of(time, look)).isInstanceOf(Fine.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void countsLinesOfLogsThatAreNewEnough(String shell) throws Exception {
    ZoneId here = ZoneId.systemDefault();
    var now = LocalDateTime.now(here);
    var old = now.minusDays(3);
    var utc = LocalDateTime.now(ZoneOffset.UTC);
    var syslog = DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ENGLISH);
    var clf = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss", Locale.ENGLISH);
    Path dated =
        Files.writeString(
            directory.resolve("dated.log"),
            String.join(
                "\n",
                "ERROR before any time",
                STAMP.format(old) + ": ERROR old",
                "  ERROR of the old",
                old.toString().replace('T', ' ') + " ERROR old",
                STAMP.format(utc.minusDays(1).minusHours(1)) + ".123Z ERROR old",
                "{\"level\":50,\"time\":"
                    + Instant.now().minusSeconds(200_000).toEpochMilli()
                    + ",\"msg\":\"ERROR\"}",
                syslog.format(old) + " host app: ERROR old",
                "1.2.3.4 - - [" + clf.format(old) + " +0000] ERROR old",
                // Seven that are new.
                STAMP.format(now) + ": ERROR new",
                "  ERROR of the new",
                now.toString().replace('T', ' ') + " ERROR new",
                "[" + STAMP.format(utc.minusHours(23)) + ".123Z] ERROR new",
                "{\"level\":50,\"time\":" + Instant.now().toEpochMilli() + ",\"msg\":\"ERROR\"}",
                syslog.format(now) + " host app: ERROR new",
                "1.2.3.4 - - [" + clf.format(now) + " +0000] ERROR new",
                STAMP.format(now) + ": fine",
                ""));
    Path undated = Files.writeString(directory.resolve("un dated.log"), "ERROR\nok\nERROR\n");
    Path stale = Files.writeString(directory.resolve("stale.log"), "ERROR\n");
    Files.setLastModifiedTime(stale, FileTime.from(Instant.now().minus(3, ChronoUnit.DAYS)));
    Path huge = Files.writeString(directory.resolve("huge.log"), "ERROR line\n".repeat(600_000));
    Demand ofDated = logs(dated);
    Demand ofUndated = logs(undated);
    Demand ofStale = logs(stale);
    Demand ofHuge = logs(huge);
    Demand ofNone = logs(directory.resolve("none.log"));
    var wrong = new Demand.Logs(null, null, dated.toString(), "(", 86_400, 0);
    Look look = run(shell, List.of(ofDated, ofUndated, ofStale, ofHuge, ofNone, wrong));

    assertThat(Evaluation.of(ofDated, look))
        .isInstanceOfSatisfying(Bad.class, bad -> assertThat(bad.value()).isEqualTo("7 lines"));
    assertThat(Evaluation.of(ofUndated, look).message())
        .startsWith("2 lines")
        .contains("lines without a time count");
    assertThat(Evaluation.of(ofStale, look)).isEqualTo(new Fine("0 lines"));
    assertThat(Evaluation.of(ofHuge, look).message()).startsWith("at least 45454");
    assertThat(Evaluation.of(ofNone, look)).isInstanceOf(Unknown.class);
    assertThat(Evaluation.of(wrong, look).message()).contains("regular expression");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void aJournalThatWasNotReadToItsEndIsNotFine(String shell) throws Exception {
    program(
        "journalctl",
        """
        case "$*" in
          *"-n 0 "*) exit 0 ;;
          *"-n 1 "*past.service) echo fine; exit 0 ;;
          *"-n 1 "*) exit 0 ;;
          *slow.service) echo fine; kill -KILL $$ ;;
          *torn.service) echo fine; exit 1 ;;
          *app.service) echo fine; echo ERROR; echo ERROR ;;
        esac
        """);
    program(
        "systemctl",
        """
        case "$*" in
          *quiet.service) echo LoadState=loaded ;;
          *) echo LoadState=not-found ;;
        esac
        """);
    Demand slow = journal("slow");
    Demand torn = journal("torn");
    Demand app = journal("app");
    Demand quiet = journal("quiet");
    Demand past = journal("past");
    Demand mistyped = journal("mistyped");
    Look look = run(shell, List.of(slow, torn, app, quiet, past, mistyped));

    assertThat(Evaluation.of(slow, look))
        .isEqualTo(new Unknown("to read the journal of slow took too long"));
    assertThat(Evaluation.of(torn, look))
        .isEqualTo(new Unknown("the host's command ended with status 1"));
    assertThat(Evaluation.of(app, look))
        .isInstanceOfSatisfying(Bad.class, bad -> assertThat(bad.value()).isEqualTo("2 lines"));
    assertThat(Evaluation.of(quiet, look)).isEqualTo(new Fine("0 lines"));
    assertThat(Evaluation.of(past, look))
        .as("one that was started for a while, and is gone")
        .isEqualTo(new Fine("0 lines"));
    assertThat(Evaluation.of(mistyped, look))
        .isEqualTo(
            new Unknown(
                "the host has no unit mistyped, and its journal no line of it: correct it"));
  }

  private static Demand journal(String unit) {
    return new Demand.Logs(null, unit, null, "ERROR", 60, 0);
  }

  /** Has a program of this name stand before any other. */
  private void program(String name, String text) throws IOException {
    Path bin = Files.createDirectories(directory.resolve("bin"));
    Path program = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + text);
    assertThat(program.toFile().setExecutable(true)).isTrue();
    environment.put("PATH", bin + ":/usr/local/bin:/usr/bin:/bin");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void aLongLogIsFineOnlyIfWhatIsNotReadOfItIsOld(String shell) throws Exception {
    var now = LocalDateTime.now(ZoneId.systemDefault());
    String rest = " fine" + ".".repeat(1000) + "\n";
    String fresh = STAMP.format(now.minusHours(1));
    String old = STAMP.format(now.minusDays(3));
    // The first lines are not read.
    Path busy = directory.resolve("busy.log");
    Files.writeString(busy, fresh + " ERROR\n" + (fresh + rest).repeat(6000));
    Path calm = directory.resolve("calm.log");
    Files.writeString(calm, old + " ERROR\n" + (old + rest).repeat(6000) + fresh + rest);
    Path ill = directory.resolve("ill.log");
    Files.writeString(ill, (fresh + rest).repeat(6000) + fresh + " ERROR\n");
    Path plain = directory.resolve("plain.log");
    Files.writeString(plain, "ERROR\n" + rest.repeat(6000));
    List<Demand> demands = List.of(logs(busy), logs(calm), logs(ill), logs(plain));
    Look look = run(shell, demands);
    assertThat(Evaluation.of(logs(busy), look)).isInstanceOf(Unknown.class);
    assertThat(Evaluation.of(logs(calm), look)).isEqualTo(new Fine("0 lines"));
    assertThat(Evaluation.of(logs(ill), look).message()).startsWith("at least 1 line of");
    assertThat(Evaluation.of(logs(plain), look)).isInstanceOf(Unknown.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void readsOnInTheFilesThatARotatedLogWasBefore(String shell) throws Exception {
    var now = LocalDateTime.now(ZoneId.systemDefault());
    String old = STAMP.format(now.minusDays(3)) + ": ERROR old\n";
    String late = STAMP.format(now.minusHours(9)) + ": ERROR late\n";
    String fresh = STAMP.format(now) + ": ok\n" + STAMP.format(now) + ": ERROR new\n";
    Path rotated = Files.writeString(directory.resolve("rotated.log"), fresh);
    Files.writeString(directory.resolve("rotated.log.1"), old + late);
    Files.writeString(directory.resolve("rotated.log-20261125"), late);
    Files.writeString(directory.resolve("rotated__2026-11-25_00-00-00.log"), old + late);
    Path ancient = Files.writeString(directory.resolve("rotated.log.2"), late);
    Files.setLastModifiedTime(ancient, FileTime.from(Instant.now().minus(3, ChronoUnit.DAYS)));
    Files.writeString(directory.resolve("rotated.log.lock"), late);
    Files.writeString(directory.resolve("rotated.log-errors"), late);
    Path packed = Files.writeString(directory.resolve("it's $(packed).log"), "");
    Files.writeString(directory.resolve("it's $(packed).log.1.gz"), "\u001f\u008b");
    Path whole = Files.writeString(directory.resolve("whole.log"), old + old + fresh);
    Files.writeString(directory.resolve("whole.log.1.gz"), "\u001f\u008b");
    Path large = Files.writeString(directory.resolve("large.log"), fresh);
    Files.writeString(
        directory.resolve("large.log.1"), (STAMP.format(now) + ": ok\n").repeat(250_000));
    Demand ofRotated = logs(rotated);
    Demand ofPacked = logs(packed);
    Demand ofWhole = logs(whole);
    Demand ofLarge = new Demand.Logs(null, null, large.toString(), "FATAL", 86_400, 0);
    Look look = run(shell, List.of(ofRotated, ofPacked, ofWhole, ofLarge));

    assertThat(Evaluation.of(ofRotated, look))
        .isInstanceOfSatisfying(Bad.class, bad -> assertThat(bad.value()).isEqualTo("4 lines"));
    assertThat(Evaluation.of(ofPacked, look))
        .isInstanceOfSatisfying(
            Unknown.class, it -> assertThat(it.message()).startsWith("only the newest part of"));
    assertThat(Evaluation.of(ofWhole, look))
        .isInstanceOfSatisfying(Bad.class, bad -> assertThat(bad.value()).isEqualTo("1 line"));
    assertThat(Evaluation.of(ofLarge, look)).isInstanceOf(Unknown.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void readsPm2(String shell) throws Exception {
    assumeThat(Path.of("/usr/bin/node")).exists();
    var now = LocalDateTime.now(ZoneId.systemDefault());
    Path home = Files.createDirectories(directory.resolve(".pm2"));
    Path log = Files.writeString(directory.resolve("a out.log"), "ERROR\nok\n");
    installPm2(log);
    var online = new Demand.Pm2(true, null, null, List.of());
    var restarts = new Demand.Pm2(false, 1, 3600L, List.of());
    var logs = new Demand.Logs("a", null, null, "ERROR", 3600, 0);
    var noLogs = new Demand.Logs("c", null, null, "ERROR", 3600, 0);
    List<Demand> demands = List.of(online, restarts, logs, noLogs);

    // No daemon, and none is started.
    assertThat(Evaluation.of(online, run(shell, demands))).isInstanceOf(Bad.class);

    Files.writeString(home.resolve("pm2.pid"), ProcessHandle.current().pid() + "");
    String start = ": PM2 log: App [a:0] starting in -fork mode-\n";
    Files.writeString(
        home.resolve("pm2.log"),
        STAMP.format(now.minusHours(5))
            + ": PM2 log: --- New PM2 Daemon started -----\n"
            + STAMP.format(now.minusHours(5))
            + start
            + STAMP.format(now.minusHours(2))
            + start
            + STAMP.format(now.minusMinutes(2))
            + start
            + STAMP.format(now.minusMinutes(1))
            + start);
    Look look = run(shell, demands);
    assertThat(Evaluation.of(online, look)).isEqualTo(new Bad("b is stopped", "PM2: b is stopped"));
    assertThat(Evaluation.of(restarts, look))
        .isEqualTo(
            new Bad("a restarted 2 times", "PM2: a restarted 2 times within 1h; the limit is 1"));
    assertThat(Evaluation.of(logs, look).message()).startsWith("1 line of the PM2 logs of a");
    assertThat(Evaluation.of(noLogs, look)).isInstanceOf(Unknown.class);
    assertThat(look.sections()).noneMatch(section -> section.text().contains("hunter2"));

    Files.writeString(home.resolve("pm2.log"), STAMP.format(now.minusMinutes(1)) + start);
    assertThat(Evaluation.of(restarts, run(shell, demands))).isInstanceOf(Unknown.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void forgivesWorkThatBrokeOffNoLongerThanItsLockIsHeld(String shell) throws Exception {
    assumeThat(Path.of("/usr/bin/node")).exists();
    assumeThat(System.getProperty("user.name")).as("who may mount").isEqualTo("root");
    Path locks = Files.createDirectory(directory.resolve("locks"));
    Path apart =
        Files.writeString(
            directory.resolve("apart"),
            "#!/bin/sh\nexec unshare --mount sh -c 'mount --bind \"$0\" /run/lock && exec \"$@\"' "
                + locks
                + " \"$@\"\n");
    assertThat(apart.toFile().setExecutable(true)).isTrue();
    Path home = Files.createDirectories(directory.resolve(".pm2"));
    installPm2(directory.resolve("a.log"));
    Files.writeString(home.resolve("pm2.pid"), ProcessHandle.current().pid() + "");
    var now = LocalDateTime.now(ZoneId.systemDefault());
    String start = ": PM2 log: App [a:0] starting in -fork mode-\n";
    Files.writeString(
        home.resolve("pm2.log"),
        STAMP.format(now.minusHours(5))
            + start
            + STAMP.format(now.minusMinutes(9))
            + start
            + STAMP.format(now.minusMinutes(1))
            + start);
    var restarts = new Demand.Pm2(false, 0, 3600L, List.of());
    long begun = Instant.now().minus(Duration.ofMinutes(10)).getEpochSecond();
    Files.createFile(locks.resolve("drydock.lock"));
    Path journal = locks.resolve("drydock.journal");
    Process holder = new ProcessBuilder("sleep", "600").start();
    String id = holder.pid() + "." + start(holder);
    String broken = "begin\t%s\t%d\tremedy ops/offchain/load\thost\n".formatted(id, begun);
    String nextOne = "begin\tc\t" + (begun + 300) + "\tmaintenance ops/offchain/vacuum\n";

    Files.writeString(journal, broken);
    assertThat(Evaluation.of(restarts, run(apart + " " + shell, List.of(restarts))))
        .as("it is at work still")
        .isInstanceOf(Fine.class);

    Files.writeString(journal, broken.replace(id, holder.pid() + ".1"));
    assertThat(Evaluation.of(restarts, run(apart + " " + shell, List.of(restarts))).message())
        .as("another process has its number now")
        .startsWith("PM2: a restarted 2 times");

    Files.writeString(journal, broken + nextOne);
    assertThat(Evaluation.of(restarts, run(apart + " " + shell, List.of(restarts))).message())
        .as("somebody else is at work, and touches nothing")
        .startsWith("PM2: a restarted 2 times");

    Files.writeString(journal, broken);
    holder.destroyForcibly().waitFor();
    assertThat(Evaluation.of(restarts, run(apart + " " + shell, List.of(restarts))).message())
        .as("it ended without a word")
        .startsWith("PM2: a restarted 2 times");

    Files.writeString(journal, broken + "end\t" + id + "\t" + (begun + 120) + "\n");
    assertThat(Evaluation.of(restarts, run(apart + " " + shell, List.of(restarts))).message())
        .startsWith("PM2: a restarted 1 time");
  }

  /** When it began, as proc_pid_stat(5) counts it. */
  private static String start(Process process) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    return stat.substring(stat.lastIndexOf(')')).split(" ", -1)[20];
  }

  /**
   * Beside an older node and a newer one, which have none; it lists two processes, and has no
   * daemon.
   */
  private void installPm2(Path log) throws IOException {
    Path bin = Files.createDirectories(directory.resolve(".nvm/versions/node/v22.1.0/bin"));
    Files.createDirectories(directory.resolve(".nvm/versions/node/v9.0.0/bin"));
    Files.createDirectories(directory.resolve(".nvm/versions/node/v24.0.0/bin"));
    long started = Instant.now().toEpochMilli();
    Files.writeString(
        bin.resolve("pm2"),
        """
        #!/bin/sh
        [ "$1" = jlist ] || exit 9
        echo '[PM2] a banner'
        echo '[{"name":"a","pm_id":0,"pm2_env":{"status":"online","restart_time":9,"pm_uptime":%d,"SECRET":"hunter2","pm_out_log_path":"%s","pm_err_log_path":"/dev/null"}},{"name":"b","pm_id":1,"pm2_env":{"status":"stopped","restart_time":0,"pm_uptime":%d}}]'
        """
            .formatted(started, log, started));
    assertThat(bin.resolve("pm2").toFile().setExecutable(true)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void oneThatHangsSpoilsNoOtherAndNotTheDeadline(String shell) throws Exception {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var demands = new ArrayList<Demand>();
      for (int i = 0; i < 20; i++) {
        demands.add(
            new Demand.Http(
                "http://localhost:" + silent.getLocalPort() + "/" + i,
                true,
                200,
                null,
                null,
                i < 3 ? 1_000 : 60_000,
                false));
      }
      var last = new Demand.Http(url("/health"), true, 200, null, null, 5000, false);
      demands.addFirst(last);
      var slow = new Demand.Command(List.of("sleep", "9"), 0, null, 1_000);
      var patient = new Demand.Command(List.of("sleep", "9"), 0, null, 10_000);
      demands.addFirst(slow);
      demands.addFirst(patient);
      Instant start = Instant.now();
      Look look = run(shell, demands, Duration.ofSeconds(5));
      assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(7));
      assertThat(Evaluation.of(last, look)).isInstanceOf(Fine.class);
      assertThat(demands.stream().map(demand -> Evaluation.of(demand, look)))
          .anyMatch(finding -> finding.message().contains("no answer in time"))
          .anyMatch(finding -> finding.message().contains("no time was left"))
          .as("only who had time is found to be late")
          .filteredOn(Bad.class::isInstance)
          .hasSize(7);
      assertThat(Evaluation.of(slow, look).message()).endsWith("did not end within 1s");
      assertThat(Evaluation.of(patient, look))
          .as("it had all the time that there was")
          .isInstanceOf(Bad.class)
          .extracting(Finding::message)
          .asString()
          .containsPattern(
              "did not end within [23]s, which is what spec.probe.timeout of the Host left of its"
                  + " 10s");
      assertThat(Evaluation.vitals(look)).isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void tellsWhatHangsByBusyBoxsTimeoutToo(String shell) throws Exception {
    assumeThat(Path.of("/bin/busybox")).exists();
    program("timeout", "exec /bin/busybox timeout \"$@\"");
    var hangs = new Demand.Command(List.of("sleep", "9"), 0, null, 1_000);
    assertThat(Evaluation.of(hangs, run(shell, List.of(hangs))).message())
        .isEqualTo("sleep 9 did not end within 1s");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/sh", "/bin/dash", "/bin/busybox sh", "/bin/bash"})
  void blamesNobodyForTheTimeThatOthersTook(String shell) throws Exception {
    var demands = new ArrayList<Demand>();
    for (int i = 0; i < 8; i++) {
      demands.add(new Demand.Command(List.of("sleep", "3" + i), 0, null, 4_000));
    }
    var unlucky = new Demand.Command(List.of("sleep", "9"), 0, null, 10_000);
    demands.addLast(unlucky);
    Look look = run(shell, demands, Duration.ofSeconds(7));
    assertThat(Evaluation.of(unlucky, look)).isEqualTo(new Unknown(Look.NO_TIME_LEFT));
    assertThat(demands.stream().map(demand -> Evaluation.of(demand, look)))
        .filteredOn(Bad.class::isInstance)
        .hasSize(8);
  }

  private static Demand logs(Path path) {
    return new Demand.Logs(null, null, path.toString(), "ERROR|nothing", 86_400, 0);
  }

  @ParameterizedTest
  @CsvSource({
    "/bin/sh, redis-cli",
    "/bin/dash, redis-cli",
    "/bin/busybox sh, redis-cli",
    "/bin/bash, redis-cli",
    "/bin/dash, bash",
    "/bin/busybox sh, bash",
    "/bin/bash, bash"
  })
  void showsRedisItsPasswordAndNobodyElse(String shell, String client) throws Exception {
    String password = "o'dd \"pä$ss $HOME\\\\";
    Path bin = Files.createDirectory(directory.resolve("bin"));
    for (String name : List.of("sed", "head", "date", "cat", "timeout", "grep", "getconf", "wc")) {
      Files.createSymbolicLink(bin.resolve(name), Path.of("/usr/bin", name));
    }
    Path told = directory.resolve("told");
    Path spy =
        Files.writeString(
            bin.resolve(client),
            "#!/bin/bash\nprintf '%s\\n' \"$@\" >> '"
                + told
                + "'\nexec /usr/bin/"
                + client
                + " \"$@\"\n");
    assertThat(spy.toFile().setExecutable(true)).isTrue();
    environment.put("PATH", bin.toString());
    try (var server = RedisServer.start("--requirepass", password)) {
      int port = server.port();
      var right = new Demand.Redis("127.0.0.1", port, false, true, 50, "right");
      var user = new Demand.Redis("127.0.0.1", port, false, true, 50, "user");
      var wrong = new Demand.Redis("127.0.0.1", port, false, true, 50, "wrong");
      var none = new Demand.Redis("127.0.0.1", port, false, true, 50, null);
      List<Demand> demands = List.of(right, user, wrong, none);
      Map<String, Map<String, String>> secrets =
          Map.of(
              "right", Map.of("password", password),
              "user", Map.of("username", "default", "password", password),
              "wrong", Map.of("password", "wr0ng"));
      var logins =
          Logins.read(
              demands, name -> new Credentials.Present(secrets.getOrDefault(name, Map.of())));

      Look look = run(shell, demands, logins, Duration.ofSeconds(30));

      for (Demand fine : List.of(right, user)) {
        assertThat(Evaluation.of(fine, look))
            .isInstanceOfSatisfying(
                Fine.class, value -> assertThat(value.value()).endsWith(" of 100 clients"));
      }
      assertThat(Evaluation.of(wrong, look).message())
          .endsWith("refuses the user or password of the Secret wrong: correct it");
      assertThat(Evaluation.of(none, look).message())
          .endsWith("asks for a password: name it in passwordSecret");
      assertThat(Files.readString(told))
          .as("what anybody on the host may read of a program")
          .contains("127.0.0.1", "" + port)
          .doesNotContain("wr0ng", password, "pä$ss");
    }
  }

  private Look run(String shell, List<Demand> demands) throws Exception {
    return run(shell, demands, Duration.ofSeconds(30));
  }

  /** As the SSH adapter feeds it: on standard input, in a subshell. */
  private Look run(String shell, List<Demand> demands, Duration deadline) throws Exception {
    return run(shell, demands, Logins.NONE, deadline);
  }

  private Look run(String shell, List<Demand> demands, Logins logins, Duration deadline)
      throws Exception {
    List<String> command = List.of(shell.split(" ", -1));
    assumeThat(Path.of(command.getFirst())).exists();
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().putAll(environment);
    builder.environment().put("LC_ALL", "C");
    Instant sent = Instant.now();
    Process process = builder.start();
    try (var input = process.getOutputStream()) {
      input.write(
          ("(\n"
                  + HostLook.script(demands, logins, deadline).render()
                  + ") </dev/null 2>/dev/null\n")
              .getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(output.length()).isLessThan(400_000);
    Look read =
        HostLook.read(demands, output, Look.Outside.NOTHING, new Look.Timing(sent, Instant.now()));
    return read;
  }
}
