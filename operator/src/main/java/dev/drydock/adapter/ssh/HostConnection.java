package dev.drydock.adapter.ssh;

import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import dev.drydock.kernel.Work;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell.Answer;
import dev.drydock.port.HostShell.Completed;
import dev.drydock.port.HostShell.Failed;
import dev.drydock.port.HostShell.Failure;
import dev.drydock.port.HostShell.Forwarding;
import dev.drydock.port.HostShell.Tunnel;
import dev.drydock.port.Script;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one host between looks: its session, and when a refused login may be tried again.
 */
final class HostConnection {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(15);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(15);
  private static final Duration PROVE_AGAIN = Duration.ofMinutes(5);
  private static final String LOOPBACK = "127.0.0.1";
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long KILL_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(700);
  private static final long KILL_DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final Failed STOPPING =
      new Failed(Failure.CONNECTION_LOST, "the operator is stopping");

  private final Executor executor;
  private final Function<HostAccess, HostConnection> others;
  private final Duration proof;
  private final Semaphore permit = new Semaphore(1, true);

  private volatile @Nullable Open open;
  private volatile boolean forgotten;
  private volatile @Nullable Refused refused;
  private volatile long proveAtNanos;

  private record Open(HostAccess access, RemoteShell shell) {}

  /**
   * A login that was refused. An sshd of 9.8 or later locks out an address that goes on failing, so
   * the same key is shown again only after a pause that grows.
   */
  record Refused(HostAccess access, Failed answer, Duration pause, long againNanos) {

    /** What is to be remembered after a login has failed, too. */
    static @Nullable Refused after(
        @Nullable Refused before, HostAccess access, Failed answer, long nowNanos) {
      if (answer.failure() != Failure.AUTHENTICATION_FAILED) {
        // A host that is out of reach for once has not forgotten who was refused.
        return before;
      }
      Duration pause =
          before == null || !before.access().equals(access)
              ? FIRST_PAUSE
              : before.pause().multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                  ? before.pause().multipliedBy(2)
                  : LONGEST_PAUSE;
      return new Refused(access, answer, pause, nowNanos + pause.toNanos());
    }
  }

  /**
   * @param others finds the connection to a jump host
   * @param proof how long a login is proof that the next one would be let in as well
   */
  HostConnection(Executor executor, Function<HostAccess, HostConnection> others, Duration proof) {
    this.executor = executor;
    this.others = others;
    this.proof = proof;
  }

  Answer look(HostAccess access, Function<Duration, Script> script, Duration deadline) {
    long start = System.nanoTime();
    long end = start + deadline.toNanos();
    try {
      if (!permit.tryAcquire(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
        return new Failed(
            Failure.TIMED_OUT, "another command was running on the host all the time");
      }
      try {
        Optional<Failed> notProven = ensureOpen(access, end);
        var shell = Objects.requireNonNull(open).shell();
        Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
        RemoteShell.Ended ended = run(shell, script.apply(left), end);
        if (notProven.isEmpty()) {
          proveBeside(Objects.requireNonNull(open), deadline);
        }
        return new Completed(
            ended.exitCode(),
            ended.output(),
            Duration.ofNanos(System.nanoTime() - start),
            shell.hostKey(),
            notProven);
      } finally {
        permit.release();
      }
    } catch (HostFailure e) {
      return e.answer();
    } catch (RejectedExecutionException e) {
      return STOPPING;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return STOPPING;
    }
  }

  HostLock.Taken lock(HostAccess access, Work work, Duration patience, Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    try {
      if (!permit.tryAcquire(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
        return new HostLock.NotTaken(
            new Failed(Failure.TIMED_OUT, "another command was running on the host all the time"));
      }
      RemoteShell shell;
      try {
        shell = connect(access, end);
      } finally {
        permit.release();
      }
      return SshHostLock.take(shell, work, System.nanoTime() + patience.toNanos(), end);
    } catch (HostFailure e) {
      return new HostLock.NotTaken(e.answer());
    } catch (RejectedExecutionException e) {
      return new HostLock.NotTaken(STOPPING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new HostLock.NotTaken(STOPPING);
    }
  }

  Forwarding forward(HostAccess access, String address, int port, Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    try {
      Session session = sharedSession(access, end);
      int local = session.setPortForwardingL(LOOPBACK, 0, address, port);
      return new Tunnel(local, () -> stopForwarding(session, local));
    } catch (HostFailure e) {
      return e.answer();
    } catch (JSchException e) {
      return new Failed(Failure.CONNECTION_LOST, "no way through the host: " + Refusals.text(e));
    } catch (RejectedExecutionException e) {
      return STOPPING;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return STOPPING;
    }
  }

  private static void stopForwarding(Session session, int local) {
    try {
      session.delPortForwardingL(LOOPBACK, local);
    } catch (JSchException e) {
      // It ended with the session.
    }
  }

  /** The session that scripts run on as well: nobody waits for the end of one. */
  private Session sharedSession(HostAccess access, long end)
      throws HostFailure, InterruptedException {
    while (true) {
      Open last = open;
      if (last != null && last.access().equals(access) && last.shell().isAlive()) {
        return last.shell().session();
      }
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new HostFailure(Failure.TIMED_OUT, "no session to the host in time");
      }
      if (permit.tryAcquire(Math.min(left, LOOK_AGAIN_NANOS), TimeUnit.NANOSECONDS)) {
        try {
          ensureOpen(access, end);
          return Objects.requireNonNull(open).shell().session();
        } finally {
          permit.release();
        }
      }
    }
  }

  /** Ends the session; the next look opens another. */
  void forget() {
    forgotten = true;
    Open last = open;
    if (last != null) {
      last.shell().close();
    }
  }

  /** A session to {@code access}, or to what it was when only the identity has changed since. */
  private Optional<Failed> ensureOpen(HostAccess access, long end)
      throws HostFailure, InterruptedException {
    Open last = open;
    boolean alive = last != null && last.shell().isAlive();
    if (last != null && alive && last.access().equals(access)) {
      return Optional.empty();
    }
    try {
      replace(last, new Open(access, connect(access, end)));
      return Optional.empty();
    } catch (HostFailure e) {
      if (last != null && alive && sameButIdentity(last.access(), access)) {
        return Optional.of(e.answer());
      }
      // What is pinned or addressed now must not be looked at through what was before.
      replace(last, null);
      throw e;
    }
  }

  /**
   * Logs in beside a session that is kept, now and then, and ends it if that is refused: the host
   * may have taken the key back, or be another one. A session would never notice, and pods, which
   * log in each time, would fail while the host seems ready. On a thread and in time of its own,
   * since a login that hangs must take nothing from a look; the next look hears of a refusal.
   */
  private void proveBeside(Open kept, Duration deadline) {
    long now = System.nanoTime();
    if (now - proveAtNanos < 0) {
      return;
    }
    proveAtNanos = now + PROVE_AGAIN.toNanos();
    executor.execute(
        () -> {
          try {
            prove(kept, System.nanoTime() + deadline.toNanos());
          } catch (InterruptedException | RejectedExecutionException e) {
            // The operator is stopping.
          }
        });
  }

  private void prove(Open kept, long end) throws InterruptedException {
    try {
      connect(kept.access(), end).close();
    } catch (HostFailure e) {
      if (e.answer().failure() != Failure.AUTHENTICATION_FAILED
          && e.answer().failure() != Failure.HOST_KEY_MISMATCH) {
        // That nobody answered just now says nothing of the key.
        return;
      }
      // What runs there may come to its end.
      permit.acquire();
      try {
        if (kept.equals(open)) {
          replace(kept, null);
        }
      } finally {
        permit.release();
      }
    }
  }

  private void replace(@Nullable Open last, @Nullable Open next) {
    open = next;
    if (last != null) {
      last.shell().close();
    }
    if (next != null && forgotten) {
      next.shell().close();
    }
  }

  private static boolean sameButIdentity(HostAccess one, HostAccess other) {
    return new HostAccess(
            one.name(),
            one.address(),
            one.port(),
            one.user(),
            other.identity(),
            one.hostKeys(),
            one.jump())
        .equals(other);
  }

  private RemoteShell connect(HostAccess access, long end)
      throws HostFailure, InterruptedException {
    Refused last = refused;
    if (last != null && last.access().equals(access) && System.nanoTime() - last.againNanos() < 0) {
      throw new HostFailure(last.answer().failure(), last.answer().message());
    }
    try {
      RemoteShell shell = connectWithin(access, end);
      refused = null;
      // Many sessions begin at once, with the operator: their proofs are spread.
      double jitter = ThreadLocalRandom.current().nextDouble();
      proveAtNanos = System.nanoTime() + (long) (proof.toNanos() * (1 + jitter / 2));
      return shell;
    } catch (HostFailure e) {
      refused = Refused.after(last, access, e.answer(), System.nanoTime());
      throw e;
    }
  }

  /** Connects in a thread of its own: name lookups, for one, can't be given a time. */
  private RemoteShell connectWithin(HostAccess access, long end)
      throws HostFailure, InterruptedException {
    Session jump = access.jump() == null ? null : jumpSession(access.jump(), end);
    var guard = new RemoteShell.Guard();
    var attempt =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return RemoteShell.open(access, jump, guard, end);
              } catch (HostFailure | InterruptedException e) {
                throw new CompletionException(e);
              }
            },
            executor);
    try {
      return attempt.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      guard.abort();
      var _ = attempt.thenAccept(RemoteShell::close);
      throw new HostFailure(
          Failure.UNREACHABLE,
          access.address() + " port " + access.port() + ": no SSH login within the timeout");
    } catch (InterruptedException e) {
      guard.abort();
      var _ = attempt.thenAccept(RemoteShell::close);
      throw e;
    } catch (ExecutionException e) {
      guard.abort();
      switch (e.getCause()) {
        case HostFailure failure -> throw failure;
        case InterruptedException interrupted -> throw interrupted;
        case null, default ->
            throw new HostFailure(
                Failure.UNREACHABLE,
                access.address() + " port " + access.port() + " does not speak SSH as expected");
      }
    }
  }

  private Session jumpSession(HostAccess jump, long end) throws HostFailure, InterruptedException {
    try {
      return others.apply(jump).sessionFor(jump, end);
    } catch (HostFailure e) {
      Failed answer = e.answer();
      throw new HostFailure(
          Failure.UNREACHABLE,
          "jump host " + jump.name() + " (" + answer.failure() + "): " + answer.message());
    }
  }

  private Session sessionFor(HostAccess access, long end) throws HostFailure, InterruptedException {
    if (!permit.tryAcquire(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
      throw new HostFailure(Failure.TIMED_OUT, "it was busy all the time");
    }
    try {
      Optional<Failed> notProven = ensureOpen(access, end);
      Open way = Objects.requireNonNull(open);
      if (notProven.isEmpty()) {
        proveBeside(way, Duration.ofNanos(Math.max(0, end - System.nanoTime())));
      }
      return way.shell().session();
    } finally {
      permit.release();
    }
  }

  private RemoteShell.Ended run(RemoteShell shell, Script script, long end)
      throws HostFailure, InterruptedException {
    try {
      return shell.run(script, end);
    } catch (HostFailure | InterruptedException e) {
      open = null;
      var killed =
          CompletableFuture.runAsync(
              () -> shell.killAndClose(System.nanoTime() + KILL_DEADLINE_NANOS), executor);
      try {
        killed.get(KILL_WAIT_NANOS, TimeUnit.NANOSECONDS);
      } catch (TimeoutException | ExecutionException late) {
        // It goes on by itself until its own deadline.
      }
      throw e;
    }
  }
}
