package dev.drydock.adapter.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drydock.port.HostAccess;
import dev.drydock.port.HostAccess.Identity;
import dev.drydock.port.HostShell.Answer;
import dev.drydock.port.HostShell.Completed;
import dev.drydock.port.HostShell.Failed;
import dev.drydock.port.HostShell.Failure;
import dev.drydock.port.Script;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Looker;
import dev.drydock.work.FakeDatabase;
import dev.drydock.work.NoNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SshHostShellTest {
  private static final Duration DEADLINE = Duration.ofSeconds(5);
  private static final Script HELLO = Script.of("echo \"hello $1\"", List.of("it's $HOME; `id`"));

  @SuppressWarnings("NullAway.Init")
  private static Sshd sshd;

  private final SshHostShell shell = new SshHostShell();

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
    shell.close();
  }

  @Test
  void runsScriptsOneAfterTheOtherOverOneSession() {
    try (var own = Sshd.start()) {
      for (int i = 0; i < 20; i++) {
        assertThat(completed(own.access(), HELLO).output()).isEqualTo("hello it's $HOME; `id`\n");
      }
      assertThat(own.log().lines().filter(line -> line.contains("Accepted publickey"))).hasSize(1);
    }
  }

  @Test
  void tellsTheExitCodeAndKeepsTheShell() {
    assertThat(completed(sshd.access(), Script.of("exit 7", List.of())).exitCode()).isEqualTo(7);
    assertThat(completed(sshd.access(), HELLO).exitCode()).isZero();
  }

  @Test
  void opensTheSessionAgainAfterItBroke() {
    try (var own = Sshd.start()) {
      completed(own.access(), HELLO);
      own.restart();
      Answer first = shell.look(own.access(), HELLO, DEADLINE);
      // Whether the break is seen before or during the look is a matter of timing.
      if (first instanceof Failed failed) {
        assertThat(failed.failure()).isEqualTo(Failure.CONNECTION_LOST);
      }
      completed(own.access(), HELLO);
    }
  }

  @Test
  void refusesAHostKeyThatIsNotPinned() {
    HostAccess pinnedElsewhere = withHostKeys(List.of(sshd.publicKey("user")));
    assertThat(failed(pinnedElsewhere).failure()).isEqualTo(Failure.HOST_KEY_MISMATCH);
  }

  @Test
  void refusesAHostWithoutAKeyOfThePinnedType() {
    HostAccess pinned =
        withHostKeys(
            List.of(
                "ecdsa-sha2-nistp256 " + sshd.publicKey("host_ed25519").replaceFirst(".* ", "")));
    Failed answer = failed(pinned);
    assertThat(answer.failure()).isEqualTo(Failure.HOST_KEY_MISMATCH);
    assertThat(answer.message()).contains("ssh-ed25519");
  }

  @Test
  void acceptsAPinnedRsaKey() {
    completed(withHostKeys(List.of(sshd.publicKey("host_rsa"))), HELLO);
  }

  @Test
  void saysThatTheKeyWasRefused() throws IOException {
    var other = Files.createTempDirectory("key").resolve("key");
    Sshd.keygen(other, "ed25519", "");
    Failed answer = failed(sshd.access(new Identity(Files.readString(other), null, null)));
    assertThat(answer.failure()).isEqualTo(Failure.AUTHENTICATION_FAILED);
    assertThat(answer.message()).contains("authorized_keys");
  }

  @Test
  void takesNoLoginThatBreaksOffForARefusedKey() throws IOException {
    var seen = new ArrayList<Answer>();
    // Each message of a login is longer than a step.
    for (int bytes = 1; bytes < 20_000; bytes += 100) {
      try (var wire = new Wire(sshd.port())) {
        wire.hangUpAfter(bytes);
        Answer answer = shell.look(wire.access(sshd), HELLO, DEADLINE);
        if (answer instanceof Completed) {
          break;
        }
        seen.add(answer);
        shell.forget("test/wire");
      }
    }
    assertThat(seen)
        .hasSizeBetween(10, 150)
        .allSatisfy(
            answer -> {
              var failed = (Failed) answer;
              assertThat(failed.failure())
                  .as(failed.message())
                  .isIn(Failure.UNREACHABLE, Failure.CONNECTION_LOST);
            })
        .anySatisfy(
            answer ->
                assertThat(((Failed) answer).message())
                    .contains("the connection broke during the login"));
  }

  @Test
  void aLookThatHadToWaitForTheHostAsksForNoMoreThanItHasTimeFor() throws Exception {
    var looker = new Looker(shell, new NoNetwork(), new FakeDatabase(), InstantSource.system());
    var hangs = new Demand.Command(List.of("sleep", "60"), 0, null, 10_000);
    var swap = new Demand.Swap(100);
    completed(sshd.access(), HELLO);
    try (var other = Executors.newVirtualThreadPerTaskExecutor()) {
      var busy =
          other.submit(
              () ->
                  shell.look(
                      sshd.access(), Script.of("sleep 6", List.of()), DEADLINE.multipliedBy(2)));
      Thread.sleep(300);
      var sight =
          looker.look(sshd.access(), Map.of("hangs", hangs, "swap", swap), Duration.ofSeconds(8));
      assertThat(sight)
          .isInstanceOfSatisfying(
              Looker.Seen.class,
              seen -> {
                assertThat(seen.findings().get("swap")).isInstanceOf(Finding.Fine.class);
                assertThat(seen.findings().get("hangs"))
                    .as("it had less than a fair share")
                    .isInstanceOf(Finding.Unknown.class);
              });
      assertThat(busy.get()).isInstanceOf(Completed.class);
    }
  }

  @Test
  void doesNotShowARefusedKeyAgainAtOnce() throws IOException {
    try (var own = Sshd.start()) {
      var other = own.file("other");
      Sshd.keygen(other, "ed25519", "");
      HostAccess wrong = own.access(new Identity(Files.readString(other), null, null));
      for (int i = 0; i < 5; i++) {
        assertThat(failed(wrong).failure()).isEqualTo(Failure.AUTHENTICATION_FAILED);
      }
      // sshd writes it when it has seen the connection end.
      await().until(() -> own.log().contains("authenticating user"));
      assertThat(own.log().lines().filter(line -> line.contains("authenticating user"))).hasSize(1);
      completed(own.access(), HELLO);
    }
  }

  @Test
  void usesANewKeyOnlyOnceItIsProven() throws IOException {
    try (var own = Sshd.start()) {
      completed(own.access(), HELLO);
      var next = own.file("next");
      Sshd.keygen(next, "ed25519", "");
      HostAccess rotated = own.access(new Identity(Files.readString(next), null, null));
      Completed before = completed(rotated, HELLO);
      assertThat(before.identityNotProven()).isPresent();

      Files.writeString(own.file("authorized_keys"), own.publicKey("next") + "\n");
      shell.forget(rotated.name());
      assertThat(completed(rotated, HELLO).identityNotProven()).isEmpty();
      shell.forget(rotated.name());
      assertThat(failed(own.access()).failure()).isEqualTo(Failure.AUTHENTICATION_FAILED);
    }
  }

  @Test
  void noticesThatTheHostHasTakenTheKeyBack() throws IOException {
    try (var own = Sshd.start();
        var proving = new SshHostShell(Duration.ofMillis(100))) {
      var session = Script.of("echo $$", List.of());
      Completed first = (Completed) proving.look(own.access(), session, DEADLINE);
      await()
          .until(
              () ->
                  proving.look(own.access(), session, DEADLINE) instanceof Completed completed
                      && completed.output().equals(first.output())
                      && own.log().lines().filter(l -> l.contains("Accepted publickey")).count()
                          > 2);

      Files.writeString(own.file("authorized_keys"), "");
      await()
          .until(
              () ->
                  proving.look(own.access(), HELLO, DEADLINE) instanceof Failed failed
                      && failed.failure() == Failure.AUTHENTICATION_FAILED);
      assertThat(proving.look(own.access(), HELLO, DEADLINE))
          .as("the session has ended")
          .isInstanceOf(Failed.class);
    }
  }

  @Test
  void keepsASessionBesideWhichNobodyAnswers() {
    try (var own = Sshd.start();
        var proving = new SshHostShell(Duration.ofMillis(1))) {
      assertThat(proving.look(own.access(), HELLO, DEADLINE)).isInstanceOf(Completed.class);
      ProcessHandle listener = ProcessHandle.of(own.pid()).orElseThrow();
      listener.destroyForcibly();
      await().until(() -> !listener.isAlive());
      assertThat(proving.look(own.access(), HELLO, DEADLINE)).isInstanceOf(Completed.class);
    }
  }

  @Test
  void losesNoSessionAndNoTimeWhereALoginBesideItHangs() throws Exception {
    try (var own = Sshd.start();
        var proving = new SshHostShell(Duration.ofMillis(1))) {
      HostAccess jump = own.access();
      HostAccess behind = behind(jump);
      var slow = Script.of("echo $PPID; sleep 3", List.of());
      assertThat(proving.look(behind, HELLO, DEADLINE)).isInstanceOf(Completed.class);
      var first = (Completed) proving.look(jump, Script.of("echo $PPID", List.of()), DEADLINE);
      Sshd.execute("kill", "-STOP", Long.toString(own.pid()));
      Thread.sleep(10);
      assertThat(proving.look(behind, slow, DEADLINE)).isInstanceOf(Completed.class);
      for (int i = 0; i < 2; i++) {
        assertThat(proving.look(jump, slow, DEADLINE))
            .isInstanceOfSatisfying(
                Completed.class, look -> assertThat(look.output()).isEqualTo(first.output()));
      }
    }
  }

  @Test
  void cutsOffWhatRunsWhenItIsClosed() throws Exception {
    var closing = new SshHostShell();
    HostAccess access = sshd.access();
    try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      HostAccess mute =
          new HostAccess(
              "test/mute",
              "127.0.0.1",
              silent.getLocalPort(),
              access.user(),
              access.identity(),
              access.hostKeys(),
              null);
      assertThat(closing.look(access, HELLO, DEADLINE)).isInstanceOf(Completed.class);
      Duration patience = Duration.ofSeconds(30);
      var looks =
          List.of(
              threads.submit(() -> closing.look(mute, HELLO, patience)),
              threads.submit(() -> closing.look(mute, HELLO, patience)),
              threads.submit(
                  () -> closing.look(access, Script.of("sleep 30", List.of()), patience)));
      silent.accept();
      Thread.sleep(500);
      closing.close();
      for (var look : looks) {
        assertThat(look.get(2, TimeUnit.SECONDS)).isInstanceOf(Failed.class);
      }
    }
  }

  @Test
  void opensAnEncryptedKeyWithItsPassphraseOnly() throws IOException {
    var key = Files.createTempDirectory("key").resolve("key");
    Sshd.keygen(key, "ed25519", "s3cret");
    Files.writeString(
        sshd.file("authorized_keys"),
        sshd.publicKey("user") + "\n" + Files.readString(key.resolveSibling("key.pub")));
    String bytes = Files.readString(key);

    Failed without = failed(sshd.access(new Identity(bytes, null, null)));
    assertThat(without.failure()).isEqualTo(Failure.INVALID_IDENTITY);
    assertThat(without.message()).contains("encrypted").contains("passphrase");
    Failed wrong = failed(sshd.access(new Identity(bytes, "wrong", null)));
    assertThat(wrong.failure()).isEqualTo(Failure.INVALID_IDENTITY);
    completed(sshd.access(new Identity(bytes, "s3cret", null)), HELLO);
  }

  @Test
  void saysThatAKeyIsNoKey() {
    Failed answer = failed(sshd.access(new Identity("ssh-ed25519 AAAA not private", null, null)));
    assertThat(answer.failure()).isEqualTo(Failure.INVALID_IDENTITY);
  }

  /** The test's own host, by way of another. */
  private static HostAccess behind(HostAccess jump) {
    HostAccess direct = sshd.access();
    return new HostAccess(
        "test/behind",
        direct.address(),
        direct.port(),
        direct.user(),
        direct.identity(),
        direct.hostKeys(),
        jump);
  }

  @Test
  void goesThroughAJumpHost() {
    try (var inner = Sshd.start()) {
      HostAccess direct = inner.access();
      HostAccess through =
          new HostAccess(
              direct.name(),
              direct.address(),
              direct.port(),
              direct.user(),
              direct.identity(),
              direct.hostKeys(),
              sshd.access());
      assertThat(completed(through, HELLO).output()).startsWith("hello");
      completed(sshd.access(), HELLO);
      assertThat(completed(through, HELLO).output()).startsWith("hello");
    }
  }

  @Test
  void endsNobodyBehindAJumpHostOnWhichALookHangs() throws Exception {
    try (var jump = Sshd.start();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      HostAccess behind = behind(jump.access());
      String before = completed(behind, Script.of("echo $PPID", List.of())).output();
      var during =
          threads.submit(() -> completed(behind, Script.of("sleep 3; echo $PPID", List.of())));
      assertThat(shell.look(jump.access(), Script.of("sleep 30", List.of()), Duration.ofSeconds(1)))
          .isInstanceOfSatisfying(
              Failed.class, cut -> assertThat(cut.failure()).isEqualTo(Failure.TIMED_OUT));
      assertThat(during.get(10, TimeUnit.SECONDS).output()).isEqualTo(before);
    }
  }

  @Test
  void namesTheJumpHostThatFails() {
    HostAccess direct = sshd.access();
    HostAccess nowhere =
        new HostAccess(
            "test/bastion",
            "127.0.0.1",
            Sshd.freePort(),
            "jump",
            direct.identity(),
            direct.hostKeys(),
            null);
    Failed answer = failed(behind(nowhere));
    assertThat(answer.failure()).isEqualTo(Failure.UNREACHABLE);
    assertThat(answer.message()).contains("test/bastion").contains("refused");
  }

  private static HostAccess withHostKeys(List<String> hostKeys) {
    HostAccess access = sshd.access();
    return new HostAccess(
        "test/" + hostKeys.hashCode(),
        access.address(),
        access.port(),
        access.user(),
        access.identity(),
        hostKeys,
        null);
  }

  private Completed completed(HostAccess access, Script script) {
    Answer answer = shell.look(access, script, DEADLINE);
    assertThat(answer).isInstanceOf(Completed.class);
    return (Completed) answer;
  }

  private Failed failed(HostAccess access) {
    Answer answer = shell.look(access, HELLO, DEADLINE);
    assertThat(answer).isInstanceOf(Failed.class);
    return (Failed) answer;
  }
}
