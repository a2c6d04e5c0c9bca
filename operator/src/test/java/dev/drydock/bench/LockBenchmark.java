package dev.drydock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.drydock.adapter.ssh.SshHostShell;
import dev.drydock.adapter.ssh.Sshd;
import dev.drydock.kernel.Work;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostAccess.Identity;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell.Completed;
import dev.drydock.port.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Two processes a host take its lock by turns and write down each action that they do under it.
 * Whichever holds the lock is stopped (SIGSTOP) for longer than the lock outlives it, then goes on
 * (SIGCONT), and tries to go on with its action. No action may come from a holder after the next
 * one has begun.
 *
 * <p>usage: LockBenchmark HOSTS ROUNDS PAUSE-SECONDS; prints one line of JSON. Each host is an sshd
 * with a /run/lock of its own, which needs root.
 */
final class LockBenchmark {
  private static final Duration ACTION = Duration.ofSeconds(30);

  /** A number that no earlier holder has had. Only one at a time counts: it has the lock. */
  private static final Script FENCE =
      Script.of(
          "n=$(($(cat /run/lock/fence 2>/dev/null || echo 0) + 1)); echo $n >/run/lock/fence; echo $n",
          List.of());

  private LockBenchmark() {}

  public static void main(String... arguments) throws Exception {
    if (arguments[0].equals("hold")) {
      hold(arguments);
      return;
    }
    int hosts = Integer.parseInt(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    long pause = Long.parseLong(arguments[2]);
    var results = new ArrayList<Future<List<Pause>>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < hosts; i++) {
        results.add(threads.submit((Callable<List<Pause>>) () -> host(rounds, pause)));
      }
    }
    int stale = 0;
    int actions = 0;
    var taken = new ArrayList<Double>();
    for (Future<List<Pause>> result : results) {
      for (Pause one : result.get()) {
        stale += one.stale();
        actions += one.actions();
        taken.add(one.takenAfterSeconds());
      }
    }
    taken.sort(null);
    System.out.printf(
        Locale.ROOT,
        "{\"what\": \"lock\", \"pauses\": %d, \"pauseSeconds\": %d, \"actions\": %d, \"stale\": %d,"
            + " \"takenMedian\": %.1f, \"takenMost\": %.1f}%n",
        taken.size(),
        pause,
        actions,
        stale,
        taken.get(taken.size() / 2),
        taken.getLast());
    System.exit(stale == 0 ? 0 : 1);
  }

  /** What came of one pause. */
  private record Pause(double takenAfterSeconds, int actions, int stale) {}

  private static List<Pause> host(int rounds, long pauseSeconds) throws Exception {
    var pauses = new ArrayList<Pause>();
    try (var sshd = Sshd.startApart()) {
      Path ledger = sshd.file("ledger");
      Files.createFile(ledger);
      List<Process> holders = List.of(holder(sshd, ledger, "a"), holder(sshd, ledger, "b"));
      try {
        int read = 0;
        for (int round = 0; round < rounds; round++) {
          String first = newest(ledger, "");
          signal("STOP", holders.get(first.startsWith("a") ? 0 : 1));
          long stopped = System.nanoTime();
          String other = first.startsWith("a") ? "b" : "a";
          newest(ledger, other);
          double taken = (System.nanoTime() - stopped) / 1e9;
          long left = pauseSeconds * 1_000_000_000L - (System.nanoTime() - stopped);
          Thread.sleep(Math.max(0, left / 1_000_000));
          signal("CONT", holders.get(first.startsWith("a") ? 0 : 1));
          // Time to do what it must not.
          Thread.sleep(2000);
          List<String> lines = Files.readAllLines(ledger);
          pauses.add(new Pause(taken, lines.size() - read, stale(lines, read)));
          read = lines.size();
        }
      } finally {
        for (Process process : holders) {
          process.destroyForcibly().waitFor();
        }
      }
    }
    return pauses;
  }

  /** Lines of a holder that was followed by another one already. */
  private static int stale(List<String> lines, int from) {
    long newest = 0;
    int stale = 0;
    for (int i = 0; i < lines.size(); i++) {
      long fence = Long.parseLong(lines.get(i).split(" ", -1)[1]);
      if (fence < newest && i >= from) {
        stale++;
      }
      newest = Math.max(newest, fence);
    }
    return stale;
  }

  /** Waits until the newest action is {@code who}'s, or anybody's if that is empty. */
  private static String newest(Path ledger, String who) throws IOException, InterruptedException {
    long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (System.nanoTime() < end) {
      List<String> lines = Files.readAllLines(ledger);
      if (!lines.isEmpty() && lines.getLast().startsWith(who)) {
        return lines.getLast();
      }
      Thread.sleep(20);
    }
    throw new IllegalStateException("nobody took the lock within two minutes");
  }

  private static Process holder(Sshd sshd, Path ledger, String who) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            LockBenchmark.class.getName(),
            "hold",
            who,
            String.valueOf(sshd.port()),
            sshd.file("user").toString(),
            sshd.publicKey("host_ed25519"),
            ledger.toString())
        .redirectErrorStream(true)
        .redirectOutput(sshd.file("holder-" + who).toFile())
        .start();
  }

  private static void signal(String name, Process process)
      throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
  }

  /** A holder: takes the lock, acts until it is lost or enough was done, and takes it again. */
  private static void hold(String... arguments) throws Exception {
    var access =
        new HostAccess(
            "bench/host",
            "127.0.0.1",
            Integer.parseInt(arguments[2]),
            System.getProperty("user.name"),
            new Identity(Files.readString(Path.of(arguments[3]), UTF_8), null, null),
            List.of(arguments[4]),
            null);
    try (var shell = new SshHostShell()) {
      while (true) {
        if (shell.lock(
                access, new Work("bench " + arguments[1], List.of()), Duration.ofMinutes(5), ACTION)
            instanceof HostLock.Held(HostLock lock)) {
          act(lock, arguments[1], arguments[5]);
          lock.close();
        } else {
          Thread.sleep(100);
        }
      }
    }
  }

  private static void act(HostLock lock, String who, String ledger) {
    if (!(lock.run(FENCE, ACTION) instanceof Completed fence)) {
      return;
    }
    Script action =
        Script.of(
            "sleep 0.1; echo \"$1 $2\" >>\"$3\"; sleep 0.1; echo \"$1 $2\" >>\"$3\"",
            List.of(who, fence.output().strip(), ledger));
    while (lock.run(action, ACTION) instanceof Completed) {
      // Until it is lost.
    }
  }
}
