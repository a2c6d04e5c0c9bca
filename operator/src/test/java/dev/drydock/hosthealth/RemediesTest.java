package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.drydock.adapter.postgres.PgDatabase;
import dev.drydock.api.v1alpha1.common.Severity;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.CheckNote;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Sample;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.kernel.Work;
import dev.drydock.kube.HostAccesses;
import dev.drydock.kube.PlannedWork;
import dev.drydock.port.Credentials;
import dev.drydock.port.Database;
import dev.drydock.port.DatabaseAccess;
import dev.drydock.port.HostLock;
import dev.drydock.port.LocalHost;
import dev.drydock.port.Network;
import dev.drydock.probe.Figure;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Looker;
import dev.drydock.probe.Metric;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Turn after turn, with this machine for the hosts and a PM2 that notes what it is told. */
class RemediesTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  @SuppressWarnings("NullAway.Init")
  private LocalHost local;

  private final Records records = new Records();
  private final AtomicInteger news = new AtomicInteger();
  private final PlannedWork works = new PlannedWork();
  private final List<String> events = new ArrayList<>();
  private final List<Remedies.EndedTry> ended = new ArrayList<>();
  private String steps = "[{restart: {pm2: [api]}}]";
  private String more = "";
  private Database database = new PgDatabase();
  private @Nullable Sighting seen;
  private String check = "";
  private RemedyRunner.Pause pause = _ -> {};
  private Instant now = NOON;

  @BeforeEach
  void prepare() throws IOException {
    assumeThat(Path.of("/usr/bin/node")).exists();
    Path bin = Files.createDirectory(directory.resolve("bin"));
    Files.createDirectory(directory.resolve(".pm2"));
    Files.writeString(directory.resolve(".pm2/pm2.pid"), ProcessHandle.current().pid() + "");
    Path pm2 = bin.resolve("pm2");
    Files.writeString(
        pm2,
        """
        #!/bin/sh
        here=%s
        case $1 in
          jlist) cat "$here/list" 2>/dev/null || echo '[{"name":"api","pm_id":0,"pm2_env":{"status":"'"$(cat "$here/state")"'","exec_mode":"fork_mode"}}]' ;;
          restart)
            echo "$*" >>"$here/calls"
            [ ! -e "$here/dying" ] || printf errored >"$here/state"
            [ -e "$here/broken" ] || touch "$here/fine"
            ;;
          stop) echo "$*" >>"$here/calls"; printf stopped >"$here/state" ;;
        esac
        """
            .formatted(directory));
    assertThat(pm2.toFile().setExecutable(true)).isTrue();
    Files.writeString(directory.resolve("state"), "online");
    Files.createFile(directory.resolve("calls"));
    local =
        new LocalHost(
            "/bin/sh", Map.of("HOME", directory.toString(), "PATH", bin + ":/usr/bin:/bin"));
  }

  private Remedies remedies() {
    var looker = new Looker(local, new NoNetwork(), database, () -> now);
    var remedies =
        new Remedies(
            records,
            new RemedyRunner(local, looker, () -> now, pause),
            _ -> new HostAccesses.Access(LocalHost.ACCESS, Duration.ofSeconds(10)),
            _ ->
                _ ->
                    new Credentials.Present(
                        Map.of("uri", "postgresql://drydock:x@192.0.2.1:5432/shop")),
            (_, name) ->
                Optional.of(
                    Serialization.unmarshal(
                        Serialization.asYaml(
                            Fixtures.host(name, "{}", "permits: [Check, Restart]")),
                        Host.class)),
            works,
            () -> now);
    remedies.whenNews((_, _) -> news.incrementAndGet());
    return remedies;
  }

  private HostHealthPolicy policy(String... hosts) {
    HostHealthPolicy policy =
        Serialization.unmarshal(
            """
            apiVersion: drydock.dev/v1alpha1
            kind: HostHealthPolicy
            metadata: {name: fleet, namespace: ns, uid: u-1}
            spec:
              hosts: {names: [%s]}
              interval: 1m
              mode: Act
              %s
              checks:
              - name: there
                severity: Warning
                %s
                remedy:
                  cooldown: 10m
                  steps: %s
            """
                .formatted(
                    String.join(", ", hosts),
                    more,
                    check.isEmpty()
                        ? "file: {path: %s}".formatted(directory.resolve("fine"))
                        : check,
                    steps),
            HostHealthPolicy.class);
    write(policy, Stream.of(hosts).map(this::firing).toList(), null);
    return policy;
  }

  private HostState firing(String name) {
    var alert =
        new AlertState(
            "there",
            Severity.Warning,
            Phase.Firing,
            NOON.minusSeconds(60).toString(),
            null,
            "missing",
            "it is missing",
            null,
            List.of(),
            List.of(),
            null,
            null,
            List.of());
    return new HostState(
        name,
        State.Degraded,
        null,
        null,
        null,
        List.of(alert),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /** The policy's only host, as its check fails now. */
  private static HostState saying(String value, HostHealthPolicy policy) {
    HostState host = policy.getStatus().hosts().getFirst();
    AlertState alert = host.alerts().getFirst();
    return new HostState(
        host.name(),
        host.state(),
        null,
        null,
        null,
        List.of(
            new AlertState(
                alert.check(),
                alert.severity(),
                alert.phase(),
                alert.since(),
                null,
                value,
                value,
                null,
                List.of(),
                List.of(),
                null,
                null,
                List.of())),
        List.of(),
        List.of(),
        host.remedies(),
        List.of(),
        List.of());
  }

  private static void write(
      HostHealthPolicy policy, List<HostState> hosts, @Nullable String acknowledged) {
    policy.setStatus(Fixtures.status(null, acknowledged, hosts));
  }

  private List<HostState> turn(Remedies remedies, HostHealthPolicy policy) {
    return turn(
        remedies,
        policy,
        seen != null
            ? seen
            : new Sighting.Looked(
                Map.of("there", new Finding.Bad("missing", "it is missing")), "", "", now, false),
        null);
  }

  private List<HostState> turn(
      Remedies remedies, HostHealthPolicy policy, Sighting sighting, @Nullable String lastLook) {
    List<HostState> planned = policy.getStatus().hosts();
    var view =
        new View(
            new HealthReport.AtWork("Watching", ""),
            planned.stream().collect(Collectors.toMap(HostState::name, _ -> sighting)),
            null,
            lastLook);
    Remedies.Turn turn = remedies.turn(policy, planned, view, now);
    turn.news().forEach(one -> events.add(one.reason()));
    ended.addAll(turn.ended());
    return turn.hosts();
  }

  /** A turn whose outcome is written. */
  private RemedyState written(Remedies remedies, HostHealthPolicy policy) {
    write(policy, turn(remedies, policy), null);
    return policy.getStatus().hosts().getFirst().remedies().getFirst();
  }

  private RemedyState carriedOut(Remedies remedies, HostHealthPolicy policy) {
    assertThat(written(remedies, policy).phase()).isEqualTo(RemedyPhase.Running);
    int before = news.get();
    assertThat(written(remedies, policy).phase()).isEqualTo(RemedyPhase.Running);
    await().until(() -> news.get() > before);
    now = now.plusSeconds(30);
    return written(remedies, policy);
  }

  private void touch(String name) {
    put(name, "");
  }

  /** PM2 has two processes from now on. */
  private void list(String api, String worker) {
    put(
        "list",
        ("[{'name':'api','pm_id':0,'pm2_env':{'status':'%s','exec_mode':'fork_mode'}},"
                + "{'name':'worker','pm_id':1,'pm2_env':{'status':'%s','exec_mode':'fork_mode'}}]\n")
            .formatted(api, worker)
            .replace('\'', '"'));
  }

  private void put(String name, String text) {
    try {
      Files.writeString(directory.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(directory.resolve("calls"));
  }

  @Test
  void beginsOnlyWhatStandsInStatus() throws IOException {
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    HostState next = turn(remedies, policy).getFirst();
    assertThat(next.remedies().getFirst().phase()).isEqualTo(RemedyPhase.Running);
    assertThat(next.remedies().getFirst().tries()).containsExactly(NOON.toString());
    assertThat(next.alerts().getFirst().remedy()).contains("at work since").contains("restart api");
    // The write was refused: the next turn finds what there was.
    assertThat(turn(remedies, policy).getFirst().remedies().getFirst().phase())
        .isEqualTo(RemedyPhase.Running);
    assertThat(calls()).isEmpty();
    assertThat(local.works).isEmpty();
  }

  @Test
  void doesNotBeginWhatAPersonHasForbiddenSince() throws IOException {
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    assertThat(written(remedies, policy).phase()).isEqualTo(RemedyPhase.Running);
    HostHealthPolicy observing = policy("a");
    observing.setSpec(
        Serialization.unmarshal(
                Serialization.asYaml(observing).replace("Act", "Observe"), HostHealthPolicy.class)
            .getSpec());
    observing.setStatus(policy.getStatus());

    // The second time as if the first could not be written.
    turn(remedies, observing);
    RemedyState state = written(remedies, observing);

    assertThat(state.phase()).isEqualTo(RemedyPhase.Refused);
    assertThat(state.message()).isEqualTo("not begun, since by then the policy's mode is Observe");
    assertThat(state.tries()).isEmpty();
    assertThat(written(remedies, observing).phase()).isEqualTo(RemedyPhase.Observed);
    assertThat(calls()).isEmpty();
    assertThat(events)
        .containsExactly("RemedyStarted", "RemedyWithdrawn", "RemedyWithdrawn", "RemedyObserved");

    observing.setSpec(policy.getSpec());
    assertThat(carriedOut(remedies, observing).phase()).isEqualTo(RemedyPhase.Helped);
  }

  @Test
  void forgetsWhatWasNotBegunForACheckThatIsGone() {
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    write(policy, turn(remedies, policy), null);
    HostHealthPolicy other = policy("a");
    other.setSpec(
        Serialization.unmarshal(
                Serialization.asYaml(other).replaceAll("name: \"?there\"?", "name: elsewhere"),
                HostHealthPolicy.class)
            .getSpec());
    other.setStatus(policy.getStatus());

    assertThat(turn(remedies, other).getFirst().remedies()).isEmpty();
  }

  @Test
  void carriesItOutAndSaysThatItHelped() throws IOException {
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    RemedyState state = carriedOut(remedies, policy);
    assertThat(state.phase()).isEqualTo(RemedyPhase.Helped);
    assertThat(state.message()).isEqualTo("restarted api; the check is fine again");
    assertThat(state.record()).isEqualTo("record");
    assertThat(state.finished()).isEqualTo(NOON.plusSeconds(30).toString());
    assertThat(calls()).containsExactly("restart 0");
    assertThat(local.works)
        .containsExactly(new Work("remedy ns/fleet/there", List.of(Work.pm2("api"))));
    assertThat(records.of("a"))
        .contains("before anything is done: ", "step 1 of 1: restart api", "result: Helped");
    assertThat(policy.getStatus().hosts().getFirst().alerts().getFirst().remedy())
        .isEqualTo(state.message());
    assertThat(events).containsExactly("RemedyStarted", "RemedyHelped");
    assertThat(ended).containsExactly(new Remedies.EndedTry("a", "there", RemedyPhase.Helped));
    assertThat(works.on("ns", "a", now)).isEmpty();
    // A turn whose outcome was not written comes to the same again.
    now = now.plusSeconds(60);
    assertThat(written(remedies, policy).phase()).isEqualTo(RemedyPhase.Helped);
    assertThat(policy.getStatus().hosts().getFirst().alerts().getFirst().remedy())
        .startsWith("the next try is due at 2026-11-23T12:10:00Z");
    assertThat(calls()).hasSize(1);
  }

  @Test
  void takesTheOutcomeAgainWhereItCouldNotBeWritten() {
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    written(remedies, policy);
    written(remedies, policy);
    await().until(() -> news.get() > 0);
    for (int i = 0; i < 2; i++) {
      assertThat(turn(remedies, policy).getFirst().remedies().getFirst().phase())
          .isEqualTo(RemedyPhase.Helped);
    }
  }

  @Test
  void doesNothingOnceWhoeverHadTheLockHasMendedIt() throws IOException {
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    local.untilLocked = () -> touch("fine");
    RemedyState state = carriedOut(remedies, policy);
    assertThat(state.phase()).isEqualTo(RemedyPhase.Helped);
    assertThat(state.message()).isEqualTo("the check was fine again before anything was done");
    assertThat(calls()).isEmpty();
  }

  @Test
  void stopsOnlyWhoIsStillAtFaultOnceItHasTheLock() throws IOException {
    check = "pm2: {allOnline: true}";
    steps = "[{stop: {pm2: offender}}, {hold: {}}]";
    list("errored", "errored");
    local.untilLocked = () -> list("online", "errored");
    assertThat(carriedOut(remedies(), policy("a")).phase()).isEqualTo(RemedyPhase.Held);
    assertThat(calls()).containsExactly("stop 1");
  }

  @Test
  void holdsNothingWhilePm2ItselfIsDown() throws IOException {
    check = "pm2: {allOnline: true}";
    steps = "[{recordLogs: {pm2: offender}}, {stop: {pm2: offender}}, {hold: {}}]";
    Files.delete(directory.resolve(".pm2/pm2.pid"));
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    RemedyState state = carriedOut(remedies, policy);
    assertThat(state.phase()).isEqualTo(RemedyPhase.Refused);
    assertThat(state.message())
        .isEqualTo(
            "nothing was done, since it is about the process that the check names, and it names"
                + " none");
    assertThat(state.tries()).as("they are for what loops once PM2 is back").isEmpty();
    assertThat(local.works).isEmpty();

    for (int minute = 1; minute < 9; minute++) {
      now = now.plusSeconds(60);
      assertThat(written(remedies, policy)).as("its cooldown passes first").isEqualTo(state);
    }
    assertThat(events).containsExactly("RemedyStarted", "RemedyWaiting");
    now = now.plusSeconds(150);
    assertThat(carriedOut(remedies, policy).message()).isEqualTo(state.message());

    write(policy, List.of(saying("1 of 2 errored", policy)), null);
    put(".pm2/pm2.pid", ProcessHandle.current().pid() + "");
    list("errored", "online");
    now = now.plusSeconds(90);
    assertThat(carriedOut(remedies, policy).phase()).isEqualTo(RemedyPhase.Held);
    assertThat(calls()).containsExactly("stop 0");
  }

  @Test
  void doesWhatItCanWithoutAnOffenderButDoesNotHold() throws IOException {
    check = "pm2: {allOnline: true}";
    steps = "[{recordLogs: {pm2: offender}}, {restart: {pm2: [api]}}, {hold: {}}]";
    list("stopped", "online");
    RemedyState state = carriedOut(remedies(), policy("a"));
    assertThat(calls()).containsExactly("restart 0");
    assertThat(state.phase()).isEqualTo(RemedyPhase.NotHelped);
    assertThat(state.message()).contains("does not hold, since the check names no process");
  }

  @Test
  void stopsNobodyWhoWasNotAtFaultFromTheStart() throws IOException {
    check = "pm2: {allOnline: true}";
    steps = "[{stop: {pm2: offender}}, {hold: {}}]";
    list("errored", "online");
    local.untilLocked = () -> list("online", "errored");
    RemedyState state = carriedOut(remedies(), policy("a"));
    assertThat(state.phase()).isEqualTo(RemedyPhase.Refused);
    assertThat(state.message())
        .isEqualTo(
            "nothing was done, since the check names api no more, now that the host's lock is had");
    assertThat(calls()).isEmpty();
  }

  @Test
  void keepsTheLockUntilWhatItRestartedHasHadTimeToComeUp() {
    var holders = new CopyOnWriteArrayList<String>();
    var other = new Work("somebody else", List.of());
    pause =
        _ ->
            holders.add(
                switch (local.lock(LocalHost.ACCESS, other, Duration.ZERO, Duration.ofSeconds(1))) {
                  case HostLock.Busy(String holder) -> holder;
                  case HostLock.Held(HostLock lock) -> {
                    lock.close();
                    yield "nobody";
                  }
                  case HostLock.NotTaken _ -> "unknown";
                });
    assertThat(carriedOut(remedies(), policy("a")).phase()).isEqualTo(RemedyPhase.Helped);
    assertThat(holders).containsExactly("remedy ns/fleet/there");
  }

  @Test
  void goesNoFurtherOnceAStepHelpedThatFailedInPart() throws IOException {
    steps = "[{restart: {pm2: [api, gone]}}, {restartHeaviest: {pm2: [api]}}]";
    RemedyState state = carriedOut(remedies(), policy("a"));
    assertThat(state.phase()).isEqualTo(RemedyPhase.Helped);
    assertThat(state.message())
        .isEqualTo("restarted api; gone does not exist; the check is fine again");
    assertThat(calls()).containsExactly("restart 0");
  }

  @Test
  void doesNotRestartForEverWhatDiesAtItsStart() throws IOException {
    touch("broken");
    touch("dying");
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    RemedyState state = carriedOut(remedies, policy);
    assertThat(state.phase()).isEqualTo(RemedyPhase.NotHelped);
    assertThat(state.message())
        .isEqualTo("restarted api; api is errored now; the check is not fine");
    now = now.plus(Duration.ofDays(2));
    assertThat(written(remedies, policy)).isEqualTo(state);
    assertThat(calls()).hasSize(1);
  }

  @Test
  void triesAgainWhereNothingCouldBeTouched() throws IOException {
    steps = "[{restart: {pm2: [gone]}}]";
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    RemedyState state = carriedOut(remedies, policy);
    assertThat(state.phase()).isEqualTo(RemedyPhase.Failed);
    assertThat(state.message()).isEqualTo("gone does not exist");
    now = now.plus(Duration.ofMinutes(11));
    assertThat(written(remedies, policy).phase()).isEqualTo(RemedyPhase.Running);
    assertThat(calls()).isEmpty();
  }

  @Test
  void takesFromStatusWhatTheLastScheduledLookFound() {
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    HostState bad = policy.getStatus().hosts().getFirst();
    String looked = NOON.minusSeconds(30).toString();

    write(policy, List.of(with(bad, null, "maintenance ops/x/updates", List.of())), null);
    HostState next = turn(remedies, policy, new Sighting.NothingNew(), looked).getFirst();
    assertThat(next.remedies()).isEmpty();
    assertThat(next.alerts().getFirst().remedy())
        .isEqualTo("waits for the end of planned work: maintenance ops/x/updates");

    var note = new CheckNote("there", "nobody knows", NOON.toString());
    write(policy, List.of(with(bad, null, null, List.of(note))), null);
    assertThat(turn(remedies, policy, new Sighting.NothingNew(), looked).getFirst().remedies())
        .isEmpty();
    write(policy, List.of(with(bad, NOON.minusSeconds(30).toString(), null, List.of())), null);
    assertThat(turn(remedies, policy, new Sighting.NothingNew(), looked).getFirst().remedies())
        .isEmpty();

    write(policy, List.of(bad), null);
    assertThat(turn(remedies, policy, new Sighting.NothingNew(), looked).getFirst().remedies())
        .extracting(RemedyState::phase)
        .containsExactly(RemedyPhase.Running);
  }

  private static HostState with(
      HostState host,
      @Nullable String unknownSince,
      @Nullable String work,
      List<CheckNote> unknown) {
    return new HostState(
        host.name(),
        unknownSince == null ? host.state() : State.Unknown,
        null,
        unknownSince,
        work,
        host.alerts(),
        unknown,
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  @Test
  void hasKeptWhatItSawWhenTheOperatorIsKilled() throws Exception {
    steps = "[{recordConfig: {pm2: api}}, {restart: {pm2: [api]}}]";
    var atWork = new CountDownLatch(1);
    var never = new CountDownLatch(1);
    pause =
        _ -> {
          atWork.countDown();
          never.await();
        };
    HostHealthPolicy policy = policy("a");
    Remedies killed = remedies();
    written(killed, policy);
    written(killed, policy);
    assertThat(atWork.await(30, TimeUnit.SECONDS)).isTrue();

    RemedyState state = written(remedies(), policy);

    assertThat(state.phase()).isEqualTo(RemedyPhase.Interrupted);
    assertThat(state.record()).isEqualTo("record");
    assertThat(records.of("a"))
        .contains("before anything is done: ", "api (0)")
        .doesNotContain("result: ");
    killed.close();
  }

  @Test
  void keepsTheRecordOfATryThatItsStopInterrupts() throws Exception {
    var atWork = new CountDownLatch(1);
    var never = new CountDownLatch(1);
    pause =
        _ -> {
          atWork.countDown();
          never.await();
        };
    HostHealthPolicy policy = policy("a");
    Remedies remedies = remedies();
    written(remedies, policy);
    written(remedies, policy);
    assertThat(atWork.await(30, TimeUnit.SECONDS)).isTrue();

    remedies.close();

    assertThat(records.of("a")).contains("restarted api", "result: Interrupted");
  }

  @Test
  void goesOnWhereTheRecordCanNotBeKept() throws IOException {
    records.broken = true;
    RemedyState state = carriedOut(remedies(), policy("a"));
    assertThat(state.phase()).isEqualTo(RemedyPhase.Helped);
    assertThat(state.record()).isNull();
    assertThat(state.message())
        .isEqualTo(
            "restarted api; the check is fine again; its record could not be written into a"
                + " ConfigMap: the operator's log has it, and why");
    assertThat(events).containsExactly("RemedyStarted", "RemedyHelped", "RemedyRecordNotKept");
    assertThat(calls()).hasSize(1);
  }

  /** A database of 2 GiB. */
  private static final class Grown implements Database {
    @Override
    public Examination examine(DatabaseAccess access, boolean bloat, Duration deadline) {
      return new Examined(
          "15.1",
          false,
          2L << 30,
          new Connections(1, 100),
          new WithoutPrimaryKey(0, List.of()),
          List.of(),
          Bloat.NONE,
          Replication.NONE);
    }

    @Override
    public Vacuuming vacuum(
        DatabaseAccess access, VacuumOrder order, Consumer<String> progress, Duration deadline) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void beginsForWhatGrowsTooFastThoughOneLookCanNotTellSo() throws IOException {
    check = "postgresql: {secretName: db, growthPercentPerDayAbove: 10}";
    database = new Grown();
    HostHealthPolicy policy = policy("a");
    HostState host = policy.getStatus().hosts().getFirst();
    var yesterday = new Sample("there", NOON.minus(Duration.ofDays(1)).toString(), "1073741824");
    write(
        policy,
        List.of(
            new HostState(
                host.name(),
                host.state(),
                null,
                null,
                null,
                host.alerts(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(yesterday))),
        null);
    seen =
        new Sighting.Looked(
            Map.of("there", new Finding.Fine("2Gi")),
            "",
            "",
            NOON,
            false,
            List.of(Figure.ofCheck(Metric.DATABASE_SIZE, "there", 2L << 30)));

    RemedyState state = carriedOut(remedies(), policy);

    assertThat(state.phase()).isEqualTo(RemedyPhase.NotHelped);
    assertThat(state.message()).isEqualTo("restarted api; the check is not fine");
    assertThat(records.of("a")).contains("the database grows by 100 % a day");
    assertThat(calls()).containsExactly("restart 0");
  }

  @Test
  void doesNothingMoreOnceItDidNotHelp() throws IOException {
    Files.createFile(directory.resolve("broken"));
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    RemedyState state = carriedOut(remedies, policy);
    assertThat(state.phase()).isEqualTo(RemedyPhase.NotHelped);
    assertThat(state.message()).isEqualTo("restarted api; the check is not fine");
    now = now.plus(Duration.ofHours(2));
    assertThat(written(remedies, policy)).isEqualTo(state);
    assertThat(policy.getStatus().hosts().getFirst().alerts().getFirst().remedy())
        .contains("no further try until the alert has ended or is acknowledged");
    assertThat(calls()).hasSize(1);

    policy.getMetadata().setAnnotations(Map.of("drydock.dev/acknowledge", "a/there@1,b/there"));
    Remedies.Turn turn =
        remedies.turn(
            policy,
            policy.getStatus().hosts(),
            new View(new HealthReport.AtWork("", ""), Map.of(), null, null),
            now);
    assertThat(turn.acknowledged()).isEqualTo("a/there@1,b/there");
    assertThat(turn.news())
        .extracting(Remedies.News::reason)
        .containsExactly("RemedyAcknowledged", "AcknowledgementUnknown");
    write(policy, turn.hosts(), turn.acknowledged());
    now = now.plusSeconds(10);
    write(policy, turn(remedies, policy), turn.acknowledged());
    assertThat(policy.getStatus().hosts().getFirst().remedies().getFirst().phase())
        .isEqualTo(RemedyPhase.Running);
  }

  @Test
  void holdsWhatItStoppedUntilAPersonHasSeenIt() throws IOException {
    steps = "[{stop: {pm2: api}}, {recordConfig: {pm2: api}}, {hold: {}}, {restart: {pm2: [api]}}]";
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    RemedyState state = carriedOut(remedies, policy);
    assertThat(state.phase()).isEqualTo(RemedyPhase.Held);
    assertThat(state.message())
        .startsWith("stopped api; held until: kubectl -n ns annotate --overwrite hhp fleet")
        .contains("drydock.dev/acknowledge=a/there");
    assertThat(records.of("a")).contains("api (0)", "status: stopped");
    now = now.plus(Duration.ofDays(3));
    assertThat(written(remedies, policy).phase()).isEqualTo(RemedyPhase.Held);
    assertThat(calls()).containsExactly("stop 0");
  }

  @Test
  void theCommandThatAHoldPrintsWorksEachTime() {
    steps = "[{stop: {pm2: api}}, {hold: {}}]";
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    String handled = null;
    for (int i = 0; i < 2; i++) {
      String message = String.valueOf(carriedOut(remedies, policy).message());
      String value =
          message.replaceFirst("^.* drydock.dev/acknowledge=", "").replaceFirst("; .*$", "");
      assertThat(value).startsWith("a/there@2026-");
      policy.getMetadata().setAnnotations(Map.of("drydock.dev/acknowledge", value));
      write(policy, policy.getStatus().hosts(), handled);
      write(policy, turn(remedies, policy), null);
      assertThat(policy.getStatus().hosts().getFirst().remedies().getFirst().phase())
          .isEqualTo(RemedyPhase.Acknowledged);
      handled = value;
      policy.getMetadata().setAnnotations(Map.of());
      now = now.plus(Duration.ofMinutes(20));
    }
  }

  @Test
  void saysAfterARestartOfTheOperatorThatNobodyKnows() throws IOException {
    HostHealthPolicy policy = policy("a");
    written(remedies(), policy);
    RemedyState state = written(remedies(), policy);
    assertThat(state.phase()).isEqualTo(RemedyPhase.Interrupted);
    assertThat(state.message()).startsWith("the operator was stopped while this was at work");
    assertThat(state.tries()).as("it counts").hasSize(1);
    assertThat(state.record()).as("nothing was kept").isNull();
    assertThat(calls()).isEmpty();
  }

  @Test
  void waitsForTheLockWithoutCountingATry() throws IOException {
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    var other = new Work("maintenance ops/x/updates", List.of());
    HostLock lock =
        ((HostLock.Held) local.lock(LocalHost.ACCESS, other, Duration.ZERO, Duration.ofSeconds(1)))
            .lock();
    RemedyState state = carriedOut(remedies, policy);
    assertThat(state.phase()).isEqualTo(RemedyPhase.Refused);
    assertThat(state.message())
        .isEqualTo("waits for the host's lock, which maintenance ops/x/updates has");
    assertThat(state.tries()).isEmpty();
    assertThat(written(remedies, policy)).as("not again at once").isEqualTo(state);
    lock.close();
    now = now.plusSeconds(61);
    assertThat(carriedOut(remedies, policy).phase()).isEqualTo(RemedyPhase.Helped);
    assertThat(calls()).hasSize(1);
  }

  @Test
  void isAtWorkOnAFewHostsAtATime() {
    more = "maxRemediesPercent: 67";
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a", "b", "c");
    List<HostState> next = turn(remedies, policy);
    assertThat(next.stream().filter(host -> !host.remedies().isEmpty()).map(HostState::name))
        .containsExactly("a", "b");
    assertThat(next.getLast().alerts().getFirst().remedy()).contains("maxRemediesPercent");
  }

  @Test
  void countsOnlyHostsThatItCovers() {
    more = "maxRemediesPercent: 34";
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a", "b", "c");
    var hosts = new ArrayList<>(policy.getStatus().hosts());
    for (int i = 0; i < 7; i++) {
      hosts.add(
          new HostState(
              "gone-" + i,
              State.Unknown,
              HealthPlan.NOT_COVERED,
              null,
              null,
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              List.of()));
    }
    write(policy, hosts, null);
    assertThat(turn(remedies, policy).stream().filter(host -> !host.remedies().isEmpty()))
        .as("one of three, not of ten")
        .hasSize(1);
  }

  @Test
  void saysThatTheHostIsGone() {
    Remedies remedies = remedies();
    HostHealthPolicy policy = policy("a");
    local.unplug();
    RemedyState state = carriedOut(remedies, policy);
    assertThat(state.phase()).isEqualTo(RemedyPhase.Failed);
    assertThat(state.message())
        .isEqualTo("nothing was done, since the host can't be looked at: the host is gone");
  }

  /** As the API server keeps them: nothing for a thread that was interrupted. */
  private static final class Records implements Remedies.Shelf {
    private final Map<String, String> texts = new ConcurrentHashMap<>();
    private volatile boolean broken;

    /** Of the only try on a host. */
    String of(String host) {
      return texts.getOrDefault(host + "/there/" + NOON, "");
    }

    @Override
    public @Nullable String keep(
        HostHealthPolicy policy,
        String host,
        String check,
        String started,
        String text,
        boolean ended) {
      if (broken || Thread.currentThread().isInterrupted()) {
        return null;
      }
      texts.put(host + "/" + check + "/" + started, text);
      return "record";
    }

    @Override
    public @Nullable String find(
        HostHealthPolicy policy, String host, String check, String started) {
      return texts.containsKey(host + "/" + check + "/" + started) ? "record" : null;
    }
  }

  private static final class NoNetwork implements Network {
    @Override
    public Answer<Page> fetch(String url, @Nullable String json, int cap, Duration deadline) {
      return new Unanswered<>(Kind.NOT_ASKED, "no network");
    }

    @Override
    public Answer<Instant> certificateEnd(String host, int port, Duration deadline) {
      return new Unanswered<>(Kind.NOT_ASKED, "no network");
    }

    @Override
    public Answer<String> converse(
        String host, int port, boolean tls, String text, int cap, Duration deadline) {
      return new Unanswered<>(Kind.NOT_ASKED, "no network");
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
