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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a host, its network or a script does: an answer within the deadline and a second,
 * nothing that goes on running on the host, and no thread or session that stays here. What was
 * measured of that is written into the file that the property {@code hangs.figures} names.
 */
class HangMatrixTest {
  private static final Duration DEADLINE = Duration.ofMillis(1500);
  private static final Duration GRACE = Duration.ofSeconds(1);
  private static final Script HELLO = Script.of("echo hello", List.of());

  private static final List<Figures> MEASURED = new ArrayList<>();

  @SuppressWarnings("NullAway.Init")
  private static Sshd sshd;

  private final SshHostShell shell = new SshHostShell();

  /** An argument of processes on the host, by which they are found. */
  private final String marker = String.valueOf(100_000_000L + (System.nanoTime() & 0xfffffff));

  private long threadsBefore;

  /** How much later than its deadline the latest answer came; before it where negative. */
  private Duration late = DEADLINE.negated();

  /** What one case came to; the counts are of what stays although it was given time to go. */
  private record Figures(String name, Duration late, long orphans, long sessions, long threads) {
    static final Figures NONE = new Figures("none", DEADLINE.negated(), 0, 0, 0);

    /** The worst of two. */
    Figures and(Figures other) {
      boolean later = other.late.compareTo(late) > 0;
      return new Figures(
          later ? other.name : name,
          later ? other.late : late,
          orphans + other.orphans,
          sessions + other.sessions,
          threads + other.threads);
    }
  }

  @BeforeAll
  static void start() {
    sshd = Sshd.start();
  }

  @AfterAll
  static void stop() throws IOException {
    sshd.close();
    String file = System.getProperty("hangs.figures");
    if (file != null) {
      Figures all = MEASURED.stream().reduce(Figures.NONE, Figures::and);
      Files.writeString(
          Path.of(file),
          String.format(
              Locale.ROOT,
              "{\"what\": \"hangs\", \"cases\": %d, \"deadline\": %.1f, \"late\": %.3f, \"latest\":"
                  + " \"%s\", \"orphans\": %d, \"sessions\": %d, \"threads\": %d}%n",
              MEASURED.size(),
              DEADLINE.toMillis() / 1000.0,
              all.late.toMillis() / 1000.0,
              all.name,
              all.orphans,
              all.sessions,
              all.threads),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  @BeforeEach
  void count() {
    threadsBefore = threads();
  }

  @AfterEach
  void leavesNothingBehind(TestInfo test) {
    shell.close();
    var left =
        new Figures(
            test.getTestMethod().orElseThrow().getName(),
            late,
            left(() -> processes(marker).size()),
            left(() -> sessions().size()),
            left(() -> threads() - threadsBefore));
    MEASURED.add(left);
    assertThat(left.orphans).as("orphans on the host").isZero();
    assertThat(left.sessions).as("sessions of the host").isZero();
    assertThat(left.threads).as("threads").isZero();
    assertThat(late).as("after its deadline").isLessThanOrEqualTo(GRACE);
  }

  /** How many are left after ten seconds. */
  private static long left(LongSupplier count) {
    Instant end = Instant.now().plusSeconds(10);
    long left = count.getAsLong();
    while (left > 0 && Instant.now().isBefore(end)) {
      LockSupport.parkNanos(100_000_000);
      left = count.getAsLong();
    }
    return Math.max(0, left);
  }

  @Test
  void aServerThatAcceptsAndSaysNothing() throws IOException {
    try (var server = new Pretender("")) {
      assertThat(failed(server.access(), HELLO).failure()).isEqualTo(Failure.UNREACHABLE);
    }
  }

  @Test
  void aServerThatFallsSilentAfterItsBanner() throws IOException {
    try (var server = new Pretender("SSH-2.0-OpenSSH_9.2p1\r\n")) {
      assertThat(failed(server.access(), HELLO).failure()).isEqualTo(Failure.UNREACHABLE);
    }
  }

  @Test
  void aServerThatSpeaksSomethingElse() throws IOException {
    try (var server = new Pretender("HTTP/1.1 400 Bad Request\r\n\r\n".repeat(5000))) {
      assertThat(failed(server.access(), HELLO).failure()).isEqualTo(Failure.UNREACHABLE);
    }
  }

  @Test
  void aServerThatIsFrozenWhileACommandRuns() {
    try (var own = Sshd.start()) {
      completed(own.access(), HELLO);
      var freeze =
          CompletableFuture.runAsync(
              () -> {
                await().until(() -> !processes(marker).isEmpty());
                signal("STOP", own);
              });
      try {
        Failed answer = failed(own.access(), Script.of("sleep $1", List.of(marker)));
        assertThat(answer.failure()).isEqualTo(Failure.TIMED_OUT);
      } finally {
        freeze.join();
        signal("CONT", own);
      }
      // What it could not be told at the time, it is told when it thaws.
      await().atMost(Duration.ofSeconds(8)).until(() -> processes(marker).isEmpty());
    }
  }

  @Test
  void aConnectionThatIsCutWhileACommandRuns() throws IOException {
    try (var own = Sshd.start();
        var wire = new Wire(own.port())) {
      completed(wire.access(own), HELLO);
      var cut =
          CompletableFuture.runAsync(
              () -> {
                await().until(() -> !processes(marker).isEmpty());
                wire.cut();
              });
      // Nobody can tell the host to end it: every command of a look has its own limit there.
      Failed answer =
          failed(wire.access(own), Script.of("timeout -k 1 3 sleep $1", List.of(marker)));
      cut.join();
      assertThat(answer.failure()).isEqualTo(Failure.CONNECTION_LOST);
      completed(own.access(), HELLO);
    }
  }

  @Test
  void aConnectionThatSwallowsEverything() throws IOException {
    try (var own = Sshd.start();
        var wire = new Wire(own.port())) {
      completed(wire.access(own), HELLO);
      wire.stall();
      assertThat(failed(wire.access(own), HELLO).failure()).isEqualTo(Failure.TIMED_OUT);
      wire.cut();
    }
  }

  @Test
  void aCommandThatSleeps() {
    Failed answer = failed(sshd.access(), Script.of("sleep $1", List.of(marker)));
    assertThat(answer.failure()).isEqualTo(Failure.TIMED_OUT);
    awaitNoOrphans();
    completed(sshd.access(), HELLO);
  }

  @Test
  void aCommandThatIgnoresEverySignalItCan() {
    Failed answer =
        failed(
            sshd.access(),
            Script.of(
                "trap '' TERM HUP INT PIPE QUIT; while :; do sleep $1; done", List.of(marker)));
    assertThat(answer.failure()).isEqualTo(Failure.TIMED_OUT);
    awaitNoOrphans();
  }

  @Test
  void backgroundChildrenOfACommandThatHangs() {
    Failed answer =
        failed(
            sshd.access(),
            Script.of("(sleep $1 & sleep $1 & nohup sleep $1 & ) & sleep $1", List.of(marker)));
    assertThat(answer.failure()).isEqualTo(Failure.TIMED_OUT);
    awaitNoOrphans();
  }

  @Test
  void aChildThatMadeASessionOfItsOwn() {
    Failed answer =
        failed(
            sshd.access(),
            Script.of("setsid sleep $1 & setsid -f sleep $1; sleep $1", List.of(marker)));
    assertThat(answer.failure()).isEqualTo(Failure.TIMED_OUT);
    awaitNoOrphans();
  }

  @Test
  void aFloodOfOutput() {
    Failed answer = failed(sshd.access(), Script.of("yes $1", List.of(marker)));
    assertThat(answer.failure()).isEqualTo(Failure.OUTPUT_TOO_LARGE);
    completed(sshd.access(), HELLO);
  }

  @Test
  void aLineWithoutAnEnd() {
    Failed answer =
        failed(sshd.access(), Script.of("tr '\\0' x </dev/zero; echo $1", List.of(marker)));
    assertThat(answer.failure()).isEqualTo(Failure.OUTPUT_TOO_LARGE);
  }

  @Test
  void outputThatTricklesInForEver() {
    Failed answer =
        failed(sshd.access(), Script.of("while :; do echo $1; sleep 0.1; done", List.of(marker)));
    assertThat(answer.failure()).isEqualTo(Failure.TIMED_OUT);
  }

  @Test
  void aCommandThatReadsItsStandardInput() {
    Completed answer = completed(sshd.access(), Script.of("cat; echo read $1", List.of(marker)));
    assertThat(answer.output()).isEqualTo("read " + marker + "\n");
  }

  @Test
  void aCommandThatClosesItsOutput() {
    Completed answer = completed(sshd.access(), Script.of("exec >&- 2>&-; echo gone", List.of()));
    assertThat(answer.output()).isEmpty();
    completed(sshd.access(), HELLO);
  }

  @Test
  void aCommandThatKillsItsShell() {
    Failed answer = failed(sshd.access(), Script.of("kill -9 $$; sleep $1", List.of(marker)));
    assertThat(answer.failure()).isIn(Failure.CONNECTION_LOST, Failure.TIMED_OUT);
    completed(sshd.access(), HELLO);
  }

  @Test
  void aHostKeyThatIsNotPinned() {
    HostAccess access = sshd.access();
    Failed answer =
        failed(
            new HostAccess(
                access.name(),
                access.address(),
                access.port(),
                access.user(),
                access.identity(),
                List.of(sshd.publicKey("user")),
                null),
            HELLO);
    assertThat(answer.failure()).isEqualTo(Failure.HOST_KEY_MISMATCH);
    // As ssh-keygen shows it.
    assertThat(answer.message()).contains(fingerprint("host_ed25519"));
    assertThat(completed(sshd.access(), HELLO).hostKey()).isEqualTo(fingerprint("host_ed25519"));
  }

  @Test
  void aKeyThatIsRefused() throws IOException {
    var key = Files.createTempDirectory("key").resolve("key");
    Sshd.keygen(key, "ed25519", "");
    Failed answer = failed(sshd.access(new Identity(Files.readString(key), null, null)), HELLO);
    assertThat(answer.failure()).isEqualTo(Failure.AUTHENTICATION_FAILED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-such-host.invalid", "300.300.300.300"})
  void aNameThatNobodyKnows(String address) {
    Failed answer = failed(at(address, 22), HELLO);
    assertThat(answer.failure()).isEqualTo(Failure.UNREACHABLE);
    assertThat(answer.message()).contains(address);
  }

  @Test
  void aPortThatIsClosed() {
    Failed answer = failed(at("127.0.0.1", Sshd.freePort()), HELLO);
    assertThat(answer.failure()).isEqualTo(Failure.UNREACHABLE);
    assertThat(answer.message()).contains("refused");
  }

  @Test
  void anAddressThatSwallowsEveryPacket() throws IOException {
    var fillers = new ArrayList<Socket>();
    try (var full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // Linux drops the handshakes of those that find the backlog full.
      for (int i = 0; i < 4; i++) {
        var filler = new Socket();
        fillers.add(filler);
        try {
          filler.connect(full.getLocalSocketAddress(), 100);
        } catch (IOException e) {
          break;
        }
      }
      assertThat(failed(at("127.0.0.1", full.getLocalPort()), HELLO).failure())
          .isEqualTo(Failure.UNREACHABLE);
    } finally {
      for (Socket filler : fillers) {
        filler.close();
      }
    }
  }

  @Test
  void aJumpHostThatSaysNothing() throws IOException {
    try (var server = new Pretender("SSH-2.0-silent\r\n")) {
      Failed answer = failed(behind(server.access()), HELLO);
      assertThat(answer.failure()).isEqualTo(Failure.UNREACHABLE);
      assertThat(answer.message()).contains("jump host");
    }
  }

  @Test
  void aHostBehindAJumpHostThatSaysNothing() throws IOException {
    try (var server = new Pretender("")) {
      HostAccess silent = server.access();
      HostAccess access =
          new HostAccess(
              "test/silent",
              silent.address(),
              silent.port(),
              silent.user(),
              silent.identity(),
              silent.hostKeys(),
              sshd.access());
      assertThat(failed(access, HELLO).failure()).isEqualTo(Failure.UNREACHABLE);
      completed(sshd.access(), HELLO);
    }
  }

  @Test
  void aJumpHostThatFreezes() {
    try (var jump = Sshd.start()) {
      completed(behind(jump.access()), HELLO);
      signal("STOP", jump);
      try {
        Failed answer = failed(behind(jump.access()), Script.of("sleep $1", List.of("1")));
        assertThat(answer.failure()).isEqualTo(Failure.TIMED_OUT);
      } finally {
        signal("CONT", jump);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ForceCommand sleep 987654", "ForceCommand /bin/true", "ForceCommand yes noise"})
  void aLoginThatRunsSomethingElse(String option) {
    try (var own = Sshd.start(option)) {
      failed(own.access(), HELLO);
    }
  }

  @Test
  void aLoginThatPrintsNoiseFirst() {
    try (var own =
        Sshd.start(
            "ForceCommand echo Welcome; echo; echo to the host >&2; printf noise; exec /bin/sh")) {
      assertThat(completed(own.access(), HELLO).output()).isEqualTo("hello\n");
      assertThat(completed(own.access(), HELLO).output()).isEqualTo("hello\n");
    }
  }

  @Test
  void aHostThatIsBusyWithAnotherCommand() {
    var first =
        CompletableFuture.supplyAsync(
            () ->
                shell.look(
                    sshd.access(),
                    Script.of("sleep $1", List.of(marker)),
                    DEADLINE.multipliedBy(2)));
    await().until(() -> !processes(marker).isEmpty());
    Failed answer = failed(sshd.access(), HELLO);
    assertThat(answer.failure()).isEqualTo(Failure.TIMED_OUT);
    assertThat(answer.message()).contains("another command");
    assertThat(first.join()).isInstanceOf(Failed.class);
  }

  /** An answer comes in time, even if the host is slow to kill what it has to. */
  private void awaitNoOrphans() {
    await().atMost(Duration.ofSeconds(5)).until(() -> processes(marker).isEmpty());
  }

  private HostAccess behind(HostAccess jump) {
    HostAccess access = sshd.access();
    return new HostAccess(
        "test/behind",
        access.address(),
        access.port(),
        access.user(),
        access.identity(),
        access.hostKeys(),
        new HostAccess(
            "test/jump",
            jump.address(),
            jump.port(),
            jump.user(),
            jump.identity(),
            jump.hostKeys(),
            null));
  }

  private static HostAccess at(String address, int port) {
    HostAccess access = sshd.access();
    return new HostAccess(
        "test/" + address + port,
        address,
        port,
        access.user(),
        access.identity(),
        access.hostKeys(),
        null);
  }

  private Answer look(HostAccess access, Script script) {
    long start = System.nanoTime();
    Answer answer = shell.look(access, script, DEADLINE);
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    if (took.minus(DEADLINE).compareTo(late) > 0) {
      late = took.minus(DEADLINE);
    }
    return answer;
  }

  private Failed failed(HostAccess access, Script script) {
    Answer answer = look(access, script);
    assertThat(answer).isInstanceOf(Failed.class);
    return (Failed) answer;
  }

  private Completed completed(HostAccess access, Script script) {
    Answer answer = look(access, script);
    assertThat(answer).isInstanceOf(Completed.class);
    return (Completed) answer;
  }

  private static String fingerprint(String key) {
    return output("ssh-keygen", "-l", "-f", sshd.file(key + ".pub").toString()).split(" ", -1)[1];
  }

  private static List<String> processes(String marker) {
    return output("pgrep", "-f", marker).lines().toList();
  }

  /** What the shared server runs beside its listener. */
  private static List<String> sessions() {
    return output("pgrep", "-P", String.valueOf(sshd.pid())).lines().toList();
  }

  /** Platform and virtual threads that belong to SSH. */
  private static long threads() {
    Map<Thread, StackTraceElement[]> all = Thread.getAllStackTraces();
    return all.keySet().stream()
        .filter(thread -> thread.getName().startsWith("ssh") || thread.getName().contains("jsch"))
        .count();
  }

  private static void signal(String name, Sshd server) {
    // The listener's children first: they hold the sessions.
    var all =
        ProcessHandle.of(server.pid())
            .map(
                listener ->
                    java.util.stream.Stream.concat(
                            listener.descendants(), java.util.stream.Stream.of(listener))
                        .filter(p -> p.info().command().orElse("").contains("sshd"))
                        .map(p -> String.valueOf(p.pid()))
                        .collect(Collectors.toList()))
            .orElseThrow();
    all.forEach(pid -> Sshd.execute("kill", "-" + name, pid));
  }

  private static String output(String... command) {
    try {
      Process process = new ProcessBuilder(command).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Accepts connections, says what it was told to, and then nothing. */
  private static final class Pretender implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> open = new ArrayList<>();

    Pretender(String words) throws IOException {
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                try {
                  while (true) {
                    Socket socket = server.accept();
                    open.add(socket);
                    socket.getOutputStream().write(words.getBytes(StandardCharsets.US_ASCII));
                  }
                } catch (IOException e) {
                  // Closed.
                }
              });
    }

    HostAccess access() {
      return at("127.0.0.1", server.getLocalPort());
    }

    @Override
    public void close() throws IOException {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    }
  }
}
