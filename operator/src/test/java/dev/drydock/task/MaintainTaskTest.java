package dev.drydock.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec.Freeze;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.port.HostShell.Answer;
import dev.drydock.probe.LookAssignment.Reach;
import dev.drydock.work.FakeDatabase;
import dev.drydock.work.FakeHosts;
import dev.drydock.work.NoNetwork;
import dev.drydock.work.TestClock;
import dev.drydock.work.WorkAssignment;
import dev.drydock.work.WorkAssignment.Target;
import dev.drydock.work.WorkResult;
import dev.drydock.work.WorkResult.HostResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Order, failures, windows and the end of a pod; what is done on a host is a command. */
class MaintainTaskTest {
  private static final String SLOT = "2026-11-25T02:00:00Z";
  private static final String COMMAND = ",\"command\":{\"run\":\"garden\"}";
  private static final String WINDOW = ",\"window\":{\"duration\":\"2h\",\"cutoff\":\"30m\"}";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  private final TestClock clock = new TestClock(SLOT);
  private final FakeDatabase database = new FakeDatabase();
  private FakeHosts.Behavior behavior = (_, _) -> FakeHosts.ended(0, "");
  private final FakeHosts hosts = new FakeHosts((host, script) -> behavior.answer(host, script));
  private List<Freeze> freezes = List.of();
  private List<String> done = List.of();
  private List<Permit> permits = List.of(Permit.Command);

  private static MaintenanceTask task(String more) {
    try {
      return new ObjectMapper()
          .readValue(
              "{\"name\":\"gardening\",\"schedule\":\"0 2 * * 3\"" + more + "}",
              MaintenanceTask.class);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private MaintainTask maintain(String more, @Nullable String slot, String... names) {
    try {
      Files.createDirectories(directory.resolve("assignment"));
      Files.createDirectories(directory.resolve("identities/key"));
      Files.writeString(directory.resolve("identities/key/ssh-privatekey"), "key");
      List<Target> targets =
          Arrays.stream(names)
              .map(
                  name ->
                      new Target(
                          name,
                          new Reach(name, "192.0.2.1", 22, "ops", "key", List.of(), null),
                          1000,
                          permits,
                          true))
              .toList();
      Files.writeString(
          directory.resolve("assignment/assignment.json"),
          new WorkAssignment("ns", "main", "Etc/UTC", freezes, task(more), targets, done).toJson());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return new MaintainTask(
        new MaintainTask.Ports(hosts, new NoNetwork(), database),
        clock,
        clock::pass,
        new MaintainTask.Settings(directory, directory.resolve("result"), null, slot, null, false));
  }

  private WorkResult result() throws IOException {
    return WorkResult.decode(Files.readString(directory.resolve("result"))).orElseThrow();
  }

  private static Answer passing(TestClock clock, Duration duration) {
    clock.pass(duration);
    return FakeHosts.ended(0, "");
  }

  @Test
  void worksOnOneHostAfterTheOtherUnderTheirLocks() throws Exception {
    assertThat(maintain(COMMAND, SLOT, "a", "b").run()).isZero();
    assertThat(hosts.events()).containsExactly("lock a []", "unlock a", "lock b []", "unlock b");
    WorkResult result = result();
    assertThat(result.outcome()).isEqualTo(Outcome.Succeeded);
    assertThat(result.message()).isEqualTo("done: a, b");
    assertThat(result.hosts())
        .containsExactly(
            new HostResult("a", Outcome.Succeeded, "the command ended well"),
            new HostResult("b", Outcome.Succeeded, "the command ended well"));
  }

  @Test
  void leavesOutWhatARunThatWasCutOffHasDone() throws Exception {
    done = List.of("a");
    assertThat(maintain(COMMAND, SLOT, "a", "b").run()).isZero();
    assertThat(hosts.events()).containsExactly("lock b []", "unlock b");
  }

  @Test
  void beginsAnewWhereAllThatIsLeftIsDone() throws Exception {
    done = List.of("a", "b", "gone");
    assertThat(maintain(COMMAND, SLOT, "a", "b").run()).isZero();
    assertThat(result().message()).isEqualTo("done: a, b");
  }

  @Test
  void beginsNoFurtherHostAfterTooManyFailures() throws Exception {
    behavior = (_, _) -> FakeHosts.ended(3, "no tools\n");
    assertThat(maintain(COMMAND + ",\"strategy\":{\"maxFailures\":1}", SLOT, "a", "b", "c").run())
        .isEqualTo(1);
    WorkResult result = result();
    assertThat(result.outcome()).isEqualTo(Outcome.Failed);
    assertThat(result.hosts()).extracting(HostResult::name).containsExactly("a", "b");
    assertThat(result.message())
        .isEqualTo("failed: a, b (the command ended with status 3: no tools); not begun: c");
    assertThat(result.unfinished())
        .as("a host that always fails keeps none before it from being done")
        .isFalse();
  }

  @Test
  void aWindowThatClosesMidwayLeavesTheRestToTheNextOne() throws Exception {
    behavior = (_, _) -> passing(clock, Duration.ofMinutes(91));
    assertThat(maintain(COMMAND + WINDOW, SLOT, "a", "b", "c").run()).isZero();
    assertThat(result().outcome()).isEqualTo(Outcome.CutOff);
    assertThat(result().message())
        .isEqualTo(
            "nothing starts after 2026-11-25T03:30:00Z; done: a; not begun: b, c; the next window"
                + " goes on there");
    assertThat(result().unfinished()).isTrue();
  }

  @Test
  void aHostThatFailsBeforeTheWindowClosesChangesNothingAboutTheRest() throws Exception {
    behavior =
        (host, _) -> {
          clock.pass(Duration.ofMinutes(46));
          return FakeHosts.ended(host.equals("a") ? 3 : 0, "");
        };
    String more = COMMAND + WINDOW + ",\"strategy\":{\"maxFailures\":1}";
    assertThat(maintain(more, SLOT, "a", "b", "c").run()).isEqualTo(1);
    assertThat(result().outcome()).isEqualTo(Outcome.Failed);
    assertThat(result().message()).endsWith("not begun: c; the next window goes on there");
    assertThat(result().unfinished()).isTrue();
  }

  @Test
  void aFreezeThatBeginsMidwayStopsToo() throws Exception {
    freezes = List.of(new Freeze("2026-11-25T02:10:00Z", "2026-11-26T00:00:00Z", "a fair"));
    behavior = (_, _) -> passing(clock, Duration.ofMinutes(15));
    assertThat(maintain(COMMAND, SLOT, "a", "b").run()).isZero();
    assertThat(result().outcome()).isEqualTo(Outcome.Frozen);
    assertThat(result().message())
        .isEqualTo(
            "nothing starts until 2026-11-26T00:00:00Z: a fair; done: a; not begun: b;"
                + " the next run goes on there");
    assertThat(result().unfinished()).isTrue();
  }

  @Test
  void asksAgainOnceItHasWaitedForTheLock() throws Exception {
    hosts.onLock(() -> clock.pass(Duration.ofMinutes(20)));
    freezes = List.of(new Freeze("2026-11-25T02:10:00Z", "2026-11-26T00:00:00Z", "a fair"));
    behavior = (_, _) -> FakeHosts.ended(3, "it must not run");
    assertThat(maintain(COMMAND, SLOT, "a", "b").run()).isZero();
    assertThat(hosts.events()).containsExactly("lock a []", "unlock a");
    assertThat(result().outcome()).isEqualTo(Outcome.Frozen);
    assertThat(result().message())
        .isEqualTo(
            "frozen: a (nothing starts until 2026-11-26T00:00:00Z: a fair); not begun: b; the next"
                + " run goes on there");
  }

  @Test
  void whatIsLeftOfTheLastHostDoesNotHaveTheOthersDoneAgain() throws Exception {
    done = List.of("a");
    hosts.onLock(() -> clock.pass(Duration.ofMinutes(95)));
    assertThat(maintain(COMMAND + WINDOW, SLOT, "a", "b").run()).isZero();
    assertThat(result().outcome()).isEqualTo(Outcome.CutOff);
    assertThat(result().message()).isEqualTo("b: nothing starts after 2026-11-25T03:30:00Z");
    assertThat(result().unfinished()).isTrue();
  }

  @Test
  void aHostWhoseTurnCameTooLateIsLeftToTheNextWindow() throws Exception {
    hosts.onLock(() -> clock.pass(Duration.ofMinutes(50)));
    assertThat(maintain(COMMAND + WINDOW, SLOT, "a", "b", "c").run()).isZero();
    WorkResult result = result();
    assertThat(result.outcome()).isEqualTo(Outcome.CutOff);
    assertThat(result.hosts())
        .extracting(HostResult::name, HostResult::outcome)
        .containsExactly(tuple("a", Outcome.Succeeded), tuple("b", Outcome.CutOff));
    assertThat(result.message())
        .isEqualTo(
            "cut off: b (nothing starts after 2026-11-25T03:30:00Z); done: a; not begun: c; the"
                + " next window goes on there");
  }

  @Test
  void leavesHostsThatTheRunsEndWouldCutOffToTheNextWindow() throws Exception {
    behavior = (_, _) -> passing(clock, Duration.ofHours(3));
    String wide = ",\"window\":{\"duration\":\"8h\"}";
    assertThat(maintain(COMMAND + wide, SLOT, "a", "b", "c").run()).isZero();
    assertThat(result().outcome()).isEqualTo(Outcome.CutOff);
    assertThat(result().message())
        .isEqualTo(
            "nothing starts after 2026-11-25T07:29:00Z, since activeDeadlineSeconds end the run 6h"
                + " after its start; done: a, b; not begun: c; the next window goes on there");
  }

  @Test
  void withoutAWindowACommandHasTheTimeThatItAsksFor() throws Exception {
    String hours = ",\"command\":{\"run\":\"garden\",\"timeout\":\"4h\"}";
    assertThat(maintain(hours, SLOT, "a").run()).isZero();
    assertThat(hosts.deadlines()).containsExactly(Duration.ofHours(4));
  }

  @Test
  void touchesNothingWhenItIsNotDue() throws Exception {
    assertThat(maintain(COMMAND, "2026-11-24T02:00:00Z", "a").run()).isZero();
    assertThat(result().outcome()).isEqualTo(Outcome.Skipped);
    clock.pass(Duration.ofHours(2));
    assertThat(maintain(COMMAND, SLOT, "a").run()).isZero();
    assertThat(result().outcome()).isEqualTo(Outcome.Missed);
    assertThat(result().unfinished()).isTrue();
    assertThat(hosts.events()).isEmpty();
  }

  @Test
  void saysWhoHasTheHost() throws Exception {
    hosts.busy("a", "maintenance ns/other/vacuum");
    assertThat(maintain(COMMAND, SLOT, "a").run()).isEqualTo(1);
    assertThat(result().outcome()).isEqualTo(Outcome.Blocked);
    assertThat(result().message())
        .isEqualTo("a: maintenance ns/other/vacuum works on the host, and did not end in time");
  }

  @Test
  void waitsOnlyForAHostThatAnEarlierPodMayHaveRebooted() throws Exception {
    permits = List.of(Permit.Command, Permit.Update, Permit.Reboot);
    hosts.away(3);
    assertThat(maintain(",\"systemUpdate\":{}", SLOT, "a").run()).isEqualTo(1);
    assertThat(result().message()).contains("neither apt-get nor dnf nor apk");
    assertThat(clock.instant()).isEqualTo(Instant.parse(SLOT).plusSeconds(10));

    hosts.away(Integer.MAX_VALUE);
    assertThat(maintain(",\"systemUpdate\":{}", SLOT, "a").run()).isEqualTo(1);
    assertThat(result().message()).isEqualTo("a: the host can't be worked on: no route to host");
    Instant given = clock.instant();
    assertThat(given).isEqualTo(Instant.parse(SLOT).plusSeconds(610));
    assertThat(maintain(COMMAND, null, "a").run()).isEqualTo(1);
    assertThat(clock.instant()).isEqualTo(given);
  }

  @Test
  void doesNotEvenAskAHostThatDoesNotPermitIt() throws Exception {
    permits = List.of(Permit.Check);
    assertThat(maintain(COMMAND, SLOT, "a").run()).isEqualTo(1);
    assertThat(result().outcome()).isEqualTo(Outcome.Blocked);
    assertThat(result().message())
        .isEqualTo("a: the Host does not permit Command: add it to its spec.permits");
    assertThat(maintain(",\"systemUpdate\":{}", SLOT, "a").run()).isEqualTo(1);
    assertThat(result().message()).contains("does not permit Update and Reboot");
    assertThat(hosts.events()).isEmpty();
  }

  @Test
  void saysThatThereIsNoHost() throws Exception {
    assertThat(maintain(COMMAND, SLOT).run()).isEqualTo(1);
    assertThat(result().outcome()).isEqualTo(Outcome.Blocked);
    assertThat(maintain(",\"audit\":{\"urls\":[\"http://192.0.2.1/\"]}", SLOT).run()).isEqualTo(1);
    assertThat(result().message()).contains("connection refused").contains("0 of 1");
  }

  private static final String VACUUM =
      ",\"vacuum\":{\"postgresql\":{\"secretName\":\"db\",\"viaHost\":%s},\"lockTimeout\":\"7s\"}";

  private void secret() throws IOException {
    Path secret = Files.createDirectories(directory.resolve("credentials/db"));
    Files.writeString(secret.resolve("uri"), "postgresql://app:pw@localhost:5432/offchain");
  }

  @Test
  void vacuumsThroughOneHostUnderItsLock() throws Exception {
    secret();
    assertThat(maintain(VACUUM.formatted("true"), SLOT, "a", "b").run()).isZero();
    assertThat(hosts.events())
        .containsExactly(
            "lock a []", "forward a localhost:5432", "end of the way through a", "unlock a");
    assertThat(database.asked())
        .containsExactly(
            "offchain at 127.0.0.1:40000 VacuumOrder[databases=[], analyze=true, lockTimeout=PT7S, reportTables=20]");
    assertThat(result().message())
        .isEqualTo(
            "a: 2 tables, 34,512 dead rows removed, 1.2GiB → 920MiB in 12s; public.accounts left"
                + " out: locked by app pid 123 for 4m");
  }

  @Test
  void vacuumsSeveralDatabasesByWayOfOne() throws Exception {
    secret();
    String several = VACUUM.formatted("false").replaceFirst("}$", ",\"databases\":[\"a\",\"b\"]}");
    assertThat(maintain(several, SLOT).run()).isZero();
    assertThat(database.asked())
        .containsExactly(
            "offchain at localhost:5432 VacuumOrder[databases=[a, b], analyze=true, lockTimeout=PT7S, reportTables=20]");
    assertThat(result().message())
        .isEqualTo(
            "4 tables in 2 databases, 69,024 dead rows removed, 2.4GiB → 1.8GiB in 12s (a: 34,512"
                + " dead rows removed, 1.2GiB → 920MiB; b: 34,512 dead rows removed, 1.2GiB →"
                + " 920MiB); public.accounts of a left out: locked by app pid 123 for 4m;"
                + " public.accounts of b left out: locked by app pid 123 for 4m");
  }

  @Test
  void vacuumsWithoutAHost() throws Exception {
    assertThat(maintain(VACUUM.formatted("false"), SLOT).run()).isEqualTo(1);
    assertThat(result().message()).contains("the Secret db was not there");
    secret();
    assertThat(maintain(VACUUM.formatted("false"), SLOT, "a").run()).isZero();
    assertThat(hosts.events()).isEmpty();
    assertThat(database.asked()).hasSize(1).first().asString().startsWith("offchain at localhost");
  }

  @Test
  void leavesWordOfAnAssignmentThatCantBeRead() throws Exception {
    MaintainTask task = maintain(COMMAND, SLOT, "a");
    Files.writeString(directory.resolve("assignment/assignment.json"), "{");
    assertThat(task.run()).isEqualTo(1);
    assertThat(result().outcome()).isEqualTo(Outcome.Failed);
  }

  @Test
  void worksOnAsManyHostsAtOnceAsItMay() throws Exception {
    var both = new CyclicBarrier(2);
    behavior =
        (_, _) -> {
          try {
            both.await(20, TimeUnit.SECONDS);
            return FakeHosts.ended(0, "");
          } catch (Exception e) {
            return FakeHosts.ended(1, "alone");
          }
        };
    assertThat(
            maintain(COMMAND + ",\"strategy\":{\"maxParallel\":2}", SLOT, "a", "b", "c", "d").run())
        .isZero();
    assertThat(result().hosts()).hasSize(4);
  }

  @Test
  void leavesWordWhenThePodIsEnded() throws Exception {
    var begun = new CountDownLatch(1);
    behavior =
        (_, _) -> {
          begun.countDown();
          try {
            Thread.sleep(Duration.ofMinutes(1));
            return FakeHosts.ended(0, "");
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FakeHosts.lost();
          }
        };
    MaintainTask task = maintain(COMMAND, SLOT, "a", "b");
    CompletableFuture<Integer> status = CompletableFuture.supplyAsync(task::run);
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    task.stop();
    assertThat(Optional.of(status.get(20, TimeUnit.SECONDS))).contains(1);
    await().untilAsserted(() -> assertThat(hosts.events()).contains("unlock a"));
    assertThat(result().outcome()).isEqualTo(Outcome.Failed);
    assertThat(result().message())
        .startsWith("the pod was ended before the work was")
        .endsWith("not begun: b; the next run goes on there");
    assertThat(result().unfinished()).isTrue();
  }
}
