package dev.drydock.adapter.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.drydock.kernel.Work;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostLock.Busy;
import dev.drydock.port.HostLock.Held;
import dev.drydock.port.HostShell.Completed;
import dev.drydock.port.HostShell.Failed;
import dev.drydock.port.HostShell.Failure;
import dev.drydock.port.Script;
import dev.drydock.probe.Looker;
import dev.drydock.work.FakeDatabase;
import dev.drydock.work.NoNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lock of a real host: this machine, by a real sshd. */
class SshHostLockTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration AT_ONCE = Duration.ZERO;
  private static final Work VACUUM = new Work("maintenance ops/offchain/vacuum", List.of());
  private static final Work RESTART =
      new Work("remedy ops/offchain/crashes", List.of(Work.pm2("milo-worker")));

  @SuppressWarnings("NullAway.Init")
  private static Sshd sshd;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  private final SshHostShell mine = new SshHostShell();
  private final SshHostShell other = new SshHostShell();

  @BeforeAll
  static void start() {
    sshd = Sshd.start();
  }

  @AfterAll
  static void stop() {
    sshd.close();
  }

  @AfterEach
  void close() {
    mine.close();
    other.close();
  }

  private static HostLock held(SshHostShell shell, HostAccess access, Work work) {
    return held(shell, access, work, AT_ONCE);
  }

  private static HostLock held(
      SshHostShell shell, HostAccess access, Work work, Duration patience) {
    HostLock.Taken taken = shell.lock(access, work, patience, SOON);
    assertThat(taken).isInstanceOf(Held.class);
    return ((Held) taken).lock();
  }

  @Test
  void isHadByOneAtATimeAndSaysByWhom() {
    try (HostLock lock = held(mine, sshd.access(), RESTART)) {
      assertThat(lock.run(Script.of("echo \"it's $1\"", List.of("$(id)")), SOON))
          .isInstanceOfSatisfying(
              Completed.class, done -> assertThat(done.output()).isEqualTo("it's $(id)\n"));
      assertThat(other.lock(sshd.access(), VACUUM, AT_ONCE, SOON))
          .isEqualTo(new Busy(RESTART.holder()));
      assertThat(mine.look(sshd.access(), Script.of("echo seen", List.of()), SOON))
          .as("looks go on beside it")
          .isInstanceOf(Completed.class);
    }
    held(other, sshd.access(), VACUUM).close();
  }

  @Test
  void waitsForTheOneWhoHasIt() {
    HostLock first = held(mine, sshd.access(), VACUUM);
    var second =
        CompletableFuture.supplyAsync(
            () -> held(other, sshd.access(), RESTART, Duration.ofSeconds(20)));
    await().pollDelay(Duration.ofSeconds(2)).until(() -> !second.isDone());
    first.close();
    second.join().close();
  }

  @Test
  void writesDownWhatItTouchesAndWhenThatEnded() throws IOException {
    held(mine, sshd.access(), RESTART).close();
    List<String> lines = Files.readAllLines(Path.of("/run/lock/drydock.journal"));
    String begin = lines.get(lines.size() - 2);
    String[] words = begin.split("\t", -1);
    assertThat(words).hasSize(5).startsWith("begin").endsWith(RESTART.holder(), "pm2 milo-worker");
    assertThat(lines.getLast()).startsWith("end\t" + words[1] + "\t");
  }

  @Test
  void aLookSeesWhoHasItInAContainerToo() {
    assumeThat(Sshd.USER).as("who may mount").isEqualTo("root");
    var looker = new Looker(other, new NoNetwork(), new FakeDatabase(), InstantSource.system());
    try (var container = Sshd.startApart()) {
      for (Sshd host : List.of(container, sshd)) {
        try (HostLock _ = held(mine, host.access(), RESTART)) {
          assertThat(seen(looker, host).work()).isEqualTo(RESTART.holder());
        }
        assertThat(seen(looker, host).work()).isEmpty();
      }
    }
  }

  private static Looker.Seen seen(Looker looker, Sshd host) {
    return (Looker.Seen) looker.look(host.access(), Map.of(), SOON);
  }

  @Test
  void withoutAGuardNothingIsSaidToHaveBegun() throws IOException {
    var work = new Work("remedy ops/offchain/load " + System.nanoTime(), List.of(Work.HOST));
    try (var narrow = Sshd.start("MaxSessions 1")) {
      assertThat(mine.lock(narrow.access(), work, AT_ONCE, SOON))
          .isInstanceOfSatisfying(
              HostLock.NotTaken.class,
              refusal -> assertThat(refusal.failure().message()).contains("MaxSessions"));
    }
    held(other, sshd.access(), VACUUM, SOON).close();
    assertThat(Files.readAllLines(Path.of("/run/lock/drydock.journal")))
        .noneMatch(line -> line.contains(work.holder()));
  }

  @Test
  void isNotHeldByWhatAScriptLeavesBehind() {
    try (HostLock lock = held(mine, sshd.access(), VACUUM)) {
      lock.run(Script.of("setsid sleep 30 >/dev/null & echo left", List.of()), SOON);
    }
    held(other, sshd.access(), VACUUM).close();
  }

  @Test
  void aSilentHolderLosesItAndWhatItRanIsKilledFirst() throws IOException {
    try (var wire = new Wire(sshd.port())) {
      Path late = directory.resolve("late");
      HostLock lock = held(mine, wire.access(sshd), VACUUM);
      var answer =
          CompletableFuture.supplyAsync(
              () ->
                  lock.run(
                      Script.of(
                          "touch \"$1.begun\"; sleep 22; touch \"$1\"", List.of(late.toString())),
                      Duration.ofSeconds(40)));
      await().until(() -> Files.exists(Path.of(late + ".begun")));
      wire.stall();
      long silent = System.nanoTime();
      HostLock next = held(other, sshd.access(), RESTART, Duration.ofSeconds(30));
      assertThat(Duration.ofNanos(System.nanoTime() - silent)).isLessThan(Duration.ofSeconds(18));
      await()
          .during(Duration.ofSeconds(10))
          .atMost(Duration.ofSeconds(12))
          .until(() -> !Files.exists(late));
      wire.cut();
      assertThat(answer.join()).isInstanceOf(Failed.class);
      assertThat(lock.isHeld()).isFalse();
      assertThat(lock.run(Script.of("echo stale", List.of()), SOON))
          .isInstanceOfSatisfying(
              Failed.class,
              failed -> assertThat(failed.failure()).isEqualTo(Failure.CONNECTION_LOST));
      next.close();
    }
  }

  @Test
  void whatMustNotBeCutOffRunsToItsEndUnderTheLock() throws IOException {
    try (var wire = new Wire(sshd.port())) {
      Path end = directory.resolve("end");
      HostLock lock = held(mine, wire.access(sshd), VACUUM);
      var answer =
          CompletableFuture.supplyAsync(
              () ->
                  lock.runToItsEnd(
                      Script.of(
                          "touch \"$1.begun\"; sleep 5; touch \"$1\"", List.of(end.toString())),
                      Duration.ofSeconds(40)));
      await().until(() -> Files.exists(Path.of(end + ".begun")));
      wire.cut();
      assertThat(answer.join()).isInstanceOf(Failed.class);
      assertThat(other.lock(sshd.access(), RESTART, AT_ONCE, SOON)).isInstanceOf(Busy.class);
      HostLock next = held(other, sshd.access(), RESTART, Duration.ofSeconds(20));
      assertThat(end).exists();
      next.close();
    }
  }

  @Test
  void whatMustNotBeCutOffGoesOnBeyondItsDeadline() {
    Path end = directory.resolve("end");
    HostLock lock = held(mine, sshd.access(), VACUUM);
    assertThat(
            lock.runToItsEnd(
                Script.of("sleep 4; touch \"$1\"", List.of(end.toString())), Duration.ofSeconds(1)))
        .isInstanceOfSatisfying(
            Failed.class, failed -> assertThat(failed.failure()).isEqualTo(Failure.TIMED_OUT));
    assertThat(lock.isHeld()).isFalse();
    assertThat(other.lock(sshd.access(), RESTART, AT_ONCE, SOON))
        .isEqualTo(new Busy(VACUUM.holder()));
    HostLock next = held(other, sshd.access(), RESTART, Duration.ofSeconds(20));
    assertThat(end).exists();
    next.close();
  }

  @Test
  void aScriptThatTakesTooLongIsKilledAndTheLockGivenUp() {
    Path late = directory.resolve("late");
    HostLock lock = held(mine, sshd.access(), VACUUM);
    assertThat(
            lock.run(
                Script.of("sleep 4; touch \"$1\"", List.of(late.toString())),
                Duration.ofSeconds(1)))
        .isInstanceOfSatisfying(
            Failed.class, failed -> assertThat(failed.failure()).isEqualTo(Failure.TIMED_OUT));
    held(other, sshd.access(), VACUUM, SOON).close();
    await()
        .during(Duration.ofSeconds(4))
        .atMost(Duration.ofSeconds(6))
        .until(() -> !Files.exists(late));
  }
}
