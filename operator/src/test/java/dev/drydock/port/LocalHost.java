package dev.drydock.port;

import dev.drydock.kernel.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** This machine as a host: scripts run for real, and the lock is one of this process. */
public final class LocalHost implements HostShell {
  /** A way to it, which nothing takes. */
  public static final HostAccess ACCESS =
      new HostAccess(
          "ns/a",
          "192.0.2.1",
          22,
          "drydock",
          new HostAccess.Identity("", null, null),
          List.of(),
          null);

  private final List<String> shell;
  private final Map<String, String> environment;

  /** The work that was done under the lock, in its order. */
  public final List<Work> works = new ArrayList<>();

  /** What whoever has the lock does just before somebody else gets it. */
  public Runnable untilLocked = () -> {};

  private @Nullable Work holder;
  private boolean unplugged;

  /**
   * @param shell a command that reads a script on standard input
   */
  public LocalHost(String shell, Map<String, String> environment) {
    this.shell = List.of(shell.split(" ", -1));
    this.environment = new LinkedHashMap<>(environment);
  }

  /** Nothing reaches it any more. */
  public synchronized void unplug() {
    unplugged = true;
  }

  @Override
  public Answer look(HostAccess host, Function<Duration, Script> script, Duration deadline) {
    return run(script.apply(deadline), deadline);
  }

  @Override
  public synchronized HostLock.Taken lock(
      HostAccess host, Work work, Duration patience, Duration deadline) {
    if (unplugged) {
      return new HostLock.NotTaken(gone());
    }
    if (holder != null) {
      return new HostLock.Busy(holder.holder());
    }
    untilLocked.run();
    holder = work;
    works.add(work);
    return new HostLock.Held(new Lock());
  }

  @Override
  public Forwarding forward(HostAccess host, String address, int port, Duration deadline) {
    return gone();
  }

  private static Failed gone() {
    return new Failed(Failure.CONNECTION_LOST, "the host is gone");
  }

  private Answer run(Script script, Duration deadline) {
    synchronized (this) {
      if (unplugged) {
        return gone();
      }
    }
    long start = System.nanoTime();
    try {
      var builder = new ProcessBuilder(shell).redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().putAll(environment);
      builder.environment().put("LC_ALL", "C");
      Process process = builder.start();
      try (var input = process.getOutputStream()) {
        // As the SSH adapter feeds it: on standard input, in a subshell.
        input.write(
            ("(\n" + script.render() + ") </dev/null 2>/dev/null\n")
                .getBytes(StandardCharsets.UTF_8));
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return new Failed(Failure.TIMED_OUT, "no answer in time");
      }
      return new Completed(
          process.exitValue(),
          output,
          Duration.ofNanos(System.nanoTime() - start),
          "SHA256:local",
          Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Failed(Failure.CONNECTION_LOST, "the work was ended");
    }
  }

  @Override
  public void forget(String host) {
    // No session is kept.
  }

  @Override
  public void close() {
    // Nothing is open.
  }

  private final class Lock implements HostLock {
    private boolean open = true;

    @Override
    public Answer run(Script script, Duration deadline) {
      return isHeld() ? LocalHost.this.run(script, deadline) : gone();
    }

    @Override
    public Answer runToItsEnd(Script script, Duration deadline) {
      return run(script, deadline);
    }

    @Override
    public boolean isHeld() {
      synchronized (LocalHost.this) {
        open &= !unplugged;
        return open;
      }
    }

    @Override
    public void close() {
      synchronized (LocalHost.this) {
        open = false;
        holder = null;
      }
    }
  }
}
